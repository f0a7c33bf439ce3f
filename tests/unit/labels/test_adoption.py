"""Joining the two instruments, and the switch to an LTE catalogue."""

from tempfile import TemporaryDirectory

import numpy as np
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, Table, vstack

from runaways import tables
from runaways.labels import adoption, lte_catalogue, measuring
from runaways.labels.fit import PARAMETERS, LabelFit
from runaways.labels.resemblance import Limits
from runaways.products import label_scores


def _fit(teff, vsini, reason="", extrapolated=False):
    value = np.nan if reason else 1.0
    values = dict(zip(PARAMETERS, (teff * value, 4.0 * value, -0.2, vsini * value, 0.0)))
    errors = dict(zip(PARAMETERS, (200.0, 0.05, 0.1, 5.0, 1.0)))
    covariance = np.diag([200.0**2, 0.05**2, 0.1**2, (2 * vsini * 5.0) ** 2, 1.0])
    covariance[0, 1] = covariance[1, 0] = 0.8 * 200.0 * 0.05
    return LabelFit(values, errors, covariance, vsini_lower=vsini - 5, vsini_upper=vsini + 5,
                    vsini_limit=vsini + 8, reason=reason, extrapolated=extrapolated)  # fmt: skip


def _fits(lrs, mrs, star="A"):
    rows = [{"star": star, "arm": "lrs"} | measuring.as_row(lrs)]
    rows += [{"star": star, "arm": "mrs"} | measuring.as_row(mrs)]
    return tables.conform(Table(rows=rows), "label_fits")


@pytest.fixture
def measured():
    """Four stars: hot, two cool ones, one without a spectrum."""
    fits = [_fits(_fit(20000.0, 50.0), _fit(20000.0, 50.0), "hot")]
    fits += [_fits(_fit(12000.0, 60.0), _fit(12000.0, 60.0), "cool")]
    fits += [_fits(_fit(11000.0, 60.0), _fit(11000.0, 60.0), "cooler")]
    return adoption.join_arms(vstack([*fits, _fits(None, None, "none")]))


@pytest.fixture
def stars():
    return Table({"star": ["hot", "cool", "cooler", "none"], "ra": [10.0, 20.0, 30.0, 40.0],
                  "dec": [40.0, 41.0, 42.0, 43.0], "source_id": ["1", "2", "3", ""]})  # fmt: skip


@pytest.fixture
def catalogue():
    """Columns as VizieR exports J/A+A/662/A66; two spectra of star 2, one of star 3."""
    return Table({
        "SpecID": ["a", "b", "c"], "RA_ICRS": [20.0001, 20.0, 30.0002],
        "DE_ICRS": [41.0, 41.0, 42.0], "Teff": [12500.0, 12600.0, 10900.0],
        "e_Teff": [90.0, 50.0, 80.0], "logg": [4.1, 4.2, 3.7], "e_logg": [0.1, 0.05, 0.1],
        "[Fe/H]": [-0.1, -0.2, 0.3], "e_[Fe/H]": [0.1, 0.1, 0.2], "vsini": [70.0, 75.0, 33.0],
        "e_vsini": [9.0, 8.0, 7.0], "snr_g": [30.0, 80.0, 60.0],
    })  # fmt: skip


def _read(catalogue):
    with TemporaryDirectory() as folder:
        catalogue.write(f"{folder}/lte.vot", format="votable", tabledata_format="binary2")
        return lte_catalogue.read_catalogue(f"{folder}/lte.vot")


def _adopt(measured, stars, catalogue, coolest=15000.0):
    lte = None if catalogue is None else lte_catalogue.match(stars, _read(catalogue))
    return adoption.adopt_labels(measured, lte, coolest, "NLTE grid")


def test_temperature_from_lrs_rotation_from_mrs():
    row = adoption.join_arms(_fits(_fit(15000.0, 90.0), _fit(18000.0, 30.0)))[0]
    assert (row["teff"], row["vsini"]) == (15000.0, 30.0)
    # Guo et al. 2025: 1642 K and 0.25 dex in LRS, 11 km/s in MRS
    assert (row["teff_external_error"], row["logg_external_error"]) == (1642.0, 0.25)
    assert row["vsini_external_error"] == 11.0 and row["teff_error"] == 200.0
    assert row["vsini_limit"] == 38.0 and row["labels_reason"] == ""


def test_correlations_are_those_of_the_covariance():
    row = _fits(_fit(15000.0, 90.0), None)[0]
    assert row["teff_logg_corr"] == pytest.approx(0.8) and row["logg_mh_corr"] == 0.0


def test_a_missing_arm_leaves_its_labels_to_the_other():
    row = adoption.join_arms(_fits(_fit(15000.0, 90.0), None))[0]
    assert row["vsini"] == 90.0 and row["vsini_external_error"] == 42.0
    assert row["labels_reason"] == "mrs: no spectrum"
    row = adoption.join_arms(_fits(_fit(1.0, 1.0, reason="all masked"), _fit(18000.0, 30.0)))[0]
    assert row["teff"] == 18000.0 and row["teff_external_error"] == 2185.0
    assert row["labels_reason"] == "lrs: all masked"


def test_a_star_unlike_the_grid_has_no_labels():
    fits = _fits(_fit(15000.0, 90.0), _fit(18000.0, 30.0))
    fits["p_hot_star"], fits["cool_type"] = 0.02, ["F5", "F5"]
    row = adoption.join_arms(fits, Limits())[0]
    assert np.isnan(row["teff"]) and np.isnan(row["vsini"]) and row["p_hot_star"] == 0.02
    assert (
        row["labels_reason"].startswith("lrs: looks like F5")
        and "mrs: looks" in row["labels_reason"]
    )
    fits["p_hot_star"], fits["misfit"] = 0.99, [1.0, 3.0]
    row = adoption.join_arms(fits, Limits())[0]  # the fit of one instrument alone is bad
    assert row["teff"] == 15000.0 and row["vsini"] == 90.0 and "mrs: unlike" in row["labels_reason"]


def test_nothing_at_all_is_nan_with_reasons():
    row = adoption.join_arms(_fits(None, _fit(1.0, 1.0, reason="all masked")))[0]
    assert np.isnan(row["teff"]) and np.isnan(row["vsini"]) and not row["vsini_is_limit"]
    assert row["labels_reason"] == "lrs: no spectrum; mrs: all masked"


def test_cool_stars_take_the_catalogue(measured, stars, catalogue):
    adopted = _adopt(measured, stars, catalogue)
    assert list(adopted["labels_source"]) == ["NLTE grid", "LTE catalogue", "LTE catalogue", ""]
    assert list(adopted["labels_match"]) == ["", "position", "position", ""]
    assert adopted["teff"][0] == 20000.0
    # of two spectra the one of higher S/N; the measured v sin i is kept
    assert (adopted["teff"][1], adopted["mh"][1], adopted["vsini"][1]) == (12600.0, -0.2, 60.0)
    assert "no spectrum" in adopted["labels_reason"][3]
    measured["vsini"][2] = np.nan
    assert _adopt(measured, stars, catalogue)["vsini"][2] == 33.0


def test_the_id_beats_the_position(measured, stars, catalogue):
    catalogue["GaiaEDR3"] = np.array([3, 3, 2], dtype="i8")
    adopted = _adopt(measured, stars, catalogue)
    assert list(adopted["labels_match"][1:3]) == ["id", "id"]
    assert (adopted["teff"][1], adopted["teff"][2]) == (10900.0, 12600.0)


def test_without_a_catalogue_nothing_is_guessed(measured, stars):
    adopted = _adopt(measured, stars, None)
    assert list(adopted["labels_source"]) == ["NLTE grid", "", "", ""]
    assert np.isnan(adopted["teff"][1]) and np.isnan(adopted["mh_error"][1])
    said = "12000 K is not above labels.nlte_min_teff, and no LTE catalogue is given"
    assert adopted["labels_reason"][1] == said


def test_a_star_that_is_not_in_the_catalogue_is_flagged(measured, stars, catalogue):
    adopted = _adopt(measured, stars, catalogue[:2])
    assert adopted["labels_source"][2] == "" and np.isnan(adopted["logg"][2])
    assert "not in the LTE catalogue" in adopted["labels_reason"][2]


def test_a_fit_at_the_edge_of_the_grid_is_of_a_cooler_star(stars, catalogue):
    """Fits do not go below the coolest model: a star of 12 000 K ends at 15 000 K."""
    fits = adoption.join_arms(_fits(_fit(15000.0 + 1e-6, 60.0), None, "cool"))
    assert _adopt(fits, stars, catalogue)["teff"][0] == 12600.0


def test_the_switch_can_be_off(measured, stars):
    adopted = _adopt(measured, stars, None, coolest=0.0)
    np.testing.assert_array_equal(adopted["teff"], measured["teff"])
    assert list(adopted["labels_source"]) == ["NLTE grid"] * 3 + [""]


def test_masked_entries_and_missing_columns(measured, stars, catalogue):
    catalogue["e_Teff"] = MaskedColumn(catalogue["e_Teff"], mask=[True] * 3)
    del catalogue["vsini"]
    measured["vsini"] = np.nan
    adopted = _adopt(measured, stars, catalogue)
    assert np.isnan(adopted["teff_error"][1]) and np.isnan(adopted["vsini"][2])
    del catalogue["RA_ICRS"]
    with pytest.raises(ValueError, match="column 'ra' is missing"):
        _read(catalogue)


def test_masses_see_the_scatter_of_labels_and_not_only_the_errors_of_fits(measured, stars):
    adopted = _adopt(measured, stars, None)
    out = adoption.with_labels(stars[:1], adopted, {"mh": 0.2 * u.dex})
    assert out["teff"][0] == 20000.0
    assert out["teff_error"][0] == pytest.approx(np.hypot(200.0, 1642.0))
    assert out["mh_error"][0] == pytest.approx(np.hypot(0.1, 0.2))  # the assumed one


def test_the_radial_velocity_is_the_better_known_one(measured):
    observations = Table({"star": ["hot", "hot"], "arm": ["lrs", "mrs"], "status": ["ok", "ok"]})
    observations["rv_measured"], observations["rv_measured_error"] = [10.0, 12.0], [3.0, 1.0]
    observations["rv_flags"], observations["reason"] = ["", "rv-unreliable"], ""
    subtypes = Table({"star": ["hot"], "subtype": ["B2"], "subtype_error": [0.2]})
    for name in ("luminosity_class", "second_best", "subtype_flags"):
        subtypes[name] = ["V"]
    out = adoption.summarise(["hot"], measured[:1], observations, subtypes)
    assert out["rv"][0] == 10.0  # the other one is unreliable
    observations["rv_flags"] = ""
    assert adoption.summarise(["hot"], measured[:1], observations, subtypes)["rv"][0] == 12.0


def test_scores_count_planted_differences():
    stars = Table({"teff": [10000.0, 20000.0], "vsini": [0.0, 100.0], "subtype": ["B2-4", "B9V"]})
    twins = Table({"teff": [16119.0] * 2, "vsini": [0.0] * 2, "subtype": ["B5", "B7"]})
    found = Table({"teff": [10200.0, 19600.0], "vsini": [3.0, 104.0], "subtype": ["B5", "B7"]})
    found["logg"], found["mh"], found["rv"] = np.nan, np.nan, [1.0, -1.0]
    rows = {row[0]: row for row in label_scores.compare_labels(found, stars, [0.0, 0.0])}
    assert rows["Teff measured minus planted"][2] == "2 % rms, +0 mean"
    assert rows["v sin i measured minus planted"][2] == "3.54 km/s rms, +3.5 mean"
    assert rows["RV measured minus planted"][4]
    # B5 is within one of B2-4, B7 not of B9
    assert rows["subtypes within one of the printed (Sect. 3.1)"][1:3] == ("2", "1")
    found["subtype"] = ["B5", "B5"]
    said = label_scores.compare_labels(found, twins, [0.0, 0.0])[-1][-1]
    assert said.endswith("stars of one printed Teff, 16119 K, are printed as B5 to B7")

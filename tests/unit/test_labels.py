"""Joining the two arms, and the switch to an LTE catalogue."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from runaways import labels
from runaways.label_fit import PARAMETERS, LabelFit


def _fit(teff, vsini, reason="", extrapolated=False):
    value = np.nan if reason else 1.0
    values = dict(zip(PARAMETERS, (teff * value, 4.0 * value, -0.2, vsini * value, 0.0)))
    errors = dict(zip(PARAMETERS, (200.0, 0.05, 0.1, 5.0, np.nan)))
    return LabelFit(values, errors, np.zeros((5, 5)), vsini_lower=vsini - 5, vsini_upper=vsini + 5,
                    vsini_limit=vsini + 8, reason=reason, extrapolated=extrapolated)  # fmt: skip


@pytest.fixture
def stars():
    table = Table({"ra": [10.0, 20.0, 30.0, 40.0], "dec": [40.0, 41.0, 42.0, 43.0],
                   "source_id": np.array([1, 2, 3, 4], dtype="i8")})  # fmt: skip
    for name, values in {
        "teff": [20000.0, 12000.0, 11000.0, np.nan], "logg": [4.0, 3.9, 3.8, np.nan],
        "mh": [0.0, -0.3, 0.1, np.nan], "vsini": [50.0, 60.0, np.nan, np.nan],
    }.items():  # fmt: skip
        table[name], table[f"{name}_error"] = values, np.full(4, 0.1)
    return table


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


def test_temperature_from_lrs_rotation_from_mrs():
    row = labels.join_arms(_fit(15000.0, 90.0), _fit(18000.0, 30.0))
    assert (row["teff"], row["teff_arm"], row["vsini"], row["vsini_arm"]) == (
        15000.0, "lrs", 30.0, "mrs",
    )  # fmt: skip
    # Guo et al. 2025: 1642 K and 0.25 dex in LRS, 11 km/s in MRS
    assert (row["teff_external_error"], row["logg_external_error"]) == (1642.0, 0.25)
    assert row["vsini_external_error"] == 11.0 and row["teff_error"] == 200.0
    assert row["vsini_limit"] == 38.0 and row["labels_reason"] == ""


def test_a_missing_arm_leaves_its_labels_to_the_other():
    row = labels.join_arms(_fit(15000.0, 90.0), None)
    assert row["vsini_arm"] == "lrs" and row["vsini_external_error"] == 42.0
    assert row["labels_reason"] == "mrs: no spectrum"
    row = labels.join_arms(_fit(1.0, 1.0, reason="all masked"), _fit(18000.0, 30.0))
    assert row["teff"] == 18000.0 and row["teff_external_error"] == 2185.0
    assert row["labels_reason"] == "lrs: all masked"


def test_nothing_at_all_is_nan_with_reasons():
    row = labels.join_arms(None, _fit(1.0, 1.0, reason="all masked"))
    assert np.isnan(row["teff"]) and np.isnan(row["vsini"]) and row["vsini_arm"] == ""
    assert row["labels_reason"] == "mrs: all masked; lrs: no spectrum"


def test_cool_stars_take_the_catalogue(stars, catalogue):
    adopted = labels.adopt_labels(stars, catalogue, 15000.0, catalogue_name="Xiang 2022")
    assert list(adopted["labels_source"]) == ["nlte grid", "Xiang 2022", "Xiang 2022", "none"]
    assert list(adopted["labels_match"]) == ["", "position", "position", ""]
    assert adopted["teff"][0] == 20000.0
    # of two spectra the one of higher S/N; v sin i only where none was measured
    assert (adopted["teff"][1], adopted["mh"][1], adopted["vsini"][1]) == (12600.0, -0.2, 60.0)
    assert (adopted["teff"][2], adopted["vsini"][2]) == (10900.0, 33.0)
    assert adopted["labels_reason"][3] == "no labels measured"
    assert adopted["teff"].unit == "K" and adopted["vsini_error"].unit == "km/s"


def test_the_id_beats_the_position(stars, catalogue):
    catalogue["GaiaEDR3"] = np.array([3, 3, 2], dtype="i8")
    adopted = labels.adopt_labels(stars, catalogue, 15000.0)
    assert list(adopted["labels_match"][1:3]) == ["id", "id"]
    assert (adopted["teff"][1], adopted["teff"][2]) == (10900.0, 12600.0)


def test_without_a_catalogue_nothing_is_guessed(stars):
    adopted = labels.adopt_labels(stars, None, 15000.0)
    assert list(adopted["labels_source"]) == ["nlte grid", "none", "none", "none"]
    assert np.isnan(adopted["teff"][1]) and np.isnan(adopted["vsini"][1])
    assert "12000 K is below the NLTE grid and no LTE catalogue" in adopted["labels_reason"][1]


def test_a_star_that_is_not_in_the_catalogue_is_flagged(stars, catalogue):
    adopted = labels.adopt_labels(stars, catalogue[:2], 15000.0)
    assert adopted["labels_source"][2] == "none" and np.isnan(adopted["logg"][2])
    assert "not in the LTE catalogue" in adopted["labels_reason"][2]


def test_the_switch_can_be_off(stars):
    adopted = labels.adopt_labels(stars, None, 0.0)
    np.testing.assert_array_equal(adopted["teff"], stars["teff"])
    assert list(adopted["labels_source"]) == ["nlte grid"] * 3 + ["none"]


def test_masked_entries_and_missing_columns(stars, catalogue):
    catalogue["e_Teff"] = MaskedColumn(catalogue["e_Teff"], mask=[True] * 3)
    del catalogue["vsini"]
    adopted = labels.adopt_labels(stars, catalogue, 15000.0)
    assert np.isnan(adopted["teff_error"][1]) and np.isnan(adopted["vsini"][2])
    del catalogue["RA_ICRS"]
    with pytest.raises(ValueError, match="no column 'ra'"):
        labels.adopt_labels(stars, catalogue, 15000.0)

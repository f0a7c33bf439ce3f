"""Planted stars, and what posteriors of them are held against."""

import numpy as np
import pytest
from astropy.table import Table, vstack

from runaways.ejections.calibration import (
    AS_IT_IS,
    beside_truth,
    coverage,
    found_before,
    interval,
    null_rows,
    rates,
    reliabilities,
    reliability,
)
from runaways.ejections.mocks import plant
from runaways.ejections.nulls import turned_posteriors
from runaways.ejections.surveys import Survey, observed, survey_of
from runaways.frames import galactocentric, heliocentric
from runaways.tables import conform


def test_a_calibrated_probability_is_reliable():
    rng = np.random.default_rng(1)
    p = rng.random(20_000)
    table = reliability(p, rng.random(20_000) < p)
    assert table["share_true"] == pytest.approx(table["p"], abs=0.03)
    twice = reliability(np.tile(p, 2), np.repeat([True, False], 20_000), np.repeat([1, 3], 20_000))
    assert twice["share_true"] == pytest.approx(0.25)


def test_stars_of_small_weight_alone_say_little():
    table = reliability([0.3] * 6 + [0.9], [True] * 7, [0.05] * 6 + [2.0], bins=(0, 0.5, 1))
    assert table["n_effective"].tolist() == pytest.approx([0.15, 1.0])
    assert interval(1.0, table["n_effective"][0])[0] < 0.3


def test_intervals_hold_what_they_say():
    rng = np.random.default_rng(2)
    truth = rng.normal(size=5000)
    seen = truth + rng.normal(size=5000)
    table = Table({"t_lower": seen - 1, "t_upper": seen + 1})
    inside, below, above, n = coverage(table, truth, "t")
    assert inside == pytest.approx(0.683, abs=0.02) and n == 5000
    assert inside + below + above == pytest.approx(1)


def test_origins_found_before_the_second_wrong_one():
    assert found_before([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 0, 1], wrong=1) == 2
    assert found_before([0.9, 0.8], [1, 1], wrong=1) == 2


def test_observed_is_the_inverse_of_the_frames(galaxy):
    seen = np.array([[120.0, 300.0], [-40.0, 70.0], [0.4, 2.0], [3.0, -9.0], [1.0, 4.0], [30, -80]])
    today = galactocentric(*heliocentric(*seen), galaxy.frame)
    assert np.array(observed(*today, galaxy.frame)) == pytest.approx(seen, rel=1e-9)


@pytest.fixture(scope="module")
def planted(galaxy, sources):
    survey = Survey(distance_max=1.5, speed_min=20.0, age_max=60.0)
    return plant(galaxy, sources, 300, 1, survey, {"cluster": 0.3, "field": 0.4, "stayed": 0.3})


def test_planted_stars_are_within_the_limits_of_the_list(planted, galaxy):
    seen = (planted[q] for q in ("ra", "dec", "parallax", "pmra", "pmdec", "rv"))
    ra, dec, parallax, pmra, pmdec, rv = (np.asarray(q) for q in seen)
    assert (1 / parallax < 1.5).all() and (planted["age"] < 60).all()
    x, v = galactocentric(*heliocentric(ra, dec, 1 / parallax, pmra, pmdec, rv), galaxy.frame)
    assert (np.linalg.norm(v.T - galaxy.rotating(x.T), axis=1) > 20).all()


def test_planted_stars_have_their_truth(planted, sources, galaxy):
    kind = np.asarray(planted["true_kind"])
    for name, share in (("cluster", 0.3), ("field", 0.4), ("stayed", 0.3)):
        assert np.mean(kind == name) == pytest.approx(share, abs=0.1)
    ejected = planted[kind != "stayed"]
    born = ejected["true_t"] + ejected["true_delay"]
    assert np.asarray(born) == pytest.approx(np.asarray(ejected["true_age"]))
    assert set(ejected["true_cluster"][np.asarray(ejected["true_kind"]) == "cluster"]) <= set(
        sources.name
    )
    assert len(set(planted["star"])) == 300 and np.isnan(planted["true_t"][kind == "stayed"]).all()
    # a supernova needs 3 Myr
    assert (ejected["true_delay"][ejected["true_channel"] == 1] > 3).all()


def test_planted_stars_are_a_function_of_the_seed(planted, galaxy, sources):
    survey = Survey(distance_max=1.5, speed_min=20.0, age_max=60.0)
    shares = {"cluster": 0.3, "field": 0.4, "stayed": 0.3}
    again = plant(galaxy, sources, 300, 1, survey, shares)
    assert np.array_equal(again["pmra"], planted["pmra"])


def test_intervals_of_shares_hold_the_true_share():
    rng = np.random.default_rng(3)
    # of Jeffreys' prior, over which the interval holds what it says
    true = rng.beta(0.5, 0.5, 20_000)
    lower, upper = interval(rng.binomial(40, true) / 40, np.full(20_000, 40))
    inside = (true > 0.05) & (true < 0.95)
    assert np.mean(((lower <= true) & (true <= upper))[inside]) == pytest.approx(0.683, abs=0.03)
    lower, upper = interval(np.array([0.0, 1.0, np.nan]), np.array([45, 45, 0]))
    assert lower[0] == 0 and 0 < upper[0] < 0.03 and upper[1] == 1 and np.isnan(upper[2])


def _calibration():
    """Four planted stars: from A and found there, from A and not, of the field, stayed."""
    planted = Table({"star": ["p1", "p2", "p3", "p4"], "parallax": [2.0, 1.0, 1.0, 0.5]})
    planted["parallax"].unit = "mas"
    planted["true_kind"] = ["cluster", "cluster", "field", "stayed"]
    planted["true_cluster"] = ["A", "A", "", ""]
    planted["true_t"], planted["true_v"] = [2.0, 30.0, 5.0, np.nan], [50.0, 50.0, 60.0, np.nan]
    for name in ("true_delay", "true_age"):
        planted[name] = [1.0, 1.0, 1.0, np.nan]
    planted["weight"] = [0.5, 0.5, 1.0, 2.0]
    found = Table({"star": planted["star"], "p_ejected": [0.9, 0.9, 0.9, 0.1]})
    found["p_cluster"], found["p_cluster_best"] = [0.9, 0.3, 0.3, 0.5], [0.8, 0.2, 0.1, 0.4]
    found["p_field"], found["p_centre"] = [0.1, 0.7, 0.7, 0.5], 0.0
    found["cluster"] = ["A", "B", "A", "A"]
    found["verdict"], found["reason"] = ["cluster", "field", "field", "not ejected"], ""
    for name, values in (("t", (2.0, 20.0, 8.0, 3.0)), ("v", (50.0, 50.0, 60.0, 20.0))):
        found[f"{name}_ejection"] = np.array(values)
        found[f"{name}_ejection_lower"] = np.array(values) - 1
        found[f"{name}_ejection_upper"] = np.array(values) + 1
    rows = [("p1", "A", "cluster", 0.8), ("p1", "field", "field", 0.1), ("p2", "B", "cluster", 0.2)]
    rows += [
        ("p2", "field", "field", 0.7),
        ("p3", "A", "cluster", 0.1),
        ("p3", "field", "field", 0.7),
    ]
    rows += [("p4", "A", "cluster", 0.4), ("p4", "stayed", "stayed", 0.9)]
    listed = Table(rows=rows, names=("star", "source_of_ejection", "source_kind", "p_source"))
    return beside_truth(planted, found, listed), listed, found


def test_truth_stands_beside_the_posterior():
    calibration, _, _ = _calibration()
    # what is not listed has no probability
    assert calibration["p_true"].tolist() == [0.8, 0.0, 0.7, 0.9]
    assert calibration["distance"].tolist() == [0.5, 1.0, 1.0, 2.0]
    assert len(conform(calibration, "calibration")) == 4


def test_reliability_counts_what_is_true_by_weight():
    calibration, listed, _ = _calibration()
    table = conform(reliabilities(calibration, listed), "calibration_reliability")
    share = {(row["probability_of"], row["p_from"]): row["share"] for row in table}
    assert share["ejected", 0.8] == 1 and share["ejected", 0.0] == 0
    # p2 of a cluster and p3 of none, which weighs twice as much
    assert share["from a cluster, if ejected", 0.2] == pytest.approx(1 / 3)
    # A of p1 is true, A of p3 and B of p2 are not; p4 was never ejected
    assert share["from this cluster, if ejected", 0.8] == 1
    assert share["from this cluster, if ejected", 0.0] == 0
    pairs = table[table["probability_of"] == "from this cluster, if ejected"]
    assert pairs["n_posteriors"].sum() == 3


def test_rates_are_coverage_false_origins_and_power():
    calibration, _, found = _calibration()
    own = null_rows(found, AS_IT_IS)
    none = null_rows(found, "+12 deg")
    none["p_cluster_best"] = [0.6, 0.2, np.nan, 0.1]
    table = conform(rates(calibration, vstack([none, own])), "calibration_rates")
    rows = {(r["rate_of"], str(r["bin_unit"]), r["bin_from"]): r for r in table if r["bin_unit"]}
    alone = {r["rate_of"]: r for r in table if not r["bin_unit"]}
    # p1 from the right cluster, p3 from the field: that one was ejected before its interval
    time = alone["true t_ejection within the 68 % interval"]
    assert (time["share"], time["n_posteriors"]) == (0.5, 2)
    assert alone["true t_ejection below the 68 % interval"]["share"] == 0.5
    assert alone["true v_ejection within the 68 % interval"]["share"] == 1
    false = alone["one cluster above 0.5, catalogue turned and mirrored"]
    assert (false["share"], false["n_posteriors"]) == (pytest.approx(1 / 3), 3)
    assert false["share_lower"] < 1 / 3 < false["share_upper"]
    assert alone["one cluster above 0.5, catalogue as it is"]["share"] == 0.25
    power = "true cluster above 0.5"
    assert alone[power]["share"] == 0.5
    assert rows[power, "Myr", 0.0]["share"] == 1 and rows[power, "Myr", 25.0]["share"] == 0
    assert rows[power, "kpc", 0.5]["share"] == 1 and rows[power, "kpc", 1.0]["share"] == 0


def test_the_survey_of_a_list_is_its_errors_and_limits(galaxy, planted):
    measured = planted.copy()
    measured["distance"] = 1 / measured["parallax"]
    survey = survey_of(measured, galaxy)
    assert (survey.parallax_error, survey.pm_error, survey.rv_error) == (0.03, 0.03, 5.0)
    assert survey.age_error == pytest.approx(0.3)
    assert survey.distance_max == pytest.approx(measured["distance"].max(), rel=1e-3)
    assert survey.age_max == pytest.approx(measured["age"].max(), rel=1e-3)
    assert 20 < survey.speed_min < 22
    # nothing is known of age and radial velocity: errors that say nothing
    measured["rv"], measured["age"] = np.nan, np.nan
    blind = survey_of(measured, galaxy)
    assert blind.rv_error > 100 and blind.age_error > 1 and blind.speed_min == 0
    # a given distance is as good as a parallax
    measured["distance_error"] = 0.1 * measured["distance"] ** 2
    measured["parallax"] = np.nan
    assert survey_of(measured, galaxy).parallax_error == pytest.approx(0.1)


def test_kinds_that_the_survey_does_not_hold_are_not_planted(galaxy, sources):
    survey = Survey(distance_max=1.5, speed_min=90.0, age_max=60.0)
    planted = plant(galaxy, sources, 10, 1, survey, {"cluster": 0.3, "field": 0.4, "stayed": 0.3})
    assert len(planted) == 10 and "stayed" not in planted["true_kind"].tolist()
    with pytest.raises(ValueError, match="hardly any is within"):
        plant(galaxy, sources, 10, 1, Survey(speed_min=600.0), {"cluster": 1.0})


def test_stars_on_turned_catalogues_are_weighed_again(galaxy, sources, star):
    null = turned_posteriors([star], galaxy, sources, 1, [12.0])
    assert null["replicate"].tolist() == ["+12 deg", "mirrored"]
    assert len(conform(null, "calibration_null")) == 2 and np.isfinite(null["p_ejected"]).all()

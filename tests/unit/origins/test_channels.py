"""Regions of the plane, and origin probabilities that keep what they promise."""

from dataclasses import replace

import numpy as np
import pytest
from astropy.table import Table

from runaways.origins.channels import (
    OriginModel,
    classify,
    combine_origins,
    exceedance,
    fit_line,
    plane_probabilities,
    plane_regions,
)

MODEL = OriginModel(
    prior_des=0.5,
    region_purity=0.9,
    found_des=0.6,
    found_bss=0.2,
    delay_des=(0.0, 5.0),
    delay_bss=(4.0, 40.0),
    unrelated=0.05,
    p_chance_min=0.001,
    decided_min=0.8,
)
NOTHING = np.full(1, np.nan)


def test_regions_of_figure_8():
    regions = plane_regions([50, 200, 50, 200, np.nan], [200, 20, 20, 200, 20], 126, 61)
    assert list(regions) == ["BSS", "DES", "undecided", "undecided", "unknown"]


def test_exceedance():
    assert exceedance([61.0], [11.0], 61)[0] == pytest.approx(0.5, abs=1e-6)
    # a positive quantity: with v sin i = 0 +- s the truth is half-normal
    assert exceedance([0.0], [20.0], 20)[0] == pytest.approx(0.3173, abs=1e-4)
    assert np.isnan(exceedance([50.0, np.nan], [np.nan, 1.0], 61)).all()


def test_plane_probabilities_sum_to_one():
    p = np.linspace(0, 1, 11)
    table = plane_probabilities(p, p[::-1])
    total = table["p_bss_plane"] + table["p_des_plane"] + table["p_undecided_plane"]
    assert np.asarray(total) == pytest.approx(1)
    assert table["p_des_plane"][-1] == 1


def test_line_from_the_sample():
    rng = np.random.default_rng(0)
    v = 20 * np.sqrt((rng.normal(size=(3, 20_000)) ** 2).sum(axis=0))
    line, error = fit_line(np.concatenate([v, np.zeros(5000), [np.nan]]), "three_sigma")
    assert line == pytest.approx(60, abs=4 * error)
    assert fit_line(v, "quantile")[0] == pytest.approx(75.25, rel=0.01)


def combine(plane=None, p_encounter=NOTHING, p_chance=NOTHING, delay=None, model=MODEL):
    plane = plane_probabilities(NOTHING, NOTHING) if plane is None else plane
    delay = np.full((len(plane), 1), np.nan) if delay is None else delay
    return combine_origins(plane, model, p_encounter, p_chance, delay)


def test_no_evidence_leaves_the_prior_and_says_unknown():
    table = combine(model=replace(MODEL, prior_des=0.7))
    assert table["p_des"][0] == pytest.approx(0.7)
    assert table["origin"][0] == "unknown" and table["origin_evidence"][0] == ""


def test_each_part_pulls_its_way():
    des, bss = plane_probabilities([1.0], [0.0]), plane_probabilities([0.0], [1.0])
    assert combine(des)["origin"][0] == "DES" and combine(bss)["origin"][0] == "BSS"
    assert combine(des)["p_des"][0] == pytest.approx(0.9)
    met = combine(p_encounter=[0.5], p_chance=[0.0])
    assert met["p_des"][0] > 0.7 and met["p_association"][0] > 0.99
    missed = combine(p_encounter=[0.0], p_chance=[0.0])
    assert missed["p_des"][0] < 0.5
    # met as often by chance as it is met
    chance = combine(p_encounter=[0.3], p_chance=[0.3])
    assert chance["ratio_cluster"][0] == pytest.approx(1)
    early, late = np.full((1, 50), 2.0), np.full((1, 50), 20.0)
    assert combine(p_encounter=[0.5], p_chance=[0.0], delay=early)["origin"][0] == "DES"
    assert combine(p_encounter=[0.5], p_chance=[0.0], delay=late)["origin"][0] == "BSS"


def test_an_uncertain_age_says_nothing():
    rng = np.random.default_rng(1)
    # 0.44 Gyr, the paper's own scatter in age
    delay = rng.normal(20, 440, (1, 200_000))
    ratio = combine(p_encounter=[0.5], p_chance=[0.0], delay=delay)["ratio_time"][0]
    assert ratio == pytest.approx(1, abs=0.1)


def test_a_chance_encounter_has_no_flight_time():
    table = combine(p_encounter=[0.01], p_chance=[0.9], delay=np.full((1, 50), 2.0))
    assert table["ratio_time"][0] == pytest.approx(1, abs=0.1)


def test_probabilities_are_calibrated_on_the_models_own_world():
    rng = np.random.default_rng(2)
    n, m = 100_000, 20
    des = rng.random(n) < MODEL.prior_des
    # region: half the stars undecided, the others in a region of the stated purity
    right = rng.random(n) < MODEL.region_purity
    in_des = des == right
    undecided = rng.random(n) < 0.5
    plane = Table()
    plane["p_undecided_plane"] = undecided * 1.0
    plane["p_des_plane"] = (~undecided & in_des) * 1.0
    plane["p_bss_plane"] = (~undecided & ~in_des) * 1.0
    # cluster: found or not; sharp orbits that meet no other
    found = rng.random(n) < np.where(des, MODEL.found_des, MODEL.found_bss)
    delay = np.where(des, rng.uniform(*MODEL.delay_des, n), rng.uniform(*MODEL.delay_bss, n))
    span = rng.uniform(0, 40, n)
    delay = np.where(rng.random(n) < MODEL.unrelated, span, delay)
    # draws of an age good to 1 Myr, around a measurement good to 1 Myr
    draws = (delay + rng.normal(size=n))[:, None] + rng.normal(size=(n, m))
    draws[~found] = np.nan
    table = combine(plane, found * 1.0, np.zeros(n), draws)
    p = np.asarray(table["p_des"])
    for low in np.arange(0, 1, 0.2):
        inside = (p >= low) & (p < low + 0.2)
        assert inside.sum() > 500
        assert p[inside].mean() == pytest.approx(des[inside].mean(), abs=0.05)


def test_a_list_is_classified_with_and_without_clusters():
    """The clusters' table need not hold every star, nor be in the order of the list."""
    measured = Table(dict(star=["a", "b", "c"], vsini=[20.0, 20.0, np.nan]))
    measured["vsini_error"] = 10.0
    measured["age"], measured["age_error"] = [12.0, 12.0, 12.0], 0.5
    speeds = Table(dict(v_sp=[200.0, 40.0, np.nan], v_sp_error=[5.0, 5.0, np.nan]))
    lines = dict(v_sp=126.0, vsini=61.0)
    alone = classify(measured, speeds, lines, MODEL, np.ones(3, bool))
    assert list(alone["region"]) == ["DES", "undecided", "unknown"]
    assert list(alone["origin"]) == ["DES", "undecided", "unknown"]
    assert list(alone["origin_evidence"]) == ["plane", "plane", ""]
    clusters = Table(dict(star=["c", "b"], p_encounter=[0.0, 0.9], p_chance=[0.0, 0.0]))
    clusters["flight_time"] = [np.nan, 11.0]
    clusters["cluster"] = "NGC 1"
    clusters["verdict"] = np.array(["no encounter", "candidate"], "U30")
    both = classify(measured, speeds, lines, MODEL, np.ones(3, bool), clusters)
    assert list(both["origin_evidence"]) == ["plane", "plane cluster time", "cluster"]
    assert both["origin"][1] == "DES" and both["p_association"][1] > 0.99
    assert both["p_des"][0] == alone["p_des"][0] and both["p_des"][2] < 0.5
    # the best of many clusters, met as often as by chance, says nothing of the star
    clusters["verdict"][1] = "not better than chance"
    chance = classify(measured, speeds, lines, MODEL, np.ones(3, bool), clusters)
    assert chance["p_des"][1] == alone["p_des"][1] and chance["origin_evidence"][1] == "plane"
    # and one that it cannot come from was not met
    clusters["verdict"][1] = "impossible"
    never = classify(measured, speeds, lines, MODEL, np.ones(3, bool), clusters)
    assert never["p_association"][1] == 0 and never["p_des"][1] < alone["p_des"][1]
    some = classify(measured, speeds, lines, MODEL, np.array([False, True, True]))
    assert list(some["origin"]) == ["none", "undecided", "unknown"]
    assert some["p_des"][0] == alone["p_des"][0]


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(prior_des=1.0), "prior_des is between 0 and 1"),
        (dict(delay_des=(5.0, 0.0)), "delay_des rises"),
        (dict(decided_min=0.4), "decided_min is above 0.5"),
    ],
)
def test_impossible_models_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(MODEL, **change)

"""Planted stars, and what posteriors of them are held against."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.ejections.calibration import coverage, found_before, reliability
from runaways.ejections.mocks import plant
from runaways.ejections.surveys import Survey, observed
from runaways.frames import galactocentric, heliocentric


def test_a_calibrated_probability_is_reliable():
    rng = np.random.default_rng(1)
    p = rng.random(20_000)
    table = reliability(p, rng.random(20_000) < p)
    assert table["share_true"] == pytest.approx(table["p"], abs=0.03)
    twice = reliability(np.tile(p, 2), np.repeat([True, False], 20_000), np.repeat([1, 3], 20_000))
    assert twice["share_true"] == pytest.approx(0.25)


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

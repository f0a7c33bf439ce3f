"""Ages and delays."""

import numpy as np
import pytest

from runaways.ejections.priors import Priors
from runaways.ejections.times import AgeGrid

TAU = np.arange(0.25, 400, 0.5)
PRIORS = Priors()
GRID = AgeGrid(TAU, PRIORS)


def test_all_that_were_ejected_are_counted_once():
    # of stars of 100 Myr: every delay up to then; of 1 / (delay + 1) to 500 Myr by hand
    cell = np.searchsorted(GRID.edges, 100.0) - 1
    counted = GRID.ejected[:, cell].sum(axis=1) * 0.5 / GRID.width[cell]
    dynamical = (1 - PRIORS.binary_share) * np.log(1 + GRID.age[cell]) / np.log(501)
    assert counted == pytest.approx([dynamical, PRIORS.binary_share], rel=0.02)


def test_a_source_ejects_nothing_before_it_is_born():
    birth = GRID.log_normal(np.array([10.0]), np.array([0.01]))
    rate = GRID.rates(np.ones((2, len(GRID.age))), birth)[:, 0]
    assert (rate[:, TAU > 11] < 1e-6 * rate.max()).all()
    # a supernova takes 3 Myr
    assert (rate[1, TAU > 8] < 1e-6).all() and (rate[1, TAU < 6] > 1e-3).all()


def test_a_star_without_an_age_lives_up_to_the_longest_life():
    likelihood = GRID.likelihood(np.nan, np.nan)
    assert np.array_equal(likelihood[0], GRID.age < PRIORS.longest_life)


def test_rejuvenated_stars_may_be_older_than_they_look_and_not_younger():
    likelihood = GRID.likelihood(10.0, 1.0)
    old, young = GRID.age > 30, GRID.age < 2
    assert (likelihood[1, old & (GRID.age < 500)] > 0.2 / 500).all()
    assert (likelihood[:, young] < 1e-3).all()


def test_ages_of_clusters_sum_to_one():
    birth = GRID.log_normal(np.array([3.0, 50.0, 300.0]), np.array([0.4, 0.5, 0.4]))
    assert (birth * GRID.width).sum(axis=1) == pytest.approx(1, abs=0.01)

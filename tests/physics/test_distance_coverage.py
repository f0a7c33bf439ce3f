"""Intervals of distance hold what they promise, on a mock drawn from the published prior."""

import numpy as np
import pytest
from scipy.special import gammaincinv

from runaways.stars.distances import QUANTILES, posterior


def draw_from_prior(rng, length, alpha, beta):
    """(r/L)^alpha is gamma-distributed."""
    return length * gammaincinv((beta + 1) / alpha, rng.random(len(length))) ** (1 / alpha)


@pytest.mark.parametrize("error", [0.02, 0.1, 0.5])
def test_68_percent_intervals_cover_68_percent(prior, error):
    rng = np.random.default_rng(11)
    n = 20_000  # the coverage is then known to 0.33 %
    here = prior[rng.integers(0, len(prior), n)]
    here = [np.asarray(here[name]) for name in ("length", "alpha", "beta")]
    true = draw_from_prior(rng, *here)
    parallax = 1 / true + error * rng.normal(size=n)
    lower, median, upper = posterior(QUANTILES, parallax, np.full(n, error), *here).T
    covered = np.mean((lower < true) & (true < upper))
    print(f"error {error} mas: {covered:.4f} covered, {np.mean(parallax < 0):.3f} negative")
    assert 0.66 < covered < 0.70
    assert np.mean(true < median) == pytest.approx(0.5, abs=0.015)


def test_every_quantile_is_right(prior):
    """Where the truth falls in its own posterior is uniform: the whole distribution, not one
    interval."""
    rng = np.random.default_rng(12)
    n, length = 4000, 0.8
    true = draw_from_prior(rng, np.full(n, length), 1.0, 2.0)
    parallax = 1 / true + 0.2 * rng.normal(size=n)
    u = np.linspace(0.01, 0.99, 99)
    rank = (posterior(u, parallax, np.full(n, 0.2), length, 1.0, 2.0) < true[:, None]).mean(axis=1)
    # Kolmogorov: 1.63 / sqrt(n) is exceeded once in a hundred
    steps = np.abs(np.sort(rank) - np.arange(n) / n)
    assert steps.max() < 1.63 / np.sqrt(n) + 0.01


def test_negative_parallaxes_of_the_published_prior_are_finite(prior):
    everywhere = [np.asarray(prior[name]) for name in ("length", "alpha", "beta")]
    n = len(prior)
    drawn = posterior([0.159, 0.5, 0.841], np.full(n, -0.3), np.full(n, 0.1), *everywhere)
    assert np.isfinite(drawn).all() and (np.diff(drawn, axis=1) > 0).all()

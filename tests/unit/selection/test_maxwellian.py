"""Maxwellian fits: known numbers, planted sigmas, tails of several shapes."""

import numpy as np
import pytest

from runaways.selection.maxwellian import MaxwellianFit, falls_to, fit_speeds, fit_velocities

SIGMA, N, N_TAIL = 11.0, 4432, 443


def thrown(kind, rng, n):
    """Core stars with kicks of several distributions."""
    kick = {
        "power law": lambda: (30**-0.5 - rng.random(n) * (30**-0.5 - 300**-0.5)) ** -2,
        "Maxwellian": lambda: 40 * np.sqrt((rng.normal(size=(3, n)) ** 2).sum(axis=0)),
        "exponential": lambda: 30 + rng.exponential(40, n),
        "uniform": lambda: rng.uniform(30, 200, n),
    }[kind]()
    towards = rng.normal(size=(3, n))
    return kick * towards / np.sqrt((towards**2).sum(axis=0)) + SIGMA * rng.normal(size=(3, n))


def velocities(kind, seed):
    rng = np.random.default_rng(seed)
    core = SIGMA * rng.normal(size=(3, N - N_TAIL))
    return np.hstack([core, thrown(kind, rng, N_TAIL)])


def test_one_percent_of_the_peak():
    assert falls_to(0.01, 3) == pytest.approx(3.9085, abs=5e-5)
    assert falls_to(0.01, 2) == pytest.approx(3.5716, abs=5e-5)
    # 43 km/s is sigma = 11.00 (Guo et al. 2024)
    fit = MaxwellianFit(3, 11.0, 0.1, 0.0, np.nan, np.nan, 100)
    assert fit.threshold()[0] == pytest.approx(43.0, abs=0.05)
    assert fit.threshold()[1] == pytest.approx(0.39, abs=0.005)


def test_both_definitions_of_three_sigma():
    fit = MaxwellianFit(3, 10.0, 0.1, 0.0, np.nan, np.nan, 100)
    assert fit.three_sigma("three_sigma")[0] == 30.0
    assert fit.three_sigma("quantile")[0] == pytest.approx(37.625, abs=0.005)
    with pytest.raises(ValueError, match="'sigma'"):
        fit.three_sigma("sigma")


@pytest.mark.parametrize("kind", ["power law", "Maxwellian", "exponential", "uniform"])
@pytest.mark.parametrize("dimensions", [3, 2])
def test_core_is_found_under_any_tail(kind, dimensions):
    v = velocities(kind, 1)
    fit = fit_speeds(np.sqrt((v[:dimensions] ** 2).sum(axis=0)), dimensions)
    assert fit.sigma == pytest.approx(SIGMA, rel=0.03)
    assert fit.tail_fraction == pytest.approx(0.1, abs=0.03)


def test_plain_fit_is_spoilt_by_the_tail():
    v = velocities("power law", 1)
    assert fit_speeds(np.sqrt((v**2).sum(axis=0)), 3, tail=False).sigma > 1.3 * SIGMA


def test_errors_are_taken_out():
    rng = np.random.default_rng(44)
    v = velocities("power law", 4)
    # errors of 4 to 12 km/s along a direction of each star's own
    along = rng.normal(size=v.shape)
    along *= rng.uniform(4, 12, v.shape[1]) / np.sqrt((along**2).sum(axis=0))
    covariance = along[:, None] * along[None] + np.eye(3)[:, :, None]
    seen = v + along * rng.normal(size=v.shape[1]) + rng.normal(size=v.shape)
    assert fit_speeds(np.sqrt((seen**2).sum(axis=0)), 3).sigma > 1.05 * SIGMA
    assert fit_velocities(seen, covariance).sigma == pytest.approx(SIGMA, rel=0.03)
    sky = fit_velocities(seen[:2], covariance[:2, :2])
    assert sky.sigma == pytest.approx(SIGMA, rel=0.03)


def test_sigma_error_is_the_scatter():
    pulls = []
    for seed in range(25):
        v = velocities("exponential", 100 + seed)
        fit = fit_speeds(np.sqrt((v**2).sum(axis=0)), 3)
        pulls.append((fit.sigma - SIGMA) / fit.sigma_error)
    # 25 pulls of unit scatter have one of 1 +- 0.14
    assert 0.6 < np.std(pulls) < 1.4
    assert abs(np.mean(pulls)) < 1.5


@pytest.mark.parametrize("dimensions", [3, 2])
def test_densities_integrate_to_their_shares(dimensions):
    fit = MaxwellianFit(dimensions, SIGMA, 0.1, 0.2, 5.0, 0.6, 100)
    speed = np.linspace(0, 1100, 20_001)
    core, tail = (np.trapezoid(part, speed) for part in fit.density(speed))
    assert (core, tail) == pytest.approx((0.8, 0.2), rel=2e-3)


def test_missing_speeds_are_left_out_and_too_few_refused():
    v = np.sqrt((velocities("uniform", 2) ** 2).sum(axis=0))
    with_gaps = np.concatenate([v, [np.nan] * 10])
    assert fit_speeds(with_gaps, 3) == fit_speeds(v, 3)
    with pytest.raises(ValueError, match="needs 30 velocities or more, got 12"):
        fit_speeds(v[:12], 3)
    with pytest.raises(ValueError, match="needs 2 speeds or more, got 0"):
        fit_speeds([np.nan], 3, tail=False)

"""Draws: their spread is the stated one, whatever the sampler, the chunk or the star."""

import numpy as np
import pytest

from runaways.stars import draws

STAR = {
    "parallax": 0.5,
    "parallax_error": 0.03,
    "pmra": -2.0,
    "pmra_error": 0.04,
    "pmdec": 3.0,
    "pmdec_error": 0.05,
    "rv": 12.0,
    "rv_error": 8.0,
    "rv_alternative": np.nan,
    "age": 50.0,
    "age_error": 10.0,
    "parallax_pmra_corr": 0.4,
    "parallax_pmdec_corr": -0.3,
    "pmra_pmdec_corr": 0.2,
}
N = 2**14


@pytest.mark.parametrize("sampler", ["sobol", "monte_carlo"])
def test_spread_and_correlations_are_the_stated_ones(sampler):
    sample = draws.draw(draws.unit_cube(7, "a", 0, N, sampler), STAR)
    sample["parallax"] = 1 / sample["distance"]
    four_sigma = 4 / np.sqrt(2 * N)
    for name in ("parallax", "pmra", "pmdec", "rv"):
        error = STAR[f"{name}_error"]
        assert np.std(sample[name]) == pytest.approx(error, rel=four_sigma)
        assert np.mean(sample[name]) == pytest.approx(STAR[name], abs=4 * error / np.sqrt(N))
    found = np.corrcoef([sample[name] for name in ("parallax", "pmra", "pmdec")])
    stated = draws.correlation_matrix(STAR)
    assert np.abs(found - stated).max() < 4 / np.sqrt(N)


@pytest.mark.parametrize("sampler", ["sobol", "monte_carlo"])
def test_a_draw_is_a_function_of_seed_star_and_number(sampler):
    whole = draws.unit_cube(7, "a", 0, 100, sampler)
    assert np.array_equal(whole[37:61], draws.unit_cube(7, "a", 37, 61, sampler))
    assert not np.any(whole == draws.unit_cube(8, "a", 0, 100, sampler))
    assert not np.any(whole == draws.unit_cube(7, "b", 0, 100, sampler))
    assert 0 < whole.min() and whole.max() < 1


def test_sobol_is_more_even_than_monte_carlo():
    """The reason for it: the mean of 1024 draws, over 20 stars."""
    stars = [f"star{i}" for i in range(20)]
    spread = {
        sampler: np.std([draws.unit_cube(1, s, 0, 1024, sampler).mean(axis=0) for s in stars])
        for sampler in ("sobol", "monte_carlo")
    }
    assert spread["sobol"] < spread["monte_carlo"] / 10


def test_distances_and_ages_stay_positive():
    star = STAR | {"parallax": 0.02, "age": 2.0, "age_error": 30.0}
    sample = draws.draw(draws.unit_cube(7, "a", 0, N), star)
    assert sample["distance"].min() > 0 and sample["age"].min() > 0
    # a normal of mean 2 and sigma 30 cut off at 0: mean + sigma phi(a) / (1 - Phi(a)), a = -1/15
    assert sample["age"].mean() == pytest.approx(24.66, abs=0.3)


def test_impossible_correlations_are_refused():
    star = STAR | {"parallax_pmra_corr": 0.9, "parallax_pmdec_corr": 0.9, "pmra_pmdec_corr": -0.9}
    with pytest.raises(ValueError, match="no covariance matrix"):
        draws.draw(draws.unit_cube(7, "a", 0, 16), star)

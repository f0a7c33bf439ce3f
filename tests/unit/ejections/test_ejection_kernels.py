"""A star as a mixture of kernels: the spread of its errors, and the same bits every time."""

import numpy as np
import pytest

from runaways.ejections.kernels import KernelError, make_kernels, shifted
from runaways.ejections.stars import generator, lacking, read_star, renamed
from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import trace


@pytest.fixture
def kernels(galaxy, star):
    return make_kernels(read_star(star, galaxy.priors), galaxy, seed=1)


def test_centres_and_kernels_have_the_spread_of_the_errors(kernels, galaxy, star):
    place, _, velocity = (c.mean(axis=0) for c in kernels.covariances(20))
    total = place + np.cov(kernels.x[20].T)
    rng = np.random.default_rng(5)
    z = rng.normal(size=(4, 2000))
    drawn = read_star(star, galaxy.priors).quantities(z, star["rv"])
    ra, dec = (np.full(2000, star[name]) for name in ("ra", "dec"))
    today = galactocentric(*heliocentric(ra, dec, *drawn), galaxy.frame)
    times = np.tile([0.0, galaxy.tau[20]], (2000, 1))
    x, _ = trace(*today, times, galaxy.potential)
    assert np.sqrt(np.diag(total)) == pytest.approx(x[:, 1].std(axis=0), rel=0.05)
    assert kernels.x[20].mean(axis=0) == pytest.approx(x[:, 1].mean(axis=0), abs=0.005)


def test_kernels_are_a_function_of_seed_and_name(galaxy, star):
    one = read_star(star, galaxy.priors)
    again = make_kernels(one, galaxy, seed=1)
    assert np.array_equal(again.x, make_kernels(one, galaxy, seed=1).x)
    assert not np.array_equal(again.z, make_kernels(renamed(one, "two"), galaxy, seed=1).z)
    assert generator(1, "a", "b").random() != generator(1, "a", "c").random()


@pytest.mark.parametrize("other", [np.nan, -40.0])
def test_shifted_kernels_are_where_tracing_would_have_put_them(other, galaxy, star):
    own = read_star(star | {"rv_alternative": other}, galaxy.priors)
    kernels = make_kernels(own, galaxy, seed=1)
    moved = shifted(kernels, own, np.array([0.5, 0.3, -0.2, 0.4]))
    for branch, rv in enumerate(own.rvs):
        mine = moved.branch == branch
        # a velocity that is measured 2 km/s too far out is so with either sign
        assert moved.z[mine, 3].mean() == pytest.approx(0.4 * np.sign(rv), abs=0.05)
        rows = np.flatnonzero(mine & (np.abs(moved.z).max(axis=1) < 1.5))[:40]
        drawn = own.quantities(moved.z[rows].T, rv)
        ra, dec = (np.full(len(rows), star[name]) for name in ("ra", "dec"))
        today = galactocentric(*heliocentric(ra, dec, *drawn), galaxy.frame)
        times = np.tile([0.0, galaxy.tau[30]], (len(rows), 1))
        x, _ = trace(*today, times, galaxy.potential)
        # a parsec, where the star's place is uncertain by more than 60
        assert np.abs(moved.x[30, rows] - x[:, 1]).max() < 3e-3


def test_both_signs_of_the_radial_velocity_have_half_of_the_weight(galaxy, star):
    kernels = make_kernels(
        read_star(star | {"rv_alternative": -90.0}, galaxy.priors), galaxy, seed=1
    )
    positive = kernels.theta[:, 3] > -25
    assert kernels.weight[positive].sum() == pytest.approx(0.5)
    assert len(kernels) == 2 * 128


def test_the_prior_of_distances_does_not_move_the_posterior(galaxy, star):
    # phase-space volume over what was measured: E[f] under W is that of d^4 times the likelihood
    star = star | {"parallax": 0.5, "parallax_error": 0.06}
    means = []
    for prior in ({}, {"prior_length": 0.8, "prior_alpha": 1.2, "prior_beta": 2.5}):
        own = read_star(star | prior, galaxy.priors)
        u = (np.arange(200_000) + 0.5) / 200_000
        d = np.interp(u, own.cumulative, own.distances)
        # within a bound: the integral over all distances does not converge, that of a rate does
        weight = own.weights(d) * (d < 4)
        means.append((weight * d).sum() / weight.sum())
    assert means[0] == pytest.approx(means[1], rel=2e-3)


def test_a_given_distance_without_error_is_one_distance(galaxy, star):
    star = star | {"parallax": np.nan, "distance": 0.8, "distance_error": 0.0}
    kernels = make_kernels(read_star(star, galaxy.priors), galaxy, seed=1)
    assert (kernels.theta[:, 0] == 0.8).all()
    assert kernels.weight == pytest.approx(1 / len(kernels))


def test_a_star_at_the_galactic_centre_has_no_orbit(galaxy, star):
    own = read_star(star, galaxy.priors)
    from runaways.ejections import kernels as module

    def lost(*args):
        x = np.full((args[2].shape[0], args[2].shape[1], 3), np.nan)
        return x, x

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "trace", lost)
        with pytest.raises(KernelError, match="128 of 128"):
            make_kernels(own, galaxy, seed=1)


def test_what_is_missing_is_named(star):
    assert lacking(star) == ""
    assert "pmra_error" in lacking(star | {"pmra_error": np.nan})
    assert "distance" in lacking(star | {"parallax": np.nan})
    assert lacking(star | {"rv": np.nan, "age": np.nan}) == ""
    bad = {"parallax_pmra_corr": 0.9, "parallax_pmdec_corr": 0.9, "pmra_pmdec_corr": -0.9}
    assert "covariance" in lacking(star | bad)


def test_a_negative_parallax_has_distances(galaxy, star):
    own = read_star(star | {"parallax": -0.05, "parallax_error": 0.1}, galaxy.priors)
    median = np.interp(0.5, own.cumulative, own.distances)
    assert 2 < median < 15

"""Pairs of kernels and sources that meet: all of them, and as by linear algebra."""

import numpy as np
import pytest

from runaways.ejections.compiled import REACH, TRUST
from runaways.ejections.kernels import make_kernels
from runaways.ejections.passages import KPC_PER_MYR, crossing, passages_at
from runaways.ejections.stars import read_star


@pytest.fixture
def kernels(star, galaxy):
    return make_kernels(read_star(star, galaxy.priors), galaxy, seed=1)


def _sources(kernels, t, dtype):
    """Bodies in and about a star's cloud, each with an error that couples place and velocity."""
    rng, n = np.random.default_rng(5), 60
    at = rng.integers(len(kernels), size=n)
    factor = rng.normal(size=(n, 6, 6)) * np.repeat([0.01, 2.0], 3)[:, None]
    both = factor @ factor.swapaxes(1, 2)
    x = kernels.x[t, at] + rng.normal(0, 0.03, (n, 3)) * rng.choice([1, 10], (n, 1))
    v = kernels.v[t, at] + rng.normal(0, 20, (n, 3))
    parts = x, v, both[:, :3, :3], both[:, 3:, :3], both[:, 3:, 3:]
    return tuple(np.ascontiguousarray(q, dtype) for q in parts)


@pytest.mark.parametrize("dtype", [np.float32, float])
@pytest.mark.parametrize("t", [2, 15])
def test_every_pair_that_meets_is_found(kernels, galaxy, t, dtype):
    sources = _sources(kernels, t, dtype)
    found = passages_at(t, kernels, sources, galaxy.tau[t], galaxy.width[t])
    x, v, place, cross, velocity = (np.asarray(q, float) for q in sources)
    own = kernels.covariances(t)
    k, c = (q.ravel() for q in np.indices((len(kernels), len(x))))
    apart, relative = kernels.x[t, k] - x[c], kernels.v[t, k] - v[c]
    both = own[0][k] + place[c], own[1][k] + cross[c], own[2][k] + velocity[c]
    met = crossing(apart, -relative * KPC_PER_MYR, both[0], galaxy.width[t] / 2)
    moved = np.einsum("nij,nj->ni", own[1][k], met["solved"])
    velocities = relative - np.einsum("nij,nj->ni", both[1], met["solved"])
    fair = (moved**2).sum(axis=1) < TRUST**2 * (velocities**2).sum(axis=1)
    rows = np.flatnonzero((met["far"] < REACH**2) & fair)
    assert 500 < len(rows) < 0.5 * len(k) and (~fair).any()

    by_pair = np.lexsort((found["source"], found["kernel"]))
    assert np.array_equal(found["kernel"][by_pair], k[rows])
    assert np.array_equal(found["source"][by_pair], c[rows])
    for name in ("density", "low", "high", "sd", "solved"):
        assert found[name][by_pair] == pytest.approx(met[name][rows], rel=1e-9), name
    assert found["centre"][by_pair] == pytest.approx(galaxy.tau[t] + met["centre"][rows], rel=1e-9)
    # a normal distribution of place and velocity where the two are in one place
    left = both[2] - both[1] @ np.linalg.inv(both[0]) @ both[1].swapaxes(1, 2)
    blur = np.sqrt(np.trace(left, axis1=1, axis2=2) / 3)
    assert found["blur"][by_pair] == pytest.approx(blur[rows], rel=1e-6)
    assert found["speed"][by_pair] == pytest.approx(np.linalg.norm(velocities, axis=1)[rows])
    peak = met["peak"][:, None]
    site = kernels.x[t, k] - kernels.v[t, k] * KPC_PER_MYR * peak
    site -= np.einsum("nij,nj->ni", own[0][k], met["solved"])
    assert found["site"][by_pair] == pytest.approx(site[rows], rel=1e-9)
    # there the source is, too
    other = x[c] - v[c] * KPC_PER_MYR * peak + np.einsum("nij,nj->ni", place[c], met["solved"])
    assert found["site"][by_pair] == pytest.approx(other[rows], abs=1e-9)


def test_only_the_sources_that_are_asked_for(kernels, galaxy):
    sources = _sources(kernels, 2, float)
    every = passages_at(2, kernels, sources, galaxy.tau[2], galaxy.width[2])
    some = np.unique(every["source"])[::3]
    found = passages_at(2, kernels, sources, galaxy.tau[2], galaxy.width[2], some)
    rows = np.isin(every["source"], some)
    for name, values in found.items():
        assert np.array_equal(values, every[name][rows]), name

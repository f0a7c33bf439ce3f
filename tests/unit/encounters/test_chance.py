import numpy as np
import pytest

from runaways.encounters import chance, evidence, kernels
from runaways.orbits import cubics

N, RADII = 400, np.array([0.03, 0.02, 0.01])  # pairs, kpc
HALF_WIDTH = np.radians(0.5)


def pairs(seed):
    """Straight pieces near each other at 8 kpc, with relative speeds of tens of pc per slice."""
    rng = np.random.default_rng(seed)
    radius, azimuth = 8 + rng.normal(0, 0.02, N), rng.uniform(-0.005, 0.005, N)
    begin = np.array([radius * np.cos(azimuth), radius * np.sin(azimuth), rng.normal(0, 0.02, N)])
    end = begin + rng.normal(0, 0.04, (3, N))
    zero = np.zeros(N)
    still = np.array([zero + 8.0, zero, zero])
    return (begin, end), (still, still + rng.normal(0, 0.01, (3, 1)))


def least_distance(star, cluster, share, angle):
    """Least distance within the slice, and whether it is inside, with the cluster turned."""
    cos, sin = np.cos(angle), np.sin(angle)
    turned = [np.array([c[0] * cos - c[1] * sin, c[0] * sin + c[1] * cos, c[2]]) for c in cluster]
    begin, end = star[0] - turned[0], star[1] - turned[1]
    along = end - begin
    where = -(begin * along).sum(axis=0) / (along**2).sum(axis=0)
    inside = (where >= 0) & (where < share)
    return cubics.norm(begin + np.clip(where, 0, share) * along), inside, where


def shares(star, cluster, share, at_start, at_end, half_width, radii):
    """Shares of pairs near and all around, numbers of QUANTUM: two of shape (len(radii), n)."""
    places = [
        np.array([[*end, np.hypot(*end[:2])] for end in ends]).transpose(2, 0, 1).copy()
        for ends in (star, cluster)
    ]
    found = np.zeros((len(share), 2, len(radii)))
    for pair in zip(*places, share, at_start, at_end, found):
        kernels.azimuths_met(*pair[:-1], half_width, radii, 0, 0.0, pair[-1])
    return found.transpose(1, 2, 0)


@pytest.mark.parametrize("at_start, at_end", [(False, False), (True, False), (True, True)])
def test_shares_against_turning(at_start, at_end):
    star, cluster = pairs(seed=3)
    share = np.linspace(0.3, 1, N)
    flags = np.full(N, at_start), np.full(N, at_end)
    found, _ = shares(star, cluster, share, *flags, HALF_WIDTH, RADII)
    found = found * kernels.QUANTUM
    turns = 4000
    counts = np.zeros((len(RADII), N))
    for angle in HALF_WIDTH * (2 * (np.arange(turns) + 0.5) / turns - 1):
        distance, inside, where = least_distance(star, cluster, share, angle)
        counted = inside | (at_start & (where < 0)) | (at_end & (where >= share))
        counts += (distance < RADII[:, None]) & counted
    # straight in cylindrical coordinates is not quite straight: 0.1 pc at these speeds
    assert np.abs(found - counts / turns).max() < 0.01
    assert np.abs(found.sum(axis=1) / (counts.sum(axis=1) / turns) - 1).max() < 0.01


def test_the_whole_circle():
    star, cluster = pairs(seed=4)
    arguments = (star, cluster, np.ones(N), np.zeros(N, bool), np.zeros(N, bool))
    near, whole = shares(*arguments, np.radians(5), RADII)
    np.testing.assert_allclose(whole * 36, near, atol=40)  # rounded to whole QUANTUM
    assert (whole == np.round(whole)).all()


def test_chance_goes_with_the_area():
    """Pieces all over the meridional plane: twice the radius is met four times as often."""
    rng = np.random.default_rng(5)
    n = 200_000
    begin = np.array([8 + rng.uniform(-0.2, 0.2, n), np.zeros(n), rng.uniform(-0.2, 0.2, n)])
    end = begin + rng.normal(0, 0.03, (3, n))
    still = np.array([[8.0], [0.0], [0.0]]) + np.zeros((3, n))
    flags = np.zeros(n, bool)
    near, _ = shares((begin, end), (still, still), np.ones(n), flags, flags, 0.1, RADII)
    found = near.sum(axis=1)
    np.testing.assert_allclose(found[:-1] / found[-1], (RADII[:-1] / RADII[-1]) ** 2, rtol=0.03)
    # a cluster is met by what sweeps its cross-section, the radius's circle, in the volume turned
    speed = np.mean(cubics.norm(end - begin))
    volume = 0.4 * 0.4 * 2 * 0.1 * 8
    expected = np.pi * RADII[1] ** 2 * speed / volume * n
    assert found[1] * kernels.QUANTUM == pytest.approx(expected, rel=0.03)


def test_motion_along_the_circle_alone():
    """A slope of zero and a standstill in the meridional plane are no division by zero."""
    star = np.array([[8.0], [0.0], [0.005]]), np.array([[8.0], [0.0], [0.005]])
    cluster = np.array([[8.0], [0.0], [0.0]]), np.array([[8.0], [0.0], [0.0]])
    one, no = np.ones(1), np.zeros(1, bool)
    found = np.array(shares(star, cluster, one, no, no, 0.1, RADII))
    assert np.isfinite(found).all()


def test_a_chance_of_the_disk_alone_is_kept_at_one_radius():
    """Most clusters have no other; between the radii it goes with the area all the same."""
    shares = np.zeros((2, 2, chance.N_RADII))
    radii = chance.radii(0.02)
    shares[:, 1] = (radii / 0.02) ** 2 * 1e-3 * 100 / kernels.QUANTUM  # 100 draws
    shares[1, 0] = shares[1, 1]
    table = chance.table(shares, shares * 0, radii, np.array(["far", "near"]), 100)
    assert table["cluster"].tolist() == ["far"] + ["near"] * chance.N_RADII
    rows = {"far": 0, "near": 1}
    found = evidence._chances(table, "p_chance_disk", np.array([10.0, 10.0]), rows)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)
    np.testing.assert_allclose(found[:, 0], 1e-3 / 4, rtol=1e-9)
    assert evidence._chances(table, "p_chance", np.array([10.0, 10.0]), rows)[0].max() == 0

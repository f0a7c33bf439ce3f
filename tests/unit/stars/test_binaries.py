"""Orbital motion of B-star binaries in single-epoch velocities."""

import numpy as np
import pytest
from scipy.special import ndtri

from runaways.stars import binaries, draws


def test_semi_amplitude_is_keplers():
    """The Sun by Jupiter, 12.5 m/s (Perryman 2018, The Exoplanet Handbook, Sect. 2.1): K of
    m / M = 1 / 1047.35 at 4332.6 d."""
    k = binaries.KEPLER / 1047.35 * 4332.59 ** (-1 / 3)
    assert 1000 * k == pytest.approx(12.5, abs=0.1)


def test_anomalies_solve_keplers_equation():
    mean, e = np.meshgrid(np.linspace(0, 2 * np.pi, 60, endpoint=False), [0.0, 0.4, 0.95])
    nu = binaries._true_anomaly(mean, e)
    eccentric = 2 * np.arctan2(np.sqrt(1 - e) * np.sin(nu / 2), np.sqrt(1 + e) * np.cos(nu / 2))
    back = eccentric - e * np.sin(eccentric)
    assert np.abs(np.exp(1j * back) - np.exp(1j * mean)).max() < 1e-10


def test_the_observed_fraction_of_30_dor_comes_out():
    """0.25 +- 0.02 of B stars vary by more than 16 km/s between some epochs, of 0.58 that are
    binaries (Dunstall et al. 2015, abstract). Two random epochs see fewer than their six, and
    those fewer than all: the share must lie between."""
    rng = np.random.default_rng(1)
    speeds = binaries.orbital_speeds() * np.cbrt(8.0)
    signs = rng.choice([-1, 1], (2, 20000))
    one, other = rng.choice(speeds, (2, 20000)) * signs
    two = 0.58 * np.mean(np.abs(one - other) > 16)
    assert 0.1 < two < 0.45


def test_the_chance_falls_with_the_error_and_rises_with_the_mass():
    p = binaries.chance_of_offset([5.0] * 4, [0.0, 2.0, 8.0, 500.0])
    assert p[0] == pytest.approx(0.58, abs=0.01) and (np.diff(p) < 0).all() and p[3] == 0
    light, heavy, unknown = binaries.chance_of_offset([3.0, 20.0, np.nan], [5.0] * 3)
    assert light < unknown < heavy
    assert np.isnan(binaries.chance_of_offset(5.0, np.nan))


def test_offsets_are_normal_without_binaries_and_have_tails_with_them():
    u = (np.arange(2000) + 0.5) / 2000
    alone = binaries.velocity_offsets(u, 5.0, 4.0, 0.0)
    assert np.abs(alone - 4 * ndtri(u))[20:-20].max() < 0.02
    moved = binaries.velocity_offsets(u, 5.0, 4.0, 0.58)
    assert np.median(moved) == pytest.approx(0, abs=0.05)
    # the share beyond the error's 4 sigma is that of the prior, smeared by the error
    far = np.mean(np.abs(moved) > 16)
    speeds = binaries.orbital_speeds() * np.cbrt(5.0)
    rng = np.random.default_rng(2)
    brute = rng.choice(speeds, 200_000) + rng.normal(0, 4, 200_000)
    assert far == pytest.approx(0.58 * np.mean(np.abs(brute) > 16), abs=0.005)
    wide = binaries.half_width([5.0], [4.0], 0.58)[0]
    assert wide == pytest.approx(np.ptp(np.quantile(moved, [0.159, 0.841])) / 2, rel=0.01)
    assert wide > 4


def test_draws_err_by_orbital_motion_only_if_asked(measured):
    star = dict(zip(measured.colnames, measured[0]))
    cube = draws.unit_cube(1, "a", 0, 256)
    plain = draws.draw(cube, star)
    moved = draws.draw(cube, star | {"binary_fraction": 0.58})
    assert np.std(moved["rv"]) > 1.2 * np.std(plain["rv"])
    for name in set(plain) - {"rv"}:
        assert np.array_equal(plain[name], moved[name])

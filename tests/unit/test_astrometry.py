"""Zero point, spin of the bright frame, correlated draws."""

import numpy as np
import pytest
from astropy.coordinates import BarycentricMeanEcliptic, SkyCoord
from astropy.table import Table

from runaways.astrometry import (
    BRIGHT_STAR_SPIN,
    bright_star_proper_motion,
    draw_proper_motion,
    ecliptic_latitude,
    parallax_zero_point,
)


def test_ecliptic_latitude_is_astropys():
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 100), rng.uniform(-90, 90, 100)
    theirs = SkyCoord(ra, dec, unit="deg").transform_to(BarycentricMeanEcliptic()).lat.deg
    assert ecliptic_latitude(ra, dec) == pytest.approx(theirs, abs=1e-4)


def test_zero_point_of_quasar_like_sources():
    # Lindegren et al. 2021: about -17 uas at the faint end for mean colours; -0.1 to 0 mas anywhere
    latitude = np.degrees(np.arcsin(np.linspace(-0.99, 0.99, 201)))
    faint = parallax_zero_point(20.0, 1.48, np.nan, latitude, 31)
    assert faint.mean() * 1000 == pytest.approx(-17, abs=8)
    blue = parallax_zero_point(np.linspace(6.1, 18, 60), 1.75, np.nan, 30.0, 31)
    assert ((blue > -0.1) & (blue < 0)).all()


def test_zero_point_is_unknown_outside_the_recipe():
    g = [5.0, 15, 15, 15, 15, np.nan, 15]
    nu_eff = [1.5, 2.0, np.nan, 1.5, np.nan, 1.5, 1.5]
    colour = [np.nan, np.nan, np.nan, np.nan, 1.5, np.nan, np.nan]
    solved = [31, 31, 31, 3, 95, 31, 31]
    zero_point = parallax_zero_point(g, nu_eff, colour, 30.0, solved)
    assert list(np.isfinite(zero_point)) == [False, False, False, False, True, False, True]


def test_bright_frame_is_a_rigid_rotation():
    rng = np.random.default_rng(2)
    ra, dec = rng.uniform(0, 360, 50), np.degrees(np.arcsin(rng.uniform(-1, 1, 50)))
    g = rng.uniform(5, 14, 50)
    pmra, pmdec = bright_star_proper_motion(ra, dec, np.zeros(50), np.zeros(50), g)
    direction = SkyCoord(ra, dec, unit="deg").cartesian.xyz.value
    for i in range(50):
        row = BRIGHT_STAR_SPIN[(g[i] >= BRIGHT_STAR_SPIN[:, 0]) & (g[i] < BRIGHT_STAR_SPIN[:, 1])]
        spin = row[0, 2:] / 1000 if len(row) else np.zeros(3)
        motion = -np.cross(spin, direction[:, i])
        a, d = np.radians(ra[i]), np.radians(dec[i])
        east = [-np.sin(a), np.cos(a), 0]
        north = [-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)]
        assert pmra[i] == pytest.approx(motion @ east, abs=1e-12)
        assert pmdec[i] == pytest.approx(motion @ north, abs=1e-12)
    assert (pmra[g >= 13] == 0).all() and (pmra[g < 13] != 0).all()


def test_drawn_distances_and_proper_motions_have_gaias_covariance():
    star = Table(dict(parallax=[0.5], parallax_error=[0.02], pmra=[1.0], pmra_error=[0.03]))
    star["pmdec"], star["pmdec_error"] = -2.0, 0.04
    star["parallax_pmra_corr"], star["parallax_pmdec_corr"], star["pmra_pmdec_corr"] = (
        0.5,
        -0.3,
        0.2,
    )
    rng = np.random.default_rng(3)
    z = rng.normal(size=(3, 1, 400_000))
    parallax = 0.5 + 0.02 * z[0]
    drawn = np.array([parallax, *draw_proper_motion(z[1], z[2], 1 / parallax, star)])[:, 0]
    assert drawn.mean(axis=1) == pytest.approx([0.5, 1.0, -2.0], abs=3e-4)
    assert drawn.std(axis=1) == pytest.approx([0.02, 0.03, 0.04], rel=0.01)
    correlation = np.corrcoef(drawn)
    found = correlation[0, 1], correlation[0, 2], correlation[1, 2]
    assert found == pytest.approx((0.5, -0.3, 0.2), abs=0.01)


def test_without_correlations_the_distance_says_nothing():
    star = Table(dict(pmra=[1.0], pmra_error=[0.1], pmdec=[2.0], pmdec_error=[0.2]))
    pmra, pmdec = draw_proper_motion(np.array([[1.0]]), np.array([[-1.0]]), np.array([[3.0]]), star)
    assert (pmra[0, 0], pmdec[0, 0]) == pytest.approx((1.1, 1.8))

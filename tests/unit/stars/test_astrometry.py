"""Zero point, spin of the bright frame, correlated draws."""

import numpy as np
import pytest
from astropy.coordinates import BarycentricMeanEcliptic, SkyCoord
from astropy.table import Table

from runaways.stars.astrometry import (
    BRIGHT_STAR_SPIN,
    bright_star_proper_motion,
    correct,
    ecliptic_latitude,
    parallax_zero_point,
    without_zero_point,
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


def test_a_list_is_corrected_where_it_can_be():
    """Off, nothing changes; on, only stars with what the recipes need."""
    stars = Table(dict(ra=[10.0, 10.0], dec=[20.0, 20.0], parallax=[0.5, 0.5]))
    stars["pmra"], stars["pmdec"] = [1.0, 1.0], [2.0, 2.0]
    stars["phot_g_mean_mag"], stars["nu_eff_used_in_astrometry"] = [11.2, np.nan], [1.7, 1.7]
    stars["astrometric_params_solved"] = 31.0
    off = correct(stars, "none", "none")
    assert [off[name].tolist() for name in ("parallax", "pmra")] == [[0.5, 0.5], [1.0, 1.0]]
    on = correct(stars, "lindegren2021", "cantat_gaudin2021")
    assert on["parallax"][0] == 0.5 - on["parallax_zero_point"][0] > 0.5
    assert on["parallax"][1] == 0.5 and np.isnan(on["parallax_zero_point"][1])
    assert on["pmra"][0] != 1 and on["pmra"][1] == 1


def test_parallaxes_without_a_zero_point_are_told_of():
    stars = Table(dict(ra=[10.0, 10.0], dec=[20.0, 20.0], parallax=[0.5, 0.5], pmra=[1.0, 1.0]))
    stars["pmdec"] = 2.0
    assert without_zero_point(stars).startswith(
        "2 of 2 stars have a parallax without zero point: no column phot_g_mean_mag"
    )
    stars["phot_g_mean_mag"], stars["nu_eff_used_in_astrometry"] = [11.2, np.nan], [1.7, 1.7]
    stars["pseudocolour"], stars["astrometric_params_solved"] = np.nan, 31.0
    assert "1 of 2 stars" in without_zero_point(stars)
    assert without_zero_point(stars[:1]) == ""

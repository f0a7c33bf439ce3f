"""Disk class, its null and the horizon, on orbits whose answer is known."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.frames import ICRS_TO_GALACTIC
from runaways.orbits import birthplaces, disk, horizon

SETTINGS = {"confined_min": 0.5, "consistent_min": 0.05, "evidence_min": 3.0}


def _births(birth_z, null_z, z_max):
    n = len(birth_z)
    out = Table({"birth_z": birth_z, "null_z": null_z, "z_max": z_max, "reason": [""] * n})
    for name in ("birth_x", "birth_y", "r_peri", "r_apo"):
        out[name] = np.zeros(n)
    return out


@pytest.mark.parametrize(
    "confined, born, expected",
    [
        (0.5, 0.5, "disk-confined"),
        (0.499, 0.9, "disk-passing"),
        (0.0, 0.05, "disk-passing"),
        (0.0, 0.049, "outside-disk"),
    ],
)
def test_thresholds_belong_to_their_class(confined, born, expected):
    assert disk.classify(confined, born) == expected


def test_no_better_than_the_null_says_so():
    rng = np.random.default_rng(3)
    z = rng.uniform(-1, 1, 1000)
    row = disk.summarise("a", _births(z, rng.permutation(z), abs(z)), [], (0.5, 0.14), SETTINGS)
    assert row["p_birth_in_disk"] == row["p_birth_in_disk_null"]
    assert row["disk_odds"] == 1.0 and not row["better_than_null"]
    born_low = disk.summarise("a", _births(z / 10, z, abs(z)), [], (0.5, 0.14), SETTINGS)
    assert born_low["p_birth_in_disk"] == 1.0 and born_low["better_than_null"]


def test_failed_draws_fail_the_star():
    z = np.full(100, 0.1)
    z[:2] = np.nan
    row = disk.summarise("a", _births(z, z, z), [], (0.5, 0.14), SETTINGS)
    assert row["status"] == "failed" and row["reason"] == "orbit: 2 of 100 draws failed"
    assert row["orbit_class"] == "" and np.isnan(row["p_confined"])


def _thrown_up(z, age, age_error):
    """A star seen at height z over a place near the Sun, on its way up from the disk."""
    lon, lat, d = np.pi, np.arctan2(z, 0.5), np.hypot(z, 0.5)
    towards = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    towards = ICRS_TO_GALACTIC.T @ towards
    return {
        "star": "planted",
        "reason": "",
        "ra": np.degrees(np.arctan2(towards[1], towards[0])) % 360,
        "dec": np.degrees(np.arcsin(towards[2])),
        "parallax": 1 / d,
        "parallax_error": 0.01,
        "pmra": 0.0,
        "pmra_error": 0.01,
        "pmdec": 0.0,
        "pmdec_error": 0.01,
        "rv": 120.0,
        "rv_error": 2.0,
        "rv_alternative": np.nan,
        "age": age,
        "age_error": age_error,
    }


def test_a_star_thrown_from_the_disk_beats_its_null(pot):
    """At 1.2 kpc, rising with about 110 km/s: 10 Myr ago it was in the plane, rarely otherwise."""
    births = birthplaces.draw_birthplaces(_thrown_up(1.2, 10.0, 0.5), pot, 1, "sobol", 0, 512, 1e3)
    row = disk.summarise("planted", births, [], (0.5, 0.14), SETTINGS)
    assert row["p_birth_in_disk"] > 0.9
    assert row["p_birth_in_disk_null"] < 0.4
    assert row["orbit_class"] == "disk-passing" and row["better_than_null"]


def test_horizon_of_a_circular_orbit_is_the_closed_form(pot):
    """Only the age is uncertain: the azimuth is Omega t, blurred by its fraction."""
    fraction = 0.1
    star = _thrown_up(0.0, 100.0, 100.0 * fraction)
    star |= {"parallax_error": 1e-6, "pmra_error": 1e-6, "pmdec_error": 1e-6, "rv_error": 1e-6}
    # on the line to the anticentre at 9 kpc, moving with the Galaxy: no proper motion but the
    # Sun's own reflex, which these numbers undo
    star |= _at_rest_in_rotation(star, pot)
    times, resultant = horizon.azimuth_resultant(star, pot, 1, "sobol", 1000.0)
    omega = _omega(pot, 9.0) / 977.7922216807891
    expected = np.exp(-((omega * times * fraction) ** 2) / 2)
    assert np.abs(resultant - expected).max() < 0.02
    found = horizon.horizon(times, resultant)
    assert found == pytest.approx(np.pi / np.sqrt(3) / (omega * fraction), rel=0.02)


def _omega(pot, r):
    from galpy.potential import evaluateRforces

    force = evaluateRforces(pot.galpy, r / 8.5, 0.0, use_physical=False)
    return 220.0 * np.sqrt(-r / 8.5 * force) / r


def _at_rest_in_rotation(star, pot):
    u, v, w = pot.frame.v_sun
    speed = _omega(pot, 9.0) * 9.0
    galactic_velocity = np.array([-u, speed - v - pot.frame.v_circ, -w])
    velocity = ICRS_TO_GALACTIC.T @ galactic_velocity
    ra, dec = np.radians(star["ra"]), np.radians(star["dec"])
    east = np.array([-np.sin(ra), np.cos(ra), 0])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    towards = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    k_d = 4.740470463 / star["parallax"]
    return {
        "pmra": velocity @ east / k_d,
        "pmdec": velocity @ north / k_d,
        "rv": velocity @ towards,
    }


def test_no_horizon_without_blur():
    times = np.linspace(0, 1000, 101)
    assert np.isnan(horizon.horizon(times, np.ones(101)))

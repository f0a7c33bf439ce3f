"""Disk class, its null and the horizon, on orbits whose answer is known."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.frames import ICRS_TO_GALACTIC
from runaways.orbits import age_null, birthplaces, disk, heights, horizon

SETTINGS = {"confined_min": 0.5, "consistent_min": 0.05, "evidence_min": 3.0}


def _births(birth_z, null_z, z_max):
    n = len(birth_z)
    out = Table({"birth_z": birth_z, "null_z": null_z, "z_max": z_max, "reason": [""] * n})
    for name in ("birth_x", "birth_y", "r_peri", "r_apo", "v_escape", "energy"):
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


def _table(rows):
    return disk.table(rows)


def test_ages_that_say_nothing_beat_no_null(pot):
    """Twelve orbits of the thin disk, all 3 Myr old: near the plane now and by all those ages."""
    rows, curves, stars = [], [], []
    for number in range(12):
        star = _thrown_up(0.04 * number, 3.0, 0.9) | {"star": f"s{number}", "rv": 10.0}
        star |= {"pmra": 1.0 - 0.2 * number, "rv_error": 8.0}
        births = birthplaces.draw_birthplaces(star, pot, 1, "sobol", 0, 512, 1e3)
        rows.append(disk.summarise(star["star"], births, [], (0.5, 0.14), SETTINGS))
        levels = heights.heights(star | {"age": np.nan}, pot, 1, "sobol", 1e3)
        curves.append(age_null.disk_curve(levels, (0.5, 0.14)))
        stars.append(star)
    names, age = [s["star"] for s in stars], np.full(12, 3.0)
    nulls = age_null.null_of_ages(curves, names, age, 0.3 * age)
    found = {kind: age_null.judge(_table(rows), nulls, kind, 3.0) for kind in ("phase", "ages")}
    # by random phases the stars near the plane were "born there", whatever their age is
    assert sum(found["phase"]["better_than_null"]) >= 2
    assert sum(found["ages"]["better_than_null"]) == 0
    assert set(found["ages"]["disk_null_ages"]) == {11}
    same = ["p_birth_in_disk", "p_birth_in_disk_null_phase", "p_birth_in_disk_null_ages"]
    for name in same:
        assert list(found["phase"][name]) == list(found["ages"][name])
    # the curve at today's ages is the share of the births
    ages = np.array(found["ages"]["p_birth_in_disk_null_ages"])
    np.testing.assert_allclose(ages, found["ages"]["p_birth_in_disk"], atol=0.03)


def test_the_null_of_ages_is_permuting_them(pot):
    """The weights of the curve, against a draw of another star's age looked up in it."""
    times = heights.look_back_times(1e3)
    share = np.cos(times / 30) ** 2
    curve = Table({"star": ["a"] * len(times), "look_back_time": times})
    curve["p_in_disk"], curve["p_in_disk_check"] = share, 0.5 * share
    names = list("abcdefgh")
    age = np.array([900.0, 5.0, 20.0, 80.0, 200.0, 400.0, np.nan, 60.0])
    n, within, check = age_null.null_of_ages([curve], names, age, 0.2 * age)["a"]
    rng = np.random.default_rng(0)
    others = age[1:][np.isfinite(age[1:])]
    drawn = rng.normal(others, 0.2 * others, (40_000, 6))
    expected = np.interp(drawn, times, share).mean()
    assert n == 6
    assert within == pytest.approx(expected, abs=0.004) and check == pytest.approx(within / 2)
    # one star, no other age: even ages
    n, within, _ = age_null.null_of_ages([curve], ["a"], age[:1], age[:1])["a"]
    assert n == 0 and within == pytest.approx(np.trapezoid(share, times) / 1e3)


def test_a_star_thrown_from_the_disk_beats_the_ages_of_others(pot):
    """At 1.2 kpc and 10 Myr from the plane; the others are 20 to 400 Myr old."""
    star = _thrown_up(1.2, 10.0, 0.5)
    births = birthplaces.draw_birthplaces(star, pot, 1, "sobol", 0, 512, 1e3)
    row = disk.summarise("planted", births, [], (0.5, 0.14), SETTINGS)
    curve = age_null.disk_curve(heights.heights(star, pot, 1, "sobol", 1e3), (0.5, 0.14))
    age = np.array([10.0, 20.0, 40.0, 90.0, 150.0, 250.0, 400.0])
    nulls = age_null.null_of_ages([curve], ["planted", *"abcdef"], age, 0.05 * age)
    found = age_null.judge(_table([row]), nulls, "ages", 3.0)[0]
    assert found["better_than_null"] and found["p_birth_in_disk_null"] < 0.5
    assert found["p_birth_in_disk_null"] == found["p_birth_in_disk_null_ages"]


def test_a_star_that_cannot_be_traced_has_no_curve(pot):
    star = _thrown_up(0, 1, 1) | {"reason": "rv: missing"}
    levels = heights.heights(star, pot, 1, "sobol", 1e3)
    assert len(levels) == 0 and len(age_null.disk_curve(levels, (0.5, 0.14))) == 0


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

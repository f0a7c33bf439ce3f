"""Orbits in lanes: those of galpy, whatever the potential, the orbit and what is traced beside."""

from dataclasses import replace

import numpy as np
import pytest

from runaways.frames import FITTED_WITH, galactocentric, heliocentric
from runaways.orbits import birthplaces, conservation, engines, integration, knots, potentials
from runaways.stars import draws

NAMES = ("MWPotential2014", "Irrgang13I", "McMillan17")


@pytest.fixture(scope="module", params=NAMES)
def both(request, frame):
    """A potential with its table of forces, and galpy's own."""
    r0, v_circ = FITTED_WITH[request.param]
    pot = potentials.potential(request.param, replace(frame, r0=r0, v_circ=v_circ))
    exact = replace(pot, given=potentials.galpy_parts(pot.name))
    return replace(pot, table=engines.tabulated(pot)), exact


@pytest.fixture(scope="module")
def today(measured, frame):
    columns = [measured[name] for name in ("ra", "dec", "distance", "pmra", "pmdec", "rv")]
    return galactocentric(*heliocentric(*map(np.asarray, columns)), frame)


def _apart(pot, exact, x, v, ends):
    """Distance of where both engines end [pc]."""
    times = np.column_stack([np.zeros(len(ends)), ends])
    ours = integration.trace(x, v, times, pot)[0][:, -1]
    theirs = integration.trace(x, v, times, exact, "dop853_c", 1e-13)[0][:, -1]
    return 1000 * np.linalg.norm(ours - theirs, axis=1)


def test_birthplaces_are_galpys(both, measured):
    pot, exact = both
    columns = [measured[name] for name in ("ra", "dec", "distance", "pmra", "pmdec", "rv")]
    x, v = galactocentric(*heliocentric(*map(np.asarray, columns)), pot.frame)
    apart = _apart(pot, exact, x, v, np.asarray(measured["age"]))
    assert np.median(apart) < 0.01 and np.quantile(apart, 0.99) < 0.5
    assert pot.table.meta["median_apart"] < 0.01


# position [kpc], velocity [km/s], how far back [Myr]
EXTREME = {
    "retrograde": ((8, 0, 0.1), (20, -220, 30), 1000),
    "nearly radial": ((8, 0, 0.5), (-100, 15, 20), 1000),
    "to the pole": ((8, 0, 0), (10, 5, 200), 1000),
    "hyperbolic": ((8, 1, 1), (300, 900, 300), 1000),
    "hyperbolic, for ever": ((8, 1, 1), (300, 900, 300), 13000),
    "circular, for ever": ((8, 0, 0), (0, 225, 0), 13000),
    "halo, for ever": ((8, 0, 3), (100, 120, 100), 13000),
}


def test_orbits_of_every_kind_are_galpys(both):
    pot, exact = both
    x, v, ends = (np.array(column, float) for column in zip(*EXTREME.values()))
    apart = dict(zip(EXTREME, _apart(pot, exact, x.T, v.T, ends)))
    assert np.median(list(apart.values())) < 0.01 and max(apart.values()) < 0.5, apart


def test_energy_and_lz_are_constant_and_the_way_back_is_the_way(both):
    pot, _ = both
    x, v, ends = (np.array(column, float) for column in zip(*EXTREME.values()))
    times = ends[:, None] * np.linspace(0, 1, 41)
    place, speed = integration.trace(x.T, v.T, times, pot)
    path = integration.natural(*(np.moveaxis(q, -1, 0).reshape(3, -1) for q in (place, speed)), pot)
    energy, l_z = conservation.energy_and_lz(path.reshape(*times.shape, 6), pot)
    assert (np.ptp(energy, axis=1) < 1e-6).all()
    assert (np.ptp(l_z, axis=1) < 1e-6).all()
    # an orbit run backwards in time is the mirrored orbit run forwards
    back, _ = integration.trace(place[:, -1].T, -speed[:, -1].T, times, pot)
    assert np.linalg.norm(back[:, -1] - x, axis=1).max() < 1e-3


def test_an_orbit_is_the_same_to_the_bit_beside_any_others(in_lanes, today, measured):
    """Alone, in any order, in parts of any size: beside more orbits or fewer than lanes."""
    ages = np.asarray(measured["age"])
    every = np.tile(np.arange(len(ages)), 4)
    ages = np.concatenate([ages, ages * 0.3, ages * 0.7, ages * 1.3])
    x, v = today[0][:, every], today[1][:, every]
    times = ages[:, None] * np.linspace(0, 1, 9)
    whole = np.array(integration.trace(x, v, times, in_lanes))
    order = np.random.default_rng(3).permutation(len(ages))
    shuffled = np.array(integration.trace(x[:, order], v[:, order], times[order], in_lanes))
    assert np.array_equal(shuffled, whole[:, order])
    for size in (1, 7, 40, 64):
        parts = [slice(i, i + size) for i in range(0, len(ages), size)]
        parts = [integration.trace(x[:, p], v[:, p], times[p], in_lanes) for p in parts]
        assert np.array_equal(np.concatenate(parts, axis=1), whole), size


def test_a_draw_does_not_depend_on_its_chunk(measured, in_lanes):
    for star in measured[:3]:
        whole, path = birthplaces.trace_draws(star, in_lanes, 1, "sobol", 0, 96, 1000.0)
        chunks = [
            birthplaces.trace_draws(star, in_lanes, 1, "sobol", first, end, 1000.0)
            for first, end in ((0, 5), (5, 64), (64, 96))
        ]
        for name in whole.colnames:
            parts = [births[name] for births, _ in chunks]
            assert np.array_equal(whole[name], np.concatenate(parts)), name
        for i in (0, 2, 3):  # times, positions, velocities
            assert np.array_equal(path[i], np.concatenate([part[i] for _, part in chunks]))


def test_births_by_either_engine(measured, pot, in_lanes):
    """Nulls, extremes and constants too; galpy's extremes lie between 256 steps."""
    for star in measured[::9]:
        sample = draws.draw(draws.unit_cube(1, star["star"], 0, 128), star)
        ours, path = birthplaces.trace_births(star, sample, in_lanes, 0, 1000.0)
        theirs, their_path = birthplaces.trace_births(star, sample, pot, 0, 1000.0)
        for name in ("birth_x", "birth_y", "birth_z", "null_z"):
            assert np.abs(ours[name] - theirs[name]).max() < 5e-4, name
        assert np.allclose(ours["z_max"], theirs["z_max"], atol=2e-3)
        assert np.allclose(ours["r_apo"], theirs["r_apo"], atol=2e-3)
        for name in ("energy", "l_z", "v_escape"):
            assert np.allclose(ours[name], theirs[name], rtol=1e-7, atol=1e-3), name
        for mine, other, largest in zip(path, their_path, (0, 0, 5e-4, 0.02)):  # kpc, km/s
            assert np.abs(mine - other).max() <= largest


def test_extremes_are_those_between_any_steps(in_lanes, today):
    """Against 20 000 places on the same orbits."""
    ages = np.full(45, 300.0)
    first, times = np.arange(46), np.tile(300.0, 45)
    _, _, found = integration.follow(*today, times, first, in_lanes, until=ages)
    path, _ = integration.trace(*today, ages[:, None] * np.linspace(0, 1, 20001), in_lanes)
    r = np.linalg.norm(path, axis=-1)
    # a place between two that are 15 kyr apart is within 1e-6 kpc of the nearer one's extreme
    assert np.abs(found["r_peri"] - r.min(axis=1)).max() < 1e-6
    assert np.abs(found["r_apo"] - r.max(axis=1)).max() < 1e-6
    assert np.abs(found["z_max"] - np.abs(path[..., 2]).max(axis=1)).max() < 1e-6
    crossings = np.sum(path[:, 1:, 2] * path[:, :-1, 2] < 0, axis=1)
    assert np.array_equal(found["crossings"], crossings)


def test_one_more_time_before_or_after_the_others(in_lanes, today):
    first, ages = np.arange(46), np.full(45, 100.0)
    for time in (0.0, 40.0, 100.0, 250.0):
        also = np.full(45, time)
        asked = (ages, first, in_lanes, also, ages)
        path, beside, found = integration.follow(*today, *asked)
        alone, _, _ = integration.follow(*today, also, first, in_lanes)
        assert np.linalg.norm(beside[0] - alone[0], axis=1).max() < 1e-5
        plain, _, extremes = integration.follow(*today, ages, first, in_lanes, until=ages)
        assert np.linalg.norm(path[0] - plain[0], axis=1).max() < 1e-5
        assert np.abs(found["z_max"] - extremes["z_max"]).max() < 1e-5
        assert np.array_equal(found["crossings"], extremes["crossings"])


def test_a_bad_draw_is_nan_and_harms_no_other(today, in_lanes):
    x, v = today[0][:, :6].copy(), today[1][:, :6].copy()
    times = np.full(6, 100.0)[:, None] * np.linspace(0, 1, 5)
    good, _ = integration.trace(x, v, times, in_lanes)
    x[0, 0], v[2, 1], x[:2, 2], times[3] = np.nan, np.inf, 0.0, np.nan
    bad, _ = integration.trace(x, v, times, in_lanes)
    assert np.isnan(bad[:4]).all()
    assert np.array_equal(bad[4:], good[4:])


def test_a_plunge_into_the_centre_ends(in_lanes):
    x, v = np.array([[8.0], [0.0], [0.0]]), np.array([[-50.0], [0.0], [0.0]])
    path, _ = integration.trace(x, v, np.array([[0.0, 500.0]]), in_lanes)
    assert np.isnan(path[0, 1]).all() or np.abs(path[0, 1, 1:]).max() < 1e-9


def test_knots_are_no_farther_apart_than_cubics_allow():
    ages = np.array([0.5, 4.0, 4.1, 93.0, 1023.0, 1363.0, 13000.0])
    times, first = knots.grid(ages)
    for age, begin, end in zip(ages, first[:-1], first[1:]):
        mine = times[begin:end]
        assert mine[0] == 0 and mine[-1] == age
        assert np.diff(mine).max() <= max(knots.KNOT_SPACING, age / 256) * (1 + 1e-12)

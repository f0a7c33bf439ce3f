"""Birthplaces per CPU second, beside one galpy Orbit for each draw."""

import time

import numpy as np
import pytest
from astropy import units as u

from runaways.frames import galactocentric, heliocentric
from runaways.orbits import birthplaces
from runaways.stars import draws

STARS = 9  # every fifth of Table A.1: 9 to 463 Myr
DRAWS = 1024
PEER_DRAWS = 12


@pytest.fixture(scope="module")
def samples(measured):
    return [
        (star, draws.draw(draws.unit_cube(1, star["star"], 0, DRAWS), star))
        for star in measured[:: len(measured) // STARS][:STARS]
    ]


def _loop(samples, frame, n):
    """One Orbit for each draw, galpy's default integrator, its potential as it comes."""
    from galpy.orbit import Orbit
    from galpy.potential import MWPotential2014

    u_sun, v_sun, w_sun = frame.v_sun
    births = []
    for star, sample in samples:
        for i in range(n):
            vxvv = [star["ra"], star["dec"]]
            vxvv += [sample[name][i] for name in ("distance", "pmra", "pmdec", "rv")]
            orbit = Orbit(
                vxvv,
                radec=True,
                ro=frame.r0,
                vo=frame.v_circ,
                zo=frame.z_sun,
                solarmotion=[-u_sun, v_sun, w_sun],
            )
            orbit.integrate(np.linspace(0, -sample["age"][i], 201) * u.Myr, MWPotential2014)
            end = -sample["age"][i] * u.Myr
            births.append([orbit.x(end), orbit.y(end), orbit.z(end), orbit.zmax()])
    return np.array(births)


def _ours(samples, pot):
    return [birthplaces.trace_births(star, sample, pot, 0, 1e3)[0] for star, sample in samples]


def _bare(samples, pot):
    """Only a birthplace of each draw."""
    births = []
    for star, sample in samples:
        kinematics = [sample[name] for name in ("distance", "pmra", "pmdec", "rv")]
        today = galactocentric(*heliocentric(star["ra"], star["dec"], *kinematics), pot.frame)
        times = np.column_stack([np.zeros(DRAWS), sample["age"]])
        births.append(birthplaces.trace(*today, times, pot)[0][:, -1])
    return births


def _cost(work, samples, pot, rounds=1):
    """CPU of each draw, the least of some rounds [us]."""
    costs = []
    for _ in range(rounds):
        start = time.process_time()
        work(samples, pot)
        costs.append(1e6 * (time.process_time() - start) / (STARS * DRAWS))
    return min(costs)


def test_birthplaces_against_a_loop_of_orbits(benchmark, samples, frame, pot, in_lanes, compared):
    """The same draws each way: whole, with the null, extremes and constants, and bare."""
    few = [(star, {k: v[:2] for k, v in sample.items()}) for star, sample in samples[:1]]
    for each in (pot, in_lanes):
        _ours(few, each)
    start = time.process_time()
    theirs = _loop(samples, frame, PEER_DRAWS)
    peer = 1e6 * (time.process_time() - start) / len(theirs)
    ours = benchmark.pedantic(_ours, (samples, in_lanes), rounds=1)
    by_galpy, by_galpy_bare = (_cost(work, samples, pot, 3) for work in (_ours, _bare))
    by_lanes, by_lanes_bare = (_cost(work, samples, in_lanes, 3) for work in (_ours, _bare))
    mine = np.concatenate(
        [np.array([b["birth_x"], b["birth_y"], b["birth_z"]]).T[:PEER_DRAWS] for b in ours]
    )
    apart = 1000 * np.linalg.norm(mine - theirs[:, :3], axis=1)
    compared("a birthplace", by_lanes_bare, "galpy, one Orbit a draw", peer, u.us)
    compared("a birthplace", by_lanes_bare, "galpy, all draws of a star", by_galpy_bare, u.us)
    whole = "a draw with null, extremes and crossings"
    compared(whole, by_lanes, "galpy, all draws of a star", by_galpy, u.us)
    print(
        f"  birthplaces differ by {np.median(apart):.3g} pc in the median, {apart.max():.3g} pc at"
        " most from the loop's"
    )
    assert apart.max() < 50  # the peer's symplectic steps are the coarser ones


def test_birthplaces_against_gala(benchmark, samples, frame, in_lanes, compared):
    """One of gala's orbits for each draw, DOP853 at a tolerance of 1e-9."""
    potentials = pytest.importorskip("gala.potential")
    from gala.dynamics import PhaseSpacePosition
    from gala.integrate import DOPRI853Integrator

    galaxy = potentials.BovyMWPotential2014()
    few = [(star, {k: v[:PEER_DRAWS] for k, v in sample.items()}) for star, sample in samples]

    def births():
        ends = []
        for star, sample in few:
            kinematics = [sample[name] for name in ("distance", "pmra", "pmdec", "rv")]
            today = heliocentric(star["ra"], star["dec"], *kinematics)
            position, velocity = galactocentric(*today, frame)
            for x, v, age in zip(position.T, velocity.T, sample["age"]):
                start = PhaseSpacePosition(x * u.kpc, v * u.km / u.s)
                options = {"Integrator": DOPRI853Integrator, "Integrator_kwargs": {"rtol": 1e-9}}
                times = np.array([0.0, -age]) * u.Myr
                orbit = galaxy.integrate_orbit(start, t=times, **options)
                ends.append(orbit.pos.xyz[:, -1].to_value(u.kpc))
        return ends

    start = time.process_time()
    benchmark.pedantic(births, rounds=1)
    theirs = 1e6 * (time.process_time() - start) / (STARS * PEER_DRAWS)
    ours = _cost(_bare, samples, in_lanes, 3)
    compared("a birthplace", ours, "gala, one orbit a draw", theirs, u.us)

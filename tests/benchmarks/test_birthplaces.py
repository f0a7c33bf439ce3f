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


def test_birthplaces_against_a_loop_of_orbits(benchmark, samples, frame, pot, in_lanes):
    """The same draws each way: whole, with the null, extremes and constants, and bare."""
    few = [(star, {k: v[:2] for k, v in sample.items()}) for star, sample in samples[:1]]
    for each in (pot, in_lanes):
        _ours(few, each)
    start = time.process_time()
    theirs = _loop(samples, frame, PEER_DRAWS)
    peer = 1e6 * (time.process_time() - start) / len(theirs)
    ours = benchmark.pedantic(_ours, (samples, in_lanes), rounds=1)
    by_galpy, by_galpy_bare = (_cost(work, samples, pot) for work in (_ours, _bare))
    by_lanes, by_lanes_bare = (_cost(work, samples, in_lanes, 5) for work in (_ours, _bare))
    mine = np.concatenate(
        [np.array([b["birth_x"], b["birth_y"], b["birth_z"]]).T[:PEER_DRAWS] for b in ours]
    )
    apart = 1000 * np.linalg.norm(mine - theirs[:, :3], axis=1)
    ratio, recipe = peer / by_lanes_bare, by_galpy_bare / by_lanes_bare
    benchmark.extra_info.update(per_cpu_second=1e6 / by_lanes, ratio=ratio, to_recipe=recipe)
    print(
        f"\nCPU per birthplace: one Orbit per draw {peer:.0f} us; by galpy's recipe"
        f" {by_galpy_bare:.0f} us, {by_galpy:.0f} with null, extremes and checks; by lanes"
        f" {by_lanes_bare:.2f} us, {by_lanes:.1f} with null and extremes. Of lanes the loop takes"
        f" {ratio:.0f} times as much, the recipe {recipe:.1f} times; birthplaces differ by"
        f" {np.median(apart):.3g} pc in the median, {apart.max():.3g} pc at most"
    )
    assert apart.max() < 50  # the peer's symplectic steps are the coarser ones
    assert ratio > 500 and recipe > 15

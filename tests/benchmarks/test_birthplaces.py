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


def test_birthplaces_against_a_loop_of_orbits(benchmark, samples, frame, pot):
    """The same draws both ways; ours also has the null, extremes, constants and spot checks."""
    _ours([(star, {k: v[:2] for k, v in sample.items()}) for star, sample in samples[:1]], pot)
    start = time.process_time()
    theirs = _loop(samples, frame, PEER_DRAWS)
    peer = (time.process_time() - start) / len(theirs)
    start = time.process_time()
    ours = benchmark.pedantic(_ours, (samples, pot), rounds=1)
    cost = (time.process_time() - start) / (STARS * DRAWS)
    mine = np.concatenate(
        [np.array([b["birth_x"], b["birth_y"], b["birth_z"]]).T[:PEER_DRAWS] for b in ours]
    )
    apart = 1000 * np.linalg.norm(mine - theirs[:, :3], axis=1)
    # the very same work: only a birthplace of each draw
    start = time.process_time()
    for star, sample in samples:
        kinematics = [sample[name] for name in ("distance", "pmra", "pmdec", "rv")]
        today = galactocentric(*heliocentric(star["ra"], star["dec"], *kinematics), frame)
        times = np.column_stack([np.zeros(DRAWS), sample["age"]])
        birthplaces.trace(*today, times, pot)
    bare = (time.process_time() - start) / (STARS * DRAWS)
    benchmark.extra_info.update(per_cpu_second=1 / cost, ratio=peer / cost, bare_ratio=peer / bare)
    print(
        f"\nCPU per birthplace: one Orbit per draw {1e6 * peer:.0f} us; ours {1e6 * cost:.0f} us"
        f" with null, extremes and checks ({1 / cost:.0f} a second), {1e6 * bare:.0f} us without;"
        f" ratio {peer / cost:.0f}, on the same work {peer / bare:.0f}; birthplaces differ by"
        f" {np.median(apart):.3g} pc in the median, {apart.max():.3g} pc at most"
    )
    assert apart.max() < 50  # the peer's symplectic steps are the coarser ones

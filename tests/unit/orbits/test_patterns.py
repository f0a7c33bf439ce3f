"""Bar and spiral arms: what they conserve, how they lie, how they turn."""

import numpy as np
import pytest

from runaways.frames import Frame
from runaways.orbits.conservation import energy_and_lz
from runaways.orbits.integration import natural, trace
from runaways.orbits.patterns import Bar, SpiralArms, with_bar, with_spiral_arms
from runaways.orbits.potentials import potential

FRAME = Frame(r0=8.2, v_circ=233.0, v_sun=(11.1, 12.24, 7.25), z_sun=0.0208)
SMOOTH = potential("MWPotential2014", FRAME, rescale=True)
BAR, ARMS = with_bar(SMOOTH, Bar()), with_spiral_arms(SMOOTH, SpiralArms())


def _traced(pot, turn=0.0):
    rng = np.random.default_rng(1)
    n = 20
    angle = rng.uniform(-0.3, 0.3, n) + turn
    r, z = rng.normal(8.0, 1.0, n), rng.normal(0, 0.1, n)
    out, along, up = rng.normal([[0], [233], [0]], 30, (3, n))
    cos, sin = np.cos(angle), np.sin(angle)
    v = np.array([out * cos - along * sin, out * sin + along * cos, up])
    times = np.tile([0.0, 50.0, 100.0], (n, 1))
    return trace(np.array([r * cos, r * sin, z]), v, times, pot)


@pytest.mark.parametrize(("pot", "speed"), [(BAR, 41.0), (ARMS, 2 / 3 * 233 / 8.2)])
def test_the_pattern_is_seen_again_after_its_turn(pot, speed):
    # km/s/kpc: a turn by speed * t; phi as rotation goes, time as it runs
    at = {"phi": 0.4, "t": 0.0}
    later = {"phi": 0.4 + speed * FRAME.r0 / FRAME.v_circ * 2.0, "t": 2.0}
    seen = [pot.pattern(0.6, 0.01, use_physical=False, **q) for q in (at, later)]
    assert seen[0] == pytest.approx(seen[1], rel=1e-9)


def test_the_bars_near_end_is_at_positive_longitude():
    phi = np.radians(np.arange(-90, 90))
    depth = [BAR.pattern(0.3, 0.0, phi=a, t=0.0, use_physical=False) for a in phi]
    # deepest along the bar; the Sun is at 0 and rotates towards positive phi, where l > 0 is
    assert np.degrees(phi[np.argmin(depth)]) == pytest.approx(25.0)


@pytest.mark.parametrize("pot", [BAR, ARMS])
def test_orbits_move_by_what_such_patterns_move_them(pot):
    x, v = _traced(pot)
    smooth, _ = _traced(SMOOTH)
    assert np.isfinite(x).all()  # Jacobi's integral was kept, or they would be NaN
    path = natural(x.reshape(-1, 3).T, v.reshape(-1, 3).T, SMOOTH).reshape(*x.shape[:2], 6)
    energy, _ = energy_and_lz(path, SMOOTH)
    assert np.abs(energy[:, 2] / energy[:, 0] - 1).max() > 1e-4  # the energy was not
    moved = np.sqrt(((x - smooth) ** 2).sum(axis=2)).max(axis=0)
    assert moved[0] == 0 and 0.05 < moved[1] < 2


def test_a_bar_turned_with_the_stars_turns_their_orbits():
    turn = 0.5
    ahead = with_bar(SMOOTH, Bar(angle=25.0 + np.degrees(turn)))
    (x, _), (turned, _) = _traced(BAR), _traced(ahead, turn)
    cos, sin = np.cos(turn), np.sin(turn)
    back = turned @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    assert np.abs(back - x).max() < 1e-4

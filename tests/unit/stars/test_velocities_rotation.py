"""Peculiar velocities against any rotation curve."""

from dataclasses import replace

import numpy as np
import pytest

from runaways.frames import PRESETS, galactocentric, heliocentric
from runaways.stars.velocities import peculiar_velocity

SKY = ([41.4, 140.4, 280.0], [54.5, 50.1, -5.0], [2.5, 5.7, 3.0])
SKY += ([0.8, 3.5, -2.0], [-2.3, -9.1, -4.0])
RV = [-30.0, 12.0, 60.0]


@pytest.mark.parametrize("preset", PRESETS)
def test_v_sp_is_the_velocity_less_that_of_rotation_at_the_star(preset):
    """By vectors: Galactocentric velocity minus the circular one; the Sun in the plane, as the
    formulae of Moffat et al. have it."""
    curve = ((0.0, 4.0, 20.0), (180.0, 240.0, 220.0))
    frame = replace(PRESETS[preset], z_sun=0.0, curve=curve)
    x, v = galactocentric(*heliocentric(*SKY, RV), frame)
    r = np.hypot(x[0], x[1])
    circular = np.interp(r, *curve) * np.array([-x[1] / r, x[0] / r, 0 * r])
    expected = np.linalg.norm(v - circular, axis=0)
    assert peculiar_velocity(*SKY, RV, frame)[2] == pytest.approx(expected, abs=1e-9)


def test_a_flat_curve_is_a_curve_of_one_speed():
    frame = PRESETS["kerr_lynden_bell_1986"]
    same = replace(frame, curve=((0.0, 100.0), (220.0, 220.0)))
    one, other = (np.array(peculiar_velocity(*SKY, RV, f)) for f in (same, frame))
    assert one == pytest.approx(other, abs=1e-9)


def test_the_modern_frame_sees_sgr_a_as_it_moves():
    """-6.411 mas/yr along longitude, Reid & Brunthaler 2020; v = 4.74 mu d."""
    frame = PRESETS["gravity_2021"]
    moving = (frame.v_circ + frame.v_sun[1]) / (4.74047 * frame.r0)
    assert moving == pytest.approx(6.411, abs=0.001)

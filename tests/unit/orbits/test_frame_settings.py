"""The frame of a configuration: a preset, and what stands beside it."""

from dataclasses import replace

from runaways.frames import PRESETS
from scripts.frame import frame, printed_frame


def test_what_stands_beside_a_preset_takes_its_place():
    settings = {"preset": "gravity_2021", "printed": "kerr_lynden_bell_1986"}
    assert frame(settings) == PRESETS["gravity_2021"]
    assert printed_frame(settings) == PRESETS["kerr_lynden_bell_1986"]
    settings |= {"r0": "8.2 kpc", "z_sun": "10 pc", "v_sun": ["10 km/s", "11 km/s", "7 km/s"]}
    changed = replace(PRESETS["gravity_2021"], r0=8.2, z_sun=0.01, v_sun=(10.0, 11.0, 7.0))
    assert frame(settings) == changed
    assert frame(settings | {"v_circ": "230 km/s"}) == replace(changed, v_circ=230.0)

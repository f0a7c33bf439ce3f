"""One star traced from plain numbers."""

import numpy as np

from runaways.frames import PRESETS
from runaways.orbits.integration import nominal
from runaways.orbits.potentials import potential
from runaways.orbits.star_orbit import trace_star

NEEDED = ("ra", "dec", "distance", "pmra", "pmdec", "rv", "age")


def test_it_is_the_orbit_of_the_workflow(measured):
    """With the frame and potential of a list of one's own, which are the defaults."""
    star = measured[measured["star"] == "J024547+543241"][0]
    orbit = trace_star(**{name: star[name] for name in NEEDED})
    pot = potential("Irrgang13I", PRESETS["gravity_2021"])
    ours = nominal(star, pot)[: len(orbit)]
    assert len(orbit) == 1001 and str(orbit["v_x"].unit) == "km / s"
    for name in orbit.colnames:
        assert np.array_equal(orbit[name], ours[name]), name

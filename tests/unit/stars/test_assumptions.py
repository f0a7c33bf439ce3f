"""What nobody measured is said, with its number of stars."""

import numpy as np
from astropy.table import Table

from runaways.stars.assumptions import assumptions, assumptions_of_orbits

ERRORS = {"rv": "8 km/s", "age": "30 %", "parallax": "0.03 mas"}


def test_what_is_assumed_is_said_with_its_number_of_stars():
    stars = Table({"rv_error": [2.0, np.nan], "age_error": [1.0, 1.0]})
    out = Table({"rv": [20.0, 80.0], "age": [10.0, 10.0], "parallax": [0.3, np.nan]})
    out["rv_source"] = ["list", "printed U,V,W"]
    said = assumptions(stars, out, ERRORS)
    assert said["assumed_errors"] == "rv 8 km/s (1 star), parallax 0.03 mas (1 star)"
    assert said["radial_velocities"] == "1 inferred from printed velocities"


def test_of_an_orbit_only_what_it_has_counts():
    stars = Table({"parallax": [1.0, 2.0], "parallax_error": [0.1, np.nan], "age": [np.nan, 20.0]})
    velocities = Table({"rv": [5.0, np.nan], "rv_source": ["printed V_Sp, sign unknown", ""]})
    said = assumptions_of_orbits(stars, velocities, ERRORS)
    expected = "rv 8 km/s (1 star), age 30 % (1 star), parallax 0.03 mas (1 star)"
    assert said["assumed_errors"] == expected
    assert said["radial_velocities"] == "1 inferred from printed velocities"
    velocities["rv_source"] = ""
    assert assumptions_of_orbits(stars, velocities, {}) == {}

"""Orbit and birthplace of one star."""

from scripts.orbit_figure import main

main(__doc__)

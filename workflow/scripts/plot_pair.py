"""Orbits of any star and any cluster."""

from scripts.pair_figure import main

main(__doc__)

"""Fig. 5: orbits and birthplaces of stars that pass through the disk."""

from scripts.orbit_figure import main

main(__doc__)

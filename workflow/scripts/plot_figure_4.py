"""Fig. 4: orbits and birthplaces of stars that stay in the disk."""

from scripts.orbit_figure import main

main(__doc__)

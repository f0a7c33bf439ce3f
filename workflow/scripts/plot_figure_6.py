"""Fig. 6: orbits of a star and of a cluster."""

from scripts.pair_figure import main

main(__doc__)

"""Fig. 7: orbits of another star and of another cluster."""

from scripts.pair_figure import main

main(__doc__)

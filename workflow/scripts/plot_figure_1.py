"""Fig. 1: parallax against G, and the parallaxes of stars without a magnitude."""

import logging

from runaways import plots, tables, velocity_plots
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    plots.use_style(args.style)
    plots.save(velocity_plots.draw_parallaxes(catalogue), args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()

"""Distributions of the peculiar velocities, their fits and thresholds."""

import logging

from runaways import plots, tables, velocity_plots
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "fits", "selection", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    fits = tables.read(args.fits, "velocity_fits")
    thresholds = tables.read(args.selection, "selection").meta["thresholds"]
    plots.use_style(args.style)
    figure = velocity_plots.draw_velocities(catalogue, fits, thresholds)
    plots.save(figure, args.out, **stamp(args))
    logging.info("%s: %d rows, %d fits", " ".join(args.out), len(catalogue), len(fits))


main()

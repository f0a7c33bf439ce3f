"""Distributions of the peculiar velocities, their fits and thresholds."""

import logging

from runaways import tables
from runaways.figures import style, velocities
from runaways.figures.notes import MOTION
from scripts.figures.notes import of_catalogue
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "fits", "selection", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    fits = tables.read(args.fits, "velocity_fits")
    thresholds = tables.read(args.selection, "selection").meta["thresholds"]
    style.use_style(args.style)
    notes = of_catalogue(catalogue, MOTION)
    figure = velocities.draw_velocities(catalogue, fits, thresholds, notes)
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d rows, %d fits", " ".join(args.out), len(catalogue), len(fits))


main()

"""Our masses and ages against the list's."""

import logging

from runaways import tables
from runaways.figures import masses_ages, style
from runaways.figures.notes import LABELS
from scripts.figures.notes import of_catalogue
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "stars", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    style.use_style(args.style)
    notes = of_catalogue(catalogue, LABELS, "stand_in")
    figure = masses_ages.draw_masses_ages(catalogue, tables.read(args.stars, "stars"), notes)
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d stars", " ".join(args.out), len(catalogue))


main()

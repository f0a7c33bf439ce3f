"""Our masses and ages against the list's."""

import logging

from runaways import tables
from runaways.figures import masses_ages, style
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "stars", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    style.use_style(args.style)
    figure = masses_ages.draw_masses_ages(
        catalogue, tables.read(args.stars, "stars"), stand_in=catalogue.meta.get("stand_in", "")
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d stars", " ".join(args.out), len(catalogue))


main()

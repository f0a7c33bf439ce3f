"""Our masses and ages against the list's."""

import logging

from runaways import mass_plots, plots, tables
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "stars", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    plots.use_style(args.style)
    figure = mass_plots.draw_masses_ages(
        catalogue, tables.read(args.stars, "stars"), stand_in=catalogue.meta.get("stand_in", "")
    )
    plots.save(figure, args.out, **stamp(args))
    logging.info("%s: %d stars", " ".join(args.out), len(catalogue))


main()

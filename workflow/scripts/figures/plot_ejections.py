"""Where all stars come from: sources of the ejections on the sky and in the disk."""

import logging

from runaways import tables
from runaways.figures import ejections, style
from runaways.figures.notes import ORBIT
from scripts.figures.notes import of_ages, of_catalogue
from scripts.frame import frame
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "ejections", "catalogue", "clusters", "style", lists=["out"])
    table = tables.read(args.ejections, "ejections")
    catalogue = tables.read(args.catalogue, "catalogue")
    notes = of_catalogue(catalogue, ORBIT, "stand_in_clusters", *of_ages(catalogue))
    style.use_style(args.style)
    figure = ejections.draw_sources(
        table,
        catalogue,
        tables.read(args.clusters, "clusters"),
        frame(args.cfg["frame"]),
        notes,
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d stars", " ".join(args.out), len(table))


main()

"""Where all stars come from: sources of the ejections on the sky and in the disk."""

import logging

from runaways import tables
from runaways.figures import ejections, style
from scripts.frame import frame
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "ejections", "catalogue", "clusters", "style", lists=["out"])
    table = tables.read(args.ejections, "ejections")
    style.use_style(args.style)
    figure = ejections.draw_sources(
        table,
        tables.read(args.catalogue, "catalogue"),
        tables.read(args.clusters, "clusters"),
        frame(args.cfg["frame"]),
        stand_in=table.meta.get("stand_in", ""),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d stars", " ".join(args.out), len(table))


main()

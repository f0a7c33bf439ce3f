"""Fig. 8: peculiar space velocity against projected rotation."""

import logging

from runaways import tables
from runaways.figures import origins, style
from runaways.figures.notes import ORBIT
from scripts.figures.notes import of_ages, of_catalogue
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "origins", "style", lists=["out"])
    lines = tables.read(args.origins, "origins").meta["lines"]
    catalogue = tables.read(args.catalogue, "catalogue")
    style.use_style(args.style)
    figure = origins.draw_rotation(
        catalogue,
        lines["v_sp"],
        lines["vsini"],
        args.cfg["origins.decided_min"],
        notes=of_catalogue(catalogue, (*ORBIT, "vsini"), "stand_in_clusters", *of_ages(catalogue)),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()

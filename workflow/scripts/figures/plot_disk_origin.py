"""Largest height against velocity, and birth in the disk against chance."""

import logging

from runaways import tables
from runaways.figures import origins, style
from runaways.figures.notes import ORBIT
from scripts.figures.notes import of_ages, of_catalogue
from scripts.job import arguments, in_unit, stamp


def main():
    args = arguments(__doc__, "catalogue", "style", lists=["out"])
    cfg = args.cfg
    catalogue = tables.read(args.catalogue, "catalogue")
    style.use_style(args.style)
    figure = origins.draw_disk_origin(
        catalogue,
        in_unit(cfg["disk.half_height"], "kpc"),
        in_unit(cfg["disk.check_half_height"], "kpc"),
        cfg["disk.evidence_min"],
        notes=of_catalogue(catalogue, ORBIT, *of_ages(catalogue)),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()

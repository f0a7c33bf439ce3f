"""Largest height against velocity, and birth in the disk against chance."""

import logging

from runaways import tables
from runaways.figures import origins, style
from scripts.figures.stand_in import stand_in_of_ages
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
        stand_in=stand_in_of_ages(catalogue),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()

"""Fig. 1: parallax against G, and the parallaxes of stars without a magnitude."""

import logging

from runaways import tables
from runaways.figures import style, velocities
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    style.use_style(args.style)
    style.save(velocities.draw_parallaxes(catalogue), args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()

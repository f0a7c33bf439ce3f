"""Fig. 1: parallax against G, and the parallaxes of stars without a magnitude."""

import logging

from runaways import tables
from runaways.figures import style, velocities
from runaways.selection import magnitudes
from scripts.figures.notes import of_catalogue
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "catalogue", "style", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    path = args.cfg["figures.figure_1"]
    known = magnitudes.read_magnitudes(path) if path else None
    catalogue["phot_g_mean_mag"] = magnitudes.with_others(catalogue, known)
    notes = of_catalogue(catalogue, ["parallax"])
    style.use_style(args.style)
    style.save(velocities.draw_parallaxes(catalogue, notes), args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()

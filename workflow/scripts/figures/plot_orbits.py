"""Orbits and birthplaces of stars: Figs. 4 and 5, and any star."""

import logging

from runaways import tables
from runaways.figures import style
from runaways.figures.orbits import draw_orbits
from scripts.figures.notes import of_stars
from scripts.frame import frame
from scripts.job import arguments, in_unit, stamp


def main():
    options = ("stars", "velocities", "style", "drawn-with", "traced-by", "drawn-by")
    args = arguments(__doc__, *options, lists=["orbits", "births", "names", "out"])
    cfg = args.cfg
    orbits = tables.gather(args.orbits, "orbit", config=args.drawn_with, code=args.traced_by)
    births = tables.gather(args.births, "birthplaces", config=args.drawn_with, code=args.drawn_by)
    for name in args.names:
        tables.check_draws(births[births["star"] == name], name, int(cfg["orbits.draws"]))
    stars, notes = of_stars(args, args.names, births)
    style.use_style(args.style)
    figure = draw_orbits(
        stars,
        orbits,
        births,
        frame(cfg["frame"]),
        in_unit(cfg["disk.half_height"], "kpc"),
        notes,
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %s", " ".join(args.out), " ".join(args.names))


main()

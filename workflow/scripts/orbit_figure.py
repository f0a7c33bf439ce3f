"""What the scripts of the figures of orbits share: read, draw, save."""

import logging

from runaways import orbit_plots, plots, tables
from scripts.job import arguments, frame, in_unit, stamp


def main(doc):
    options = ("style", "drawn-with", "traced-by", "drawn-by")
    args = arguments(doc, *options, lists=["orbits", "births", "names", "out"])
    cfg = args.cfg
    orbits = tables.gather(args.orbits, "orbit", config=args.drawn_with, code=args.traced_by)
    births = tables.gather(args.births, "birthplaces", config=args.drawn_with, code=args.drawn_by)
    for name in args.names:
        tables.check_draws(births[births["star"] == name], name, int(cfg["orbits.draws"]))
    plots.use_style(args.style)
    figure = orbit_plots.draw_orbits(
        args.names,
        orbits,
        births,
        frame(cfg["frame"]),
        in_unit(cfg["disk.half_height"], "kpc"),
        stand_in=births.meta.get("stand_in", ""),
    )
    plots.save(figure, args.out, **stamp(args))
    logging.info("%s: %s", " ".join(args.out), " ".join(args.names))

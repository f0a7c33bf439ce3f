"""A named hypothesis: where and when its bodies were in one place."""

import logging

from astropy.table import vstack

from runaways import tables
from runaways.figures import bodies, style
from scripts.figures.notes import of_stars
from scripts.frame import frame
from scripts.job import arguments, stamp


def main():
    names = ("stars", "velocities", "pair", "sites", "path", "style")
    args = arguments(__doc__, *names, lists=["orbits", "out"])
    pair = tables.read(args.pair, "pairs")
    orbits = vstack(
        [tables.read(orbit, "orbit") for orbit in args.orbits], metadata_conflicts="silent"
    )
    names = [name for name in (pair["first"][0], pair["second"][0]) if name]
    style.use_style(args.style)
    figure = bodies.draw_bodies(
        pair[0],
        orbits,
        tables.read(args.path, "cluster_path"),
        tables.read(args.sites, "pair_sites"),
        frame(args.cfg["frame"]),
        of_stars(args, names, orbits, pair)[1],
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %s", " ".join(args.out), pair["pair"][0])


main()

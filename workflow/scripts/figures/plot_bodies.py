"""A named hypothesis: where and when its bodies were in one place."""

import logging

from astropy.table import vstack

from runaways import tables
from runaways.figures import bodies, style
from scripts.frame import frame
from scripts.job import arguments, stamp


def main():
    names = ("pair", "sites", "path", "style")
    args = arguments(__doc__, *names, lists=["orbits", "out"])
    pair = tables.read(args.pair, "pairs")
    style.use_style(args.style)
    figure = bodies.draw_bodies(
        pair[0],
        vstack([tables.read(orbit, "orbit") for orbit in args.orbits], metadata_conflicts="silent"),
        tables.read(args.path, "cluster_path"),
        tables.read(args.sites, "pair_sites"),
        frame(args.cfg["frame"]),
        stand_in=pair.meta.get("stand_in", ""),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %s", " ".join(args.out), pair["pair"][0])


main()

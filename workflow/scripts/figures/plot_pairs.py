"""A star and a cluster, and when their draws met: Figs. 6 and 7, and any pair."""

import logging

import numpy as np

from runaways import tables
from runaways.figures import encounters, style
from scripts.figures.notes import of_stars
from scripts.frame import frame
from scripts.job import arguments, in_unit, stamp


def main():
    names = ("star", "stars", "velocities", "orbit", "path", "hits", "encounters", "style")
    args = arguments(__doc__, *names, lists=["out"])
    cfg = args.cfg
    orbit, path = tables.read(args.orbit, "orbit"), tables.read(args.path, "cluster_path")
    pairs = tables.read(args.encounters, "encounters")
    cluster = str(path["cluster"][0])
    mine = np.flatnonzero((pairs["star"] == args.star) & (pairs["cluster"] == cluster))
    stars, notes = of_stars(args, [args.star], orbit, pairs)
    style.use_style(args.style)
    figure = encounters.draw_pair(
        stars[0],
        cluster,
        orbit[orbit["star"] == args.star],
        path,
        tables.read(args.hits, "closest_approaches"),
        pairs[mine[0]] if len(mine) else None,
        frame(cfg["frame"]),
        in_unit(cfg["clusters.radius"], "pc"),
        notes,
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %s and %s", " ".join(args.out), args.star, cluster)


main()

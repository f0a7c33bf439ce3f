"""What the scripts of the figures of a star and a cluster share: read, draw, save."""

import logging

import numpy as np

from runaways import cluster_plots, plots, tables
from scripts.job import arguments, frame, in_unit, stamp


def main(doc):
    names = ("star", "orbit", "path", "hits", "encounters", "style")
    args = arguments(doc, *names, lists=["out"])
    cfg = args.cfg
    orbit, path = tables.read(args.orbit, "orbit"), tables.read(args.path, "cluster_path")
    pairs = tables.read(args.encounters, "encounters")
    cluster = str(path["cluster"][0])
    mine = np.flatnonzero((pairs["star"] == args.star) & (pairs["cluster"] == cluster))
    plots.use_style(args.style)
    figure = cluster_plots.draw_pair(
        args.star,
        cluster,
        orbit[orbit["star"] == args.star],
        path,
        tables.read(args.hits, "closest_approaches"),
        pairs[mine[0]] if len(mine) else None,
        frame(cfg["frame"]),
        in_unit(cfg["clusters.radius"], "pc"),
        stand_in=pairs.meta.get("stand_in", ""),
    )
    plots.save(figure, args.out, **stamp(args))
    logging.info("%s: %s and %s", " ".join(args.out), args.star, cluster)

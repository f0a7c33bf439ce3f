"""Closest approach of every draw of a star to one cluster, and that cluster's orbit."""

import logging

from runaways import tables
from runaways.clusters import cluster_list, cluster_orbits
from runaways.encounters import approaches, slices
from scripts.job import arguments, joined, stamp


def main():
    names = ("orbits", "clusters", "name", "cluster", "drawn-with", "drawn-by", "hits", "path")
    args = arguments(__doc__, *names, lists=["paths"])
    paths = tables.gather(args.paths, "paths", config=args.drawn_with, code=args.drawn_by)
    orbits, made = cluster_orbits.read_orbits(args.orbits)
    cluster = cluster_list.cluster_named(args.cluster, tables.read(args.clusters, "clusters"))
    mine = paths[paths["star"] == args.name]
    draws = slices.from_table(mine, int(args.cfg["orbits.draws"]))
    hits, path = approaches.match_pair(args.name, draws, orbits, cluster, int(args.cfg["seed"]))
    stand_in = joined(made)
    tables.write(hits, args.hits, "closest_approaches", **stand_in, **stamp(args))
    tables.write(path, args.path, "cluster_path", **stand_in, **stamp(args))
    logging.info("%s and %s: %d draws", args.name, cluster, len(hits))


main()

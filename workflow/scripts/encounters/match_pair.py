"""Closest approach of every draw of a star to one cluster, and that cluster's orbit."""

import logging

from runaways import tables
from runaways.clusters import cluster_list, cluster_orbits
from runaways.encounters import approaches
from runaways.orbits import knots
from scripts.job import arguments, joined, stamp
from scripts.orbits import drawn


def main():
    names = ("list", "orbits", "clusters", "cluster", "hits", "path")
    args = arguments(__doc__, *names, **drawn.ARGUMENTS)
    orbits, made = cluster_orbits.read_orbits(args.orbits)
    cluster = cluster_list.cluster_named(args.cluster, tables.read(args.clusters, "clusters"))
    ((star, _, traced),) = drawn.traced(args, 0, int(args.cfg["orbits.draws"]))
    draws, name = knots.side_by_side(*traced), star["star"]
    hits, path = approaches.match_pair(name, draws, orbits, cluster, int(args.cfg["seed"]))
    stand_in = joined(made)
    tables.write(hits, args.hits, "closest_approaches", **stand_in, **stamp(args))
    tables.write(path, args.path, "cluster_path", **stand_in, **stamp(args))
    logging.info("%s and %s: %d draws", name, cluster, len(hits))


main()

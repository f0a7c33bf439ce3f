"""A named hypothesis: a star from a cluster, or two bodies from one place and time."""

import logging

import numpy as np

from runaways import tables
from runaways.clusters.cluster_list import find
from runaways.ejections import pairs, rows, sources
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, joined, stamp
from scripts.stars.measured import measured_stars


def main():
    options = {"many": ["predicted"], "optional": ["cluster", "pulsar", "potential"]}
    names = ("list", "sources", "pair", "sites", "path")
    args = arguments(__doc__, *names, lists=["names", "rows"], **options)
    clusters, made = sources.read_sources(args.sources)
    stars = measured_stars(args)
    first, *second = [stars[np.flatnonzero(stars["star"] == name)[0]] for name in args.names]
    where = galaxy(args)
    row, drawn = pairs.match_bodies(
        first,
        where,
        clusters,
        int(args.cfg["seed"]),
        second=second[0] if second else None,
        cluster=args.cluster or None,
        pulsar=args.pulsar,
    )
    provenance = joined(made) | stamp(args)
    tables.write(rows.to_table([row], "pairs"), args.pair, "pairs", **provenance)
    tables.write(drawn, args.sites, "pair_sites", **provenance)
    found = find(clusters.name, args.cluster) if args.cluster else None
    path = sources.path_of(clusters, found, where)
    tables.write(path, args.path, "cluster_path", **provenance)
    logging.info(row["why"])


main()

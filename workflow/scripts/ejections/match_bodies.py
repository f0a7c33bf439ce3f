"""A named hypothesis: a star from a cluster, or two bodies from one place and time."""

import logging

import numpy as np

from runaways import tables
from runaways.ejections import pairs, sources
from runaways.masses_ages import masses
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, joined, stamp
from scripts.stars.measured import measured_stars


def main():
    optional = ("cluster", "pulsar")
    args = arguments(__doc__, "list", "sources", "out", lists=["names"], many=["predicted"], optional=optional)
    clusters, made = sources.read_sources(args.sources)
    ages = None
    if args.predicted:
        ages = masses.predicted_ages(tables.gather(args.predicted, "masses_ages"))
    stars = measured_stars(args, ages)
    bodies = [stars[np.flatnonzero(stars["star"] == name)[0]] for name in args.names]
    row = pairs.explain_pair(
        bodies[0],
        galaxy(args.cfg),
        clusters,
        int(args.cfg["seed"]),
        second=bodies[1] if len(bodies) > 1 else None,
        cluster=args.cluster or None,
        pulsar=args.pulsar,
    )
    tables.write(pairs.as_table([row]), args.out, "pairs", **joined(made), **stamp(args))
    logging.info(row["why"])


main()

"""A named hypothesis: a star from a cluster, or two bodies from one place and time."""

import logging

import numpy as np

from runaways import tables
from runaways.ejections import pairs, rows, sources
from runaways.masses_ages.ages import predicted_ages
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, joined, stamp
from scripts.stars.measured import measured_stars


def main():
    options = {"many": ["predicted"], "optional": ["cluster", "pulsar"]}
    args = arguments(__doc__, "list", "sources", "out", lists=["names"], **options)
    clusters, made = sources.read_sources(args.sources)
    ages = None
    if args.predicted:
        ages = predicted_ages(tables.gather(args.predicted, "masses_ages"))
    stars = measured_stars(args, ages)
    first, *second = [stars[np.flatnonzero(stars["star"] == name)[0]] for name in args.names]
    row = pairs.explain_pair(
        first,
        galaxy(args.cfg),
        clusters,
        int(args.cfg["seed"]),
        second=second[0] if second else None,
        cluster=args.cluster or None,
        pulsar=args.pulsar,
    )
    table = rows.to_table([row], "pairs")
    tables.write(table, args.out, "pairs", **joined(made), **stamp(args))
    logging.info(row["why"])


main()

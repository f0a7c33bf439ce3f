"""Spectroscopic distances against parallaxes: stars that are not what their spectrum says."""

import logging

from runaways import tables
from runaways.selection import distance_check
from scripts.job import arguments, joined, stamp
from scripts.labels.adopted import with_labels
from scripts.stars.measured import complete


def main():
    args = arguments(__doc__, "stars", "masses", "out", optional=["labels"])
    stars, masses = tables.read(args.stars, "stars"), tables.read(args.masses, "masses_ages")
    labels = tables.read(args.labels, "labels") if args.labels else None
    sample = distance_check.with_luminosities(
        stars, complete(args, with_labels(args, stars, labels)), masses
    )
    out = distance_check.check_distance(sample, args.cfg["bhb.max_tension"])
    tables.write(out, args.out, "distance_checks", **joined(masses.meta), **stamp(args))
    logging.info("%d underluminous", sum(out["distance_check"] == distance_check.UNDERLUMINOUS))


main()

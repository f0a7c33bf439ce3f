"""Spectroscopic distances against parallaxes: stars that are not what their spectrum says."""

import logging

from runaways import luminosities, tables
from scripts.job import arguments, joined, stamp
from scripts.label_job import with_labels
from scripts.orbit_job import complete


def main():
    args = arguments(__doc__, "stars", "masses", "out", optional=["labels"])
    stars, masses = tables.read(args.stars, "stars"), tables.read(args.masses, "masses_ages")
    labels = tables.read(args.labels, "labels") if args.labels else None
    sample = luminosities.with_luminosities(
        stars, complete(args, with_labels(args, stars, labels)), masses
    )
    out = luminosities.check_distance(sample, args.cfg["bhb.max_tension"])
    tables.write(out, args.out, "distance_checks", **joined(masses.meta), **stamp(args))
    logging.info("%d underluminous", sum(out["distance_check"] == luminosities.UNDERLUMINOUS))


main()

"""Where, when and how fast planted stars were ejected, by the posterior that does not know it."""

import logging

from runaways import tables
from runaways.ejections import posterior, sources
from runaways.ejections.calibration import QUICK
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, joined, stamp


def main():
    names = ("planted", "sources", "first", "stars", "ejections", "listed")
    args = arguments(__doc__, *names, optional=["potential"])
    planted = tables.read(args.planted, "planted")
    planted = planted[int(args.first) : int(args.first) + int(args.stars)]
    clusters, made = sources.read_sources(args.sources)
    ejections, listed, _ = posterior.explain_all(
        planted,
        galaxy(args),
        clusters,
        int(args.cfg["seed"]),
        factor=float(args.cfg["ejections.kernels"]),
        **QUICK,
    )
    provenance = joined(made) | stamp(args)
    tables.write(ejections, args.ejections, "ejections", **provenance)
    tables.write(listed, args.listed, "ejection_sources", **provenance)
    logging.info("%d planted stars from %s on", len(planted), args.first)


main()

"""Where, when and how fast stars were ejected: the posterior over all sources."""

import logging

from runaways import tables
from runaways.clusters import literature
from runaways.ejections import posterior, sources
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, joined, stamp
from scripts.stars.measured import measured_stars


def main():
    names = ("list", "sources", "hosts", "ejections", "listed", "sites")
    args = arguments(__doc__, *names, lists=["names", "rows"], optional=["predicted", "potential"])
    cfg = args.cfg
    clusters, made = sources.read_sources(args.sources)
    ejections, listed, sites = posterior.explain_all(
        measured_stars(args),
        galaxy(args),
        clusters,
        int(cfg["seed"]),
        factor=float(cfg["ejections.kernels"]),
        hosts=literature.read_hosts(args.hosts),
    )
    provenance = joined(made) | stamp(args)
    tables.write(ejections, args.ejections, "ejections", **provenance)
    tables.write(listed, args.listed, "ejection_sources", **provenance)
    tables.write(sites, args.sites, "ejection_sites", **provenance)
    for row in ejections:
        logging.info("%s: %s", row["star"], row["why"])


main()

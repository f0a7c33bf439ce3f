"""Clusters as sources of ejected stars: carried back in time with their errors, once for all."""

import logging

from runaways import tables
from runaways.ejections import sources
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, joined, stamp


def main():
    args = arguments(__doc__, "clusters", "out", optional=["potential"])
    clusters = tables.read(args.clusters, "clusters")
    traced = sources.trace_clusters(clusters, galaxy(args))
    sources.write_sources(traced, args.out, **joined(clusters.meta), **stamp(args))
    logging.info("%d of %d clusters are sources", len(traced), len(clusters))


main()

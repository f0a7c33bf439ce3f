"""The list's stars on the cluster catalogue turned jointly and mirrored: origins by chance."""

import logging

from runaways import tables
from runaways.ejections import sources
from runaways.ejections.nulls import turned_posteriors
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, in_unit, joined, stamp
from scripts.stars.measured import measured_stars


def main():
    options = {"lists": ["names", "rows"], "many": ["predicted"], "optional": ["potential"]}
    args = arguments(__doc__, "list", "sources", "out", **options)
    cfg = args.cfg
    clusters, made = sources.read_sources(args.sources)
    angles = [in_unit(angle, "deg") for angle in cfg["ejections.calibration_angles"]]
    null = turned_posteriors(
        measured_stars(args),
        galaxy(args),
        clusters,
        int(cfg["seed"]),
        angles,
        factor=float(cfg["ejections.kernels"]),
    )
    tables.write(null, args.out, "calibration_null", **joined(made), **stamp(args))
    logging.info("%d stars, %d replicates of the catalogue", len(args.names), len(angles) + 1)


main()

"""Orbits of all clusters, with their errors drawn: traced once, for every star."""

import logging

from runaways import tables
from runaways.clusters import cluster_list, cluster_orbits
from scripts.job import arguments, in_unit, joined, stamp
from scripts.potential import potential


def main():
    args = arguments(__doc__, "clusters", "orbits", optional=["potential"])
    cfg = args.cfg
    table = tables.read(args.clusters, "clusters")
    star_error = in_unit(cfg["clusters.rv_error_star"], "km / s")
    traced = cluster_orbits.trace_clusters(
        cluster_list.with_rv_floor(table, star_error),
        potential(cfg, args.potential),
        t_max=in_unit(cfg["clusters.look_back_max"], "Myr"),
        n_draws=int(cfg["clusters.draws"]),
        seed=int(cfg["seed"]),
    )
    stand_in = joined(table.meta)
    cluster_orbits.write_orbits(traced, args.orbits, **stand_in, **stamp(args))
    logging.info("%d clusters, %d draws failed", len(traced.name), traced.failed.sum())


main()

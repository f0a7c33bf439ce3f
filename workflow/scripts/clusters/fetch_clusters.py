"""One table of clusters from all catalogues, with those that have no orbit and why."""

import logging

from runaways import tables
from runaways.clusters import catalogues, cluster_list, merging
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "clusters", "left-out")
    cfg = args.cfg
    names = cfg["clusters.catalogue"]
    names = [names] if isinstance(names, str) else names
    merged = merging.merge([catalogues.read_clusters(name) for name in names])
    cuts = {name: cfg[f"clusters.{name}"] for name in ("cst_min", "cmd_class_min", "kinds")}
    out = cluster_list.assess(merged, **cuts)
    tables.write(out, args.clusters, "clusters", **stamp(args))
    left_out = out[~out["usable"]]["name", "catalogue", "reason"]
    tables.write(left_out, args.left_out, "clusters_left_out", **stamp(args))
    for label, n in out.meta["listed"].items():
        logging.info("%s: %d clusters", label, n)
    logging.info("%d clusters, %d with an orbit", len(out), sum(out["usable"]))
    for reason, n in out.meta["excluded"].items():
        logging.info("%d left out: %s", n, reason)


main()

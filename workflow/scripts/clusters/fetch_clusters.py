"""One table of clusters from all catalogues, with those that have no orbit and why."""

import logging

from runaways import tables
from runaways.clusters import catalogues, cluster_list, groups, literature
from scripts.frame import frame
from scripts.job import arguments, in_unit, stamp


def main():
    args = arguments(__doc__, "clusters", "left-out", optional=["literature"])
    cfg = args.cfg
    names = cfg["clusters.catalogue"]
    names = [names] if isinstance(names, str) else names
    hosts = literature.read_hosts(args.literature) if args.literature else None
    merged = literature.merge([catalogues.read_clusters(name) for name in names], hosts)
    cuts = {name: cfg[f"clusters.{name}"] for name in ("cst_min", "cmd_class_min", "kinds")}
    out = cluster_list.assess(merged, **cuts)
    out["group"] = groups.find_groups(
        out,
        frame(cfg["frame"]).v_sun,
        length=in_unit(cfg["clusters.group_length"], "pc"),
        speed=in_unit(cfg["clusters.group_speed"], "km / s"),
        max_age=in_unit(cfg["clusters.group_age_max"], "Myr"),
    )
    tables.write(out, args.clusters, "clusters", **stamp(args))
    left_out = out[~out["usable"]]["name", "catalogue", "reason"]
    tables.write(left_out, args.left_out, "clusters_left_out", **stamp(args))
    for label, n in out.meta["listed"].items():
        logging.info("%s: %d clusters", label, n)
    logging.info("%d clusters, %d with an orbit", len(out), sum(out["usable"]))
    for reason, n in out.meta["excluded"].items():
        logging.info("%d left out: %s", n, reason)


main()

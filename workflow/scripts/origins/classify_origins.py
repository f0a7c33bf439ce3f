"""Binary supernova or dynamical ejection: the plane of V_Sp and v sin i, clusters, flight times."""

import logging

import numpy as np

from runaways import tables
from runaways.origins import channels
from scripts.job import arguments, in_unit, stamp
from scripts.labels.adopted import with_labels
from scripts.stars.measured import complete, with_ages


def main():
    names = ("stars", "velocities", "selection", "predicted", "out")
    args = arguments(__doc__, *names, optional=["clusters", "labels"])
    cfg = dict(args.cfg["origins"])
    stars = tables.read(args.stars, "stars")
    labels = tables.read(args.labels, "labels") if args.labels else None
    measured = complete(args, with_ages(args, with_labels(args, stars, labels)))
    speeds = tables.read(args.velocities, "velocities")
    ejected = np.asarray(tables.read(args.selection, "selection")["is_runaway"])
    ejected = ejected | (cfg.pop("stars") == "all")
    lines = {}
    for name, values in (("v_sp", speeds["v_sp"]), ("vsini", measured["vsini"])):
        text = cfg.pop(name)
        fitted = text in channels.FITTED
        line = channels.fit_line(values[ejected], text)[0] if fitted else in_unit(text, "km / s")
        lines[name] = float(line)
    for name in ("delay_des", "delay_bss"):
        cfg[name] = tuple(in_unit(time, "Myr") for time in cfg[name])
    clusters = tables.read(args.clusters, "best_clusters") if args.clusters else None
    out = channels.classify(measured, speeds, lines, channels.OriginModel(**cfg), ejected, clusters)
    tables.write(out, args.out, "origins", lines=lines, **stamp(args))
    named = sum(out["origin"] == channels.DES), sum(out["origin"] == channels.BSS)
    logging.info("lines %s km/s; %d DES, %d BSS of %d stars", lines, *named, sum(ejected))


main()

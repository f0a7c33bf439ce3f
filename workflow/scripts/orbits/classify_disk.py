"""Say of each star whether it began in the disk, beside what chance would say."""

import logging

from astropy.table import vstack

from runaways import tables
from runaways.orbits import age_null, disk
from scripts.job import arguments, in_unit, stamp


def main():
    names = ("horizon", "heights", "drawn-with", "drawn-by", "out", "curve")
    args = arguments(__doc__, *names, lists=["births", "names"])
    cfg = args.cfg
    births = tables.gather(args.births, "birthplaces", config=args.drawn_with, code=args.drawn_by)
    curves = tables.read(args.horizon, "horizon")
    heights = [in_unit(cfg["disk"][key], "kpc") for key in ("half_height", "check_half_height")]
    levels = tables.read(args.heights, "heights")
    rows, in_disk = [], []
    for name in args.names:
        mine = births[births["star"] == name]
        tables.check_draws(mine, name, int(cfg["orbits.draws"]))
        curve = curves[curves["star"] == name]
        rows.append(disk.summarise(name, mine, curve, heights, cfg["disk"]))
        in_disk.append(age_null.disk_curve(levels[levels["star"] == name], heights))
        logging.info("%s: %s %s", name, rows[-1]["orbit_class"], rows[-1]["reason"])
    tables.write(disk.table(rows), args.out, "disk", **stamp(args))
    tables.write(vstack(in_disk), args.curve, "disk_curve", **stamp(args))


main()

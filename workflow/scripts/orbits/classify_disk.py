"""Say of each star whether it began in the disk, beside what chance would say."""

import logging

from runaways import tables
from runaways.orbits import disk
from scripts.job import arguments, in_unit, stamp


def main():
    args = arguments(__doc__, "horizon", "drawn-with", "drawn-by", "out", lists=["births", "names"])
    cfg = args.cfg
    births = tables.gather(args.births, "birthplaces", config=args.drawn_with, code=args.drawn_by)
    curves = tables.read(args.horizon, "horizon")
    heights = [in_unit(cfg["disk"][key], "kpc") for key in ("half_height", "check_half_height")]
    rows = []
    for name in args.names:
        mine = births[births["star"] == name]
        tables.check_draws(mine, name, int(cfg["orbits.draws"]))
        curve = curves[curves["star"] == name]
        rows.append(disk.summarise(name, mine, curve, heights, cfg["disk"]))
        logging.info("%s: %s %s", name, rows[-1]["orbit_class"], rows[-1]["reason"])
    tables.write(disk.table(rows), args.out, "disk", **stamp(args))


main()

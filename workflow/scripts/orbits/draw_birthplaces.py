"""Birthplaces of stars for a range of Monte Carlo draws, such as 0-1024."""

import logging

import numpy as np
from astropy.table import vstack

from runaways import tables
from runaways.orbits import birthplaces
from scripts.job import arguments, in_unit, stamp
from scripts.potential import potential
from scripts.stars.measured import measured_stars


def main():
    optional = ["ages", "predicted", "potential"]
    args = arguments(
        __doc__, "list", "draws", "births", "paths", lists=["names", "rows"], optional=optional
    )
    cfg = args.cfg
    first, end = map(int, args.draws.split("-"))
    pot = potential(cfg, args.potential)
    span = in_unit(cfg["orbits.null_time"], "Myr")
    seed, sampler = int(cfg["seed"]), cfg["orbits.sampler"]
    ages = tables.read(args.ages, "ages") if args.ages else None
    parts, paths = [], []
    for star in measured_stars(args):
        mine = None
        if ages is not None and star["star"] in ages["star"]:
            mine = np.asarray(ages["age"][ages["star"] == star["star"]])
        parts.append(
            birthplaces.draw_birthplaces(star, pot, seed, sampler, first, end, span, mine, paths)
        )
        lost = np.isnan(parts[-1]["birth_z"]).sum()
        reason = parts[-1]["reason"][0]
        logging.info("%s: %d draws, %d failed %s", star["star"], end - first, lost, reason)
    tables.write(vstack(parts), args.births, "birthplaces", **stamp(args))
    tables.write(vstack(paths), args.paths, "paths", **stamp(args))


main()

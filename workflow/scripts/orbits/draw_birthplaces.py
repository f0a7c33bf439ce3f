"""Birthplaces of stars for a range of Monte Carlo draws, such as 0-1024."""

import logging

import numpy as np
from astropy.table import vstack

from runaways import tables
from scripts.job import arguments, stamp
from scripts.orbits import drawn


def main():
    args = arguments(__doc__, "list", "draws", "births", **drawn.ARGUMENTS)
    first, end = map(int, args.draws.split("-"))
    parts = []
    for star, births, _ in drawn.traced(args, first, end):
        parts.append(births)
        lost = np.isnan(births["birth_z"]).sum()
        reason = births["reason"][0]
        logging.info("%s: %d draws, %d failed %s", star["star"], end - first, lost, reason)
    tables.write(vstack(parts), args.births, "birthplaces", **stamp(args))


main()

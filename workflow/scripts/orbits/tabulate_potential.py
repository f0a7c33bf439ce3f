"""Forces of the Galactic potential as tables, held against orbits that galpy traces."""

import logging

from runaways.orbits import engines, force_table
from scripts.job import arguments, stamp
from scripts.potential import potential


def main():
    args = arguments(__doc__, "out")
    pot = potential(args.cfg)
    table = engines.tabulated(pot)
    force_table.write(table, args.out, summary=str(pot), **stamp(args))
    logging.info("%s", table.meta)


main()

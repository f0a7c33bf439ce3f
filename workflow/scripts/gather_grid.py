"""The parts of the training grid of one instrument, as one grid."""

import logging

from runaways import grids
from scripts.job import arguments


def main():
    args = arguments(__doc__, "out", lists=["parts"])
    grid = grids.join_grids([grids.read_grid(path) for path in args.parts])
    grids.write_grid(args.out, grid)
    logging.info("%s: %d models, %d pixels", args.out, *grid.flux.shape)


main()

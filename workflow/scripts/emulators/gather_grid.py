"""The parts of the training grid of one instrument, as one grid."""

import logging

from runaways.spectra import spectral_grid
from scripts.job import arguments


def main():
    args = arguments(__doc__, "out", lists=["parts"])
    grid = spectral_grid.join_grids([spectral_grid.read_grid(path) for path in args.parts])
    spectral_grid.write_grid(args.out, grid)
    logging.info("%s: %d models, %d pixels", args.out, *grid.flux.shape)


main()

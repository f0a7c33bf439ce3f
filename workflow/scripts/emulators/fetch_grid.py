"""A share of the training spectra, at the resolution of each instrument."""

import logging

from runaways.emulators import training_grid
from runaways.spectra import spectral_grid
from runaways.spectra.instruments import INSTRUMENTS
from scripts.job import arguments, in_unit


def main():
    args = arguments(__doc__, "part", "parts", lists=["arms", "out"])
    cfg = args.cfg
    fine = training_grid.read_part(
        cfg["labels.grid"],
        int(args.part),
        int(args.parts),
        n_stand_in=int(cfg["labels.stand_in_models"]),
        microturbulence=in_unit(cfg["labels.microturbulence"], "km / s"),
    )
    for arm, path in zip(args.arms, args.out):
        coarse = training_grid.at_instrument(fine, INSTRUMENTS[arm])
        spectral_grid.write_grid(path, coarse)
        logging.info("%s: %d models, %d pixels", arm, *coarse.flux.shape)


main()

"""Train the regressions of a chunk of pixels: model spectra from labels."""

import json
import logging
from pathlib import Path

import numpy as np

from runaways.emulators import slam, training_grid
from runaways.emulators.emulator import write_emulator
from runaways.spectra import spectral_grid
from scripts.job import arguments


def main():
    args = arguments(__doc__, "grid", "chunk", "chunks", "out", optional=["settings"])
    cfg = args.cfg
    grid = training_grid.treated(spectral_grid.read_grid(args.grid), cfg["labels.continuum"])
    pixels = np.array_split(np.arange(len(grid.wave)), int(args.chunks))[int(args.chunk)]
    if cfg["labels.engine"] == "krr":
        emulator = slam.train_krr(grid, pixels)
    else:
        settings = json.loads(Path(args.settings).read_text()) if args.settings else None
        choices = {key: cfg[f"labels.svr_{key}"] for key in ("c", "gamma", "epsilon")}
        emulator = slam.train_svr(grid, pixels, settings, **choices)
    write_emulator(args.out, emulator)
    logging.info("%d models, %d pixels, %s", *grid.flux.shape, emulator.meta["settings"])


main()

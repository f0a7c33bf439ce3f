"""Hyper-parameters of the support-vector regressions, the same for all pixels."""

import json
import logging
from pathlib import Path

from runaways.emulators import slam, training_grid
from runaways.spectra import spectral_grid
from scripts.job import arguments


def main():
    args = arguments(__doc__, "grid", "out")
    cfg = args.cfg
    grid = training_grid.treated(spectral_grid.read_grid(args.grid), cfg["labels.continuum"])
    choices = {key: cfg[f"labels.svr_{key}"] for key in ("c", "gamma", "epsilon")}
    settings = slam.svr_settings(grid, **choices)
    Path(args.out).write_text(json.dumps(settings, sort_keys=True))
    logging.info("%s", settings)


main()

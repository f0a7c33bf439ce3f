"""Read the spectra of stars, measure radial velocities, bring all epochs to rest and together."""

import logging
from pathlib import Path

from astropy.table import Table

from runaways import grids, observations, star_spectra, tables
from runaways.instruments import INSTRUMENTS
from scripts.job import arguments, in_unit, joined, stamp
from scripts.spectrum_job import files_of, stars_of

READING = ("exposures", "or_mask", "medium", "resolution")


def main():
    products = ("spectra", "epochs", "observations")
    args = arguments(__doc__, "list", *products, lists=["names", "grids"], many=["files"])
    cfg, stars = args.cfg, stars_of(args)
    index = observations.index_files(files_of(args.files))
    index = observations.match_files(index, stars, in_unit(cfg["spectra.radius"], "arcsec"))
    reading = {key: cfg[f"spectra.{key}"] for key in READING} | {"min_snr": cfg["spectra.snr_min"]}
    pixels, epochs, rows, metas = [], [], [], []
    for path in args.grids:
        arm = Path(path).stem.removeprefix("grid_")
        instrument = INSTRUMENTS[arm]
        templates = star_spectra.rv_templates(grids.read_grid(path), instrument)
        for name in stars["star"]:
            mine = star_spectra.files_of(index, name, instrument)
            found = star_spectra.measure_star(mine, templates, instrument, **reading)
            rows.append({"star": name, "arm": arm} | star_spectra.summary(found))
            if found.spectrum is not None:
                metas.append(found.spectrum.meta)
                pixels.append(star_spectra.as_pixels(name, arm, found.spectrum))
                epochs.append(star_spectra.as_epochs(name, arm, found.epochs))
            logging.info("%s %s: %s", name, arm, found.reason or f"{found.rv:.1f} km/s")
    stamps = joined(*metas) | stamp(args)
    tables.write(tables.stack(pixels, "spectra"), args.spectra, "spectra", **stamps)
    tables.write(tables.stack(epochs, "epochs"), args.epochs, "epochs", **stamps)
    tables.write(Table(rows=rows), args.observations, "observations", **stamps)


main()

"""Read the spectra of stars, measure radial velocities, combine all epochs at rest."""

import logging
from pathlib import Path

from astropy.table import Table

from runaways import tables
from runaways.spectra import file_index, spectral_grid, star_spectrum
from runaways.spectra.instruments import INSTRUMENTS
from runaways.spectra.line_spread import read_line_spreads
from scripts.job import arguments, in_unit, joined, stamp
from scripts.spectra.files import files_of
from scripts.stars.listed import listed_stars

READING = ("exposures", "or_mask", "medium", "resolution")


def main():
    products = ("spectra", "epochs", "observations")
    lists = {"lists": ["names", "rows", "grids"], "many": ["files"], "optional": ["line-spread"]}
    args = arguments(__doc__, "list", *products, **lists)
    cfg, stars = args.cfg, listed_stars(args, args.cfg["distance.method"])
    spreads = read_line_spreads(args.line_spread) if args.line_spread else None
    index = file_index.index_files(files_of(args.files))
    index = file_index.match_files(index, stars, in_unit(cfg["spectra.radius"], "arcsec"))
    reading = {key: cfg[f"spectra.{key}"] for key in READING} | {"min_snr": cfg["spectra.snr_min"]}
    pixels, epochs, rows, metas = [], [], [], []
    for path in args.grids:
        arm = Path(path).stem.removeprefix("grid_")
        instrument = INSTRUMENTS[arm]
        templates = star_spectrum.rv_templates(spectral_grid.read_grid(path), instrument)
        for name in stars["star"]:
            mine = star_spectrum.files_of(index, name, instrument)
            found = star_spectrum.measure_star(mine, templates, instrument, spreads, **reading)
            rows.append({"star": name, "arm": arm} | star_spectrum.summary(found))
            if found.spectrum is not None:
                metas.append(found.spectrum.meta)
                pixels.append(star_spectrum.as_pixels(name, arm, found.spectrum))
                epochs.append(star_spectrum.as_epochs(name, arm, found.epochs))
            logging.info("%s %s: %s", name, arm, found.reason or f"{found.rv:.1f} km/s")
    stamps = joined(*metas) | stamp(args)
    tables.write(tables.stack(pixels, "spectra"), args.spectra, "spectra", **stamps)
    tables.write(tables.stack(epochs, "epochs"), args.epochs, "epochs", **stamps)
    tables.write(Table(rows=rows), args.observations, "observations", **stamps)


main()

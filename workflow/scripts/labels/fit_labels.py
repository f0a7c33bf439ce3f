"""Labels of stars from their spectra, one fit for each instrument."""

import logging
from pathlib import Path

from astropy.table import Table

from runaways import tables
from runaways.emulators.emulator import read_emulator
from runaways.labels import measuring
from runaways.spectra import star_spectrum
from scripts.job import arguments, in_unit, joined, stamp


def main():
    lists = ("names", "emulators")
    products = ("fits", "pixels")
    args = arguments(__doc__, "spectra", "observations", "subtypes", *products, lists=lists)
    pixels = tables.read(args.spectra, "spectra")
    seen = tables.read(args.observations, "observations")
    types = {row["star"]: row for row in tables.read(args.subtypes, "subtypes")}
    settings = {"mode": args.cfg["labels.continuum"]}
    settings["resolution_error"] = in_unit(args.cfg["spectra.resolution_error"], "")
    rows, fits, metas = [], [], [pixels.meta]
    for path in args.emulators:
        arm = Path(path).stem.removeprefix("emulator_")
        emulator = read_emulator(path)
        metas.append(emulator.meta)
        for name in args.names:
            star, fit, spectrum = {"star": name, "arm": arm}, None, None
            mine = pixels[(pixels["star"] == name) & (pixels["arm"] == arm)]
            if len(mine):
                rv = seen[(seen["star"] == name) & (seen["arm"] == arm)][0]
                spectrum = star_spectrum.from_pixels(mine)
                velocity = rv["rv_measured"], rv["rv_measured_error"]
                how = settings | {"luminosity_class": str(types[name]["luminosity_class"])}
                if args.cfg["labels.macroturbulence"] == "none":
                    how["luminosity_class"] = None
                fit, spectrum = measuring.measure_labels(emulator, spectrum, *velocity, **how)
                fits.append(measuring.as_pixels(name, arm, fit, spectrum))
            rows.append(star | measuring.as_row(fit, spectrum, types[name]))
            logging.info(
                "%s %s: %.0f K %s", name, arm, *map(rows[-1].get, ("teff", "labels_reason"))
            )
    stamps = joined(*metas) | stamp(args)
    tables.write(Table(rows=rows), args.fits, "label_fits", **stamps)
    tables.write(tables.stack(fits, "best_fits"), args.pixels, "best_fits", **stamps)


main()

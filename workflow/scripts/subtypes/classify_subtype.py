"""Equivalent widths of the lines that order B stars, and subtypes, of stars' LRS spectra."""

import logging

from astropy.table import Table

from runaways import tables
from runaways.spectra import star_spectrum
from runaways.subtypes import classification
from runaways.subtypes.line_indices import INDICES, equivalent_widths
from runaways.subtypes.standard_widths import interpolate_standards
from scripts.job import arguments, joined, stamp


def main():
    args = arguments(__doc__, "spectra", "standards", "indices", "subtypes", lists=["names"])
    pixels = tables.read(args.spectra, "spectra")
    stamps = joined(pixels.meta) | stamp(args)
    pixels = pixels[pixels["arm"] == "lrs"]
    grid = interpolate_standards(Table.read(args.standards, format="ascii.ecsv"))
    widths, rows = [], []
    for name in args.names:
        mine = pixels[pixels["star"] == name]
        if not len(mine):
            rows.append({"star": name} | classification.as_row(None))
            continue
        spectrum = star_spectrum.from_pixels(mine)
        width, error = equivalent_widths(spectrum)
        part = Table({"line_index": list(INDICES), "equivalent_width": width})
        part["equivalent_width_error"], part["star"] = error, name
        widths.append(part)
        rows.append({"star": name} | classification.as_row(classification.classify(spectrum, grid)))
        logging.info("%s: %s %s", name, rows[-1]["subtype"], rows[-1]["luminosity_class"])
    tables.write(tables.stack(widths, "line_indices"), args.indices, "line_indices", **stamps)
    tables.write(Table(rows=rows), args.subtypes, "subtypes", **stamps)


main()

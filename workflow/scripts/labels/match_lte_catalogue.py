"""Labels of the stars in a catalogue of LTE labels, by Gaia id and position."""

import logging

from runaways import tables
from runaways.labels import lte_catalogue
from scripts.job import arguments, in_unit, stamp


def main():
    args = arguments(__doc__, "stars", "catalogue", "out")
    stars = tables.read(args.stars, "stars")
    radius = in_unit(args.cfg["labels.lte_radius"], "arcsec")
    catalogue = lte_catalogue.read_catalogue(args.catalogue)
    for note in catalogue.meta["notes"]:
        logging.warning(note)
    out = lte_catalogue.match(stars, catalogue, radius)
    tables.write(out, args.out, "lte_labels", catalogue=args.catalogue, **stamp(args))
    logging.info("%d of %d stars are in %s", len(out), len(stars), args.catalogue)


main()

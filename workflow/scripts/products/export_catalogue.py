"""The catalogue in the formats people ask for: ECSV, VOTable, FITS, CDS/MRT."""

import logging
from pathlib import Path

from runaways import tables
from runaways.products import export
from scripts.job import arguments


def main():
    args = arguments(__doc__, "catalogue", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    for path in args.out:
        tables.save(export.prepared(catalogue, Path(path).suffix), path)
        logging.info("%s: %d rows", path, len(catalogue))


main()

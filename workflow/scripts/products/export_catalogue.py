"""The catalogue in the formats people ask for: ECSV, VOTable, FITS, MRT, CDS, LaTeX."""

import logging
from pathlib import Path

from runaways import tables
from runaways.products import cds, export, latex
from scripts.job import arguments


def main():
    args = arguments(__doc__, "catalogue", "readme", "latex", lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    for path in args.out:
        export.write(catalogue, path)
        logging.info("%s: %d rows", path, len(catalogue))
    cds.write_folder(catalogue, args.readme)
    Path(args.latex).write_text(latex.table_of(catalogue))


main()

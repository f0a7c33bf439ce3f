"""Which stars are in catalogues of horizontal-branch stars, by id and by position."""

import logging
from pathlib import Path

from runaways import tables
from runaways.selection import bhb
from scripts.job import arguments, in_unit, stamp


def main():
    args = arguments(__doc__, "stars", "out")
    catalogues = [
        (Path(entry["file"]).name, bhb.read_contaminants(entry["file"]), entry["epoch"])
        for entry in args.cfg["bhb.catalogues"]
    ]
    for _, entries, _ in catalogues:
        for note in entries.meta["notes"]:
            logging.warning(note)
    radius = in_unit(args.cfg["bhb.radius"], "arcsec")
    stars = tables.read(args.stars, "stars")
    out = bhb.match_contaminants(stars, catalogues, radius)
    tables.write(out, args.out, "bhb", **stamp(args))
    logging.info("%d of %d stars in %d catalogues", sum(out["is_bhb"]), len(out), len(catalogues))


main()

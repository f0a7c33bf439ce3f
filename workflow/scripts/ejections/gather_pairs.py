"""The named hypotheses of the configuration, one row each."""

import logging

from runaways import tables
from scripts.job import arguments, joined, stamp


def main():
    args = arguments(__doc__, "out", many=["pairs"])
    parts = [tables.read(path, "pairs") for path in args.pairs]
    provenance = joined(*(part.meta for part in parts)) | stamp(args)
    tables.write(tables.stack(parts, "pairs"), args.out, "pairs", **provenance)
    for part in parts:
        logging.info(part["why"][0])


main()

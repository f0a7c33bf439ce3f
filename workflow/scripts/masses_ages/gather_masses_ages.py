"""Masses and ages of all stars in one table, in the order of the list."""

import logging

from layout import batches
from runaways import tables
from scripts.job import arguments, joined, stamp


def main():
    args = arguments(__doc__, "stars", "folder", "stars-per-job", "masses-by", "out")
    names = tables.read(args.stars, "stars")["star"].tolist()
    folders = batches(names, int(args.stars_per_job))
    paths = [f"{args.folder}/{folder}/masses_ages.parquet" for folder in folders]
    out = tables.gather(paths, "masses_ages", code=args.masses_by)
    stand_in = joined(out.meta)
    tables.write(out, args.out, "masses_ages", **stand_in, **stamp(args))
    logging.info("%d stars from %d files", len(out), len(paths))


main()

"""The ejections of all stars of the list, in its order, and every source above one per cent."""

import logging
from collections import Counter

from layout import batches
from runaways import tables
from scripts.job import arguments, joined, stamp

TABLES = ("ejections", "ejection_sources")


def main():
    args = arguments(__doc__, "stars", "folder", "stars-per-job", "fitted-with", "fitted-by", lists=TABLES)
    stars = tables.read(args.stars, "stars")
    folders = batches(stars["star"].tolist(), int(args.stars_per_job))
    fitted = {"config": args.fitted_with, "code": args.fitted_by}
    for name in TABLES:
        paths = [f"{args.folder}/{folder}/{name}.parquet" for folder in folders]
        table = tables.gather(paths, name, **fitted)
        for path in getattr(args, name):
            tables.write(table, path, name, **joined(table.meta), **stamp(args))
        if name == "ejections":
            for verdict, count in Counter(table["verdict"].tolist()).most_common():
                logging.info("%d stars: %s", count, verdict)


main()

"""The ejections of all stars of the list, in its order, and every source above one per cent."""

import logging
from collections import Counter

from layout import batches
from runaways import tables
from scripts.job import arguments, joined, stamp


def main():
    names = ("stars", "folder", "stars-per-job", "fitted-with", "fitted-by", "ejection-sources")
    args = arguments(__doc__, *names, lists=["ejections"])
    stars = tables.read(args.stars, "stars")
    folders = batches(stars["star"].tolist(), int(args.stars_per_job))

    def gathered(name):
        paths = [f"{args.folder}/{folder}/{name}.parquet" for folder in folders]
        return tables.gather(paths, name, config=args.fitted_with, code=args.fitted_by)

    ejections = gathered("ejections")
    provenance = joined(ejections.meta) | stamp(args)
    for path in args.ejections:
        tables.write(ejections, path, "ejections", **provenance)
    tables.write(
        gathered("ejection_sources"), args.ejection_sources, "ejection_sources", **provenance
    )
    for verdict, count in Counter(ejections["verdict"].tolist()).most_common():
        logging.info("%d stars: %s", count, verdict)


main()

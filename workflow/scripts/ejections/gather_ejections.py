"""The ejections of all stars of the list, in its order, and every source above one per cent."""

import json
import logging
from collections import Counter

from layout import batches
from runaways import tables
from runaways.ejections.variants import compare
from scripts.job import arguments, joined, stamp


def main():
    names = ("stars", "folder", "stars-per-job", "fitted-with", "fitted-by", "ejection-sources")
    args = arguments(__doc__, *names, "variants", lists=["ejections"])
    stars = tables.read(args.stars, "stars")
    folders = batches(stars["star"].tolist(), int(args.stars_per_job))

    def gathered(name, where="", made_with=args.fitted_with):
        paths = [f"{args.folder}{where}/stars/{folder}/{name}.parquet" for folder in folders]
        return tables.gather(paths, name, config=made_with, code=args.fitted_by)

    variants = {
        name: gathered("ejections", f"/variants/{name}", made_with)
        for name, made_with in json.loads(args.variants).items()
    }
    ejections = compare(gathered("ejections"), list(variants.values()))
    provenance = joined(ejections.meta) | stamp(args)
    for path in args.ejections:
        tables.write(ejections, path, "ejections", **provenance)
    tables.write(
        gathered("ejection_sources"), args.ejection_sources, "ejection_sources", **provenance
    )
    for verdict, count in Counter(ejections["verdict"].tolist()).most_common():
        logging.info("%d stars: %s", count, verdict)
    if variants:
        stable = ejections["verdict_stable"].sum()
        logging.info("%d stars: the same in all of %s", stable, ", ".join(variants))


main()

"""Subtype, radial velocity and labels of every star, the two instruments joined."""

import logging

from layout import batches
from runaways import tables
from runaways.labels import adoption
from scripts.job import arguments, joined, stamp
from scripts.labels.adopted import adopted


def main():
    made = ("fitted-by", "measured-by", "classified-by")
    args = arguments(
        __doc__, "stars", "folder", "stars-per-job", *made, lists=["out"], optional=["lte"]
    )
    stars = tables.read(args.stars, "stars")
    folders = batches(stars["star"].tolist(), int(args.stars_per_job))

    def gathered(name, code):
        paths = [f"{args.folder}/{folder}/{name}.parquet" for folder in folders]
        return tables.gather(paths, name, code=code)

    fits = gathered("label_fits", args.fitted_by)
    observations = gathered("observations", args.measured_by)
    subtypes = gathered("subtypes", args.classified_by)
    mine = adopted(args.cfg, fits, args.lte)
    out = adoption.summarise(stars["star"], mine, observations, subtypes)
    for path in args.out:
        tables.write(out, path, "labels", **joined(fits.meta), **stamp(args))
    logging.info("%d stars, %d with labels", len(out), int((out["teff"] > 0).sum()))


main()

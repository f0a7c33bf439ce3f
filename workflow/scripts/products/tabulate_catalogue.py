"""The catalogue: one row for each star of the list, in its order; and the failed ones."""

import logging

from layout import batches
from runaways import tables
from runaways.masses_ages.ages import with_masses_ages
from runaways.orbits import age_null
from runaways.products import catalogue, vo
from runaways.stars.assumptions import assumptions
from scripts.job import arguments, joined, stamp
from scripts.labels.adopted import with_labels
from scripts.stars.measured import complete

SAMPLES = ("selection", "bhb", "distance_checks", "old_stars", "origins")


def main():
    names = ("stars", "velocities", "folder", "stars-per-job", "disk-with", "disk-by", "masses-by")
    samples = [name.replace("_", "-") for name in SAMPLES] + ["clusters", "ejections"]
    args = arguments(__doc__, *names, *samples, "catalogue", "failed", optional=["labels"])
    stars = tables.read(args.stars, "stars")
    folders = batches(stars["star"].tolist(), int(args.stars_per_job))
    made = {"config": args.disk_with, "code": args.disk_by}
    disk = tables.gather([f"{args.folder}/{f}/disk.parquet" for f in folders], "disk", **made)
    paths = [f"{args.folder}/{folder}/masses_ages.parquet" for folder in folders]
    predicted = tables.gather(paths, "masses_ages", code=args.masses_by)
    stars = with_masses_ages(stars, predicted, args.cfg["orbits.age"])
    adopt = args.cfg["labels.adopt"]
    labels = tables.read(args.labels, "labels") if args.labels else None
    best = tables.read(args.clusters, "best_clusters")
    if adopt == "measured":
        stars = with_labels(args, stars, labels)
    measured = complete(args, stars)
    paths = [f"{args.folder}/{folder}/disk_curve.parquet" for folder in folders]
    curves = (tables.gather([path], "disk_curve", **made) for path in paths)
    nulls = age_null.null_of_ages(curves, stars["star"], measured["age"], measured["age_error"])
    judged = args.cfg["disk"]["null_draws"], args.cfg["disk"]["evidence_min"]
    out = catalogue.assemble(
        stars,
        measured,
        tables.read(args.velocities, "velocities"),
        predicted,
        age_null.judge(disk, nulls, *judged),
        best,
        tables.read(args.ejections, "ejections"),
        [tables.read(vars(args)[name], name) for name in SAMPLES],
        labels,
        adopt,
    )
    stand_in = joined(predicted.meta)
    for name, part in (("spectra", labels), ("clusters", best)):
        if part is not None and "stand_in" in part.meta:
            stand_in[f"stand_in_{name}"] = part.meta["stand_in"]
    said = assumptions(stars, out, args.cfg["errors"])
    tables.write(out, args.catalogue, "catalogue", **stand_in, **said, **stamp(args))
    vo.add_votable(args.catalogue, tables.read(args.catalogue, "catalogue"))
    failed = out[out["status"] == "failed"]["star", "reason"]
    tables.write(failed, args.failed, "failed", **stamp(args))
    logging.info("%d stars, %d failed", len(out), len(failed))


main()

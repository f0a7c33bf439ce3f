"""Verdicts on all pairs of a star and a cluster, and the best cluster of each star."""

import logging

import numpy as np
from astropy.table import vstack

from layout import batches
from runaways import tables
from runaways.encounters import evidence, verdicts
from runaways.masses_ages.ages import PUBLISHED
from scripts.frame import frame
from scripts.job import arguments, in_unit, joined, stamp
from scripts.labels.adopted import with_labels
from scripts.stars.measured import complete

LIMITS = ("fdr", "p_encounter_min", "mh_sigma_max", "reach_max", "possible_min")


def main():
    names = ("stars", "velocities", "clusters", "folder", "stars-per-job", "matched-with")
    names += ("matched-by", "encounters", "ecsv", "best")
    args = arguments(__doc__, *names, many=["pairs", "elsewhere"], optional=["labels"])
    cfg, sun = args.cfg, frame(args.cfg["frame"])
    stars, clusters = tables.read(args.stars, "stars"), tables.read(args.clusters, "clusters")
    folders = batches(stars["star"].tolist(), int(args.stars_per_job))
    made = {"config": args.matched_with, "code": args.matched_by}
    pairs = [tables.read(path, "closest_approaches") for path in args.pairs]
    labels = tables.read(args.labels, "labels") if args.labels else None
    measured = complete(args, with_labels(args, stars, labels))
    velocities = tables.read(args.velocities, "velocities")
    radii = {name: in_unit(cfg[f"clusters.{name}"], "pc") for name in ("radius", "search_radius")}
    paths = [f"{args.folder}/{folder}/encounter_search.parquet" for folder in folders]
    searched = tables.gather(paths, "encounter_search", **made)
    ages = (measured if cfg["orbits.age"] == PUBLISHED else searched)["age"]
    facts = evidence.facts(velocities, measured, ages)
    found = []
    for folder, names in folders.items():  # one after another: of thousands of stars it is GB
        parts = {"encounter_search": searched}
        for name in ("closest_approaches", "chance_encounters"):
            parts[name] = tables.gather([f"{args.folder}/{folder}/{name}.parquet"], name, **made)
        mine = facts[np.isin(facts["star"], names)]
        found.append(evidence.evidence_of_all(parts, pairs, clusters, mine, sun, **radii))
    found = vstack(found)
    limits = {name: cfg[f"clusters.{name}"] for name in LIMITS}
    limits["ejection_velocity_max"] = in_unit(cfg["clusters.ejection_velocity_max"], "km / s")
    judged = verdicts.judge(found, searched, verdicts.Thresholds(**limits), _elsewhere(args))
    stand_in = joined(clusters.meta)
    for path in (args.encounters, args.ecsv):
        tables.write(judged, path, "encounters", **stand_in, **stamp(args))
    best = verdicts.best_clusters(judged, searched)
    tables.write(best, args.best, "best_clusters", **stand_in, **stamp(args))
    logging.info("%d pairs, %d candidates", len(judged), sum(judged["verdict"] == "candidate"))


def _elsewhere(args):
    """Pairs that have a hundredth or more in a variant of `ejections.ensemble`, if there is one."""
    if not args.elsewhere:
        return None
    listed = tables.gather(args.elsewhere, "ejection_sources")
    pairs = zip(listed["star"], listed["source_of_ejection"], listed["source_kind"])
    return {(str(star), str(source)) for star, source, kind in pairs if kind == "cluster"}


main()

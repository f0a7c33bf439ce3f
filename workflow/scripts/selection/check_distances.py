"""Distances by spectrum against parallaxes, and how likely each star is an old one."""

import logging

import numpy as np
from astropy.table import Table

from runaways import tables
from runaways.selection import distance_check, main_sequence, old_stars
from scripts.job import arguments, joined, stamp
from scripts.labels.adopted import with_labels
from scripts.stars.measured import complete

PHOTOMETRY = ("phot_g_mean_mag", "ag", "ag_error")
SPEEDS = ("v_sp", "v_sp_error", "v_tan", "v_tan_error")


def main():
    names = ("stars", "tracks", "velocities", "bhb", "out", "old")
    args = arguments(__doc__, *names, optional=["labels"])
    stars = tables.read(args.stars, "stars")
    labels = tables.read(args.labels, "labels") if args.labels else None
    sample = complete(args, with_labels(args, stars, labels))
    for name in PHOTOMETRY:
        sample[name] = tables.column(stars, name)
    speeds = tables.read(args.velocities, "velocities")
    for name in SPEEDS:
        sample[name] = np.asarray(speeds[name])
    sample["is_bhb"] = np.asarray(tables.read(args.bhb, "bhb")["is_bhb"])
    tracks = Table.read(args.tracks)
    young = main_sequence.model_stars(tracks)
    for name, values in old_stars.luminosity_of_labels(sample, young).items():
        sample[name] = values
    made = joined(tracks.meta) | stamp(args)
    cfg = args.cfg
    checks = distance_check.check_distance(sample, cfg["bhb.max_tension"])
    tables.write(checks, args.out, "distance_checks", **made)
    old = old_stars.classify(sample, young, cfg["bhb.share"], cfg["bhb.purity"])
    tables.write(old, args.old, "old_stars", **made)
    underluminous = sum(checks["distance_check"] == distance_check.UNDERLUMINOUS)
    likely = np.sum(np.nan_to_num(old["p_bhb"]) > 0.5)
    logging.info("%d underluminous, %d more likely old than young", underluminous, likely)


main()

"""What the scripts of stars share: a list's stars with every measurement completed."""

import numpy as np

from runaways import distance_prior, measurements, star_list
from scripts.job import assumed_errors, frame, in_unit


def measured_stars(args, ages=None, labels=None):
    """The stars ``--names`` of ``--list``, with every error, radial velocity and age.

    `ages`, where given, has star, age and age_error to put in place of the list's; `labels` is as
    from `labels.adopt_labels`.
    """
    stars, _ = star_list.read(args.list, args.cfg["distance"]["method"])
    stars = stars[np.isin(stars["star"], args.names)]
    if ages is not None:
        stars = measurements.with_ages(stars, ages)
    return complete(args, stars, labels)


def complete(args, stars, labels=None):
    """`measurements.complete` by the settings of frame, distance and errors."""
    distance = dict(args.cfg["distance"])
    method, path, length = (distance.pop(name) for name in ("method", "prior", "edsd_length"))
    errors = assumed_errors(args.cfg["errors"])
    if labels is not None:
        stars = measurements.with_labels(stars, labels, errors)
    return measurements.complete(
        stars,
        frame(args.cfg["frame"]),
        errors,
        method,
        prior=distance_prior.read_prior(path) if path else None,
        edsd_length=None if length == "published" else in_unit(length, "kpc"),
        **distance,
    )

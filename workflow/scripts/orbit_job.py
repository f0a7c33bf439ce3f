"""What the scripts of orbits share: the stars of a job, from the list."""

import numpy as np

from runaways import measurements, star_list
from scripts.job import assumed_errors, frame


def measured_stars(args, ages=None, labels=None):
    """The stars ``--names`` of ``--list``, with every error, radial velocity and age.

    `ages`, where given, has star, age and age_error to put in place of the list's; `labels` is as
    from `labels.adopt_labels`.
    """
    method = args.cfg["distance"]["method"]
    stars, _ = star_list.read(args.list, method)
    stars = stars[np.isin(stars["star"], args.names)]
    if ages is not None:
        stars = measurements.with_ages(stars, ages)
    errors = assumed_errors(args.cfg["errors"])
    if labels is not None:
        stars = measurements.with_labels(stars, labels, errors)
    return measurements.complete(stars, frame(args.cfg["frame"]), errors, method)

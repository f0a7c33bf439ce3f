"""What the scripts of orbits share: the stars of a job, from the list."""

import numpy as np

from runaways import measurements, star_list, tables
from scripts.job import assumed_errors, frame


def measured_stars(args, predicted=""):
    """The stars ``--names`` of ``--list``, with every error, radial velocity and age."""
    method = args.cfg["distance"]["method"]
    stars, _ = star_list.read(args.list, method)
    stars = stars[np.isin(stars["star"], args.names)]
    if predicted:
        ages = tables.read(predicted, "masses_ages")
        stars = measurements.with_predicted_ages(stars, ages)
    errors = assumed_errors(args.cfg["errors"])
    return measurements.complete(stars, frame(args.cfg["frame"]), errors, method)

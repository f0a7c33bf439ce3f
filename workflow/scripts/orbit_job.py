"""What the scripts of orbits share: the stars of a job, from the list."""

import numpy as np

from runaways import measurements, star_list
from scripts.job import assumed_errors, frame


def measured_stars(args):
    """The stars ``--names`` of ``--list``, with every error and radial velocity."""
    method = args.cfg["distance"]["method"]
    stars, _ = star_list.read(args.list, method)
    stars = stars[np.isin(stars["star"], args.names)]
    errors = assumed_errors(args.cfg["errors"])
    return measurements.complete(stars, frame(args.cfg["frame"]), errors, method)

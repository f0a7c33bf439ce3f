"""What the scripts of stars share: a list's stars with every measurement completed."""

import numpy as np

from runaways.stars import distance_prior, measurements, star_list
from scripts.frame import printed_frame
from scripts.job import OF_BINARIES, assumed_errors, in_unit


def stars_of(args):
    """The stars ``--names`` of ``--list``, in its order."""
    stars, _ = star_list.read(args.list, args.cfg["distance"]["method"])
    return stars[np.isin(stars["star"], args.names)]


def measured_stars(args, ages=None):
    """The stars ``--names`` of ``--list``, with every error, radial velocity and age.

    `ages`, where given, has star, age and age_error to put in place of the list's.
    """
    stars = stars_of(args)
    return complete(args, stars if ages is None else measurements.with_ages(stars, ages))


def complete(args, stars):
    """`measurements.complete` by the settings of frame, distance and errors."""
    distance = dict(args.cfg["distance"])
    method, path, length = (distance.pop(name) for name in ("method", "prior", "edsd_length"))
    return measurements.complete(
        stars,
        printed_frame(args.cfg["frame"]),
        assumed_errors(args.cfg["errors"]),
        method,
        prior=distance_prior.read_prior(path) if path else None,
        edsd_length=None if length == "published" else in_unit(length, "kpc"),
        **distance,
        **{name: args.cfg["errors"][name] for name in OF_BINARIES},
    )

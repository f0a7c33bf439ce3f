"""What the scripts of stars share: a list's stars with every measurement completed."""

from runaways import tables
from runaways.masses_ages.ages import with_masses_ages
from runaways.stars import distance_prior, measurements
from scripts.frame import printed_frame
from scripts.job import OF_BINARIES, assumed_errors, in_unit
from scripts.stars.listed import listed_stars


def stars_of(args):
    """The stars ``--names`` of ``--list``, in its order."""
    return listed_stars(args, args.cfg["distance"]["method"])


def measured_stars(args):
    """The stars ``--names`` of ``--list``, with every error, radial velocity and age."""
    return complete(args, with_ages(args, stars_of(args)))


def with_ages(args, stars):
    """The stars with mass and age by ``orbits.age``; ``--predicted`` are tables masses_ages."""
    paths = [args.predicted] if isinstance(args.predicted, str) else args.predicted
    predicted = tables.gather(paths, "masses_ages") if any(paths) else None
    return with_masses_ages(stars, predicted, args.cfg["orbits.age"])


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

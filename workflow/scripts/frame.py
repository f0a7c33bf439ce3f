"""The frame, for the scripts whose numbers depend on it."""

from runaways.frames import Frame
from scripts.job import in_unit


def frame(settings):
    """Section `frame` of the configuration."""
    return Frame(
        r0=in_unit(settings["r0"], "kpc"),
        v_circ=in_unit(settings["v_circ"], "km / s"),
        v_sun=tuple(in_unit(value, "km / s") for value in settings["v_sun"]),
        z_sun=in_unit(settings["z_sun"], "kpc"),
    )

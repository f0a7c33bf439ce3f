"""The frame, for the scripts whose numbers depend on it."""

from dataclasses import replace

from runaways.frames import PRESETS
from scripts.job import in_unit


def frame(settings):
    """Section `frame` of the configuration: its preset, with what stands beside it."""
    own = {name: settings[name] for name in ("r0", "z_sun") if name in settings}
    own = {name: in_unit(text, "kpc") for name, text in own.items()}
    if "v_circ" in settings:
        own["v_circ"] = in_unit(settings["v_circ"], "km / s")
    if "v_sun" in settings:
        own["v_sun"] = tuple(in_unit(value, "km / s") for value in settings["v_sun"])
    return replace(PRESETS[settings["preset"]], **own)


def printed_frame(settings):
    """What the printed vectors and speeds of a list were made in."""
    return PRESETS[settings["printed"]]

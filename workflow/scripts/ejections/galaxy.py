"""The Galaxy that stars are ejected in, by the settings of frame, potential and priors."""

from dataclasses import fields

from runaways.ejections.galaxy import Galaxy
from runaways.ejections.priors import UNITS, Priors
from runaways.orbits import integration, patterns
from scripts.frame import frame
from scripts.job import in_unit


def galaxy(cfg):
    """`Galaxy` of a rule's settings."""
    smooth = integration.potential(cfg["orbits.potential"], frame(cfg["frame"]))
    return Galaxy(
        _patterned(smooth, cfg),
        in_unit(cfg["ejections.look_back_max"], "Myr"),
        priors(cfg["ejections.priors"]),
    )


def _patterned(smooth, cfg):
    """The Galaxy with what turns in it as a whole, if anything does."""
    match cfg["ejections.pattern"]:
        case "bar":
            made = cfg["ejections.bar"]
            speed = in_unit(made["pattern_speed"], "km / (s kpc)")
            bar = patterns.Bar(speed, in_unit(made["angle"], "deg"), made["strength"])
            return patterns.with_bar(smooth, bar)
        case "spiral_arms":
            made = cfg["ejections.spiral_arms"]
            angles = {name: in_unit(made[name], "deg") for name in ("pitch", "phase")}
            made = made | angles | {"arms": int(made["arms"])}
            return patterns.with_spiral_arms(smooth, patterns.SpiralArms(**made))
    return smooth


def priors(settings):
    """Section `ejections.priors` of the configuration as numbers."""
    return Priors(**{field.name: _plain(settings, field.name) for field in fields(Priors)})


def _plain(settings, name):
    value, unit = settings[name], UNITS.get(name)
    if isinstance(value, list):
        return tuple(_number(item, unit) for item in value)
    return _number(value, unit)


def _number(value, unit):
    return float(value) if unit is None else in_unit(value, unit)

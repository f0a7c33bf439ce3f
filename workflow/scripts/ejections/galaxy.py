"""The Galaxy that stars are ejected in, by the settings of frame, potential and priors."""

from runaways.ejections.galaxy import Galaxy
from runaways.orbits import patterns
from scripts.ejections.priors import priors
from scripts.job import in_unit
from scripts.potential import potential


def galaxy(args):
    """`Galaxy` of a rule's settings, and its table of forces where it has one."""
    cfg = args.cfg
    return Galaxy(
        _patterned(potential(cfg, args.potential), cfg),
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

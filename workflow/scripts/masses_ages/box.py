"""Limits of the training grid, for the scripts that make, use or draw it."""

from scripts.job import in_unit


def track_box(settings):
    """Limits of the training grid in section `tracks`, as numbers."""
    box = {"mass_max": in_unit(settings["mass_max"], "solMass")}
    box |= {f"teff_{end}": in_unit(settings[f"teff_{end}"], "K") for end in ("min", "max")}
    return box | {
        f"{n}_{end}": settings[f"{n}_{end}"] for n in ("logg", "mh") for end in ("min", "max")
    }

"""The Galactic potential, for the scripts that trace orbits or need its rotation."""

import logging

from runaways.orbits import potentials
from scripts.frame import frame


def potential(cfg, path=""):
    """The potential of a rule's settings, with a line in the log that says which it is.

    With the path of its table orbits are traced by it, and nothing asks galpy.
    """
    where = (cfg["orbits.potential"], frame(cfg["frame"]), cfg["orbits.rescale"])
    if not path:
        pot = potentials.potential(*where)
        logging.info("%s", pot)
        return pot
    from runaways.orbits import force_table  # numba: only where it is used

    table = force_table.read(path)
    logging.info("%s", table.meta["summary"])
    return potentials.potential(*where, table)


def rotating_frame(cfg):
    """The frame with the rotation that peculiar velocities are relative to, and its name."""
    if cfg["selection.rotation_curve"] == "flat":
        flat = frame(cfg["frame"])
        return flat, f"flat, {flat.v_circ:g} km/s"
    pot = potential(cfg)
    return potentials.with_rotation_curve(pot), pot.name

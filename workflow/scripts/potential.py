"""The Galactic potential, for the scripts that trace orbits or need its rotation."""

import logging

from runaways.orbits import integration
from scripts.frame import frame


def potential(cfg):
    """The potential of a rule's settings, with a line in the log that says which it is."""
    pot = integration.potential(cfg["orbits.potential"], frame(cfg["frame"]), cfg["orbits.rescale"])
    logging.info("%s", pot)
    return pot


def rotating_frame(cfg):
    """The frame with the rotation that peculiar velocities are relative to, and its name."""
    if cfg["selection.rotation_curve"] == "flat":
        flat = frame(cfg["frame"])
        return flat, f"flat, {flat.v_circ:g} km/s"
    pot = potential(cfg)
    return integration.with_rotation_curve(pot), pot.name

"""Peculiar velocities of all stars, and their places and velocities in the Galaxy."""

import logging

import numpy as np
from astropy.table import Table

from runaways import frames, tables
from runaways.stars import velocities
from scripts.job import arguments, stamp
from scripts.potential import rotating_frame
from scripts.stars.measured import complete

KINEMATICS = ("ra", "dec", "distance", "pmra", "pmdec", "rv")
COPIED = ("star", "distance", "distance_error", "distance_lower", "distance_upper")
COPIED += ("parallax_zero_point", "rv", "rv_alternative", "rv_error", "rv_source", "p_rv_orbital")


def main():
    args = arguments(__doc__, "stars", "out")
    sun, rotation = rotating_frame(args.cfg)
    stars = complete(args, tables.read(args.stars, "stars"))
    out = Table({name: stars[name] for name in COPIED})
    kinematics = [np.asarray(stars[name]) for name in KINEMATICS]
    errors = {name: stars[f"{name}_error"] for name in KINEMATICS[2:]}
    peculiar = velocities.peculiar_velocity(*kinematics, sun)
    uncertain = velocities.peculiar_velocity_errors(*kinematics, errors, sun)
    for name, value, error in zip(("v_tan", "v_rad", "v_sp"), peculiar, uncertain):
        out[name], out[f"{name}_error"] = value, error
    out["v_sp_rotation"] = np.full(len(out), rotation)
    place, speed = frames.galactocentric(*frames.heliocentric(*kinematics), sun)
    for axis, x, v in zip("xyz", place, speed):
        out[axis], out[f"v_{axis}"] = x, v
    tables.write(out, args.out, "velocities", **stamp(args))
    known = np.isfinite(out["v_sp"]).sum()
    shifted = np.count_nonzero(np.nan_to_num(out["parallax_zero_point"]))
    text = "%d stars, %d with a space velocity, %d with a parallax zero point"
    logging.info(text, len(out), known, shifted)


main()

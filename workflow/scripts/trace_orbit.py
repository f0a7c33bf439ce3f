"""Nominal orbits of stars, and the horizon of their tracebacks."""

import logging

import numpy as np
from astropy.table import vstack

from runaways import horizon, measurements, orbits, star_list, tables
from scripts.job import arguments, assumed_errors, frame, in_unit, stamp


def main():
    args = arguments(__doc__, "list", "orbit", "horizon", lists=["names"])
    cfg, sun = args.cfg, frame(args.cfg["frame"])
    stars, _ = star_list.read(args.list, cfg["distance"]["method"])
    stars = stars[np.isin(stars["star"], args.names)]
    stars = measurements.complete(
        stars, sun, assumed_errors(cfg["errors"]), cfg["distance"]["method"]
    )
    pot = orbits.potential(cfg["orbits.potential"], sun)
    span = in_unit(cfg["orbits.null_time"], "Myr")
    paths, curves = [], []
    for star in stars:
        paths.append(orbits.nominal(star, pot))
        curves.append(horizon.curve(star, pot, cfg["seed"], cfg["orbits.sampler"], span))
        logging.info("%s: %s", star["star"], star["reason"] or f"{star['age']:.1f} Myr traced")
    tables.write(vstack(paths), args.orbit, "orbit", **stamp(args))
    tables.write(vstack(curves), args.horizon, "horizon", **stamp(args))


main()

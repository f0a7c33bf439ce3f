"""Nominal orbits of stars, the horizon of their tracebacks, and their heights at any time."""

import logging

from astropy.table import vstack

from runaways import tables
from runaways.orbits import heights, horizon, integration
from scripts.job import arguments, in_unit, stamp
from scripts.potential import potential
from scripts.stars.measured import measured_stars


def main():
    outputs = ("orbit", "horizon", "heights")
    options = {"lists": ["names", "rows"], "optional": ["predicted", "potential"]}
    args = arguments(__doc__, "list", *outputs, **options)
    cfg = args.cfg
    pot = potential(cfg, args.potential)
    span = in_unit(cfg["orbits.null_time"], "Myr")
    paths, curves, levels = [], [], []
    for star in measured_stars(args):
        paths.append(integration.nominal(star, pot))
        curves.append(horizon.curve(star, pot, cfg["seed"], cfg["orbits.sampler"], span))
        levels.append(heights.heights(star, pot, cfg["seed"], cfg["orbits.sampler"], span))
        logging.info("%s: %s", star["star"], star["reason"] or f"{star['age']:.1f} Myr traced")
    tables.write(vstack(paths), args.orbit, "orbit", **stamp(args))
    tables.write(vstack(curves), args.horizon, "horizon", **stamp(args))
    tables.write(vstack(levels), args.heights, "heights", **stamp(args))


main()

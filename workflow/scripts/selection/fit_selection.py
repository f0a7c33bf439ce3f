"""Fits of the velocities, thresholds, who is a runaway and with what probability."""

import logging

import numpy as np
from astropy.table import hstack

from runaways import tables
from runaways.selection import criteria, population
from scripts.job import arguments, in_unit, stamp
from scripts.potential import rotating_frame
from scripts.stars.measured import complete


def main():
    args = arguments(__doc__, "stars", "velocities", "bhb", "fits", "selection")
    cfg, (sun, _) = args.cfg["selection"], rotating_frame(args.cfg)
    stars = tables.read(args.stars, "stars")
    measured = complete(args, stars)
    speeds = tables.read(args.velocities, "velocities")
    gates = criteria.quality_gates(stars, **cfg["quality"])
    usable = np.asarray(gates["passes_quality"] & ~tables.read(args.bhb, "bhb")["is_bhb"])
    fits = population.fit_population(measured, usable, sun) if cfg["fit"] != "none" else {}
    given = [in_unit(cfg[name], "km / s") for name in ("v_sp_min", "v_tan_min")]
    lines = population.thresholds(fits, cfg["fit"], cfg["fit_errors"], given)
    limits = {name: float(line) for name, (line, _) in lines.items()}
    draws = int(args.cfg["seed"]), args.cfg["orbits.sampler"], int(cfg["draws"])
    out = hstack(
        [
            speeds[["star"]],
            criteria.select(speeds["v_sp"], speeds["v_tan"], *limits.values()),
            population.probabilities(measured, lines, fits, sun, *draws),
            gates,
        ]
    )
    tables.write(population.fit_table(fits), args.fits, "velocity_fits", **stamp(args))
    tables.write(out, args.selection, "selection", thresholds=limits, **stamp(args))
    logging.info("%d runaways of %d stars, above %s km/s", sum(out["is_runaway"]), len(out), limits)


main()

"""Fits of the velocities, thresholds, who is a runaway and with what probability."""

import logging

import numpy as np
from astropy.table import Table, hstack

from runaways import tables
from runaways.selection import criteria, ellipsoid, population
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
    as_ellipsoid = cfg["fit"] == population.ELLIPSOID
    found = {}
    if as_ellipsoid:
        velocities = population.velocities_of(measured, sun)
        core = ellipsoid.fit_ellipsoid(
            velocities.pick(usable), in_unit(cfg["list_v_sp_min"], "km / s")
        )
        found = {"ellipsoid": core.as_dict()}
        limits = dict(zip(population.DIMENSIONS, (core.threshold(3), core.threshold(2))))
        lines = {name: (line, np.nan) for name, line in limits.items()}
    else:
        lines = population.thresholds(fits, cfg["fit"], cfg["fit_errors"], given)
        limits = {name: float(line) for name, (line, _) in lines.items()}
    draws = int(args.cfg["seed"]), args.cfg["orbits.sampler"], int(cfg["draws"])
    chosen = criteria.select(speeds["v_sp"], speeds["v_tan"], *limits.values())
    if as_ellipsoid:
        p = core.p_tail(velocities)
        chosen["is_runaway"] = p >= cfg["runaway_min"]
        probable = Table({"p_runaway": p, "p_tail": p})
    else:
        probable = population.probabilities(measured, lines, fits, sun, *draws)
    out = hstack([speeds[["star"]], chosen, probable, gates])
    fitted = population.fit_table(fits)
    tables.write(fitted, args.fits, "velocity_fits", **found, **stamp(args))
    tables.write(out, args.selection, "selection", thresholds=limits, **found, **stamp(args))
    logging.info("%d runaways of %d stars, above %s km/s", sum(out["is_runaway"]), len(out), limits)


main()

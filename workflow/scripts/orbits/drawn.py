"""Draws of stars traced back, for the scripts that need where they were."""

import numpy as np

from runaways import tables
from runaways.orbits import birthplaces
from scripts.job import in_unit
from scripts.potential import potential
from scripts.stars.measured import measured_stars

# what `traced` asks of a job's arguments, beside the star list
ARGUMENTS = {"lists": ["names", "rows"], "many": ["ages"], "optional": ["predicted", "potential"]}


def traced(args, first, end):
    """Stars of a job, each with draws ``first`` to ``end - 1`` traced back.

    Yields
    ------
    star : Row
        Of `measurements.complete`.
    births : Table
        Table ``birthplaces``.
    path : tuple of ndarray
        As from `birthplaces.trace_draws`.
    """
    cfg = args.cfg
    pot = potential(cfg, args.potential)
    span = in_unit(cfg["orbits.null_time"], "Myr")
    ages = tables.gather(args.ages, "ages") if args.ages else None
    for star in measured_stars(args):
        mine = None
        if ages is not None and star["star"] in ages["star"]:
            mine = np.asarray(ages["age"][ages["star"] == star["star"]])
        seed, sampler = int(cfg["seed"]), cfg["orbits.sampler"]
        draws = birthplaces.trace_draws(star, pot, seed, sampler, first, end, span, mine)
        yield star, *draws

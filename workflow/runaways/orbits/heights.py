"""How near the plane a star's draws were at any look-back time, whatever its age.

Traced once for each star: the null of ages (`age_null`) and any half height are read off it.
"""

import numpy as np
from astropy.table import Table

from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import OrbitError, trace
from runaways.stars import draws

DRAWS = 512  # the first of those of the birthplaces
TIMES = 121  # closer together where a star is young: an orbit's height turns within some 20 Myr
# kpc; the share below a height between two of these is interpolated
HEIGHTS = np.concatenate([np.arange(0, 101) * 0.02, [2.5, 3, 4, 6, 10]])


def look_back_times(span):
    """Look-back times of a curve, quadratic in their number, 0 to span, shape (121,)."""
    return span * (np.arange(TIMES) / (TIMES - 1)) ** 2


def heights(star, pot, seed, sampler, span):
    """How many draws of a star are how near the plane, against look-back time.

    Parameters
    ----------
    star : mapping
        Row of `measurements.complete`; its age does not matter.
    pot : orbits.Potential
    seed, sampler
        As for `draws.unit_cube`; its first 512 draws are used.
    span : float
        Longest look-back time [Myr].

    Returns
    -------
    Table
        Table ``heights``; no rows if the star cannot be traced.
    """
    grid, shares = look_back_times(span), np.empty((0, len(HEIGHTS)))
    if not star["reason"]:
        try:
            sample = draws.draw(draws.unit_cube(seed, star["star"], 0, DRAWS, sampler), star)
            kinematics = (sample[name] for name in ("distance", "pmra", "pmdec", "rv"))
            today = galactocentric(*heliocentric(star["ra"], star["dec"], *kinematics), pot.frame)
            path, _ = trace(*today, np.broadcast_to(grid, (DRAWS, TIMES)), pot)
            z = np.abs(path[np.isfinite(path[:, -1, 2]), :, 2])
            if len(z):
                shares = np.mean(z[:, :, None] < HEIGHTS, axis=0)
        except (ValueError, OrbitError):
            pass  # the same draws fail, with the reason, where the birthplaces are drawn
    times = np.repeat(grid[: len(shares)], len(HEIGHTS))
    name = np.full(shares.size, str(star["star"]))
    columns = [name, times, np.tile(HEIGHTS, len(shares)), shares.ravel()]
    return Table(columns, names=("star", "look_back_time", "height", "p_below"))

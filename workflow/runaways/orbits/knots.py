"""Orbits of a star's draws, kept at knots: traced once, for birthplaces and encounters alike.

Each draw's orbit is kept at equal distances of time from today to its own birth, no farther apart
than the cubic between two knots allows.
"""

import numpy as np
from astropy.table import Table

# Knots of a kept orbit are no farther apart (up to 1 Gyr); cubics between them miss by less than
# 0.05 pc for 42 of the 45 stars of Table A.1, by 1.4 pc at most for the fastest.
KNOT_SPACING = 4.0  # Myr
STATE = ("x", "y", "z", "v_x", "v_y", "v_z")


def keep(star, draws, times, position, velocity):
    """The knots of draws' orbits that are worth keeping.

    Parameters
    ----------
    star : str
        Its name.
    draws : ndarray of int, shape (n,)
        Their numbers.
    times : ndarray, shape (n, m)
        Look-back times of each draw, at equal distances from 0 to its age [Myr]; m - 1 is a power
        of two.
    position, velocity : ndarray, shape (n, m, 3)
        [kpc], [km/s]; NaN for a draw without an orbit, which keeps one row of them.

    Returns
    -------
    Table
        Table ``paths``: a draw's knots are a function of that draw alone.
    """
    last = times.shape[1] - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        room = np.floor(np.log2(KNOT_SPACING / times[:, 1]))
    stride = 2 ** np.clip(np.nan_to_num(room), 0, np.log2(last)).astype(int)
    kept = np.arange(last + 1) % stride[:, None] == 0
    kept[np.isnan(position[:, -1, 0]), 1:] = False
    row, _ = np.nonzero(kept)
    columns = [np.full(len(row), star), np.asarray(draws)[row], times[kept]]
    columns += [*position[kept].T, *velocity[kept].T]
    return Table(columns, names=("star", "draw", "look_back_time", *STATE))

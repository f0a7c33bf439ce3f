"""Orbits of a star's draws, kept at knots: traced once, for birthplaces and encounters alike.

Each draw's orbit is kept at equal distances of time from today to its own birth, no farther apart
than the cubic between two knots allows.
"""

import numpy as np
from astropy.table import Table

# Knots of a kept orbit are no farther apart (up to 1 Gyr); cubics between them miss by less than
# 0.05 pc for 42 of the 45 stars of Table A.1, by 1.4 pc at most for the fastest.
KNOT_SPACING = 4.0  # Myr
MOST = 8  # log2 of the most pieces
STATE = ("x", "y", "z", "v_x", "v_y", "v_z")


def steps(ages):
    """Number of pieces that orbits are kept in, powers of two.

    Parameters
    ----------
    ages : ndarray, shape (n,)
        [Myr]; 1 where not finite.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        pieces = np.ceil(np.log2(ages / KNOT_SPACING))
    return 2 ** np.clip(np.nan_to_num(pieces, posinf=0, neginf=0), 0, MOST).astype(int)


def grid(ages):
    """Times of the knots of orbits.

    Parameters
    ----------
    ages : ndarray, shape (n,)
        [Myr].

    Returns
    -------
    times : ndarray, shape (m,)
        Look-back times, those of one orbit after those of another, 0 to its age [Myr].
    first : ndarray of int, shape (n + 1,)
        Where those of each orbit begin.
    """
    pieces = steps(ages)
    first = np.append(0, np.cumsum(pieces + 1))
    knot = np.arange(first[-1]) - np.repeat(first[:-1], pieces + 1)
    # the last one is the age to the bit
    return np.repeat(ages, pieces + 1) * (knot / np.repeat(pieces, pieces + 1)), first


def keep(star, draws, times, first, position, velocity):
    """The knots of draws' orbits as a table.

    Parameters
    ----------
    star : str
        Its name.
    draws : ndarray of int, shape (n,)
        Their numbers.
    times, first : ndarray, shape (m,), (n + 1,)
        As from `grid`.
    position, velocity : ndarray, shape (m, 3)
        [kpc], [km/s]; NaN for a draw without an orbit, which keeps one row of them.

    Returns
    -------
    Table
        Table ``paths``: a draw's knots are a function of that draw alone.
    """
    draw = np.repeat(draws, np.diff(first))
    kept = np.isfinite(position[:, 0])
    kept[first[:-1]] = True
    columns = [np.full(kept.sum(), star), draw[kept], times[kept]]
    columns += [*position[kept].T, *velocity[kept].T]
    return Table(columns, names=("star", "draw", "look_back_time", *STATE))

"""Knots of the orbits of a star's draws, between which they are cubics.

They are at equal distances of time from today to each draw's own birth, no farther apart than the
cubic between two of them allows.
"""

import numpy as np

# Knots of an orbit are no farther apart (up to 1 Gyr); cubics between them miss by less than
# 0.05 pc for 42 of the 45 stars of Table A.1, by 1.4 pc at most for the fastest.
KNOT_SPACING = 4.0  # Myr
MOST = 8  # log2 of the most pieces


def steps(ages):
    """Number of pieces of orbits, powers of two.

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


def side_by_side(times, first, position, velocity):
    """The knots of each orbit in a row of its own.

    Parameters
    ----------
    times, first : ndarray, shape (m,), (n + 1,)
        As from `grid`.
    position, velocity : ndarray, shape (m, 3)
        [kpc], [km/s]; NaN for a draw without an orbit.

    Returns
    -------
    times, position, velocity : ndarray, shape (n, k), (n, k, 3), (n, k, 3)
        NaN beyond an orbit's last knot.
    """
    count = np.diff(first)
    row = np.repeat(np.arange(len(count)), count)
    knot = np.arange(first[-1]) - first[row]
    out = np.full((len(count), count.max(initial=2), 7), np.nan)
    out[row, knot] = np.column_stack([times, position, velocity])
    return out[..., 0], out[..., 1:4], out[..., 4:]

"""A star's draws on the slices of time the encounter search works in.

Each draw's orbit comes at knots of its own (`knots`); slices are of one width, the same for all
draws, the last one of each draw cut off at its age. Here they are laid out, `kernels` fills them.
"""

from typing import NamedTuple

import numpy as np


class StarPaths(NamedTuple):
    """Draws of one star at their own knots, and the slices they are searched in.

    Attributes
    ----------
    position, velocity : ndarray, shape (n_draws, n_times, 3)
        [kpc], [km/s].
    interval : ndarray, shape (n_draws,)
        Time between knots [Myr]; NaN for a draw that has no orbit.
    steps : ndarray of int, shape (n_draws,)
        Intervals of each draw.
    age : ndarray, shape (n_draws,)
        Where each draw ends [Myr]; NaN for a draw that has no orbit.
    step : float
        Width of a slice [Myr].
    """

    position: np.ndarray
    velocity: np.ndarray
    interval: np.ndarray
    steps: np.ndarray
    age: np.ndarray
    step: float


def cut(times, position, velocity, step, until=np.inf):
    """Lay out slices of one width along a star's draws.

    Parameters
    ----------
    times : ndarray, shape (n_draws, n_times)
        Look-back times of each draw, at equal distances from 0 to its age [Myr]; NaN beyond its
        last knot.
    position, velocity : ndarray, shape (n_draws, n_times, 3)
        [kpc], [km/s]; a draw with a NaN among its knots has no orbit.
    step : float
        Width of a slice [Myr].
    until : float
        Largest look-back time of the slices [Myr].

    Returns
    -------
    StarPaths

    Raises
    ------
    ValueError
        If the shapes do not match, or a draw's times are not equidistant from 0.
    """
    times, position, velocity = (
        np.ascontiguousarray(a, float) for a in (times, position, velocity)
    )
    if position.shape != times.shape + (3,) or velocity.shape != position.shape:
        raise ValueError(
            f"trajectories: times {times.shape}, position {position.shape}, "
            f"velocity {velocity.shape}; expected (n, m), (n, m, 3), (n, m, 3)"
        )
    draws, knots = np.arange(len(times)), np.isfinite(times)
    steps = knots.sum(axis=1) - 1
    known = np.isfinite(position).all(axis=2) & np.isfinite(velocity).all(axis=2)
    sound = (steps > 0) & (known | ~knots).all(axis=1)
    born = np.where(sound, times[draws, steps], np.nan)
    interval = born / np.maximum(steps, 1)
    even = np.arange(times.shape[1]) * interval[:, None]
    if (np.abs(times - even) > 1e-6 * born[:, None]).any() or (born <= 0).any():
        raise ValueError("trajectories: the times of a draw must be equidistant from 0 to its age")
    age = np.minimum(born, until)
    return StarPaths(position, velocity, interval, steps, age, float(step))

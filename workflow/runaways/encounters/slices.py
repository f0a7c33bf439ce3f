"""A star's draws on the slices of time the encounter search works in.

Each draw's orbit comes at knots of its own (`knots`); here they are brought to slices of one
width, the same for all draws, the last one of each draw cut off at its age.
"""

from dataclasses import dataclass

import numpy as np

from runaways.orbits import cubics
from runaways.orbits.knots import STATE


@dataclass(frozen=True)
class StarPaths:
    """Draws of one star, cut into slices; `n_slices` is the most any draw has.

    Attributes
    ----------
    age : ndarray, shape (n_draws,)
        [Myr]; NaN for a draw that has no orbit.
    step : float
        Width of a slice [Myr].
    position, velocity : ndarray, shape (n_slices + 1, 3, n_draws)
        At the slices' ends, the last at the draw's age [kpc], [km/s].
    straight : ndarray, shape (n_slices + 1, 3, n_draws)
        The position at multiples of `step`, beyond the age along the last velocity [kpc].
    """

    age: np.ndarray
    step: float
    position: np.ndarray
    velocity: np.ndarray
    straight: np.ndarray

    @property
    def n_slices(self):
        """Slices of the oldest draw."""
        return len(self.position) - 1

    def width(self, k, draws):
        """Width of slice k of some draws: `step`, less in a draw's last slice [Myr]."""
        return np.clip(self.age[draws] - k * self.step, 0, self.step)

    def piece(self, k, draws=slice(None)):
        """Control points of slice k of some draws, four arrays of shape (3, n) [kpc]."""
        start = self.position[k][:, draws], self.velocity[k][:, draws]
        end = self.position[k + 1][:, draws], self.velocity[k + 1][:, draws]
        return cubics.control_points(*start, *end, self.width(k, draws))


def from_table(paths, n_draws):
    """One star's rows of table ``paths`` as the arrays that `cut` takes.

    Parameters
    ----------
    paths : Table
        In order of draw and look-back time; draws 0 to n_draws - 1.
    n_draws : int

    Returns
    -------
    times, position, velocity : ndarray, shape (n_draws, n_times), (n_draws, n_times, 3)
        NaN beyond a draw's last knot.

    Raises
    ------
    ValueError
        If a draw is missing, or there are more.
    """
    draw = np.asarray(paths["draw"])
    count = np.bincount(draw, minlength=n_draws)
    if len(count) > n_draws or (count == 0).any():
        raise ValueError(f"{np.sum(count > 0)} draws of table paths, expected 0 to {n_draws - 1}")
    knot = np.arange(len(draw)) - (np.cumsum(count) - count)[draw]
    out = np.full((n_draws, count.max(initial=2), 7), np.nan)
    out[draw, knot] = np.array([paths[name] for name in ("look_back_time", *STATE)]).T
    return out[..., 0], out[..., 1:4], out[..., 4:]


def cut(times, position, velocity, step, until=np.inf):
    """Bring a star's draws to slices of one width.

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
    times, position, velocity = (np.asarray(a, float) for a in (times, position, velocity))
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
    n_slices = int(np.ceil(np.nanmax(age, initial=0) / step))
    if not sound.any():
        n_slices = 0
    grid = np.arange(n_slices + 1) * step
    ends = np.minimum(grid[:, None], age)
    place, speed = np.empty((2, n_slices + 1, 3, len(age)))
    straight = np.empty_like(place)
    for k, end in enumerate(ends):
        with np.errstate(invalid="ignore"):
            left = np.clip(np.nan_to_num(end // interval), 0, np.maximum(steps, 1) - 1).astype(int)
        states = [a[draws, i].T for i in (left, left + 1) for a in (position, velocity)]
        points = cubics.control_points(*states, interval)
        place[k], slope = cubics.at(points, end / interval - left)
        speed[k] = slope * (-cubics.MYR_PER_KPC_KM_S / interval)
        place[k][:, ~sound] = speed[k][:, ~sound] = np.nan
        straight[k] = place[k] - speed[k] * ((grid[k] - end) / cubics.MYR_PER_KPC_KM_S)
    return StarPaths(age, step, place, speed, straight)


@dataclass(frozen=True)
class StarBlock:
    """What bounds the draws of a star over some slices, shape (n_draws,) each.

    `r_lower ... z_upper` [kpc]: a draw that has no part in the block is at infinity; `bend` from
    the straight line between the block's ends of `StarPaths.straight` [kpc].
    """

    r_lower: np.ndarray
    r_upper: np.ndarray
    z_lower: np.ndarray
    z_upper: np.ndarray
    bend: np.ndarray


def bound(paths, start, stop):
    """Bounds of a star's draws over slices start to stop.

    Parameters
    ----------
    paths : StarPaths
    start, stop : int
        Slices; stop is not included.

    Returns
    -------
    StarBlock
    """
    n = len(paths.age)
    box = np.array([np.full(n, np.inf), np.full(n, -np.inf)] * 2)
    bend = np.zeros(n)
    begin, end = paths.straight[start], paths.straight[stop]
    for k in range(start, stop):
        points = paths.piece(k)
        alive = paths.age > k * paths.step
        r_lower, r_upper, z_lower, z_upper = cubics.meridional_box(points)
        lower, upper = np.array([r_lower, z_lower]), np.array([r_upper, z_upper])
        box[0::2] = np.where(alive, np.fmin(box[0::2], lower), box[0::2])
        box[1::2] = np.where(alive, np.fmax(box[1::2], upper), box[1::2])
        width = paths.width(k, slice(None)) / paths.step
        for part, point in enumerate(points):
            fraction = (k - start + part / 3 * width) / (stop - start)
            chord = begin + fraction * (end - begin)
            bend = np.where(alive, np.fmax(bend, cubics.norm(point - chord)), bend)
    return StarBlock(*box, bend)

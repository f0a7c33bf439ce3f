"""Orbits in a Galactic potential: by `lanes`, or by galpy with its silent failures fenced off.

Plain arrays: kpc, km/s, Myr, in the frame of `runaways.frames`; look-back times are positive.
"""

import warnings

import numpy as np
from astropy.table import Table

from runaways.frames import galactocentric, heliocentric
from runaways.orbits.conservation import MAX_ENERGY_DRIFT, conserved
from runaways.orbits.potentials import import_galpy

# of galpy's dop853_c, relative and absolute: 0.015 pc at the 99th percentile, 0.8 Gyr
TOLERANCE = 1e-8
# of `lanes`, absolute, in natural units: 0.02 pc at the 99th percentile of the same
LANES_TOLERANCE = 4e-8
# An error grows with the square of the time, and each plunge past the centre makes it many times
# larger. So the tolerance of `lanes` falls: with the square of the time from here on [Myr], and
# with the square of the angular momentum below this one [that of the Sun's circular orbit]; to no
# less than what its arithmetic leaves.
AT_TOLERANCE = 300.0
PLUNGING = 0.5
# Below this a Galactocentric radius is a failed draw: dop853_c does not return from R = 0.
MIN_RADIUS = 1e-6  # kpc
NOMINAL_STEPS = 1000  # of the orbit that figures draw


class OrbitError(RuntimeError):
    """An integration whose result cannot be trusted."""


def trace(position, velocity, times, pot, method=None, tolerance=None):
    """Trace orbits back in time.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Today, Galactocentric [kpc, km/s].
    times : ndarray, shape (n, m)
        Look-back times of each orbit, rising strictly from 0 [Myr].
    pot : Potential
    method : str, optional
        galpy's integrator. Else `lanes` trace the orbits, or dop853_c where the potential has no
        table or a pattern.
    tolerance : float, optional
        Of a step, else `LANES_TOLERANCE` or, for galpy, `TOLERANCE`.

    Returns
    -------
    position, velocity : ndarray, shape (n, m, 3)
        Along each orbit [kpc, km/s]; NaN for an orbit that cannot be traced: input that is
        not finite or at the centre, energy or L_z not conserved.

    Raises
    ------
    ValueError
        If times do not start at 0 or do not rise.
    OrbitError
        If a part of an orbit is not finite, though its start was.
    """
    times = np.asarray(times, float)
    finite = np.isfinite(times).all(axis=1)
    if (times[finite, 0] != 0).any() or (np.diff(times[finite], axis=1) <= 0).any():
        raise ValueError("look-back times must rise strictly from 0")
    # galpy never returns from one NaN: only sound draws reach it
    usable = finite & traceable(position, velocity)
    out = np.full((2,) + times.shape + (3,), np.nan)
    if usable.any() and pot.in_lanes and method is None:
        m, kept = times.shape[1], slice(None) if usable.all() else usable
        start = position[:, kept], velocity[:, kept]
        first = np.arange(usable.sum() + 1) * m
        path, *_ = follow(
            *start, times[kept].ravel(), first, pot, tolerance=tolerance or LANES_TOLERANCE
        )
        out[:, kept] = path.reshape(2, -1, m, 3)
    elif usable.any():
        start = natural(position[:, usable], velocity[:, usable], pot)
        when = -times[usable] / pot.myr
        path = _integrate(start, when, pot, method or "dop853_c", tolerance or TOLERANCE)
        sound = conserved(path, pot, when)
        rows = np.flatnonzero(usable)[sound]
        out[:, rows] = _physical(path[sound], pot)
    return out[0], out[1]


def traceable(position, velocity):
    """Whether orbits, shape (3, n), have a start that they can be traced from."""
    finite = np.isfinite(position).all(axis=0) & np.isfinite(velocity).all(axis=0)
    return finite & (np.hypot(position[0], position[1]) > MIN_RADIUS)


def follow(position, velocity, times, first, pot, also=None, until=None, tolerance=LANES_TOLERANCE):
    """Trace orbits back by `lanes`, each to times of its own.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Today, Galactocentric [kpc, km/s], finite.
    times : ndarray, shape (m,)
        Look-back times, those of one orbit after those of another, each rising from 0 [Myr].
    first : ndarray of int, shape (n + 1,)
        Where those of each orbit begin.
    pot : Potential
        With a table.
    also : ndarray, shape (n,), optional
        Another look-back time of each orbit, which may lie beyond the others [Myr].
    until : ndarray, shape (n,), optional
        Look-back times up to which the extremes of each orbit are sought [Myr].
    tolerance : float
        Of a step, absolute, in natural units; of orbits that are long or plunge it is less.

    Returns
    -------
    path, beside : ndarray, shape (2, m, 3), (2, n, 3)
        Position and velocity at times and at `also` [kpc, km/s]; NaN for an orbit whose energy or
        L_z is not conserved.
    found : dict of ndarray, shape (n,)
        ``r_peri r_apo z_max`` [kpc] and ``crossings`` of the plane up to `until`; NaN likewise.
    """
    from runaways.orbits import lanes  # numba: only where it is used

    n, scale = len(first) - 1, np.repeat([pot.length, -pot.speed], 3)
    # an orbit run backwards in time is the mirrored orbit run forwards
    start = (np.concatenate([position, velocity]).T / scale).copy()
    also = np.full(n, -1.0) if also is None else also / pot.myr
    until = np.zeros(n) if until is None else until / pot.myr
    times = times / pot.myr
    longest = np.maximum(times[first[1:] - 1], also)
    within = tolerance / np.maximum(longest * (pot.myr / AT_TOLERANCE), 1) ** 2
    squares = np.sum(position**2, axis=0) * np.sum(velocity**2, axis=0)
    spin2 = squares - np.sum(position * velocity, axis=0) ** 2
    spin2 /= (PLUNGING * pot.length * pot.speed) ** 2
    within = np.maximum(within * np.minimum(spin2, 1), lanes.LEAST_TOLERANCE)
    asked = (np.argsort(-longest), start, times, first, also, until, within)
    out, beside = np.empty((len(times), 6)), np.full((n, 6), np.nan)
    found = np.empty((n, len(lanes.QUANTITIES)))
    lanes.trace(*pot.table.arrays, *asked, out, beside, found)
    lost = ~(found[:, 0] < MAX_ENERGY_DRIFT)
    if lost.any():
        out[np.repeat(lost, np.diff(first))] = beside[lost] = found[lost] = np.nan
    path, beside = ((q * scale).reshape(-1, 2, 3).swapaxes(0, 1) for q in (out, beside))
    sizes = found[:, 1:4].T * pot.length
    return path, beside, dict(zip(("r_peri", "r_apo", "z_max", "crossings"), [*sizes, found[:, 4]]))


def natural(position, velocity, pot):
    """Galpy's phase-space coordinates.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Galactocentric [kpc, km/s].
    pot : Potential

    Returns
    -------
    ndarray, shape (n, 6)
        R, v_R, v_T, z, v_z, phi in natural units.
    """
    x, y, z = position / pot.length
    v_x, v_y, v_z = velocity / pot.speed
    r = np.hypot(x, y)
    v_r, v_t = (x * v_x + y * v_y) / r, (x * v_y - y * v_x) / r
    return np.array([r, v_r, v_t, z, v_z, np.arctan2(y, x)]).T


def _physical(path, pot):
    """Position and velocity, shape (2, n, m, 3) [kpc, km/s]."""
    r, v_r, v_t, z, v_z, phi = np.moveaxis(path, -1, 0)
    cos, sin = np.cos(phi), np.sin(phi)
    position = np.stack([r * cos, r * sin, z], axis=-1) * pot.length
    velocity = np.stack([v_r * cos - v_t * sin, v_r * sin + v_t * cos, v_z], axis=-1)
    return np.array([position, velocity * pot.speed])


def _integrate(start, times, pot, method, tolerance):
    orbit = import_galpy().orbit.Orbit(start, ro=pot.length, vo=pot.speed)
    orbit.turn_physical_off()
    # positional, one row of times for each orbit, never dt: other calls lose steps silently
    with warnings.catch_warnings():
        # instead of its C code galpy would take a slower and less accurate integrator
        warnings.filterwarnings("error", message="Cannot use C integration")
        warnings.filterwarnings("ignore", message="Using C implementation")
        forces = pot.galpy if pot.pattern is None else pot.galpy + pot.pattern
        orbit.integrate(
            times, forces, method=method, progressbar=False, rtol=tolerance, atol=tolerance
        )
    path = orbit.getOrbit()
    if not np.isfinite(path).all():
        raise OrbitError(
            f"{method}: {np.sum(~np.isfinite(path))} values of an orbit are not finite"
        )
    return path


def nominal(star, pot):
    """Orbit of a star from today to its birth, without errors.

    Parameters
    ----------
    star : mapping
        Row of `measurements.complete`.
    pot : Potential

    Returns
    -------
    Table
        Table ``orbit``: 1001 rows, twice that where the sign of rv is unknown, none where there
        can be no orbit.
    """
    columns = ("star", "rv_branch", "look_back_time", "x", "y", "z", "v_x", "v_y", "v_z")
    rv = np.array([star["rv"], star["rv_alternative"]])
    rv = rv[np.isfinite(rv)] if not star["reason"] else rv[:0]
    times = np.tile(np.linspace(0, 1, NOMINAL_STEPS + 1), (len(rv), 1)) * star["age"]
    measured = (star[name] for name in ("ra", "dec", "distance", "pmra", "pmdec"))
    today = galactocentric(*heliocentric(*measured, rv), pot.frame)
    path, speed = trace(*today, times, pot) if len(rv) else np.empty((2, 0, NOMINAL_STEPS + 1, 3))
    name = np.full(times.size, str(star["star"]))
    branch = np.repeat(np.arange(len(rv)), NOMINAL_STEPS + 1)
    values = [*path.reshape(-1, 3).T, *speed.reshape(-1, 3).T]
    return Table([name, branch, times.ravel(), *values], names=columns)

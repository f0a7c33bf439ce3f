"""Birthplaces: each Monte Carlo draw of a star traced back by its own age."""

import numpy as np
from astropy.table import Table

from runaways.frames import MYR_PER_KPC_KM_S, galactocentric, heliocentric
from runaways.orbits import knots
from runaways.orbits.conservation import energy_and_lz
from runaways.orbits.integration import OrbitError, follow, natural, trace, traceable
from runaways.stars import draws

# Steps of a draw's orbit in which its extremes are sought where galpy traces it; they are then
# refined.
STEPS = 2**knots.MOST
# Energy and L_z do not see a lost time step: every so many-th draw is traced by an integrator
# of another kind as well, and its birthplace compared.
SPOT_CHECK_EVERY = 101
MAX_SPOT_DIFFERENCE = 1e-3  # kpc
COLUMNS = ("birth_x", "birth_y", "birth_z", "null_z", "z_max", "r_peri", "r_apo", "energy", "l_z")
COLUMNS += ("v_escape",)


def draw_birthplaces(star, pot, seed, sampler, first, end, null_time, ages=None):
    """Birthplaces of draws ``first`` to ``end - 1`` of one star.

    Parameters
    ----------
    star : mapping
        Row of `measurements.complete`.
    pot : potentials.Potential
    seed, sampler
        As for `draws.unit_cube`.
    first, end : int
        Draw numbers.
    null_time : float
        Span of look-back times over which the phase is shuffled for the null [Myr].
    ages : ndarray, shape (end - first,), optional
        Ages of the draws where a model gives them [Myr]; else the star's age and error do.

    Returns
    -------
    Table
        Table ``birthplaces``; a star that cannot be traced has NaN in every draw and says why.
    """
    return trace_draws(star, pot, seed, sampler, first, end, null_time, ages)[0]


def trace_draws(star, pot, seed, sampler, first, end, null_time, ages=None):
    """Birthplaces of draws of one star, and the orbits to them.

    To trace the orbits again costs less than to read them from a disk: nobody keeps them.

    Parameters
    ----------
    star, pot, seed, sampler, first, end, null_time, ages
        As for `draw_birthplaces`.

    Returns
    -------
    births : Table
        Table ``birthplaces``.
    path : tuple of ndarray
        As from `trace_births`; of a star that cannot be traced one NaN of each draw.
    """
    n = end - first
    out = Table({"star": [star["star"]] * n, "draw": np.arange(first, end)})
    out["rv_branch"], out["age"] = np.zeros(n, int), np.full(n, np.nan)
    for name in COLUMNS:
        out[name] = np.full(n, np.nan)
    path = (np.full(n, np.nan), np.arange(n + 1), *np.full((2, n, 3), np.nan))
    reason = star["reason"]
    if not reason:
        try:
            cube = draws.unit_cube(seed, star["star"], first, end, sampler)
            sample = draws.draw(cube, star, ages)
            out["rv_branch"], out["age"] = sample["rv_branch"], sample["age"]
            births, path = trace_births(star, sample, pot, first, null_time)
            for name, values in births.items():
                out[name] = values
        except (ValueError, OrbitError) as error:
            reason = f"orbit: {error}"
    out["reason"] = [reason] * n
    return out, path


def trace_births(star, sample, pot, first, null_time):
    """Birthplace and extremes of the orbits of drawn values.

    Parameters
    ----------
    star : mapping
        With ``ra``, ``dec`` [deg].
    sample : dict
        As from `draws.draw`, n draws.
    pot : potentials.Potential
    first : int
        Number of the first draw: spot checks fall on the same draws in any chunk.
    null_time : float
        [Myr].

    Returns
    -------
    births : dict of ndarray, shape (n,)
        ``birth_x birth_y birth_z null_z z_max r_peri r_apo`` [kpc], ``energy`` [km2/s2], ``l_z``
        [kpc km/s], ``v_escape`` [km/s]; NaN for a failed draw. The energy is relative to rest at
        `potentials.FAR`: above 0 a star is not bound; v_escape is the speed at which it is 0 at
        the star's place today.
    path : tuple of ndarray
        The knots of each orbit: look-back times [Myr] and where they begin, as from `knots.grid`;
        positions [kpc] and velocities [km/s], NaN for a failed draw.

    Raises
    ------
    OrbitError
        If galpy traces the orbits, and an independent integrator puts a birthplace elsewhere.
    """
    today = galactocentric(
        *heliocentric(
            star["ra"], star["dec"], *(sample[k] for k in ("distance", "pmra", "pmdec", "rv"))
        ),
        pot.frame,
    )
    times, begin = knots.grid(sample["age"])
    null = sample["phase"] * null_time
    if pot.in_lanes:
        path, null_z, extremes = _by_lanes(today, times, begin, null, pot)
    else:
        path, null_z, extremes = _by_galpy(today, sample["age"], begin, null, pot, first)
    # constants of the motion: taken today, where they are exact
    energy, l_z = energy_and_lz(natural(*today, pot)[:, None], pot)
    energy = energy[:, 0] * pot.speed**2 - pot.far
    escape2 = np.sum(today[1] ** 2, axis=0) - 2 * energy
    birth = path[0, begin[1:] - 1]
    constants = (energy, l_z[:, 0] * pot.length * pot.speed, np.sqrt(np.maximum(escape2, 0)))
    failed = np.isnan(birth[:, 0] + null_z)
    path[:, np.repeat(failed, np.diff(begin))] = np.nan
    values = (*birth.T, null_z, *extremes, *constants)
    births = {name: np.where(failed, np.nan, value) for name, value in zip(COLUMNS, values)}
    return births, (times, begin, *path)


def _by_lanes(today, times, begin, null, pot):
    """Knots, height at the time of the null, and extremes since birth: in one pass.

    Parameters
    ----------
    today : tuple of ndarray, shape (3, n)
    times, begin
        Of the knots, as from `knots.grid`.
    null : ndarray, shape (n,)
        [Myr].
    pot : Potential

    Returns
    -------
    path : ndarray, shape (2, m, 3)
    null_z, extremes : ndarray, shape (n,), three of (n,)
        z at the null; z_max, r_peri and r_apo [kpc]. NaN where there is no orbit.
    """
    count, age = np.diff(begin), times[begin[1:] - 1]
    good = traceable(*today) & np.isfinite(age) & np.isfinite(null)
    path, extremes = np.full((2, len(times), 3), np.nan), np.full((4, len(null)), np.nan)
    used, first = np.repeat(good, count), np.append(0, np.cumsum(count[good]))
    start = today[0][:, good], today[1][:, good]
    asked = (times[used], first, pot, null[good], age[good])
    path[:, used], beside, found = follow(*start, *asked)
    null_z = beside[0, :, 2]
    extremes[:, good] = [null_z, *(found[name] for name in ("z_max", "r_peri", "r_apo"))]
    return path, extremes[0], extremes[1:]


def _by_galpy(today, age, begin, null, pot, first):
    """The same by galpy, orbit and null apart; its orbits are spot-checked."""
    times = age[:, None] * np.linspace(0, 1, STEPS + 1)
    path, speed = trace(*today, times, pot)
    check = np.flatnonzero((first + np.arange(len(age))) % SPOT_CHECK_EVERY == 0)
    _spot_check([vector[:, check] for vector in today], age[check], path[check, -1], pot)
    elsewhere, _ = trace(*today, np.column_stack([np.zeros_like(age), null]), pot)
    step, z, v_z = times[:, 1], path[..., 2], speed[..., 2]
    r = np.linalg.norm(path, axis=-1)
    v_r = np.sum(path * speed, axis=-1) / r
    extremes = (
        np.maximum(extreme(z, v_z, step), extreme(-z, -v_z, step)),
        -extreme(-r, -v_r, step),
        extreme(r, v_r, step),
    )
    row = np.repeat(np.arange(len(age)), np.diff(begin))
    column = (np.arange(begin[-1]) - begin[row]) * (STEPS // (np.diff(begin) - 1))[row]
    return np.stack([path[row, column], speed[row, column]]), elsewhere[:, -1, 2], extremes


def extreme(value, rate, step):
    """Largest value along orbits, between the steps too.

    Parameters
    ----------
    value : ndarray, shape (n, m)
        [kpc].
    rate : ndarray, shape (n, m)
        Its derivative with time [km/s].
    step : ndarray, shape (n,)
        Between two values [Myr].

    Returns
    -------
    largest : ndarray, shape (n,)
        [kpc].
    """
    row, last = np.arange(len(value)), value.shape[1] - 1
    at = np.argmax(value, axis=1)
    before, after = np.maximum(at - 1, 0), np.minimum(at + 1, last)
    slope = rate[row, at] / MYR_PER_KPC_KM_S
    bend = np.abs(rate[row, after] - rate[row, before]) / MYR_PER_KPC_KM_S / (2 * step)
    # a parabola through value and slope has its vertex slope^2 / (2 bend) higher
    inner = (at > 0) & (at < last) & (bend > 0)
    return value[row, at] + np.where(inner, slope**2 / (2 * np.where(inner, bend, 1.0)), 0.0)


def _spot_check(today, ages, birth, pot):
    if len(ages) == 0:
        return
    times = np.column_stack([np.zeros_like(ages), ages])
    path, _ = trace(*today, times, pot, method="ias15_c", tolerance=1e-12)
    difference = np.linalg.norm(path[:, -1] - birth, axis=1)
    if (difference > MAX_SPOT_DIFFERENCE).any():
        raise OrbitError(
            f"two integrators put a birthplace {np.nanmax(difference) * 1000:.3g} pc apart"
        )

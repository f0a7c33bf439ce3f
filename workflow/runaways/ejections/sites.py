"""When, where and how fast: draws from the posterior of an ejection by one source."""

import numpy as np
from scipy.special import ndtr, ndtri

from runaways.ejections.passages import KPC_PER_MYR
from runaways.ejections.speeds import HILLS

N_DRAWS = 1000
QUANTILES = (0.159, 0.5, 0.841)
_EDGE = 1e-12


def quantiles(values, weight=None):
    """Lower bound, median and upper bound of draws, weighed or not; NaN of none.

    Parameters
    ----------
    values, weight : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (3,)
        At 15.9, 50 and 84.1 %.
    """
    values = np.asarray(values, float)
    weight = np.ones(len(values)) if weight is None else np.asarray(weight, float)
    some = (weight > 0) & np.isfinite(values)
    if not some.any():
        return np.full(3, np.nan)
    order = np.argsort(values[some], kind="stable")
    share = weight[some][order]
    middle = np.cumsum(share) - share / 2
    return np.interp(np.array(QUANTILES) * share.sum(), middle, values[some][order])


def choose(rates, rng, n=N_DRAWS):
    """Draws of (channel, item) in proportion to rates of shape (2, k).

    Returns
    -------
    channel, item : ndarray of int, shape (n,)
    """
    flat = np.cumsum(rates.ravel())
    row = np.searchsorted(flat, rng.random(n) * flat[-1], side="right")
    return np.divmod(np.minimum(row, rates.size - 1), rates.shape[1])


def from_passages(passages, rates, birth, likelihood, galaxy, dispersion, rng):
    """Draws of an ejection from meetings with one source.

    Parameters
    ----------
    passages : Passages
    rates : ndarray, shape (2, n)
        Of each channel and passage.
    birth : ndarray, shape (k,)
        Density of the source's ages.
    likelihood : ndarray, shape (2, k)
        Of the star's age.
    galaxy : Galaxy
    dispersion : float
        1-D, of velocities within the source [km/s].
    rng : numpy.random.Generator

    Returns
    -------
    dict
        ``t`` [Myr], ``v`` [km/s], ``delay`` [Myr], shape (n,); ``site`` [kpc], shape (n, 3);
        ``item``, which passage each draw is of.
    """
    channel, item = choose(rates, rng)
    t = draw_times(passages, item, rng)
    blur = np.hypot(passages.blur[item], dispersion)
    v = galaxy.speeds.draw_ejection(passages.speed[item], channel, blur, rng)
    delay = _delays(t, passages.segment[item], channel, birth * likelihood, galaxy, rng)
    return {"t": t, "v": v, "delay": delay, "site": passages.site[item], "item": item}


def draw_times(found, item, rng):
    """Draws of the time of passages: normal, cut off at the ends of the segment.

    Parameters
    ----------
    found : Passages or Crossings
    item : ndarray of int, or a tuple of them, shape (n,)
        Which of them.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n,)
        Look-back times [Myr].
    """
    low, high = found.low[item], found.high[item]
    u = ndtr(low) + rng.random(len(low)) * (ndtr(high) - ndtr(low))
    # beyond the last digit of u the nearer end is meant
    deviate = np.clip(ndtri(np.clip(u, _EDGE, 1 - _EDGE)), low, high)
    return found.centre[item] + deviate * found.sd[item]


def from_centre(passages, rates, likelihood, galaxy, rng):
    """Draws of an ejection by the Galactic centre, where delays are even over a star's life.

    Parameters
    ----------
    passages : Passages
    rates : ndarray, shape (n,)
    likelihood, galaxy, rng
        As for `from_passages`.

    Returns
    -------
    dict
        As from `from_passages`.
    """
    _, item = choose(rates[None], rng)
    t, ages = draw_times(passages, item, rng), galaxy.ages
    blur = np.hypot(passages.blur[item], galaxy.priors.cluster_dispersion)
    v = galaxy.speeds.draw_ejection(passages.speed[item], np.full(len(t), HILLS), blur, rng)
    weight = likelihood[0] * ages.width / ages.age
    cumulative = np.cumsum(np.where(ages.age[:, None] > t, weight[:, None], 0.0), axis=0)
    cell = (cumulative < rng.random(len(t)) * cumulative[-1]).sum(axis=0)
    delay = np.maximum(ages.age[np.minimum(cell, len(ages.age) - 1)] - t, 0.0)
    return {"t": t, "v": v, "delay": delay, "site": passages.site[item], "item": item}


def from_field(kernels, rates, crossings, likelihood, galaxy, rng):
    """Draws of an ejection from the disk's field.

    Parameters
    ----------
    kernels : Kernels
    rates : ndarray, shape (2, m, n)
    crossings : Crossings
    likelihood : ndarray, shape (2, k)
    galaxy : Galaxy
    rng : numpy.random.Generator

    Returns
    -------
    dict
        As from `from_passages`.
    """
    channel, item = choose(rates.reshape(2, -1), rng)
    segment, kernel = np.divmod(item, rates.shape[2])
    t = draw_times(crossings, (segment, kernel), rng)
    speed, blur = crossings.speed[segment, kernel], crossings.blur[segment, kernel]
    v = galaxy.speeds.draw_ejection(speed, channel, blur, rng)
    delay = _delays(t, segment, channel, likelihood, galaxy, rng)
    moved = kernels.v[segment, kernel] * (KPC_PER_MYR * (t - galaxy.tau[segment]))[:, None]
    site = kernels.x[segment, kernel] - moved
    return {"t": t, "v": v, "delay": delay, "site": site, "item": item}


def _delays(t, segment, channel, weight, galaxy, rng):
    """Draws of age minus look-back time, of ages in proportion to what they count."""
    delay = np.empty(len(t))
    ages, u = galaxy.ages, rng.random((2, len(t)))
    for one in np.unique(channel):
        rows = channel == one
        cumulative = np.cumsum(weight[one][:, None] * ages.ejected[one], axis=0)[:, segment[rows]]
        cell = (cumulative < u[0, rows] * cumulative[-1]).sum(axis=0)
        cell = np.minimum(cell, len(ages.age) - 1)
        # within the cell that the ejection time cuts only what is older counts
        start = np.maximum(ages.edges[cell], np.minimum(t[rows], ages.edges[cell + 1]))
        delay[rows] = start + u[1, rows] * (ages.edges[cell + 1] - start) - t[rows]
    return np.maximum(delay, 0.0)

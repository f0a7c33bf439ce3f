"""Distances as inverse cumulative distributions: a draw is a function of its deviate alone.

Every function maps standard uniform deviates to distances, one row of them per star; a quantile
is a draw at a chosen deviate. The posterior holds for negative and noisy parallaxes too. Distances
in kpc, parallaxes in mas.
"""

import numpy as np
from scipy.special import ndtri

# Deviates of the lower bound, the median and the upper bound, as in Bailer-Jones et al. 2021
QUANTILES = (0.159, 0.5, 0.841)

# Where a posterior is looked for [kpc]
_NEAREST, _FARTHEST = 1e-3, 1e5
# Density, as ln(p / p_max), below which a posterior is cut off
_NEGLIGIBLE = -30.0
# The likelihood is sampled this far out, in standard errors of the parallax.
_LIKELIHOOD_REACH = 8.0
# Stars worked on at once: their grids stay in the processor's cache.
_CHUNK = 512


def given(u, median, lower, upper):
    """Distances with given quantiles .159, .5 and .841: log-normal on either side of the median.

    Parameters
    ----------
    u : array_like, shape (m,) or (n, m)
        Standard uniform deviates.
    median, lower, upper : array_like, shape (n,)
        [kpc].

    Returns
    -------
    ndarray, shape (n, m)
        [kpc]; NaN where one of the three is unknown or they do not rise.
    """
    u, median, lower, upper = _rows(u, median, lower, upper)
    known = (lower > 0) & (lower <= median) & (median <= upper)
    z = ndtri(u) / ndtri(QUANTILES[2])
    with np.errstate(divide="ignore", invalid="ignore"):
        side = np.where(z > 0, np.log(upper / median), np.log(median / lower))
        return np.where(known, median * np.exp(z * side), np.nan)


def posterior(u, parallax, parallax_error, length, alpha, beta):
    """Distances from the geometric posterior with a generalised gamma prior.

    Posterior: ``Normal(plx | 1/r, s) r**beta exp(-(r/L)**alpha)``; with alpha 1 and beta 2 it is
    that of the exponentially decreasing space density (Bailer-Jones 2015, PASP 127, 994).

    Parameters
    ----------
    u : array_like, shape (m,) or (n, m)
        Standard uniform deviates.
    parallax, parallax_error : array_like, shape (n,)
        Zero point already subtracted [mas], of either sign.
    length, alpha, beta : float or array_like, shape (n,)
        The prior at the star, as from `distance_prior.prior_at`; L in kpc.

    Returns
    -------
    ndarray, shape (n, m)
        [kpc]; NaN where the parallax, its error or the prior is unknown.

    References
    ----------
    Bailer-Jones et al. 2021, AJ 161, 147 (2021AJ....161..147B), eqs. 1 to 3.
    """
    u, *columns = _rows(u, parallax, parallax_error, length, alpha, beta)
    columns = np.hstack(columns)
    known = np.flatnonzero(np.isfinite(columns).all(axis=1) & (columns[:, 1] > 0))
    distance = np.full(u.shape, np.nan)
    for first in range(0, len(known), _CHUNK):
        rows = known[first : first + _CHUNK]
        distance[rows] = np.exp(_draw_log_distance(u[rows], columns[rows]))
    return distance


def _rows(u, *columns):
    """u as (n, m) and every column as (n, 1)."""
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, float)) for value in columns))
    u = np.asarray(u, float)
    u = np.broadcast_to(u, (len(columns[0]), u.shape[-1]))
    return u, *(value[:, None] for value in columns)


def _log_density(s, parallax, error, length, alpha, beta):
    """ln of the posterior per unit of s = ln r, unnormalised."""
    misfit = (parallax - np.exp(-s)) / error
    return (beta + 1) * s - np.exp(alpha * (s - np.log(length))) - 0.5 * misfit**2


def _nodes(low, high, parallax, error, count):
    """Grid in ln r that resolves prior and likelihood alike: even steps in both."""
    even = low + (high - low) * np.linspace(0, 1, count)
    seen = parallax + error * np.linspace(-_LIKELIHOOD_REACH, _LIKELIHOOD_REACH, count)
    seen = -np.log(np.maximum(seen, np.exp(-high)))
    return np.sort(np.hstack([even, np.clip(seen, low, high)]), axis=1)


def _draw_log_distance(u, columns):
    parallax, error = columns[:, 0:1], columns[:, 1:2]
    prior = (columns[:, 2:3], columns[:, 3:4], columns[:, 4:5])
    # first the range that matters, then a fine grid over it; the numbers of nodes are assumed
    low = np.full_like(parallax, np.log(_NEAREST))
    high = np.full_like(parallax, np.log(_FARTHEST))
    s = _nodes(low, high, parallax, error, 160)
    log_density = _log_density(s, parallax, error, *prior)
    matters = log_density > log_density.max(axis=1, keepdims=True) + _NEGLIGIBLE
    first = np.maximum(matters.argmax(axis=1) - 1, 0)
    last = s.shape[1] - 1 - np.maximum(matters[:, ::-1].argmax(axis=1) - 1, 0)
    low = np.take_along_axis(s, first[:, None], axis=1)
    high = np.take_along_axis(s, last[:, None], axis=1)
    s = _nodes(low, high, parallax, error, 256)
    log_density = _log_density(s, parallax, error, *prior)
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    return _invert(u, s, density)


def _invert(u, s, density):
    """Inverse of the cumulative of a density that is linear between nodes, row by row."""
    step = np.diff(s, axis=1)
    cumulative = np.zeros_like(s)
    np.cumsum(0.5 * (density[:, 1:] + density[:, :-1]) * step, axis=1, out=cumulative[:, 1:])
    wanted = u * cumulative[:, -1:]
    # Bisection on the node number. Each element alone: nothing depends on its neighbours.
    left = np.zeros(u.shape, int)
    right = np.full(u.shape, s.shape[1] - 1)
    while np.any(right - left > 1):
        middle = (left + right) // 2
        below = np.take_along_axis(cumulative, middle, axis=1) <= wanted
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    p0 = np.take_along_axis(density, left, axis=1)
    p1 = np.take_along_axis(density, left + 1, axis=1)
    width = np.take_along_axis(step, left, axis=1)
    area = wanted - np.take_along_axis(cumulative, left, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # p0 x + (p1 - p0) x^2 / (2 width) = area, in the form that survives p1 = p0
        root = np.sqrt(np.maximum(p0**2 + 2 * (p1 - p0) * area / width, 0))
        x = np.where(area > 0, 2 * area / (p0 + root), 0.0)
    return np.take_along_axis(s, left, axis=1) + np.minimum(x, width)

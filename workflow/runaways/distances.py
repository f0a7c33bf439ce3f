"""Distances from parallaxes, each method as an inverse cumulative distribution.

Every method maps standard uniform deviates to distances, one row of them per star, so a draw is a
function of its deviate alone and a quantile is a draw at a chosen deviate. The posteriors hold
for negative and noisy parallaxes too. Distances in kpc, parallaxes in mas.
"""

import numpy as np
from astropy.table import Table
from astropy.units import Quantity
from scipy.special import ndtr, ndtri

from runaways.columns import column
from runaways.distance_prior import pixel_of_position, pixel_of_source

METHODS = ("inverse_parallax", "bailer_jones", "edsd", "given")
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


def draw_distance(u, stars, method, prior=None, edsd_length=None, pixel_from="position"):
    """Distances of a star list as functions of uniform deviates.

    Parameters
    ----------
    u : array_like, shape (m,) or (n, m)
        Standard uniform deviates, in (0, 1).
    stars : Table, n rows
        ``parallax parallax_error`` [mas], zero point already subtracted; for ``bailer_jones`` and
        ``edsd`` also ``ra dec`` [deg] or ``source_id``; for ``given`` only
        ``distance distance_lower distance_upper`` [kpc].
    method : str
        One of `METHODS`.
    prior : Table, optional
        From `runaways.distance_prior.read_prior`.
    edsd_length : float, optional
        Scale length for ``edsd`` [kpc]; without it the prior's at the star.
    pixel_from : {"position", "source_id"}
        Where the star's pixel comes from; positions serve where an id is none.

    Returns
    -------
    ndarray, shape (n, m)
        [kpc]; NaN where the list does not hold what the method needs.

    Raises
    ------
    ValueError
        For an unknown method, or one without its prior.
    """
    if method == "given":
        names = ("distance", "distance_lower", "distance_upper")
        return given(u, *(column(stars, name) for name in names))
    parallax = column(stars, "parallax"), column(stars, "parallax_error")
    if method == "inverse_parallax":
        return inverse_parallax(u, *parallax)
    if method == "edsd" and edsd_length is not None:
        return edsd(u, *parallax, edsd_length)
    if method not in METHODS:
        raise ValueError(f"distance method is one of {', '.join(METHODS)}, not {method!r}")
    if prior is None:
        raise ValueError(f"distance method {method!r} needs a prior table")
    here = prior[_pixel(stars, pixel_from)]
    if method == "edsd":
        return edsd(u, *parallax, here["edsd_length"])
    return bailer_jones(u, *parallax, here["length"], here["alpha"], here["beta"])


def measure_distance(stars, method, **settings):
    """Distances of a star list with their bounds.

    Parameters
    ----------
    stars, method, **settings
        As for `draw_distance`.

    Returns
    -------
    Table, n rows
        ``distance distance_lower distance_upper`` [kpc], quantiles .5, .159 and .841;
        ``distance_method``; ``distance_note`` saying why a distance is missing, else empty.
        With ``inverse_parallax`` the distance is 1/parallax itself, as in Guo et al. 2025.
    """
    lower, median, upper = draw_distance(np.array(QUANTILES), stars, method, **settings).T
    if method == "inverse_parallax":
        parallax = column(stars, "parallax")
        with np.errstate(divide="ignore"):
            median = np.where(parallax > 0, 1 / parallax, np.nan)
    table = Table()
    table["distance"] = Quantity(median, "kpc")
    table["distance_lower"] = Quantity(lower, "kpc")
    table["distance_upper"] = Quantity(upper, "kpc")
    table["distance_method"] = np.full(len(median), method)
    table["distance_note"] = _why_missing(stars, method, median, lower)
    return table


def _why_missing(stars, method, median, lower):
    note = np.full(len(median), "", dtype="U32")
    if method == "given":
        note[~np.isfinite(median)] = "no distance in the list"
        note[np.isfinite(column(stars, "distance")) & ~np.isfinite(lower)] = "bounds do not fit"
        return note
    parallax, error = column(stars, "parallax"), column(stars, "parallax_error")
    note[~np.isfinite(lower)] = "no position for the prior"
    if method == "inverse_parallax":
        note[~(parallax > 0)] = "parallax not positive"
    note[~(error > 0)] = "no parallax error"
    note[~np.isfinite(parallax)] = "no parallax"
    return note


def _pixel(stars, pixel_from):
    if pixel_from not in ("position", "source_id"):
        raise ValueError(f"pixel_from is 'position' or 'source_id', not {pixel_from!r}")
    ra, dec = column(stars, "ra"), column(stars, "dec")
    placed = np.isfinite(ra) & (np.abs(dec) <= 90)
    pixel = np.full(len(stars), -1)
    pixel[placed] = pixel_of_position(ra[placed], dec[placed])
    if pixel_from == "source_id":
        by_id = pixel_of_source(stars["source_id"])
        pixel = np.where(by_id >= 0, by_id, pixel)
    return pixel


def inverse_parallax(u, parallax, parallax_error):
    """Distances whose inverse is normally distributed, kept positive.

    Parameters
    ----------
    u : array_like, shape (m,) or (n, m)
        Standard uniform deviates.
    parallax, parallax_error : array_like, shape (n,)
        [mas].

    Returns
    -------
    ndarray, shape (n, m)
        [kpc]; NaN where the parallax is not positive: its inverse is no distance.
    """
    u, parallax, error = _rows(u, parallax, parallax_error)
    known = (parallax > 0) & (error > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = parallax - error * ndtri(u * ndtr(parallax / error))
        return np.where(known, 1 / drawn, np.nan)


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


def edsd(u, parallax, parallax_error, length):
    """Distances from the posterior with exponentially decreasing space density.

    Parameters
    ----------
    u : array_like, shape (m,) or (n, m)
        Standard uniform deviates.
    parallax, parallax_error : array_like, shape (n,)
        [mas], of either sign.
    length : float or array_like, shape (n,)
        Scale length L of the prior ``r**2 exp(-r/L)`` [kpc].

    Returns
    -------
    ndarray, shape (n, m)
        [kpc].

    References
    ----------
    Bailer-Jones 2015, PASP 127, 994 (2015PASP..127..994B).
    """
    return bailer_jones(u, parallax, parallax_error, length, 1.0, 2.0)


def edsd_mode(parallax, parallax_error, length):
    """Mode of the `edsd` posterior, the root of a cubic.

    ``r**3 / L - 2 r**2 + (plx / s**2) r - 1 / s**2 = 0``; of three positive roots the smallest,
    as Bailer-Jones 2015 advises.

    Parameters
    ----------
    parallax, parallax_error : array_like, shape (n,)
        [mas].
    length : float or array_like, shape (n,)
        [kpc].

    Returns
    -------
    ndarray, shape (n,)
        [kpc].
    """
    parallax, error, length = np.broadcast_arrays(
        np.asarray(parallax, float), np.asarray(parallax_error, float), np.asarray(length, float)
    )
    companion = np.zeros((*parallax.shape, 3, 3))
    companion[..., 1, 0] = companion[..., 2, 1] = 1.0
    companion[..., 0, 2] = length / error**2
    companion[..., 1, 2] = -length * parallax / error**2
    companion[..., 2, 2] = 2 * length
    root = np.linalg.eigvals(companion)
    real = (np.abs(root.imag) < 1e-8 * np.abs(root)) & (root.real > 0)
    return np.where(real, root.real, np.inf).min(axis=-1)


def bailer_jones(u, parallax, parallax_error, length, alpha, beta):
    """Distances from the geometric posterior with a generalised gamma prior.

    Posterior: ``Normal(plx | 1/r, s) r**beta exp(-(r/L)**alpha)``.

    Parameters
    ----------
    u : array_like, shape (m,) or (n, m)
        Standard uniform deviates.
    parallax, parallax_error : array_like, shape (n,)
        Zero point already subtracted [mas], of either sign.
    length, alpha, beta : float or array_like, shape (n,)
        The prior at the star, as in `runaways.distance_prior.read_prior`; L in kpc.

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
    # first the range that matters, then a fine grid over it
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

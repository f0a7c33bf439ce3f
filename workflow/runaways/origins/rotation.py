"""Rotation of B stars, ordinary and spun up, as densities of v sin i; what a measured one says."""

import numpy as np
from scipy.special import ndtr

# Equatorial velocities of single B stars up to these, in steps of 20 km/s: cumulative, Dufton et
# al. 2013 (2013A&A...550A.109D), Table 7
_STEP = 20.0  # km/s
_ORDINARY = np.array(
    """0 .046 .094 .144 .192 .239 .253 .270 .288 .322 .377 .435 .492 .548 .609 .674 .739 .796 .841
    .879 .912 .938 .956 .971 .983 .990 .993 .995 .996 .997""".split(),
    float,
)
ORDINARY_SPEEDS = _STEP * np.arange(len(_ORDINARY))  # km/s
ORDINARY_BELOW = _ORDINARY / _ORDINARY[-1]
EDGES = np.arange(0.0, 701.0, 5.0)  # km/s, of the cells of v sin i
VSINI = (EDGES[1:] + EDGES[:-1]) / 2
_PARTS = 8  # of a cell of equatorial velocities


def projected(speed, weight):
    """Shares of the cells of v sin i, of equatorial velocities seen from all sides.

    Parameters
    ----------
    speed, weight : array_like, shape (n,)
        [km/s]; any scale of weights.

    Returns
    -------
    ndarray, shape (len(VSINI),)
        Sum 1. P(v sin i < s) = 1 - sqrt(1 - (s/v)^2) for axes in all directions.
    """
    speed, weight = np.asarray(speed, float), np.asarray(weight, float)
    ratio = np.minimum(EDGES[:, None] / speed, 1.0)
    below = ((1 - np.sqrt(1 - ratio**2)) * weight).sum(axis=1) / weight.sum()
    return np.diff(below) / below[-1]


def ordinary():
    """Shares of the cells of v sin i of stars that nothing has spun up."""
    inside = (np.arange(_PARTS) + 0.5) / _PARTS * _STEP
    speed = ORDINARY_SPEEDS[:-1, None] + inside
    return projected(speed.ravel(), np.repeat(np.diff(ORDINARY_BELOW), _PARTS))


def spun_up(v_critical, weight, slowest, fastest):
    """The same of stars spun up by mass transfer, even in v / v_critical between two limits.

    Parameters
    ----------
    v_critical, weight : array_like, shape (n,)
        Critical equatorial velocities of the stars [km/s].
    slowest, fastest : float
        In units of v_critical.

    References
    ----------
    Of early-type Be stars: Cranmer 2005, ApJ 634, 585 (2005ApJ...634..585C), abstract.
    """
    ratio = slowest + (np.arange(_PARTS) + 0.5) / _PARTS * (fastest - slowest)
    speed = np.asarray(v_critical, float)[:, None] * ratio
    return projected(speed.ravel(), np.repeat(np.asarray(weight, float), _PARTS))


def likelihood(vsini, error, shares):
    """Density of a measured v sin i under a distribution.

    Parameters
    ----------
    vsini, error : array_like, shape (n,)
        [km/s]. A value of 0 is one that the fit would have below 0: an upper limit. NaN where not
        measured.
    shares : ndarray, shape (len(VSINI),)

    Returns
    -------
    ndarray, shape (n,)
        [per km/s]; of an upper limit its probability; 1 where nothing was measured.
    """
    vsini, error = np.asarray(vsini, float)[:, None], np.asarray(error, float)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        deviate = (vsini - VSINI) / error
        seen = np.exp(-0.5 * deviate**2) / (np.sqrt(2 * np.pi) * error)
        density = np.where(vsini > 0, seen, ndtr(deviate)) @ shares
    known = np.isfinite(vsini[:, 0]) & (error[:, 0] > 0)
    return np.where(known, density, 1.0)

"""Chance encounters: how often a star would pass a cluster that stood at another azimuth.

A cluster is turned about the Galactic centre to every azimuth within some angle of its own, with
its radius, height and velocity kept at all times; in an axisymmetric potential that is an orbit
as good as its own. The share of azimuths at which a draw of the star passes within r of it is a
length on a circle, and is computed, not sampled: in a slice of time both move straight relative
to each other, and the azimuths whose closest approach falls in the slice and within r are an
interval, the overlap of two conditions that are a quadratic and a linear inequality.
"""

import numpy as np

from runaways import cubics

# Shares are added up as whole numbers of this, so that no sum depends on its order.
QUANTUM = 2.0**-32


def relative(star, cluster):
    """A star's place relative to a cluster turned to the star's azimuth.

    Parameters
    ----------
    star, cluster : ndarray, shape (3, n)
        [kpc].

    Returns
    -------
    along_r, along_z : ndarray, shape (n,)
        [kpc].
    """
    radius = np.sqrt(star[0] * star[0] + star[1] * star[1])
    return radius - np.sqrt(cluster[0] * cluster[0] + cluster[1] * cluster[1]), star[2] - cluster[2]


def nearest_meridional(start, end, share):
    """Least distance in the meridional plane in a slice, in straight motion.

    Parameters
    ----------
    start, end : tuple of two ndarray, shape (n,)
        As from `relative`, at the ends of the slice [kpc].
    share : ndarray, shape (n,)
        The part of the slice that counts, from its start.

    Returns
    -------
    ndarray, shape (n,)
        [kpc].
    """
    (r, z), v_r, v_z = start, end[0] - start[0], end[1] - start[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        u = -(r * v_r + z * v_z) / (v_r * v_r + v_z * v_z)
    u = np.minimum(np.maximum(np.nan_to_num(u), 0), share)
    return np.sqrt((r + u * v_r) ** 2 + (z + u * v_z) ** 2)


def share_of_azimuths(star, cluster, share, at_start, at_end, half_width, radii):
    """Share of the cluster's azimuths with a closest approach in a slice.

    Parameters
    ----------
    star, cluster : tuple of two ndarray, shape (3, n)
        Places at the start and the end of the slice [kpc].
    share : ndarray, shape (n,)
        The part of the slice that counts, from its start.
    at_start, at_end : ndarray of bool, shape (n,)
        Whether the trajectory begins with this slice, or ends in it: there a least distance
        counts also if the two were, or are still, closing in.
    half_width : float
        Largest turn of the cluster to either side [rad].
    radii : sequence of float
        [kpc], falling.

    Returns
    -------
    ndarray of float, shape (len(radii), n)
        Whole multiples of `QUANTUM`, as numbers of them.
    """
    begin, end = relative(star[0], cluster[0]), relative(star[1], cluster[1])
    r, z = begin
    v_r, v_z = (end[0] - r) * share, (end[1] - z) * share
    circle = (np.sqrt(cluster[0][0] ** 2 + cluster[0][1] ** 2) + np.hypot(*star[0][:2])) / 2
    angle = [cubics.wrap(_azimuth(s) - _azimuth(c)) for s, c in zip(star, cluster, strict=True)]
    here = angle[0] * circle
    v_t = cubics.wrap(angle[1] - angle[0]) * circle * share
    # q = distance along the circle at the start of the slice, as the cluster is turned
    edge = half_width * circle
    window = (-np.inf, np.inf) if half_width >= np.pi else (here - edge, here + edge)
    approach, v2 = r * v_r + z * v_z, v_r * v_r + v_z * v_z
    tiny = np.finfo(float).tiny
    centre = approach * v_t / np.maximum(v2, tiny)
    miss2 = np.maximum(r * r + z * z - approach * approach / np.maximum(v2, tiny), 0)
    # the closest approach is at u = -(approach + q v_t) / (v2 + v_t^2), and counts if 0 <= u < 1
    in_slice = _between(-approach - (v2 + v_t * v_t), -approach, v_t)
    before = _between(-approach, np.inf, v_t)
    after = _between(-np.inf, -approach - (v2 + v_t * v_t), v_t)
    stretch = np.sqrt((v2 + v_t * v_t) / np.maximum(v2, tiny))
    radius2 = np.square(radii)[:, None]
    half = np.sqrt(np.maximum(radius2 - miss2, 0)) * stretch
    length = _overlap((centre - half, centre + half), in_slice, window)
    for there, ends, shift, side in (
        (at_start, (r, z), 0.0, before),
        (at_end, (r + v_r, z + v_z), v_t, after),
    ):
        if there.any():
            chord = np.sqrt(np.maximum(radius2 - ends[0] ** 2 - ends[1] ** 2, 0))
            stopped = _overlap((-chord - shift, chord - shift), side, window)
            length = length + np.where(there, stopped, 0)
    return np.round(np.minimum(length / (2 * edge), 1) / QUANTUM)


def _azimuth(place):
    return np.arctan2(place[1], place[0])


def _between(lower, upper, slope):
    """Bounds on q where lower < slope q <= upper; none where slope is 0 and it does not hold."""
    with np.errstate(invalid="ignore", divide="ignore"):
        one, other = lower / slope, upper / slope
    flat = slope == 0
    holds = np.where((lower < 0) & (0 <= upper), np.inf, -np.inf)
    return (
        np.where(flat, -holds, np.minimum(one, other)),
        np.where(flat, holds, np.maximum(one, other)),
    )


def _overlap(first, *others):
    """Length common to all of some ranges, each (lower, upper)."""
    lower, upper = first
    for range_lower, range_upper in others:
        lower, upper = np.maximum(lower, range_lower), np.minimum(upper, range_upper)
    return np.maximum(upper - lower, 0)

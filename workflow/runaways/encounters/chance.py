"""Chance encounters: how often a star would pass a cluster that stood at another azimuth.

A cluster is turned about the Galactic centre, with its radius, height and velocity kept at all
times; in an axisymmetric potential that is an orbit as good as its own. There are two nulls. The
disk's turns it to any azimuth. But catalogues end some kpc from the Sun, and so do the stars: a
star is nearer to most clusters than a turned one would be, whether it came from one or not, and
every meeting seems telling. The local null turns the cluster by up to some degrees only, within
what the catalogue covers evenly; it keeps its false-discovery rate, and verdicts rest on it.

The share of azimuths at which a draw of the star passes within r of a cluster is a length on a
circle, and is computed, not sampled: in a slice of time both move straight relative to each other,
and the azimuths whose closest approach falls in the slice and within r are an interval, the
overlap of two conditions that are a quadratic and a linear inequality. Over the disk it may be
sampled as well, at a number of equidistant azimuths from a random one on.
"""

import numpy as np

from runaways.orbits import cubics

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


def share_of_azimuths(
    star, cluster, share, at_start, at_end, half_width, radii, rotations=0, phase=0.0
):
    """Share of the cluster's azimuths with a closest approach in a slice, near and all around.

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
        Largest turn of the cluster to either side for the local share [rad].
    radii : sequence of float
        [kpc], falling.
    rotations : int
        Azimuths at which the share of the whole circle is sampled, 0 for the exact one.
    phase : ndarray, shape (n,)
        The first of them, 0 to 1 in units of their distance.

    Returns
    -------
    near, around : ndarray of float, shape (len(radii), n)
        Whole multiples of `QUANTUM`, as numbers of them.
    """
    begin, end = relative(star[0], cluster[0]), relative(star[1], cluster[1])
    r, z = begin
    v_r, v_z = (end[0] - r) * share, (end[1] - z) * share
    circle = (np.sqrt(cluster[0][0] ** 2 + cluster[0][1] ** 2) + np.hypot(*star[0][:2])) / 2
    angle = [cubics.wrap(_azimuth(s) - _azimuth(c)) for s, c in zip(star, cluster, strict=True)]
    # q = distance along the circle at the start of the slice, as the cluster is turned
    here = angle[0] * circle
    v_t = cubics.wrap(angle[1] - angle[0]) * circle * share
    ranges = _ranges_met(r, z, v_r, v_z, v_t, at_start, at_end, np.square(radii)[:, None])
    edge = half_width * circle
    near = sum(_length(_overlap(met, (here - edge, here + edge))) for met in ranges)
    if rotations:
        turns = [[(here - q) / circle for q in met[::-1]] for met in ranges]
        around = sum(_count(met, rotations, phase) for met in turns) / rotations
    else:
        around = sum(map(_length, ranges)) / (2 * np.pi * circle)
    return tuple(np.round(np.minimum(found, 1) / QUANTUM) for found in (near / (2 * edge), around))


def _ranges_met(r, z, v_r, v_z, v_t, at_start, at_end, radius2):
    """Ranges of q that meet within the radii, disjoint, each (lower, upper), shape (radii, n)."""
    approach, v2 = r * v_r + z * v_z, v_r * v_r + v_z * v_z
    tiny = np.finfo(float).tiny
    centre = approach * v_t / np.maximum(v2, tiny)
    miss2 = np.maximum(r * r + z * z - approach * approach / np.maximum(v2, tiny), 0)
    # the closest approach is at u = -(approach + q v_t) / (v2 + v_t^2), and counts if 0 <= u < 1
    in_slice = _between(-approach - (v2 + v_t * v_t), -approach, v_t)
    before = _between(-approach, np.inf, v_t)
    after = _between(-np.inf, -approach - (v2 + v_t * v_t), v_t)
    stretch = np.sqrt((v2 + v_t * v_t) / np.maximum(v2, tiny))
    half = np.sqrt(np.maximum(radius2 - miss2, 0)) * stretch
    ranges = [_overlap((centre - half, centre + half), in_slice)]
    for there, ends, shift, side in (
        (at_start, (r, z), 0.0, before),
        (at_end, (r + v_r, z + v_z), v_t, after),
    ):
        if there.any():
            chord = np.sqrt(np.maximum(radius2 - ends[0] ** 2 - ends[1] ** 2, 0))
            lower, upper = _overlap((-chord - shift, chord - shift), side)
            ranges.append((lower, np.where(there, upper, lower)))
    return ranges


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


def _overlap(first, other):
    """What is common to two ranges, each (lower, upper); empty where upper is not above lower."""
    return np.maximum(first[0], other[0]), np.minimum(first[1], other[1])


def _length(span):
    return np.maximum(span[1] - span[0], 0)


def _count(span, rotations, phase):
    """How many of the sampled azimuths lie in a range of them [rad]."""
    lower, upper = (end * rotations / (2 * np.pi) - phase for end in span)
    return np.maximum(np.floor(upper) - np.floor(lower), 0)

"""What is compiled of the ejections: the pairs of a star's kernels with sources, one by one.

Everything that is compiled is in this one file: numba compiles it again when the file changes, not
when another does. Pairs come in the order of the sources, and of each along the star's cloud: no
result depends on what else is looked at. Arrays are in kpc, km/s, Myr.
"""

import math

import numpy as np
from numba import njit

from runaways.frames import MYR_PER_KPC_KM_S

KPC_PER_MYR = 1 / MYR_PER_KPC_KM_S  # of a km/s
# Mahalanobis distance up to which a kernel meets a source; nearer kernels have the rest, .7 %
REACH = 3.5
# Largest correction of the velocity within a kernel, relative: a linear one is right for as long
# as it is a correction
TRUST = 0.5
# what `meet` finds of each pair
FOUND = ("density", "low", "high", "centre", "sd", "speed", "blur")
FOUND += ("site_x", "site_y", "site_z", "solved_x", "solved_y", "solved_z")
_WIDTHS = 4  # quantities of a star, each with a width of its kernels
_STAR = "Tuple((f8[:,::1], f8[:,::1], f8[:,:,::1], f8[:,:,::1]))"
_SOURCES = "Tuple(({0}[:,::1], {0}[:,::1], {0}[:,:,::1], {0}[:,:,::1], {0}[:,:,::1]))"
_MEETINGS = "Tuple((i4[:,::1], f8[:,::1]))"


@njit(error_model="numpy", inline="always")
def _normal(x):
    """Cumulative standard normal distribution."""
    return 0.5 * math.erfc(-x * math.sqrt(0.5))


@njit(error_model="numpy")
def _along(axes, vector, out):
    """Components of a vector along axes, which are columns."""
    for a in range(3):
        out[a] = axes[0, a] * vector[0] + axes[1, a] * vector[1] + axes[2, a] * vector[2]


@njit(error_model="numpy")
def _kernel_boxes(x, v, jx, axes, mean, order):
    """Of each kernel in order along the axes: position, velocity and variance, shape (n, 9)."""
    boxes, shifted, turned = np.empty((len(x), 9)), np.empty(3), np.empty(3)
    for j in range(len(x)):
        i = order[j]
        for a in range(3):
            shifted[a] = x[i, a] - mean[a]
        _along(axes, shifted, boxes[j, :3])
        _along(axes, v[i], boxes[j, 3:6])
        boxes[j, 6:] = 0.0
        for q in range(_WIDTHS):
            _along(axes, jx[i, :, q], turned)
            for a in range(3):
                boxes[j, 6 + a] += turned[a] * turned[a]
    return boxes


@njit(error_model="numpy", inline="always")
def _variance(axes, a, place):
    total = 0.0
    for i in range(3):
        for j in range(3):
            total += axes[i, a] * place[i, j] * axes[j, a]
    return total


@njit(error_model="numpy")
def _crossing(r, w, s, half, found, solved):
    """`passages.crossing` of one pair: peak, and squared distance there; the others into arrays.

    s, shape (6,), has xx, xy, xz, yy, yz, zz.
    """
    xx, xy, xz, yy, yz, zz = s
    a, b, c = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy
    d, e, f = xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy
    determinant = xx * a + xy * b + xz * c
    r_x = (a * r[0] + b * r[1] + c * r[2]) / determinant
    r_y = (b * r[0] + d * r[1] + e * r[2]) / determinant
    r_z = (c * r[0] + e * r[1] + f * r[2]) / determinant
    w_x = (a * w[0] + b * w[1] + c * w[2]) / determinant
    w_y = (b * w[0] + d * w[1] + e * w[2]) / determinant
    w_z = (c * w[0] + e * w[1] + f * w[2]) / determinant
    ww = max(w_x * w[0] + w_y * w[1] + w_z * w[2], 1e-30)
    wr = w_x * r[0] + w_y * r[1] + w_z * r[2]
    rr = r_x * r[0] + r_y * r[1] + r_z * r[2]
    centre, across = -wr / ww, max(rr - wr * wr / ww, 0.0)
    peak = min(max(centre, -half), half)
    far = across + ww * (peak - centre) ** 2
    if not far < REACH * REACH:
        return peak, far
    root = math.sqrt(ww)
    low, high = root * (-half - centre), root * (half - centre)
    # both tails are taken on the side where they are small numbers, not differences from 1
    if low > 0:
        inside = _normal(-low) - _normal(-high)
    else:
        inside = _normal(high) - _normal(low)
    density = math.exp(-0.5 * across) * inside / (root * math.sqrt(determinant))
    found[0], found[1], found[2] = density / (2 * math.pi), low, high
    found[3], found[4] = centre, 1 / root
    solved[0], solved[1], solved[2] = r_x + w_x * peak, r_y + w_y * peak, r_z + w_z * peak
    # the inverse, for what is left of the velocities
    s[0], s[1], s[2] = a / determinant, b / determinant, c / determinant
    s[3], s[4], s[5] = d / determinant, e / determinant, f / determinant
    return peak, far


@njit(error_model="numpy")
def _velocities(jx, jv, cross, solved, inverse, apart, both):
    """Correct the relative velocity of a pair for where in both it meets.

    Returns
    -------
    fair : bool
        Whether the kernel's own correction is a small one.
    explained : float
        What of the variance of the relative velocity, all three directions, the place explains.
    """
    for i in range(3):
        for j in range(3):
            both[i, j] = cross[i, j]
            for q in range(_WIDTHS):
                both[i, j] += jv[i, q] * jx[j, q]
    size, speed = 0.0, 0.0
    for i in range(3):
        own, other = 0.0, 0.0
        for j in range(3):
            own += (both[i, j] - cross[i, j]) * solved[j]
            other += cross[i, j] * solved[j]
        apart[i] -= own + other
        size, speed = size + own * own, speed + apart[i] * apart[i]
    explained = 0.0
    for i in range(3):
        x, y, z = both[i]
        explained += x * (inverse[0] * x + 2 * (inverse[1] * y + inverse[2] * z))
        explained += inverse[3] * y * y + 2 * inverse[4] * y * z + inverse[5] * z * z
    return size < TRUST * TRUST * speed, explained


@njit(
    [  # of clusters, and of other bodies
        f"{_MEETINGS}({_STAR}, f8[::1], f8[:,::1], i8[::1], {_SOURCES.format(kind)}, i8[::1], f8)"
        for kind in ("f4", "f8")
    ],
    error_model="numpy",
    cache=True,
)
def meet(kernels, mean, axes, order, sources, live, half):
    """Meetings of kernels with sources in one segment of look-back time.

    Parameters
    ----------
    kernels : x, v, jx, jv
        As of `kernels.Kernels`, shape (n, 3) and (n, 3, 4).
    mean, axes : ndarray, shape (3,), (3, 3)
        Of the star's cloud; axes are columns, the longest last.
    order : ndarray of int, shape (n,)
        Of the kernels along the longest axis.
    sources : x, v, place, cross, velocity
        As of `sources.ClusterSources` at the segment, shape (k, 3) and (k, 3, 3).
    live : ndarray of int
        Which of the sources to look at.
    half : float
        Of the segment's length [Myr].

    Returns
    -------
    pairs : ndarray of int32, shape (m, 2)
        Kernel and source.
    found : ndarray, shape (m, 13)
        `FOUND`; the centre is relative to the middle of the segment.
    """
    x, v, jx, jv = kernels
    source_x, source_v, place, cross, velocity = sources
    boxes = _kernel_boxes(x, v, jx, axes, mean, order)
    lowest, highest, widest = np.full(6, np.inf), np.full(6, -np.inf), np.zeros(3)
    for j in range(len(boxes)):
        for a in range(6):
            lowest[a] = min(lowest[a], boxes[j, a])
            highest[a] = max(highest[a], boxes[j, a])
        for a in range(3):
            widest[a] = max(widest[a], boxes[j, 6 + a])
    m, pairs, found = 0, np.empty((256, 2), np.int32), np.empty((256, len(FOUND)))
    at, speed, variance, pad = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    r, w, s, solved = np.empty(3), np.empty(3), np.empty(6), np.empty(3)
    shifted, moving, apart, both = np.empty(3), np.empty(3), np.empty(3), np.empty((3, 3))
    for c in live:
        for a in range(3):
            shifted[a], moving[a] = source_x[c, a] - mean[a], source_v[c, a]
        _along(axes, shifted, at)
        _along(axes, moving, speed)
        within = True
        for a in range(3):
            variance[a] = _variance(axes, a, place[c])
            # what a source and any kernel span together, and move against each other
            moved = max(abs(speed[a] - lowest[3 + a]), abs(speed[a] - highest[3 + a]))
            pad[a] = REACH * math.sqrt(variance[a] + widest[a]) + moved * (KPC_PER_MYR * half)
            within &= lowest[a] - pad[a] < at[a] < highest[a] + pad[a]
        if not within:
            continue
        for j in range(np.searchsorted(boxes[:, 2], at[2] - pad[2]), len(boxes)):
            if boxes[j, 2] > at[2] + pad[2]:
                break
            near = True
            for a in range(3):
                change = abs(speed[a] - boxes[j, 3 + a]) * KPC_PER_MYR
                left = abs(boxes[j, a] - at[a]) - change * half
                near &= left <= 0 or left * left < REACH * REACH * (boxes[j, 6 + a] + variance[a])
            if not near:
                continue
            i, p = order[j], 0
            for a in range(3):
                # look-back: dx/dtau = -v
                r[a], w[a] = x[i, a] - source_x[c, a], (source_v[c, a] - v[i, a]) * KPC_PER_MYR
                for b in range(a, 3):
                    s[p] = place[c, a, b]
                    for q in range(_WIDTHS):
                        s[p] += jx[i, a, q] * jx[i, b, q]
                    p += 1
            if m == len(pairs):
                pairs, found = np.concatenate((pairs, pairs)), np.concatenate((found, found))
            one = found[m]
            peak, far = _crossing(r, w, s, half, one, solved)
            if not far < REACH * REACH:
                continue
            spread = 0.0
            for a in range(3):
                apart[a] = v[i, a] - source_v[c, a]
                spread += velocity[c, a, a]
                for q in range(_WIDTHS):
                    spread += jv[i, a, q] * jv[i, a, q]
            fair, explained = _velocities(jx[i], jv[i], cross[c], solved, s, apart, both)
            if not fair:
                continue
            one[5] = math.sqrt(apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2])
            one[6] = math.sqrt(max(spread - explained, 0.0) / 3)
            for a in range(3):
                one[7 + a] = x[i, a] - v[i, a] * (KPC_PER_MYR * peak)
                for q in range(_WIDTHS):
                    turn = jx[i, 0, q] * solved[0] + jx[i, 1, q] * solved[1]
                    one[7 + a] -= jx[i, a, q] * (turn + jx[i, 2, q] * solved[2])
                one[10 + a] = solved[a]
            pairs[m, 0], pairs[m, 1] = i, c
            m += 1
    return pairs[:m].copy(), found[:m].copy()

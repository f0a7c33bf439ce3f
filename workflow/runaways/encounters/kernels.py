"""What is compiled of the encounter search: from all pairs of draws to the few that come near.

Everything that is compiled is in this one file: numba compiles it again when the file changes, not
when another does. Pairs are taken one by one, and sums are of whole numbers: no result depends on
what else is searched. Arrays are in kpc, km/s, Myr, rad.
"""

import math

import numpy as np
from numba import njit

from runaways.frames import MYR_PER_KPC_KM_S

# Shares of azimuths are added up as whole numbers of this, so that no sum depends on its order.
QUANTUM = 2.0**-32
COARSE = 2.0**12  # they are rounded to so many quanta before they are squared: sums stay exact
# Relative motion in a slice of 1 Myr is nearly straight: four steps reach the last digit.
NEWTON_STEPS = 6
# of the boxes, which are compared in single precision: kpc, and relative
SLACK, RELATIVE_SLACK = 1e-5, 2e-6
TINY = np.finfo(float).tiny
ZERO = np.float32(0)
ROWS = 31  # bits of a draw of a cluster


@njit(error_model="numpy")
def _control_points(start, end, width, points):
    """Control points, shape (4, 3), of the cubic between two states of six; see `cubics`."""
    third = width / (3 * MYR_PER_KPC_KM_S)
    for i in range(3):
        points[0, i] = start[i]
        points[1, i] = start[i] - start[3 + i] * third
        points[2, i] = end[i] + end[3 + i] * third
        points[3, i] = end[i]


@njit(error_model="numpy", inline="always")
def _at(points, i, u):
    """Component i of a cubic at fraction u."""
    v = 1 - u
    a, b, c, d = v * v * v, 3 * v * v * u, 3 * v * u * u, u * u * u
    return a * points[0, i] + b * points[1, i] + c * points[2, i] + d * points[3, i]


@njit(error_model="numpy", inline="always")
def _slope(points, i, u):
    """Its derivative."""
    v = 1 - u
    p0, p1, p2, p3 = points[0, i], points[1, i], points[2, i], points[3, i]
    return 3 * (v * v * (p1 - p0) + 2 * v * u * (p2 - p1) + u * u * (p3 - p2))


@njit(error_model="numpy", inline="always")
def _norm(x, y, z):
    return math.sqrt(x * x + y * y + z * z)


@njit(error_model="numpy")
def _cut(path, d, start, stop, points, state, straight):
    """Bring a draw of the star to the slices start to stop - 1.

    `state` takes position and velocity at the slices' ends, the last at the draw's age;
    `straight` takes x, y, z at multiples of the step, beyond the age along the last velocity, and
    the distance from the axis there.
    """
    position, velocity, interval, steps, age, step = path
    width, knot = interval[d], -1
    third = width / (3 * MYR_PER_KPC_KM_S)
    for k in range(start, stop + 1):
        end, j = min(k * step, age[d]), k - start
        left = min(int(end / width), steps[d] - 1)
        if left != knot:
            knot = left
            for i in range(3):
                points[0, i] = position[d, knot, i]
                points[1, i] = position[d, knot, i] - velocity[d, knot, i] * third
                points[2, i] = position[d, knot + 1, i] + velocity[d, knot + 1, i] * third
                points[3, i] = position[d, knot + 1, i]
        beyond = (k * step - end) / MYR_PER_KPC_KM_S
        for i in range(3):
            place = _at(points, i, end / width - knot)
            speed = _slope(points, i, end / width - knot) * (-MYR_PER_KPC_KM_S / width)
            state[j, i], state[j, 3 + i] = place, speed
            straight[j, i] = place - speed * beyond
        straight[j, 3] = math.sqrt(straight[j, 0] ** 2 + straight[j, 1] ** 2)


@njit(error_model="numpy")
def _bound(age, step, start, stop, state, straight, points):
    """Bounds of a draw of the star over slices start to stop - 1.

    Returns the least and the largest radius and height, and how far it is from the straight line
    between the ends.
    """
    r_lower, r_upper, z_lower, z_upper, away = np.inf, 0.0, np.inf, -np.inf, 0.0
    for k in range(start, stop):
        width, j = min(age - k * step, step), k - start
        if width <= 0:
            break
        _control_points(state[j], state[j + 1], width, points)
        # the hull lies beyond the smallest projection on any one direction
        ex, ey = points[0, 0] + points[3, 0], points[0, 1] + points[3, 1]
        e2 = ex * ex + ey * ey
        scale = 1 / math.sqrt(e2) if e2 > 0 else 0.0
        for part in range(4):
            x, y, z = points[part, 0], points[part, 1], points[part, 2]
            r_lower = min(r_lower, max((x * ex + y * ey) * scale, 0.0))
            r_upper = max(r_upper, x * x + y * y)
            z_lower, z_upper = min(z_lower, z), max(z_upper, z)
        u, span = j / (stop - start), width / step / (stop - start)
        away = max(away, _bend(points, straight[0], straight[stop - start], u, span))
    return r_lower, math.sqrt(r_upper), z_lower, z_upper, away


@njit(error_model="numpy", inline="always")
def _bend(points, begin, end, u, span):
    """How far a piece, from u to u + span of a straight line, can be from it."""
    away = 0.0
    for part in range(4):
        here, apart = u + part / 3 * span, 0.0
        for i in range(3):
            off = points[part, i] - (begin[i] + here * (end[i] - begin[i]))
            apart += off * off
        away = max(away, apart)
    return math.sqrt(away)


@njit(error_model="numpy")
def _cut_all(path, draw_of, radius, start, stop, points, state, straight, limits, bend):
    """Bring all draws of the star to some slices, and bound them there.

    Fills `limits`, shape (4, rows, draws of a cluster): largest and least radius and height that
    a cluster's draw may have to come near, none for a draw that has no part in the slices; and
    `bend`, how far each draw is from a straight line. Returns the limits of all draws together.
    """
    age, step, reach = path[4], path[5], (-np.inf, np.inf, -np.inf, np.inf)
    limits[0::2], limits[1::2] = -np.inf, np.inf
    for row in range(draw_of.shape[0]):
        for c in range(draw_of.shape[1]):
            d = draw_of[row, c]
            if d < 0 or not age[d] > start * step:
                continue
            _cut(path, d, start, stop, points, state[d], straight[d])
            r_lower, r_upper, z_lower, z_upper, bend[d] = _bound(
                age[d], step, start, stop, state[d], straight[d], points
            )
            room = radius + SLACK + RELATIVE_SLACK * (r_upper + max(-z_lower, z_upper))
            r_lower, r_upper, z_lower, z_upper = (
                r_lower - room, r_upper + room, z_lower - room, z_upper + room
            )  # fmt: skip
            limits[0, row, c], limits[1, row, c] = r_upper, r_lower
            limits[2, row, c], limits[3, row, c] = z_upper, z_lower
            reach = (
                max(reach[0], r_upper), min(reach[1], r_lower),
                max(reach[2], z_upper), min(reach[3], z_lower),
            )  # fmt: skip
    return reach


@njit(error_model="numpy")
def _boxes(start, end, third, boxes):
    """Boxes that hold the draws of a cluster between two knots, shape (4, n); see `cubics`.

    start, end : ndarray of float32, shape (6, 1 + n)
    """
    for c in range(boxes.shape[1]):
        x0, y0, z0 = start[0, c + 1], start[1, c + 1], start[2, c + 1]
        x3, y3, z3 = end[0, c + 1], end[1, c + 1], end[2, c + 1]
        x1, y1, z1 = (
            x0 - start[3, c + 1] * third,
            y0 - start[4, c + 1] * third,
            z0 - start[5, c + 1] * third,
        )
        x2, y2, z2 = (
            x3 + end[3, c + 1] * third,
            y3 + end[4, c + 1] * third,
            z3 + end[5, c + 1] * third,
        )
        a, b = x0 * x0 + y0 * y0, x1 * x1 + y1 * y1
        a = a if a > b else b
        b, d = x2 * x2 + y2 * y2, x3 * x3 + y3 * y3
        b = b if b > d else d
        boxes[1, c] = np.sqrt(a if a > b else b)
        ex, ey = x0 + x3, y0 + y3
        a, b = x0 * ex + y0 * ey, x1 * ex + y1 * ey
        a = a if a < b else b
        b, d = x2 * ex + y2 * ey, x3 * ex + y3 * ey
        b = b if b < d else d
        a = a if a < b else b
        lower = a / np.sqrt(ex * ex + ey * ey)
        boxes[0, c] = lower if lower > ZERO else ZERO
        a, b = (z0 if z0 < z1 else z1), (z2 if z2 < z3 else z3)
        boxes[2, c] = a if a < b else b
        a, b = (z0 if z0 > z1 else z1), (z2 if z2 > z3 else z3)
        boxes[3, c] = a if a > b else b


@njit(error_model="numpy")
def _near(boxes, limits, near):
    """Of each draw of a cluster, which rows of the star's draws it is in reach of: one bit each."""
    near[:] = 0
    for row in range(limits.shape[1]):
        for c in range(limits.shape[2]):
            reached = (boxes[0, c] <= limits[0, row, c]) & (boxes[1, c] >= limits[1, row, c])
            reached &= (boxes[2, c] <= limits[2, row, c]) & (boxes[3, c] >= limits[3, row, c])
            near[c] |= reached << row


@njit(error_model="numpy")
def _weights(parts):
    """Of the control points at so many equal parts of a piece."""
    weights = np.empty((parts + 1, 4))
    for j in range(parts + 1):
        u = j / parts
        v = 1 - u
        weights[j] = v * v * v, 3 * v * v * u, 3 * v * u * u, u * u * u
    return weights


@njit(error_model="numpy")
def _places(points, weights, places):
    """Fill places, shape (n, 4), with x, y, z and the distance from the axis along a piece."""
    for j in range(len(weights)):
        a, b, c, d = weights[j]
        for i in range(3):
            places[j, i] = a * points[0, i] + b * points[1, i] + c * points[2, i] + d * points[3, i]
        places[j, 3] = math.sqrt(places[j, 0] ** 2 + places[j, 1] ** 2)


@njit(error_model="numpy", inline="always")
def _between(lower, upper, slope):
    """Bounds on q where lower < slope q <= upper; none where slope is 0 and it does not hold."""
    if slope == 0:
        return (-np.inf, np.inf) if lower < 0 <= upper else (np.inf, -np.inf)
    one, other = lower / slope, upper / slope
    return (one, other) if one < other else (other, one)


@njit(error_model="numpy", inline="always")
def _length(lower, upper, first, last):
    """Length of what is common to two ranges."""
    return max(min(upper, last) - max(lower, first), 0.0)


@njit(error_model="numpy", inline="always")
def _around(lower, upper, here, circle, rotations, phase):
    """Length of a range of q, or how many of the sampled azimuths are in it."""
    if not upper > lower:
        return 0.0
    if rotations == 0:
        return upper - lower
    turn = rotations / (2 * math.pi * circle)
    return np.floor((here - lower) * turn - phase) - np.floor((here - upper) * turn - phase)


@njit(error_model="numpy", inline="always")
def _angle(star, place):
    """Azimuth of a star from that of a cluster's place, in (-pi, pi]."""
    along, across = star[0] * place[0] + star[1] * place[1], star[1] * place[0] - star[0] * place[1]
    return math.atan2(across, along)


@njit(error_model="numpy")
def azimuths_met(
    star, cluster, share, at_start, at_end, half_width, radii, rotations, phase, found
):
    """Add the shares of a cluster's azimuths with a closest approach in a slice.

    Parameters
    ----------
    star, cluster : ndarray, shape (2, 4)
        x, y, z and distance from the axis at the slice's start and end.
    share : float
        The part of the slice that counts, from its start.
    at_start, at_end : bool
        Whether a trajectory begins with this slice, or ends in it: there a least distance
        counts also if the two were, or are still, closing in.
    half_width : float
        Largest turn of the cluster to either side for the local share.
    radii : ndarray, shape (m,)
        Falling.
    rotations : int
        Azimuths at which the share of the whole circle is sampled, 0 for the exact one.
    phase : float
        The first of them, 0 to 1 in units of their distance.
    found : ndarray, shape (2, m)
        The shares, within the half width and all around, as numbers of `QUANTUM`.

    Returns
    -------
    int
        At how many of the radii there may be any.
    """
    r, z = star[0, 3] - cluster[0, 3], star[0, 2] - cluster[0, 2]
    v_r = (star[1, 3] - cluster[1, 3] - r) * share
    v_z = (star[1, 2] - cluster[1, 2] - z) * share
    circle, angle = (star[0, 3] + cluster[0, 3]) / 2, _angle(star[0], cluster[0])
    turned = _angle(star[1], cluster[1]) - angle
    turned -= 2 * math.pi * math.ceil(turned / (2 * math.pi) - 0.5)
    # q: distance along the circle at the start of the slice, as the cluster is turned
    here, v_t = angle * circle, turned * circle * share
    approach, v2 = r * v_r + z * v_z, v_r * v_r + v_z * v_z
    along = approach / max(v2, TINY)
    centre, miss2 = along * v_t, max(r * r + z * z - approach * along, 0.0)
    # the closest approach is at u = -(approach + q v_t) / (v2 + v_t^2), and counts if 0 <= u < 1
    until = -approach - (v2 + v_t * v_t)
    in_slice = _between(until, -approach, v_t)
    stretch2 = (v2 + v_t * v_t) / max(v2, TINY)
    edge = half_width * circle
    first, last = here - edge, here + edge
    to_near, to_around = 1 / (2 * edge), 1 / (rotations if rotations else 2 * math.pi * circle)
    for m in range(len(radii)):
        radius2 = radii[m] * radii[m]
        if radius2 <= miss2:
            return m
        half = math.sqrt((radius2 - miss2) * stretch2)
        lower, upper = max(centre - half, in_slice[0]), min(centre + half, in_slice[1])
        near = _length(lower, upper, first, last)
        around = _around(lower, upper, here, circle, rotations, phase)
        if at_start:
            side = _between(-approach, np.inf, v_t)
            chord = math.sqrt(max(radius2 - r * r - z * z, 0.0))
            lower, upper = max(-chord, side[0]), min(chord, side[1])
            near += _length(lower, upper, first, last)
            around += _around(lower, upper, here, circle, rotations, phase)
        if at_end:
            side = _between(-np.inf, until, v_t)
            chord = math.sqrt(max(radius2 - (r + v_r) ** 2 - (z + v_z) ** 2, 0.0))
            lower, upper = max(-chord - v_t, side[0]), min(chord - v_t, side[1])
            near += _length(lower, upper, first, last)
            around += _around(lower, upper, here, circle, rotations, phase)
        if near == 0 and around == 0:
            return m
        found[0, m] += np.rint(min(near * to_near, 1.0) / QUANTUM)
        found[1, m] += np.rint(min(around * to_around, 1.0) / QUANTUM)
    return len(radii)


@njit(error_model="numpy", inline="always")
def _meet(r, z, r_end, z_end, share, radius):
    """Whether two come within a radius in the meridional plane, in a share of a slice."""
    v_r, v_z = r_end - r, z_end - z
    closing, v2 = -(r * v_r + z * v_z), v_r * v_r + v_z * v_z
    if closing <= 0:
        return r * r + z * z < radius * radius
    if closing >= share * v2:
        r, z = r + share * v_r, z + share * v_z
        return r * r + z * z < radius * radius
    across = r * v_z - z * v_r
    return across * across < radius * radius * v2


@njit(error_model="numpy")
def _by_chance(
    straight, places, start, stop, step, limit, radii, half_width, rotations, phase, found
):
    """Shares of azimuths of a pair in slices start to stop - 1; at how many radii there are any."""
    met, radius, lived = 0, radii[0], limit / step
    r_end, z_end = straight[0, 3] - places[0, 3], straight[0, 2] - places[0, 2]
    for j in range(stop - start):
        share = min(lived - (start + j), 1.0)
        if share <= 0:
            break
        r, z = r_end, z_end
        r_end = straight[j + 1, 3] - places[j + 1, 3]
        z_end = straight[j + 1, 2] - places[j + 1, 2]
        aside = max(min(r, r_end), min(z, z_end), -max(r, r_end), -max(z, z_end))
        if aside >= radius or not _meet(r, z, r_end, z_end, share, radius):
            continue
        if met == 0:
            found[:] = 0.0
        some = azimuths_met(
            straight[j : j + 2], places[j : j + 2], share, start + j == 0,
            lived <= start + j + 1, half_width, radii, rotations, phase, found,
        )  # fmt: skip
        met = max(met, some)
    return met


@njit(error_model="numpy", inline="always")
def _passes(straight, places, j, k, room):
    """Whether two that move straight from place j to place k come near."""
    x, v_x = _relative(straight, places, j, k, 0)
    y, v_y = _relative(straight, places, j, k, 1)
    z, v_z = _relative(straight, places, j, k, 2)
    v2 = v_x * v_x + v_y * v_y + v_z * v_z
    # most are far apart: (a + b)^2 <= 2 (a^2 + b^2)
    if x * x + y * y + z * z > 2 * (room * room + v2):
        return False
    u = min(max(-(x * v_x + y * v_y + z * v_z) / v2, 0.0), 1.0) if v2 > 0 else 0.0
    return _norm(x + u * v_x, y + u * v_y, z + u * v_z) <= room


@njit(error_model="numpy", inline="always")
def _relative(straight, places, j, k, i):
    x = straight[j, i] - places[j, i]
    return x, straight[k, i] - places[k, i] - x


@njit(error_model="numpy", inline="always")
def _squared(c, u):
    """Squared distance from the origin on a cubic with coefficients c, shape (4, 3)."""
    x = c[0, 0] + u * (c[1, 0] + u * (c[2, 0] + u * c[3, 0]))
    y = c[0, 1] + u * (c[1, 1] + u * (c[2, 1] + u * c[3, 1]))
    z = c[0, 2] + u * (c[1, 2] + u * (c[2, 2] + u * c[3, 2]))
    return x * x + y * y + z * z


@njit(error_model="numpy")
def closest_to_origin(points, end):
    """Closest approach of a cubic to the origin.

    The best of five places brackets the minimum; Newton's method on the derivative of the
    squared distance, halving the bracket where it would leave it, finds it.

    Parameters
    ----------
    points : ndarray, shape (4, 3)
        Control points of a relative trajectory.
    end : float
        It is followed from 0 to here, in units of the piece.

    Returns
    -------
    distance, u : float
        The least distance [kpc] and its place along the piece.
    """
    c = np.empty((4, 3))
    for i in range(3):
        p0, p1, p2, p3 = points[0, i], points[1, i], points[2, i], points[3, i]
        c[0, i], c[1, i] = p0, 3 * (p1 - p0)
        c[2, i], c[3, i] = 3 * (p0 - 2 * p1 + p2), p3 - 3 * p2 + 3 * p1 - p0
    best, least = 0, _squared(c, 0.0)
    for place in range(1, 5):
        value = _squared(c, place / 4 * end)
        if value < least:
            best, least = place, value
    lower, upper = max(best - 1, 0) * end / 4, min(best + 1, 4) * end / 4
    first = u = best * end / 4
    start = _squared(c, first)
    for _ in range(NEWTON_STEPS):
        g, curvature = 0.0, 0.0
        for i in range(3):
            place = c[0, i] + u * (c[1, i] + u * (c[2, i] + u * c[3, i]))
            slope = c[1, i] + u * (2 * c[2, i] + u * (3 * c[3, i]))
            g += place * slope
            curvature += slope * slope + place * (2 * c[2, i] + u * (6 * c[3, i]))
        if g < 0:
            lower = u
        elif g > 0:
            upper = u
        newton = u - g / curvature
        # at the minimum newton is u itself, which is one end of the bracket
        inside = lower <= newton <= upper and curvature > 0
        u = newton if inside else (lower + upper) / 2
    found = _squared(c, u)
    if not found <= start:
        found, u = start, first
    return math.sqrt(found), u


@njit(error_model="numpy")
def _closest(state, age, step, k, cluster, cluster_age, first_slice, per_block, points):
    """Closest approach in slice k of a star's draw and a cluster's, of a piece of control points
    that starts with first_slice: separation, time, relative speed; infinite beyond an age.
    """
    width, j = min(age - k * step, step), k - first_slice
    if not width > 0 or not cluster_age >= k * step:
        return np.inf, np.inf, np.inf
    begin = j / per_block
    end = begin + width / step / per_block
    third = (end - begin) / 3
    _control_points(state[j], state[j + 1], width, points)
    for i in range(3):
        p0, p3 = _at(cluster, i, begin), _at(cluster, i, end)
        points[0, i] -= p0
        points[1, i] -= p0 + _slope(cluster, i, begin) * third
        points[2, i] -= p3 - _slope(cluster, i, end) * third
        points[3, i] -= p3
    distance, u = closest_to_origin(points, min((cluster_age - k * step) / width, 1.0))
    if not distance < np.inf:
        return np.inf, np.inf, np.inf
    speed = _norm(_slope(points, 0, u), _slope(points, 1, u), _slope(points, 2, u))
    return distance, k * step + u * width, speed / width * MYR_PER_KPC_KM_S


@njit(error_model="numpy", nogil=True, cache=True)
def search(orbits, path, draw_of, radii, half_width, rotations, phase, shares, squares):
    """All encounters of a star's draws with all clusters, and the shares by chance.

    Parameters
    ----------
    orbits : tuple
        `age`, `spacing`, `count`, `state`, `bounds` of `cluster_orbits.ClusterOrbits`.
    path : tuple
        `position`, `velocity`, `interval`, `steps`, `age`, `step` of `slices.StarPaths`.
    draw_of : ndarray of int, shape (rows, draws of a cluster)
        The star's draws that each draw of the clusters meets; -1 for none. At most `ROWS`.
    radii : ndarray, shape (m,)
        At which chance is kept, falling; the first is the search radius.
    half_width, rotations
        As for `azimuths_met`.
    phase : ndarray, shape (n_clusters,)
    shares, squares : ndarray, shape (n_clusters, 2, m)
        Near and all around: shares are added to them, numbers of `QUANTUM`, and squares of what
        one draw adds between two knots, numbers of its square times that of `COARSE`.

    Returns
    -------
    ndarray, shape (n, 5)
        Cluster, draw, separation, time and relative speed of the closest approach in each slice
        in which one is within the search radius.
    """
    cluster_age, spacing, count, knots, bounds = orbits
    age, step = path[4], path[5]
    n_rows, n_draws, radius = draw_of.shape[0], draw_of.shape[1], radii[0]
    per_block = int(round(spacing / step))
    n_slices = _slices(age, step)
    third = np.float32(spacing / (3 * MYR_PER_KPC_KM_S))
    state, straight = np.empty((len(age), per_block + 1, 6)), np.empty((len(age), per_block + 1, 4))
    limits, bend = np.empty((4, *draw_of.shape), np.float32), np.empty(len(age))
    boxes, near = np.empty((4, n_draws), np.float32), np.empty(n_draws, np.int32)
    places, weights = np.empty((per_block + 1, 4)), _weights(per_block)
    points, relative, found = np.empty((4, 3)), np.empty((4, 3)), np.empty((2, len(radii)))
    hits, n_hits, row, bound = np.empty((64, 5)), 0, 0, 0
    for block in range(len(count) - 1):
        start = block * per_block
        stop = min(start + per_block, n_slices)
        if start >= stop:
            break
        reach = _cut_all(path, draw_of, radius, start, stop, points, state, straight, limits, bend)
        for cluster in range(count[block + 1]):
            about = bounds[bound + cluster]
            if not (
                about[0] <= reach[0] and about[1] >= reach[1]
                and about[2] <= reach[2] and about[3] >= reach[3]
            ):  # fmt: skip
                continue
            begin, end = knots[row + cluster], knots[row + count[block] + cluster]
            _boxes(begin, end, third, boxes)
            _near(boxes, limits, near)
            for c in range(n_draws):
                born = cluster_age[cluster, 1 + c]
                if near[c] == 0 or not born > start * step:
                    continue
                _control_points(begin[:, 1 + c], end[:, 1 + c], spacing, points)
                _places(points, weights, places)
                for i in range(n_rows):
                    if not (near[c] >> i) & 1:
                        continue
                    d = draw_of[i, c]
                    met = _by_chance(
                        straight[d], places, start, stop, step, min(age[d], born), radii,
                        half_width, rotations, phase[cluster], found,
                    )  # fmt: skip
                    for side in range(2):
                        for m in range(met):
                            coarse = np.rint(found[side, m] / COARSE)
                            shares[cluster, side, m] += found[side, m]
                            squares[cluster, side, m] += coarse * coarse
                    if not _passes(
                        straight[d], places, 0, stop - start, radius + bend[d] + about[4]
                    ):
                        continue
                    for k in range(start, stop):
                        width, j = min(age[d] - k * step, step), k - start
                        if width <= 0:
                            break
                        _control_points(state[d, j], state[d, j + 1], width, relative)
                        away = _bend(
                            relative, straight[d, j], straight[d, j + 1], 0.0, width / step
                        )
                        away += about[4] / (per_block * per_block)
                        if not _passes(straight[d], places, j, j + 1, radius + away):
                            continue
                        one = _closest(
                            state[d], age[d], step, k, points, born, start, per_block, relative
                        )
                        if not one[0] < radius:
                            continue
                        if n_hits == len(hits):
                            more = np.empty((2 * n_hits, 5))
                            more[:n_hits] = hits
                            hits = more
                        hits[n_hits, 0], hits[n_hits, 1] = cluster, d
                        hits[n_hits, 2], hits[n_hits, 3], hits[n_hits, 4] = one
                        n_hits += 1
        row += count[block]
        bound += count[block + 1]
    return hits[:n_hits]


@njit(error_model="numpy")
def _slices(age, step):
    """Slices of the oldest draw."""
    oldest = 0.0
    for d in range(len(age)):
        if age[d] > oldest:
            oldest = age[d]
    return int(math.ceil(oldest / step))


@njit(error_model="numpy", nogil=True, cache=True)
def every_slice(orbits, path, cluster, draws, best):
    """Closest approach of every draw of a star to one cluster, without boxes or filters.

    Parameters
    ----------
    orbits, path : tuple
        As for `search`.
    cluster : int
    draws : ndarray of int, shape (n,)
        The cluster's draw that each of the star's meets, from 0 on.
    best : ndarray, shape (3, n)
        Takes separation, time and relative speed; infinite without an orbit.
    """
    cluster_age, spacing, count, knots, _ = orbits
    age, step = path[4], path[5]
    per_block, n_slices = int(round(spacing / step)), _slices(age, step)
    points, relative = np.empty((4, 3)), np.empty((4, 3))
    state, straight = np.empty((per_block + 1, 6)), np.empty((per_block + 1, 4))
    best[:] = np.inf
    for d in range(len(age)):
        c, row = 1 + draws[d], 0
        for block in range(len(count) - 1):
            start = block * per_block
            if count[block + 1] <= cluster or not age[d] > start * step:
                break
            stop = min(start + per_block, n_slices)
            _cut(path, d, start, stop, relative, state, straight)
            ends = knots[row + cluster, :, c], knots[row + count[block] + cluster, :, c]
            _control_points(*ends, spacing, points)
            for k in range(start, stop):
                one = _closest(
                    state, age[d], step, k, points, cluster_age[cluster, c], start, per_block,
                    relative,
                )  # fmt: skip
                if one[0] < best[0, d]:
                    best[0, d], best[1, d], best[2, d] = one
            row += count[block]


def compiled():
    """Compile what is above, or load what was compiled: by one star and one cluster at rest."""
    knots = np.ones((2, 6, 2), np.float32)
    knots.flags.writeable = False
    orbits = np.ones((1, 2)), 1.0, np.ones(2, int), knots, np.ones((1, 5), np.float32)
    states, one, none = np.ones((1, 2, 3)), np.ones(1), np.zeros((1, 1), int)
    path = states, states, one, np.ones(1, int), one, 1.0
    shares, squares = np.zeros((2, 1, 2, 1))
    search(orbits, path, none, one, 1.0, 0, one, shares, squares)
    every_slice(orbits, path, 0, none[0], np.empty((3, 1)))

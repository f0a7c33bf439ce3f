"""Trajectories as cubic pieces: interpolation, and boxes that surely hold a piece.

A trajectory is known at some look-back times with position and velocity; between two of them it
is the cubic with these ends (Hermite's). Pieces run back in time, velocities are those in forward
time. As a Bezier curve it lies within the hull of its four control
points, so what is said here about where a piece can be is certain, not an estimate.

Vectors run along the first axis, `(3, ...)`. Units: kpc, km/s, Myr.
"""

import numpy as np

from runaways.frames import MYR_PER_KPC_KM_S

# Relative motion in a slice of 1 Myr is nearly straight: four steps reach the last digit.
NEWTON_STEPS = 6


def control_points(position, velocity, position_end, velocity_end, width):
    """Bezier control points of the cubic between two states.

    Parameters
    ----------
    position, velocity, position_end, velocity_end : ndarray, shape (3, ...)
        Of the later and of the earlier state [kpc], [km/s].
    width : float or ndarray, shape (...)
        Time between the two states [Myr].

    Returns
    -------
    tuple of four ndarray, shape (3, ...)
        [kpc].
    """
    third = width / (3 * MYR_PER_KPC_KM_S)
    second, before_last = position - velocity * third, position_end + velocity_end * third
    return position, second, before_last, position_end


def at(points, u):
    """Point and derivative on a cubic.

    Parameters
    ----------
    points : tuple of four ndarray, shape (3, ...)
        Control points.
    u : float or ndarray, shape (...)
        Place along the piece, 0 to 1.

    Returns
    -------
    point, derivative : ndarray, shape (3, ...)
        The derivative is with respect to u.
    """
    p0, p1, p2, p3 = points
    v = 1 - u
    a, b, c, d = v * v * v, 3 * v * v * u, 3 * v * u * u, u * u * u
    point = a * p0 + b * p1 + c * p2 + d * p3
    return point, 3 * (v * v * (p1 - p0) + 2 * v * u * (p2 - p1) + u * u * (p3 - p2))


def part(points, start, end):
    """Control points of a part of a cubic.

    Parameters
    ----------
    points : tuple of four ndarray, shape (3, ...)
    start, end : float or ndarray, shape (...)
        The part, in units of the piece.

    Returns
    -------
    tuple of four ndarray, shape (3, ...)
    """
    (p0, slope0), (p3, slope3) = at(points, start), at(points, end)
    third = (end - start) / 3
    return p0, p0 + slope0 * third, p3 - slope3 * third, p3


def norm(vector):
    """Length of vectors along the first axis; term by term, the same for every shape."""
    return np.sqrt(sum(component * component for component in vector))


def meridional_box(points):
    """Bounds of a piece in Galactocentric radius and height.

    Parameters
    ----------
    points : tuple of four ndarray, shape (3, ...)

    Returns
    -------
    r_lower, r_upper, z_lower, z_upper : ndarray, shape (...)
        [kpc].
    """
    radii = [np.sqrt(p[0] * p[0] + p[1] * p[1]) for p in points]
    upper = np.maximum.reduce(radii)
    # the hull lies beyond the smallest projection on any one direction: take the chord's middle
    ex, ey = points[0][0] + points[3][0], points[0][1] + points[3][1]
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = 1 / np.sqrt(ex * ex + ey * ey)
        lower = np.minimum.reduce([(p[0] * ex + p[1] * ey) * scale for p in points])
    lower = np.where(np.isfinite(lower), np.maximum(lower, 0), 0)
    heights = [p[2] for p in points]
    return lower, upper, np.minimum.reduce(heights), np.maximum.reduce(heights)


def wrap(angle):
    """An angle in (-pi, pi] [rad]."""
    return angle - 2 * np.pi * np.ceil(angle / (2 * np.pi) - 0.5)


def largest_bend(points):
    """How far a piece can be from its chord, at equal times.

    Parameters
    ----------
    points : tuple of four ndarray, shape (3, ...)

    Returns
    -------
    ndarray, shape (...)
        [kpc]. A part that is a fraction f of the piece bends by less than f^2 of it.
    """
    p0, p1, p2, p3 = points
    # |B(u) - chord(u)| <= max|B''| u(1 - u)/2 and B'' is within 6 times the second differences
    return 0.75 * np.maximum(norm(p0 - 2 * p1 + p2), norm(p1 - 2 * p2 + p3))


def closest_to_origin(points, end):
    """Closest approach of cubics to the origin.

    Parameters
    ----------
    points : tuple of four ndarray, shape (3, n)
        Control points of a relative trajectory.
    end : ndarray, shape (n,)
        The pieces are followed from 0 to here, in units of the piece.

    Returns
    -------
    distance, u : ndarray, shape (n,)
        The least distance [kpc] and its place along the piece.

    Notes
    -----
    The best of five places brackets the minimum; Newton's method on the derivative of the
    squared distance, halving the bracket where it would leave it, finds it. The number of steps
    is fixed, so that a result never depends on what else is computed with it.
    """
    p0, p1, p2, p3 = points
    c1, c2, c3 = 3 * (p1 - p0), 3 * (p0 - 2 * p1 + p2), p3 - 3 * p2 + 3 * p1 - p0

    def squared(u):
        return sum(c * c for c in p0 + u * (c1 + u * (c2 + u * c3)))

    samples = np.array([squared(fraction * end) for fraction in (0, 0.25, 0.5, 0.75, 1)])
    best = np.argmin(samples, axis=0)
    lower, upper = np.maximum(best - 1, 0) * end / 4, np.minimum(best + 1, 4) * end / 4
    first = u = best * end / 4
    for _ in range(NEWTON_STEPS):
        point, slope = p0 + u * (c1 + u * (c2 + u * c3)), c1 + u * (2 * c2 + u * (3 * c3))
        bend = 2 * c2 + u * (6 * c3)
        g = sum(point * slope)
        curvature = sum(slope * slope) + sum(point * bend)
        lower, upper = np.where(g < 0, u, lower), np.where(g > 0, u, upper)
        with np.errstate(invalid="ignore", divide="ignore"):
            newton = u - g / curvature
        # at the minimum newton is u itself, which is one end of the bracket
        inside = (newton >= lower) & (newton <= upper) & (curvature > 0)
        u = np.where(inside, newton, (lower + upper) / 2)
    found, start = squared(u), squared(first)
    u = np.where(found <= start, u, first)
    return np.sqrt(np.minimum(found, start)), u

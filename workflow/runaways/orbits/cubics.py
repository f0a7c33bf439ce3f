"""Trajectories as cubic pieces: interpolation, and boxes that surely hold a piece.

A trajectory is known at some look-back times with position and velocity; between two of them it
is the cubic with these ends (Hermite's). Pieces run back in time, velocities are those in forward
time. As a Bezier curve it lies within the hull of its four control
points, so what is said here about where a piece can be is certain, not an estimate.

Vectors run along the first axis, `(3, ...)`. Units: kpc, km/s, Myr.
"""

import numpy as np

from runaways.frames import MYR_PER_KPC_KM_S


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

"""Catalogues of clusters moved elsewhere as a whole: what they explain is chance."""

from dataclasses import replace

import numpy as np
from astropy.table import vstack

from runaways.ejections.calibration import MIRRORED, QUICK, null_rows
from runaways.ejections.posterior import explain_all


def turned(sources, angle):
    """The whole catalogue turned about the Galactic axis with its velocities.

    Parameters
    ----------
    sources : ClusterSources
    angle : float or ndarray, shape (c,)
        [rad], along Galactic rotation.

    Returns
    -------
    ClusterSources
        In an axisymmetric Galaxy orbits as possible as the true ones, met by chance alone.
    """
    cos, sin = np.cos(angle), np.sin(angle)
    zero, one = 0 * cos, 0 * cos + 1
    turn = np.array([[cos, -sin, zero], [sin, cos, zero], [zero, zero, one]], np.float32)
    turn = np.moveaxis(turn, -1, 0) if np.ndim(angle) else np.tile(turn, (len(sources), 1, 1))
    vectors = {k: np.einsum("cij,tcj->tci", turn, getattr(sources, k)) for k in ("x", "v")}
    matrices = {
        k: np.einsum("cij,tcjk,clk->tcil", turn, getattr(sources, k), turn, optimize=True)
        for k in ("place", "cross", "velocity")
    }
    return replace(sources, azimuth=sources.azimuth + angle, **vectors, **matrices)


def mirrored(sources):
    """The catalogue mirrored in the line from the Sun to the centre, still rotating forward.

    Each cluster is turned to the opposite azimuth: radius, height and the velocity's components
    along R, phi and z stay, all along its orbit.
    """
    return turned(sources, -2 * sources.azimuth)


def turned_posteriors(stars, galaxy, sources, seed, angles, factor=1.0):
    """Posteriors of stars on the whole catalogue turned jointly, and mirrored: all are by chance.

    Parameters
    ----------
    stars, galaxy, sources, seed, factor
        As for `posterior.explain_all`.
    angles : sequence of float
        [deg], along Galactic rotation.

    Returns
    -------
    Table
        Table ``calibration_null``, one row for each star and replicate.
    """
    parts = []
    for angle in (*angles, None):
        name = MIRRORED if angle is None else f"{angle:+g} deg"
        moved = mirrored(sources) if angle is None else turned(sources, np.radians(angle))
        rows, *_ = explain_all(stars, galaxy, moved, seed, factor=factor, **QUICK)
        parts.append(null_rows(rows, name))
    return vstack(parts)

"""Contours in a plane that enclose stated fractions of scattered draws."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.spatial import KDTree

CELLS = 240  # of the grid, along either direction
REACH = 3.5  # of a kernel, in its standard deviations
TRIM = 0.005  # of the draws at either end may lie off the grid
ROOM = 0.15  # around the draws, of their extent
SHARE = 0.5  # a kernel's covariance over that of the draws around it
MAX_AROUND = 400  # more draws sharpen the contours rather than take more time each


@dataclass(frozen=True)
class Contours:
    """A smoothed density and the levels that enclose fractions of its draws.

    Attributes
    ----------
    x, y : ndarray, shape (m, m)
        Places of the grid, a sheared one, in the unit of the draws.
    density : ndarray, shape (m, m)
        In no particular unit.
    levels : ndarray, shape (number of fractions,)
        In the order of the fractions: a larger fraction has a lower level.
    """

    x: np.ndarray
    y: np.ndarray
    density: np.ndarray
    levels: np.ndarray


def enclosing(x, y, fractions):
    """Contours of draws such that each encloses a stated fraction of them.

    Birthplaces lie along arcs and in several clumps. So each draw is smeared with the shape that
    the draws around it have: along an arc more than across. A level is read off at the draws:
    smearing shapes a contour, but not the fraction it encloses.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Draws; finite.
    fractions : sequence of float
        Each between 0 and 1.

    Returns
    -------
    Contours or None
        None if the draws do not span a plane.

    References
    ----------
    Vincent & Bengio 2003, Manifold Parzen Windows, Adv. Neural Inf. Process. Syst. 15, 849.
    """
    draws = np.array([x, y], float)
    covariance = np.cov(draws) if draws.shape[1] > 2 else np.zeros((2, 2))
    if not covariance[0, 0] * covariance[1, 1] > covariance[0, 1] ** 2:
        return None
    axes = np.linalg.cholesky(covariance)
    white = np.linalg.solve(axes, draws)
    low, high = np.quantile(white, [TRIM, 1 - TRIM], axis=1)
    cell = (high - low) * (1 + 2 * ROOM) / (CELLS - 1)
    first = low - ROOM * (high - low)
    cells = (white - first[:, None]) / cell[:, None]
    density = _density(cells)
    levels = np.quantile(map_coordinates(density, cells, order=1), 1 - np.asarray(fractions))
    grid = np.moveaxis(np.indices((CELLS, CELLS)), 0, -1) * cell + first
    return Contours(*np.moveaxis(grid @ axes.T, -1, 0), density, levels)


def _density(cells):
    """Sum of the draws' kernels on the grid; places in units of cells, shape (2, n)."""
    tree, n = KDTree(cells.T), cells.shape[1]
    around = min(n, round(2 * n ** (2 / 3)), MAX_AROUND)
    density = np.zeros((CELLS, CELLS))
    for place in cells.T:
        offsets = cells[:, tree.query(place, around)[1]]
        offsets = offsets - offsets.mean(axis=1, keepdims=True)
        # half a cell more, that no kernel falls between cells
        shape = SHARE / around * offsets @ offsets.T + 0.25 * np.eye(2)
        half = REACH * np.sqrt(np.diag(shape))
        (i, j), (k, m) = np.clip([place - half, place + half + 1], 0, CELLS).astype(int)
        u, v = np.arange(i, k)[:, None] - place[0], np.arange(j, m) - place[1]
        determinant = shape[0, 0] * shape[1, 1] - shape[0, 1] ** 2
        distance = shape[1, 1] * u**2 - 2 * shape[0, 1] * u * v + shape[0, 0] * v**2
        density[i:k, j:m] += np.exp(-distance / (2 * determinant)) / np.sqrt(determinant)
    return density

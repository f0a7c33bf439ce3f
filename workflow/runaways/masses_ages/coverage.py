"""In or out of the training grid: by the box a paper states, and by distance to model stars."""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.table import Table
from scipy.spatial import cKDTree

from runaways.masses_ages.phases import MAIN_SEQUENCE
from runaways.masses_ages.tracks import LABELS, PAPER_GRID, checked_labels, in_box, matrix

# What counts as one step off the grid, in dex of Teff, log g and [M/H]: 0.04 dex is 10 %, near
# SLAM's 1642 K at 16 000 K; 0.1 dex less than half of SLAM's 0.25; 0.3 dex at least the
# spacing of the metallicities. With these the 39 stars that Guo et al. 2025 flag inside lie at
# most 0.9 from PARSEC's main sequence down to [M/H] = -1.5, and the six outside at least 2.4.
SCALES = (0.04, 0.1, 0.3)
REACH = 1.5  # between the two


class GridDistance:
    """Distance of labels to the nearest model star, in units of `scales`.

    Parameters
    ----------
    table : Table
        Tracks: the training grid.
    scales : tuple of float
        What counts as 1 in log10 Teff, log g and [M/H] [dex].
    """

    def __init__(self, table: Table, scales: tuple[float, float, float] = SCALES):
        self.scales = np.array(scales, dtype=float)
        self.tree = cKDTree(self._scaled(matrix(table, LABELS)))

    def _scaled(self, labels: np.ndarray) -> np.ndarray:
        # A draw of Teff may be negative, and is then as far off the grid as 1 K is.
        logte = np.log10(np.maximum(labels[:, 0], 1.0))
        return np.column_stack([logte, labels[:, 1:]]) / self.scales

    def __call__(self, labels: np.ndarray) -> np.ndarray:
        """Distance of each star.

        Parameters
        ----------
        labels : array, shape (n, 3)
            Teff [K], log g [dex of cm/s2] and [M/H] [dex].

        Returns
        -------
        array, shape (n,)
            Distance to the nearest model star, without unit; not a number where a label is
            missing.
        """
        labels = checked_labels(labels, finite=False)
        known = np.isfinite(labels).all(axis=1)
        distance = np.full(len(labels), np.nan)
        distance[known] = self.tree.query(self._scaled(labels[known]))[0]
        return distance


def grid_flags(
    labels: np.ndarray,
    distance: GridDistance,
    *,
    box: dict[str, float] = PAPER_GRID,
    reach: float = REACH,
    flag: str = "distance",
    pre_main_sequence: GridDistance | None = None,
) -> Table:
    """In-or-out columns of stars: by box, by distance, and the one that is the flag.

    Parameters
    ----------
    labels : array, shape (n, 3)
        Teff [K], log g [dex of cm/s2] and [M/H] [dex].
    distance : GridDistance
        Distance to the training grid.
    box : dict
        See `runaways.masses_ages.tracks.in_box`.
    reach : float
        Largest distance that counts as inside.
    flag : {"distance", "box"}
        Which of the two becomes ``inside_grid``.
    pre_main_sequence : GridDistance, optional
        Distance to model stars still contracting; where it is at most `reach`, a second, young
        age is possible and ``age_ambiguous`` is true.

    Returns
    -------
    Table
        ``inside_box``, ``inside_reach``, ``inside_grid``, ``grid_distance``, ``age_ambiguous``.

    Raises
    ------
    ValueError
        If `flag` is neither.
    """
    if flag not in ("distance", "box"):
        raise ValueError(f"grid flag by {flag!r}: expected 'distance' or 'box'")
    table = Table()
    table["inside_box"] = in_box(labels, box)
    table["grid_distance"] = distance(labels) * u.dimensionless_unscaled
    table["inside_reach"] = np.asarray(table["grid_distance"]) <= reach
    table["inside_grid"] = table["inside_box" if flag == "box" else "inside_reach"]
    table["age_ambiguous"] = np.zeros(len(table), bool)
    if pre_main_sequence is not None:
        table["age_ambiguous"] = pre_main_sequence(labels) <= reach
    table.meta["inside_grid"] = f"by {flag}"
    return table


def fraction_inside(draws: np.ndarray, distance: GridDistance, reach: float = REACH) -> np.ndarray:
    """Fraction of the label draws of each star that lie on the grid.

    A forest gives a draw off the grid the values at its edge.

    Parameters
    ----------
    draws : array, shape (n_stars, n_draws, 3)
        Label draws.
    distance : GridDistance
        Distance to the training grid.
    reach : float
        Largest distance that counts as inside.

    Returns
    -------
    array, shape (n_stars,)
    """
    draws = np.asarray(draws, dtype=float)
    inside = distance(draws.reshape(-1, len(LABELS))) <= reach
    return inside.reshape(draws.shape[:-1]).mean(axis=1)


def before_main_sequence(table: Table) -> GridDistance | None:
    """Distance to the model stars that still contract; None where the tracks have none."""
    young = table[table["evolutionary_phase"] < MAIN_SEQUENCE]
    return GridDistance(young) if len(young) else None

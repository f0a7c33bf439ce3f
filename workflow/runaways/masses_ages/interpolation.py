"""Mass and age by interpolation in the tracks, the accuracy reference of the forests."""

from __future__ import annotations

import numpy as np
from astropy.table import Table
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import ConvexHull, QhullError, cKDTree

from runaways.masses_ages.tracks import LABELS, TARGETS, checked_labels, matrix

# Distances in the plane are measured in dex of Teff, and in log g over this: along the main
# sequence log g changes about as four times log Teff (g = M Teff^4 / L).
LOGG_PER_LOGTEFF = 4.0
EDGE = 1e-9  # a model star on the hull counts as inside it


class _Plane:
    """Model stars of one metallicity, joined to triangles in (log Teff, log g / 4)."""

    def __init__(self, points: np.ndarray, targets: np.ndarray):
        self.hull = ConvexHull(points).equations
        self.triangles = LinearNDInterpolator(points, targets)
        self.tree = cKDTree(points)
        self.targets = targets

    def holds(self, points: np.ndarray) -> np.ndarray:
        """Whether points lie within the outline of the model stars."""
        # Not a matrix product: BLAS may round it differently with the number of points.
        x, y = points[:, :1], points[:, 1:]
        return (x * self.hull[:, 0] + y * self.hull[:, 1] + self.hull[:, 2] <= EDGE).all(axis=1)

    def at(self, points: np.ndarray) -> np.ndarray:
        """Targets at points, those of the nearest model star outside the triangles."""
        values = self.triangles(points)
        outside = ~np.isfinite(values[:, 0])
        if outside.any():
            values[outside] = self.targets[self.tree.query(points[outside])[1]]
        return values


class TrackInterpolator:
    """Linear interpolation of log luminosity, mass and age between model stars.

    At each metallicity of the tracks the model stars are joined to triangles in the
    (log Teff, log g) plane; between the nearest metallicities on either side whose outlines hold
    the star, it interpolates in [M/H]. A star held on one side only takes that side, a star held
    by none the nearest model star of the nearest metallicity.
    """

    def fit(self, table: Table) -> TrackInterpolator:
        """Join the main sequence of tracks to triangles.

        Parameters
        ----------
        table : Table
            Tracks cut to the grid.

        Returns
        -------
        TrackInterpolator
            Itself.

        Raises
        ------
        ValueError
            If the tracks span no area at any metallicity.
        """
        return self.of_arrays(matrix(table, LABELS), np.log10(matrix(table, TARGETS)))

    def arrays(self) -> dict[str, np.ndarray]:
        """What `of_arrays` makes it from again."""
        return {"labels": self.labels, "targets": self.targets}

    def of_arrays(self, labels: np.ndarray, targets: np.ndarray) -> TrackInterpolator:
        """Join model stars, shape (n, 3), to triangles; their targets are logarithms."""
        self.labels, self.targets = labels, targets
        points = _in_plane(labels)
        # Sets of different versions print the same metallicity to different digits.
        metallicity = np.round(labels[:, 2], 2)
        planes = {}
        for mh in np.unique(metallicity):
            rows = np.flatnonzero(metallicity == mh)
            _, first = np.unique(points[rows].round(6), axis=0, return_index=True)
            rows = rows[np.sort(first)]
            try:
                planes[mh] = _Plane(points[rows], targets[rows])
            except (QhullError, ValueError):
                continue  # too few stars, or all in a line: no triangle
        if not planes:
            raise ValueError("the tracks span no area in log Teff and log g at any metallicity")
        self.mh, self.planes = np.array(list(planes)), list(planes.values())
        return self

    def predict(self, labels: np.ndarray) -> np.ndarray:
        """Luminosity, mass and age of stars.

        Parameters
        ----------
        labels : array, shape (n, 3)
            Teff [K], log g [dex of cm/s2] and [M/H] [dex].

        Returns
        -------
        array, shape (n, 3)
            Luminosity [Lsun], mass [Msun] and age [Myr].

        Raises
        ------
        ValueError
            If labels are missing (not finite) or of another shape.
        """
        labels = checked_labels(labels)
        points = _in_plane(labels)
        mh = np.clip(labels[:, 2], self.mh[0], self.mh[-1])
        held = np.stack([plane.holds(points) for plane in self.planes])
        low = _last(held & (self.mh[:, None] <= mh))
        high = len(held) - 1 - _last((held & (self.mh[:, None] >= mh))[::-1])
        # _last is -1 where there is none, so `high` is then one past the end.
        nearest = np.abs(self.mh[:, None] - mh).argmin(axis=0)
        no_low, no_high = low < 0, high == len(held)
        low = np.where(no_low, np.where(no_high, nearest, high), low)
        high = np.where(no_high, low, high)
        gap = self.mh[high] - self.mh[low]
        weight = np.divide(mh - self.mh[low], gap, out=np.zeros(len(mh)), where=gap > 0)
        values = (1 - weight[:, None]) * self._at(low, points)
        values += weight[:, None] * self._at(high, points)
        return 10**values

    def _at(self, which: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Targets of each point in the plane of its own metallicity."""
        values = np.empty((len(points), len(TARGETS)))
        for k in np.unique(which):
            stars = which == k
            values[stars] = self.planes[k].at(points[stars])
        return values


def _in_plane(labels: np.ndarray) -> np.ndarray:
    # A draw of a label may be any number; a negative Teff is as far off the grid as 1 K is.
    return np.column_stack(
        [np.log10(np.maximum(labels[:, 0], 1.0)), labels[:, 1] / LOGG_PER_LOGTEFF]
    )


def _last(held: np.ndarray) -> np.ndarray:
    """Index of the last true row of each column, -1 where there is none."""
    last = len(held) - 1 - held[::-1].argmax(axis=0)
    return np.where(held.any(axis=0), last, -1)

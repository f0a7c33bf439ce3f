"""The distance behind a published table: 1/parallax, a printed one, or a corrected parallax."""

from dataclasses import dataclass, replace

import numpy as np

from runaways.audit.axes import fit_axes, rows_explained
from runaways.audit.numbers import TABLE, Finding, half_unit, values, with_error
from runaways.frames import Frame, heliocentric


@dataclass(frozen=True)
class Positions:
    """The distances behind a table.

    Attributes
    ----------
    source : str
        ``1/parallax``, ``distance column``, ``1/(parallax - zero point)`` or ``unknown``.
    distance, bound : ndarray, shape (n,)
        Distance and its rounding error [kpc]; NaN where unknown.
    axes : dict of Axis
        Keys among ``x y z``; empty when the table prints none.
    zero_point, zero_point_error : float
        Parallax minus 1 / (distance behind y) [mas]; NaN without y or parallax.
    """

    source: str
    distance: np.ndarray
    bound: np.ndarray
    axes: dict
    zero_point: float = np.nan
    zero_point_error: float = np.nan

    def explained(self) -> int:
        """Number of rows of which every printed coordinate agrees."""
        return rows_explained(self.axes)

    def usable(self) -> int:
        """Number of rows that have a distance and every coordinate."""
        residuals = [axis.residual for axis in self.axes.values()]
        return int(np.all(np.isfinite(residuals), axis=0).sum()) if residuals else 0


def fit_positions(stars, frame: Frame) -> Positions:
    """Find the distance and the constants behind the printed coordinates.

    Parameters
    ----------
    stars : Table
        n rows with ``ra dec`` and any of ``parallax distance x_published y_published
        z_published``.
    frame : Frame
        Stated by the publication.

    Returns
    -------
    Positions
        Of the distance that explains most rows; ``unknown``, with NaN distances, when there
        are coordinates and none explains half of them. Without any coordinate the printed
        distance is taken, else 1/parallax, unconfirmed.
    """
    tried = [
        Positions(source, distance, bound, fit_axes(stars, distance, bound, frame))
        for source, distance, bound in _candidates(stars)
    ]
    printed = [axis for axis in "xyz" if f"{axis}_published" in stars.colnames]
    if not tried or not printed:
        nothing = np.full(len(stars), np.nan)
        return tried[-1] if tried else Positions("unknown", nothing, nothing, {})
    best = max(tried, key=Positions.explained)
    zero_point, error = _zero_point(stars, best)
    if best.explained() < best.usable() / 2 and np.isfinite(zero_point):
        distance, bound = _from_parallax(stars, zero_point)
        axes = fit_axes(stars, distance, bound, frame)
        corrected = Positions("1/(parallax - zero point)", distance, bound, axes)
        best = max(best, corrected, key=Positions.explained)
    if best.explained() < max(best.usable() / 2, 1):
        nothing = np.full(len(stars), np.nan)
        return Positions("unknown", nothing, nothing, {})
    return replace(best, zero_point=zero_point, zero_point_error=error)


def _candidates(stars):
    if "parallax" in stars.colnames:
        yield "1/parallax", *_from_parallax(stars, 0.0)
    if "distance" in stars.colnames:
        distance = values(stars, "distance")
        yield "distance column", distance, np.full(len(stars), half_unit(distance))


def _from_parallax(stars, zero_point):
    parallax = values(stars, "parallax")
    half = half_unit(parallax)
    parallax = np.where(parallax - zero_point > 2 * half, parallax - zero_point, np.nan)
    return 1 / parallax, half / (parallax * (parallax - half))


def _zero_point(stars, positions):
    """Parallax zero point [mas] and its error, from y = d n_Y, which holds no other unknown."""
    parallax, y = values(stars, "parallax"), values(stars, "y_published")
    ra, dec = values(stars, "ra"), values(stars, "dec")
    (_, n_y, _), _ = heliocentric(ra, dec, 1.0, 0.0, 0.0, 0.0)
    if "y" in positions.axes:
        y = y * np.sign(np.nansum(positions.axes["y"].model * n_y))
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = parallax - n_y / y
        bound = np.abs(n_y) / y**2 * half_unit(y) + half_unit(parallax)
    offset[~(bound < 0.2 * parallax)] = np.nan  # y too small to give a distance
    if np.isfinite(offset).sum() < 3:
        return np.nan, np.nan
    keep = np.isfinite(offset) & (np.abs(offset - np.nanmedian(offset)) <= 2 * bound)
    if keep.sum() < 3:
        return np.nan, np.nan
    weight = bound[keep] ** -2
    mean = np.sum(weight * offset[keep]) / weight.sum()
    spread = np.sum(weight * (offset[keep] - mean) ** 2) / weight.sum()
    effective = weight.sum() ** 2 / np.sum(weight**2)
    return float(mean), float(np.sqrt(spread / effective))


def astrometry(stars, positions):
    """What the functions of `velocities` take first.

    Parameters
    ----------
    stars : Table
        n rows.
    positions : Positions

    Returns
    -------
    ra, dec, distance, pmra, pmdec : ndarray, shape (n,)
        [deg], [kpc], [mas/yr].
    """
    ra, dec, pmra, pmdec = (values(stars, name) for name in ("ra", "dec", "pmra", "pmdec"))
    return ra, dec, positions.distance, pmra, pmdec


def check_distance(stars, reading):
    """Which distance is behind the printed coordinates."""
    found = reading.positions
    printed = [f"{axis}_published" for axis in "xyz" if f"{axis}_published" in stars.colnames]
    if not printed:
        note = "assumed: there are no printed coordinates to test it"
        return [Finding(TABLE, "distance", "note", "", found.source, note)]
    columns = ", ".join(name[0].upper() for name in printed)
    if found.source == "unknown":
        note = f"neither 1/parallax nor a printed distance gives {columns} of half the rows"
        return [Finding(TABLE, "distance", "note", "", "unknown", f"{note}: not checked further")]
    note = f"gives {columns} of {found.explained()} of {found.usable()} rows to rounding"
    if np.isfinite(found.zero_point):
        zero_point = with_error(1000 * found.zero_point, 1000 * found.zero_point_error)
        note += f"; parallax minus 1/distance behind Y is {zero_point} uas"
    return [Finding(TABLE, "distance", "note", "", found.source, note)]

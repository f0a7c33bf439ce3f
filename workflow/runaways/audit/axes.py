"""Galactocentric positions of a published table, and what they were made with.

The axes follow `frames`: at distance d and unit vector (n_X, n_Y, n_Z) a star has
``x = r0 - d n_X``, ``y = d n_Y``, ``z = z_sun + d n_Z``. Tables also print the right-handed
``x = d n_X - r0``, the heliocentric one (r0 = 0), either with or without the tilt z_sun / r0,
and heights whose sign is lost. Nothing of this is assumed: it is fitted.
"""

from dataclasses import dataclass

import numpy as np

from runaways.audit.numbers import (
    CONSTANTS,
    TABLE,
    Finding,
    centre,
    decimals,
    half_unit,
    one_digit_apart,
    values,
    with_error,
)
from runaways.frames import heliocentric

SIGNED, ABSOLUTE, LOST = "d sin b + z0", "d |sin b| + z0", "|d sin b + z0|"
FORMULAE = {
    ("x", -1): "x = r0 - d cos b cos l",
    ("x", 1): "x = d cos b cos l - r0",
    ("y", 1): "y = d cos b sin l",
    ("y", -1): "y = -d cos b sin l",
}
MAX_TILT = 0.1  # z_sun / r0; more than that is no Sun near the plane


@dataclass(frozen=True)
class Axis:
    """How one printed coordinate is made.

    Attributes
    ----------
    model : ndarray, shape (n,)
        The coordinate as this table makes it [kpc].
    bound : ndarray, shape (n,)
        How far rounding can take the printed value from the model [kpc].
    residual : ndarray, shape (n,)
        Printed minus model [kpc].
    formula : str
    zero, zero_error, scatter : float
        Fitted constant, its standard error, scatter of the rows around it [kpc].
    signed : ndarray, shape (n,)
        The coordinate with its sign: differs from `model` where the table lost it [kpc].
    """

    model: np.ndarray
    bound: np.ndarray
    residual: np.ndarray
    formula: str
    zero: float
    zero_error: float
    scatter: float
    signed: np.ndarray

    def explains(self) -> np.ndarray:
        """Rows whose printed coordinate agrees, shape (n,) of bool."""
        return np.abs(self.residual) <= self.bound


def rows_explained(axes):
    """Rows of which every coordinate agrees.

    Parameters
    ----------
    axes : dict of Axis

    Returns
    -------
    int
    """
    if not axes:
        return 0
    return int(np.all([axis.explains() for axis in axes.values()], axis=0).sum())


def fit_axes(stars, distance, bound, frame):
    """Find how the printed coordinates follow from a distance.

    Parameters
    ----------
    stars : Table
        n rows with ``ra dec`` and any of ``x_published y_published z_published``.
    distance, bound : ndarray, shape (n,)
        Distance tried, and its rounding error [kpc].
    frame : Frame
        Stated; tells the tilt where x or z is not printed.

    Returns
    -------
    dict of Axis
        Keys among ``x y z``: without the tilt of the frame by z_sun / r0, or with it where
        that explains more rows.
    """
    ra, dec = values(stars, "ra"), values(stars, "dec")
    position, _ = heliocentric(ra, dec, distance, 0.0, 0.0, 0.0)
    slack = bound + (CONSTANTS + np.radians(max(half_unit(ra), half_unit(dec)))) * distance
    flat = tilted = _axes(stars, position, slack)
    for _ in range(2):  # the Sun's height is itself fitted better once tilted
        r0 = abs(tilted["x"].zero) if "x" in tilted else frame.r0
        sin = (tilted["z"].zero if "z" in tilted else frame.z_sun) / max(r0, 1e-9)
        if not abs(sin) < MAX_TILT:  # heliocentric, or nothing fitted
            return flat
        cos = np.sqrt(1 - sin**2)
        x, y, z = position
        turned = np.array([cos * x + sin * z, y, cos * z - sin * x])
        tilted = _axes(stars, turned, slack)
    return max(flat, tilted, key=rows_explained)


def _axes(stars, position, slack):
    axes = {}
    for name, coordinate in zip("xyz", position, strict=True):
        if f"{name}_published" not in stars.colnames:
            continue
        printed = values(stars, f"{name}_published")
        bound = half_unit(printed) + slack
        if name == "z":
            axes[name] = _height(printed, coordinate, bound)
            continue
        # left-handed first: it wins ties
        signs = (-1, 1) if name == "x" else (1, -1)
        fits = [_axis(name, printed, sign, coordinate, bound) for sign in signs]
        axes[name] = max(fits, key=lambda axis: axis.explains().sum())
    return axes


def _axis(name, printed, sign, coordinate, bound):
    zero, error, scatter = 0.0, 0.0, np.nan
    if name == "x":
        zero, error, scatter, _ = centre(printed - sign * coordinate, bound)
    model = zero + sign * coordinate
    rest, formula = printed - model, FORMULAE[name, sign]
    return Axis(model, bound + 3 * error, rest, formula, zero, error, scatter, signed=model)


def _height(printed, coordinate, bound):
    """z, by the first of three formulae that explains most of the southern rows."""
    north = coordinate > bound
    zero, error, scatter, used = centre((printed - coordinate)[north], bound[north])
    if used < 3:
        zero, error, scatter, used = centre(printed - coordinate, bound)
    signed = zero + coordinate
    models = {SIGNED: signed, ABSOLUTE: zero + np.abs(coordinate), LOST: np.abs(signed)}
    bound = bound + 3 * error
    explained = {key: np.sum(np.abs(printed - model) <= bound) for key, model in models.items()}
    formula = max(explained, key=explained.get)
    model = models[formula]
    rest, formula = printed - model, f"z = {formula}"
    return Axis(model, bound, rest, formula, zero, error, scatter, signed=signed)


def check_x(stars, reading):
    """The Sun's distance from the centre behind X, and rows that disagree."""
    axis = reading.positions.axes.get("x")
    if axis is None:
        return []
    note = f"{axis.formula}; rows scatter by {axis.scatter:.4f} kpc"
    rows = _zero(axis, "x", abs(axis.zero), reading.frame.r0, "r0", note)
    return rows + _disagreeing(stars, axis, "x")


def check_y(stars, reading):
    """Rows whose Y disagrees."""
    axis = reading.positions.axes.get("y")
    return [] if axis is None else _disagreeing(stars, axis, "y")


def check_z(stars, reading):
    """The Sun's height behind Z, and rows that disagree."""
    axis = reading.positions.axes.get("z")
    if axis is None:
        return []
    note = f"{axis.formula}; rows scatter by {axis.scatter:.4f} kpc"
    rows = _zero(axis, "z", axis.zero, reading.frame.z_sun, "z_sun", note)
    return rows + _disagreeing(stars, axis, "z")


def check_z_sign(stars, reading):
    """Rows whose height lost its sign, or got the Sun's height on the wrong side."""
    axis = reading.positions.axes.get("z")
    if axis is None:
        return []
    wrong = axis.explains() & (np.abs(axis.model - axis.signed) > axis.bound)
    printed, digits = values(stars, "z_published"), decimals(values(stars, "z_published"))
    note = f"south of the plane, but printed as {axis.formula[4:]}"
    return [
        Finding(
            str(stars["star"][i]), "z_sign", "fault",
            f"{printed[i]:.{digits}f} kpc", f"{axis.signed[i]:.{digits}f} kpc", note,
        )
        for i in np.flatnonzero(wrong)
    ]  # fmt: skip


def _zero(axis, check, zero, stated, name, note):
    if not np.isfinite(zero):
        return []
    if not abs(zero - stated) <= 3 * axis.zero_error + 1e-9:
        note += f"; differs from the stated frame's {name}"
    computed = f"{name} = {with_error(zero, axis.zero_error)} kpc"
    return [Finding(TABLE, check, "note", f"{name} = {stated:.4g} kpc", computed, note)]


def _disagreeing(stars, axis, check):
    printed = values(stars, f"{check}_published")
    digits, rows = decimals(printed), []
    for i in np.flatnonzero(np.abs(axis.residual) > axis.bound):
        note = f"not {axis.formula}"
        if one_digit_apart(printed[i], axis.model[i], axis.bound[i], digits):
            note += "; one printed digit differs: probably a misprint"
        rows.append(
            Finding(
                str(stars["star"][i]), check, "fault",
                f"{printed[i]:.{digits}f} kpc", f"{axis.model[i]:.{digits}f} kpc", note,
            )
        )  # fmt: skip
    return rows

"""Peculiar speeds of a published table, the radial velocities they imply, and its thresholds."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar

from runaways.audit.distances import astrometry
from runaways.audit.numbers import (
    TABLE,
    Finding,
    decimals,
    half_unit,
    one_digit_apart,
    values,
    with_error,
)
from runaways.audit.vectors import CLEARLY, FOLLOWERS, Vectors, velocity_rounding
from runaways.frames import Frame, heliocentric
from runaways.stars.velocities import SAME_SPEED, SAME_VECTOR, peculiar_velocity, rv_from_speed


@dataclass(frozen=True)
class Speeds:
    """How the printed V_Sp is made.

    Attributes
    ----------
    frame : Frame
        The stated frame, or the one with the fitted r0 where only that explains the rows.
    trusted : bool
        Whether half the rows with a radial velocity agree.
    r0, r0_error : float
        Fitted with the stated v_circ [kpc]; NaN with fewer than `FOLLOWERS` rows.
    v_tan, v_sp : ndarray, shape (n,)
        Computed; v_sp is NaN where no radial velocity is known [km/s].
    rounding, bound : ndarray, shape (n,)
        What rounding does to v_sp; how far a printed one may be from it [km/s].
    """

    frame: Frame
    trusted: bool
    r0: float
    r0_error: float
    v_tan: np.ndarray
    v_sp: np.ndarray
    rounding: np.ndarray
    bound: np.ndarray


def known_rv(stars, vectors: Vectors | None) -> np.ndarray:
    """Radial velocities that the table holds: printed, else recovered from its vectors.

    Parameters
    ----------
    stars : Table
        n rows.
    vectors : Vectors or None

    Returns
    -------
    ndarray, shape (n,)
        [km/s]; NaN where the table does not tell.
    """
    rv = values(stars, "rv")
    if vectors is None or not vectors.convention:
        return rv
    return np.where(np.isfinite(rv), rv, np.where(vectors.own(), vectors.rv, np.nan))


def speeds_as_printed(stars, positions, vectors: Vectors | None, frame: Frame) -> Speeds | None:
    """Compute the peculiar velocities as the table did.

    Parameters
    ----------
    stars : Table
        n rows with ``ra dec pmra pmdec``.
    positions : Positions
    vectors : Vectors or None
    frame : Frame
        Stated by the publication.

    Returns
    -------
    Speeds or None
        None without the columns or without distances.
    """
    if not {"ra", "dec", "pmra", "pmdec"} <= set(stars.colnames):
        return None
    if not np.any(np.isfinite(positions.distance)):
        return None
    measured, rv = astrometry(stars, positions), known_rv(stars, vectors)
    printed = values(stars, "v_sp_published")
    # an error of distance also turns the rotation at the star, the more the closer to the centre
    (x, y, _), _ = heliocentric(*measured[:3], 0.0, 0.0, 0.0)
    shear = frame.v_circ / np.hypot(frame.r0 - x, y)
    rounding = velocity_rounding(stars, positions, printed) + shear * positions.bound
    if "rv" in stars.colnames:
        rounding = rounding + half_unit(values(stars, "rv"))
    elif vectors is not None:
        rounding = rounding + half_unit(vectors.vector)
    bound = np.maximum(SAME_SPEED, rounding)
    r0, r0_error = _fit_r0(measured, rv, printed, bound, frame)
    tried = []
    for own_frame in (frame, replace(frame, r0=r0)):
        v_tan, _, v_sp = peculiar_velocity(*measured, rv, own_frame)
        agree = int(np.sum(np.abs(v_sp - printed) <= bound))
        trusted = agree >= max(np.isfinite(v_sp - printed).sum() / 2, 1)
        speeds = Speeds(own_frame, trusted, r0, r0_error, v_tan, v_sp, rounding, bound)
        tried.append((agree, speeds))
    (stated, with_stated), (fitted, with_fitted) = tried
    return with_stated if CLEARLY * stated >= fitted else with_fitted


def _fit_r0(measured, rv, printed, bound, frame):
    """r0 of least median difference, refined over the rows that agree."""

    def difference(r0):
        return peculiar_velocity(*measured, rv, replace(frame, r0=r0))[2] - printed

    rows = np.isfinite(difference(frame.r0))
    if rows.sum() < FOLLOWERS:
        return np.nan, np.nan

    def median(r0):
        return np.median(np.abs(difference(r0)[rows]))

    # assumed to hold any r0 in use; a median has several minima, so there is no descent before
    grid = np.arange(6.0, 11.0, 0.05)  # kpc
    start = grid[np.argmin([median(r0) for r0 in grid])]
    r0 = minimize_scalar(median, bounds=(start - 0.1, start + 0.1), method="bounded").x
    rest = difference(r0)
    keep = np.abs(rest) <= bound
    slope = (difference(r0 + 0.01) - difference(r0 - 0.01))[keep] / 0.02
    if keep.sum() < FOLLOWERS or not np.any(slope):
        return np.nan, np.nan
    r0 -= np.sum(slope * rest[keep]) / np.sum(slope**2)
    scatter = np.sqrt(np.sum(difference(r0)[keep] ** 2) / (keep.sum() - 1))
    return float(r0), float(scatter / np.sqrt(np.sum(slope**2)))


def check_radial_velocity(stars, reading):
    """Radial velocities against the vectors; those that the table hides in its columns."""
    vectors, rows = reading.vectors, []
    given = values(stars, "rv")
    own = np.zeros(len(stars), bool)
    if vectors is not None and vectors.convention:
        own = vectors.own()
        # along the line of sight only the rounding of the vector counts
        error = np.sqrt(3) * half_unit(vectors.vector)
        differs = own & (np.abs(given - vectors.rv) > error + half_unit(given) + SAME_VECTOR)
        for i in np.flatnonzero(own & (~np.isfinite(given) | differs)):
            computed = f"{vectors.rv[i]:.2f} +- {error:.2f} km/s"
            if differs[i]:
                shown, severity, note = f"{given[i]:g} km/s", "fault", "not the one behind U, V, W"
            else:
                shown, severity, note = "", "note", "recovered from U, V, W"
            rows.append(
                Finding(str(stars["star"][i]), "radial_velocity", severity, shown, computed, note)
            )
    if reading.speeds is None:
        return rows
    return rows + _known_up_to_sign(stars, reading, ~own & ~np.isfinite(given))


def _known_up_to_sign(stars, reading, unknown):
    speeds, rows = reading.speeds, []
    printed = values(stars, "v_sp_published")
    measured = astrometry(stars, reading.positions)
    receding, approaching = rv_from_speed(*measured, printed, speeds.frame)
    for i in np.flatnonzero(unknown & np.isfinite(receding)):
        # where V_Sp is hardly more than V_tan a small error of it makes a large one of V_rad
        v_rad = (receding[i] - approaching[i]) / 2
        error = np.sqrt(v_rad**2 + 2 * printed[i] * speeds.bound[i]) - v_rad
        either = f"{receding[i]:.2f} or {approaching[i]:.2f}"
        note = "known up to a sign from V_Sp"
        if v_rad == 0:
            either, note = f"{receding[i]:.2f}", "V_Sp is V_tan to rounding: no radial motion left"
        computed = f"{either} +- {error:.1f} km/s"
        star = str(stars["star"][i])
        rows.append(Finding(star, "radial_velocity", "note", "", computed, note))
    return rows


def check_speed(stars, reading):
    """The r0 behind V_Sp, and rows whose V_Sp is not that of their velocity."""
    speeds, printed = reading.speeds, values(stars, "v_sp_published")
    if speeds is None:
        return []
    rows, digits = [], decimals(printed)
    testable = np.isfinite(speeds.v_sp - printed)
    agree = np.abs(speeds.v_sp - printed) <= speeds.bound
    if testable.any():
        frame = f"r0 = {speeds.frame.r0:.4g} kpc, v_circ = {speeds.frame.v_circ:.4g} km/s"
        note = f"{agree.sum()} of {testable.sum()} rows agree with {frame}"
        if not speeds.trusted:
            note += ": too few to call the others wrong"
        fitted = f"r0 = {with_error(speeds.r0, speeds.r0_error)} kpc"
        fitted = fitted if np.isfinite(speeds.r0) else ""
        stated = f"r0 = {reading.frame.r0:.4g} kpc"
        rows.append(Finding(TABLE, "speed", "note", stated, fitted, note))
    below = printed < speeds.v_tan - speeds.bound
    wrong = (testable & ~agree) | (below & ~testable)
    if not speeds.trusted and (testable.any() or below.sum() > np.isfinite(printed).sum() / 2):
        return rows
    for i in np.flatnonzero(wrong):
        expected = speeds.v_sp[i] if testable[i] else speeds.v_tan[i]
        notes = ["not the speed that U, V, W or RV gives"] if testable[i] else []
        if below[i]:
            notes.append(f"less than the tangential velocity alone, {speeds.v_tan[i]:.2f} km/s")
        if testable[i] and one_digit_apart(printed[i], expected, speeds.rounding[i], digits):
            notes.append("one printed digit differs: probably a misprint")
        shown = f"{printed[i]:.{digits}f} km/s"
        computed = ("" if testable[i] else ">= ") + f"{expected:.{digits}f} km/s"
        star = str(stars["star"][i])
        rows.append(Finding(star, "speed", "fault", shown, computed, "; ".join(notes)))
    return rows


def check_threshold(stars, reading):
    """Rows that meet none of the stated lower limits on V_Sp and V_tan."""
    limits = [limit for limit in (reading.v_sp_min, reading.v_tan_min) if limit is not None]
    if not limits:
        return []
    printed = values(stars, "v_sp_published")
    digits, half = decimals(printed), half_unit(printed)
    stated = " nor ".join(
        f"{name} >= {limit:g}"
        for name, limit in (("V_Sp", reading.v_sp_min), ("V_tan", reading.v_tan_min))
        if limit is not None
    )
    rows = []
    v_tan = np.full(len(stars), np.nan) if reading.speeds is None else reading.speeds.v_tan
    for i in np.flatnonzero(printed < (reading.v_sp_min or np.inf) - half):
        # V_tan is at most V_Sp, so a V_Sp below both limits needs no other column
        surely = printed[i] < min(limits) - half
        if not surely and not v_tan[i] < (reading.v_tan_min or np.inf) - SAME_SPEED:
            continue
        shown = f"V_Sp {printed[i]:.{digits}f} km/s"
        computed = f"V_tan {v_tan[i]:.{digits}f} km/s" if np.isfinite(v_tan[i]) else ""
        note = f"neither {stated} km/s" + ("" if surely else ", if V_tan is as computed")
        severity = "fault" if surely else "note"
        rows.append(Finding(str(stars["star"][i]), "threshold", severity, shown, computed, note))
    return rows

"""Velocity vectors of a published table: how they are made, and whose they are.

A vector (U, V, W) is three equations for one radial velocity, so two of them test whether it can
belong to the star at all. What the table added to the heliocentric velocity (nothing, the Sun's
motion, the rotation of the disk) is fitted from the rows that agree among themselves; rows are
called wrong only against a convention that others follow.
"""

from dataclasses import dataclass, replace

import numpy as np

from runaways.audit.distances import astrometry
from runaways.audit.numbers import CONSTANTS, TABLE, Finding, half_unit, values, with_error
from runaways.frames import KM_S_PER_MAS_YR_KPC, Frame, heliocentric
from runaways.stars.velocities import SAME_VECTOR, peculiar_velocity, rv_from_vector

VECTOR = ("u_published", "v_published", "w_published")
# A convention counts as the table's own when at least this many rows, and this share, follow it.
# Rows of other stars agree with it to SAME_VECTOR once in 1e5, so a third is no chance.
FOLLOWERS, SHARE = 5, 1 / 3
# A fitted constant replaces the stated one only where it explains clearly more rows.
CLEARLY = 1.1
FAST = 300.0  # km/s, to turn a rounding error of position into one of velocity
TRIALS = 400  # pairs of rows, rows per pair, from which the added velocity is fitted


@dataclass(frozen=True)
class Vectors:
    """How the printed U, V, W are made.

    Attributes
    ----------
    convention : str
        Empty when no convention explains enough rows; nothing is checked then.
    sign : int
        +1 when U points to the centre, -1 when away from it.
    offset, offset_error : ndarray, shape (3,)
        Fitted velocity added to the heliocentric one, U to the centre, and its error [km/s].
    frame : Frame
        Whose ``v_sun`` and ``v_circ`` add up to the velocity adopted as the table's.
    vector : ndarray, shape (3, n)
        Printed, with U to the centre [km/s].
    rv, residual, bound : ndarray, shape (n,)
        From `rv_from_vector`; the bound is what rounding does to the residual [km/s].
    """

    convention: str
    sign: int
    offset: np.ndarray
    offset_error: np.ndarray
    frame: Frame
    vector: np.ndarray
    rv: np.ndarray
    residual: np.ndarray
    bound: np.ndarray

    def own(self) -> np.ndarray:
        """Rows whose vector some radial velocity explains, shape (n,) of bool."""
        return self.residual <= self.bound

    def foreign(self) -> np.ndarray:
        """Rows whose vector none does, shape (n,) of bool."""
        return self.residual > self.bound


def velocity_rounding(stars, positions, printed):
    """What rounding does to a velocity computed from a table.

    Parameters
    ----------
    stars : Table
        n rows.
    positions : Positions
    printed : ndarray
        Printed velocity it is compared with [km/s].

    Returns
    -------
    ndarray, shape (n,)
        Largest error by the rounding of position, distance, proper motion and result [km/s].
    """
    ra, dec, distance, pmra, pmdec = astrometry(stars, positions)
    moving = KM_S_PER_MAS_YR_KPC * np.hypot(pmra, pmdec)
    angle = np.radians(max(half_unit(ra), half_unit(dec)))
    bound = KM_S_PER_MAS_YR_KPC * distance * np.hypot(half_unit(pmra), half_unit(pmdec))
    bound = bound + moving * positions.bound + (CONSTANTS + angle) * moving * distance
    return bound + angle * FAST + half_unit(printed)


def fit_vectors(stars, positions, frame: Frame) -> Vectors | None:
    """Find what the printed vectors hold besides the heliocentric velocity.

    Parameters
    ----------
    stars : Table
        n rows with ``ra dec pmra pmdec u_published v_published w_published``.
    positions : Positions
        Distances behind the table.
    frame : Frame
        Stated by the publication.

    Returns
    -------
    Vectors or None
        None without the columns or without distances.
    """
    needed = ("ra", "dec", "pmra", "pmdec", *VECTOR)
    if not set(needed) <= set(stars.colnames) or not np.any(np.isfinite(positions.distance)):
        return None
    measured = astrometry(stars, positions)
    printed = np.array([values(stars, name) for name in VECTOR])
    bound = np.maximum(SAME_VECTOR, np.sqrt(3) * velocity_rounding(stars, positions, printed))
    # U to the centre first: it wins ties
    fits = [_fit_sign(measured, printed, bound, frame, sign) for sign in (1, -1)]
    return max(fits, key=lambda fit: (bool(fit.convention), fit.own().sum()))


def _fit_sign(measured, printed, bound, frame, sign):
    vector = printed * np.array([sign, 1, 1])[:, None]
    offset, error = _fit_offset(measured, vector, bound)
    rotation = np.array([0.0, frame.v_circ, 0.0])
    conventions = {
        "heliocentric velocity + Sun's motion + v_circ": frame.v_sun + rotation,
        "heliocentric velocity + Sun's motion": np.array(frame.v_sun),
        "heliocentric velocity": np.zeros(3),
        "heliocentric velocity + fitted velocity": offset,
    }
    usable = np.isfinite(vector).all(axis=0) & np.isfinite(measured[2])
    fits = []
    for convention, added in conventions.items():
        # all of it as the Sun's motion, so that `rv_from_vector` subtracts just this
        own_frame = replace(frame, v_circ=0.0, v_sun=tuple(added))
        rv, residual = rv_from_vector(*measured, vector, own_frame)
        fits.append(
            Vectors(convention, sign, offset, error, own_frame, vector, rv, residual, bound)
        )
    most = max(fit.own().sum() for fit in fits)
    if most < max(FOLLOWERS, SHARE * usable.sum()):
        return replace(fits[0], convention="")
    return next(fit for fit in fits if CLEARLY * fit.own().sum() >= most)


def _fit_offset(measured, vector, bound):
    """Added velocity on which most rows agree, whatever their radial velocities.

    Two rows give four equations for its three components; the pair whose solution most rows
    share is kept and refined by least squares over those rows.
    """
    nothing = np.full(3, np.nan), np.full(3, np.nan)
    ra, dec, distance, pmra, pmdec = measured
    _, towards = heliocentric(ra, dec, 1.0, 0.0, 0.0, 1.0)
    _, proper = heliocentric(ra, dec, distance, pmra, pmdec, 0.0)
    rest = vector - proper
    rows = np.flatnonzero(np.isfinite(rest).all(axis=0))
    if len(rows) < FOLLOWERS:
        return nothing
    across = np.eye(3) - np.einsum("in,jn->nij", towards, towards)
    target = np.einsum("nij,jn->ni", across, rest)

    def agreeing(offset, among):
        return np.linalg.norm(across[among] @ offset - target[among], axis=1) <= 2 * bound[among]

    sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), TRIALS)).astype(int)]
    best, most = None, 0
    for trial in range(TRIALS):
        # far apart in the table, which is often sorted by position: near ones settle nothing
        step = len(sample) // 3 + 1 + trial // len(sample)
        i, j = sample[trial % len(sample)], sample[(trial + step) % len(sample)]
        pair = across[i] + across[j]
        if i == j or np.linalg.cond(pair) > 1e4:  # assumed: such a pair settles nothing
            continue
        offset = np.linalg.solve(pair, target[i] + target[j])
        count = agreeing(offset, sample).sum()
        if count > most:
            best, most = offset, count
    if best is None:
        return nothing
    for _ in range(3):
        keep = rows[agreeing(best, rows)]
        if len(keep) < 3:
            return nothing
        normal = across[keep].sum(axis=0)
        if np.linalg.cond(normal) > 1e8:  # half of the digits of a float would be lost
            return nothing
        best = np.linalg.solve(normal, target[keep].sum(axis=0))
    misfit = np.sum((across[keep] @ best - target[keep]) ** 2) / max(2 * len(keep) - 3, 1)
    return best, np.sqrt(misfit * np.diag(np.linalg.inv(normal)))


def check_vector(stars, reading):
    """What the printed vectors are, which belong to no radial velocity, and whose those are."""
    vectors = reading.vectors
    if vectors is None:
        return []
    fitted = ", ".join(
        with_error(value, error)
        for value, error in zip(vectors.offset, vectors.offset_error, strict=True)
    )
    computed = f"heliocentric velocity + ({fitted}) km/s"
    computed = computed if np.all(np.isfinite(vectors.offset_error)) else ""
    if not vectors.convention:
        note = "no added velocity explains a third of the rows: U, V, W not checked"
        return [Finding(TABLE, "vector", "note", "", computed, note)]
    centre_or_not = "towards the centre" if vectors.sign == 1 else "away from the centre"
    note = f"{vectors.convention}, U {centre_or_not}: {vectors.own().sum()} rows agree"
    rows = [Finding(TABLE, "vector", "note", "", computed, note)]
    for i in np.flatnonzero(vectors.foreign()):
        shown = " ".join(f"{values(stars, name)[i]:.2f}" for name in VECTOR)
        computed = f"residual {vectors.residual[i]:.2f} km/s"
        whose = _whose(stars, reading, i)
        note = f"no radial velocity gives this vector; {whose}"
        rows.append(
            Finding(str(stars["star"][i]), "vector", "fault", f"{shown} km/s", computed, note)
        )
    return rows


def _whose(stars, reading, i):
    """Search all other rows for the star whose vector row i prints."""
    vectors, speeds = reading.vectors, reading.speeds
    measured = astrometry(stars, reading.positions)
    vector = np.repeat(vectors.vector[:, i : i + 1], len(stars), axis=1)
    rv, residual = rv_from_vector(*measured, vector, vectors.frame)
    excess = np.where(np.arange(len(stars)) == i, np.nan, residual / vectors.bound)
    if not np.any(excess <= 1):
        return "nor is it that of another row"
    k = int(np.nanargmin(excess))
    found = f"it is that of {stars['star'][k]}: residual {residual[k]:.3f}, RV = {rv[k]:.2f} km/s"
    printed = values(stars, "v_sp_published")[k]
    _, _, v_sp = peculiar_velocity(*(a[k : k + 1] for a in measured), rv[k], speeds.frame)
    if abs(v_sp[0] - printed) <= speeds.bound[k]:
        found += ", which also gives that star's V_Sp"
    return found

"""The main sequence of one isochrone, found by its shape.

CMD 2.7 isochrones carry no evolutionary label, and some labels of later versions are
wrong (see `main_sequence_of`), so the main sequence is also recognised from how luminosity
and effective temperature run along an isochrone of increasing initial mass.
"""

from __future__ import annotations

import numpy as np

# Codes of the column `evolutionary_phase`, those of PARSEC's `label` (CMD 3.x): 0 before the
# main sequence, 1 on it, 2 and more after it.
PRE_MAIN_SEQUENCE, MAIN_SEQUENCE, EVOLVED = 0, 1, 2

# d log L / d log M of main-sequence stars between 1.3 and 8 Msun is 3.2 to 4.9 in PARSEC 1.2S at
# every metallicity and age; stars still contracting run through 10, -3 and back in that range.
SLOPE_RANGE = (3.0, 5.0)
SLOPE_WINDOW = 0.03  # dex in initial mass: tables give log L to 0.001 only
SLOPE_MAX_MASS = 8.0  # Msun: heavier stars reach the main sequence before 1 Myr, the youngest age
TURN_OFF_FALL = 0.010  # dex in Teff: larger than the steps where two sets of tracks join (0.004)
HOOK_STEP = 0.003  # dex in Teff
HOOK_MAX_RISE = 0.10  # dex in Teff: more is a star stripped by its wind, not the hook (0.05)
HOOK_MIN_TEFF = 3.75  # dex: a minimum cooler than this is the foot of the giant branch


def _climb(values: np.ndarray, start: int, fall: float) -> tuple[int, int]:
    """Index of the last maximum before `values` fall by more than `fall`, and of that row."""
    best = i = start
    while i < len(values) and values[best] - values[i] <= fall:
        if values[i] >= values[best]:
            best = i
        i += 1
    return best, i


def main_sequence_start(mass: np.ndarray, logl: np.ndarray, logte: np.ndarray) -> int:
    """Row at which an isochrone reaches the zero-age main sequence.

    The arrival shows in the mass-luminosity relation: contracting stars leave the slope that
    main-sequence stars keep, and the last stars to arrive dip below it. Meant for rows hotter
    than about 7000 K; cool stars that never leave the slope count as arrived.

    Parameters
    ----------
    mass : array, shape (n,)
        Initial mass [Msun], not decreasing.
    logl : array, shape (n,)
        log10 of the luminosity [Lsun].
    logte : array, shape (n,)
        log10 of the effective temperature [K].

    Returns
    -------
    int
        Index of the first main-sequence row.
    """
    logm = np.log10(mass)
    # The steep last part before the turn-off is evolution, not contraction.
    stop = np.searchsorted(mass, min(SLOPE_MAX_MASS, 0.6 * mass[-1]))
    below = np.searchsorted(logm, logm[:stop] - SLOPE_WINDOW, side="right") - 1
    rows = np.flatnonzero(below >= 0)
    below = below[rows]
    slope = (logl[rows] - logl[below]) / (logm[rows] - logm[below])
    low, high = SLOPE_RANGE
    contracting = rows[(slope < low) | ((slope > high) & (logte[below] > np.log10(7000.0)))]
    return int(contracting[-1]) + 1 if len(contracting) else 0


def main_sequence_end(logte: np.ndarray, start: int) -> int:
    """Row at which the main sequence of an isochrone ends.

    Past the turn-off (highest Teff) the effective temperature falls to a minimum, rises again
    as the whole star contracts after exhausting its hydrogen (the hook), and falls for good.
    The main sequence ends on top of the hook, where PARSEC's label changes from 1 to 2.
    Without a hook it ends at the minimum (stars stripped by their wind), at the turn-off (low
    masses, which become giants directly) or at the last row (nothing evolved yet).

    Parameters
    ----------
    logte : array, shape (n,)
        log10 of the effective temperature [K] along increasing initial mass.
    start : int
        First main-sequence row.

    Returns
    -------
    int
        Index of the last main-sequence row.
    """
    turn_off, i = _climb(logte, start, TURN_OFF_FALL)
    if i == len(logte):
        return len(logte) - 1
    foot, i = _climb(-logte, i, HOOK_STEP)
    if i == len(logte) or logte[foot] < HOOK_MIN_TEFF:
        return turn_off
    top, _ = _climb(logte, i, HOOK_STEP)
    return top if logte[top] - logte[foot] < HOOK_MAX_RISE else foot


def phase_by_shape(mass: np.ndarray, logl: np.ndarray, logte: np.ndarray) -> np.ndarray:
    """Evolutionary phase of the rows of one isochrone, from its shape.

    Parameters
    ----------
    mass, logl, logte : array, shape (n,)
        Initial mass [Msun], log10 luminosity [Lsun] and log10 Teff [K], in order of mass.

    Returns
    -------
    array of int8, shape (n,)
        0 before, 1 on, 2 after the main sequence.

    References
    ----------
    Bressan et al. 2012, MNRAS 427, 127 (2012MNRAS.427..127B) for the isochrones.
    """
    start = main_sequence_start(mass, logl, logte)
    end = main_sequence_end(logte, start)
    phase = np.full(len(mass), EVOLVED, dtype=np.int8)
    phase[:start] = PRE_MAIN_SEQUENCE
    phase[start : end + 1] = MAIN_SEQUENCE
    return phase


def main_sequence_of(
    label: np.ndarray | None,
    mass: np.ndarray,
    logl: np.ndarray,
    logte: np.ndarray,
    method: str = "label",
) -> np.ndarray:
    """Evolutionary phase of the rows of one isochrone, by label, by shape or by both.

    Near 10 Myr the label 1 of CMD 3.x runs on through the Hertzsprung gap of 14 to 19 Msun
    stars, down to log g < 1 (941 rows hotter than 4000 K at log g < 3.2 in the sets tested).
    ``"trimmed"`` keeps the label but ends the main sequence where the shape ends it.

    Parameters
    ----------
    label : array of int, shape (n,), or None
        PARSEC's `label`; None where the file has none, and the shape is used.
    mass, logl, logte : array, shape (n,)
        Initial mass [Msun], log10 luminosity [Lsun] and log10 Teff [K], in order of mass.
    method : {"label", "trimmed", "shape"}
        Which rows count as main sequence.

    Returns
    -------
    array of int8, shape (n,)
        Evolutionary phase, coded as PARSEC's label.

    Raises
    ------
    ValueError
        If `method` is none of the three.
    """
    if method not in ("label", "trimmed", "shape"):
        raise ValueError(f"main sequence by {method!r}: expected 'label', 'trimmed' or 'shape'")
    if label is not None and method == "label":
        return label.astype(np.int8)
    shape = phase_by_shape(mass, logl, logte)
    if label is None or method == "shape":
        return shape
    phase = label.astype(np.int8)
    phase[(phase == MAIN_SEQUENCE) & (shape == EVOLVED)] = EVOLVED
    return phase

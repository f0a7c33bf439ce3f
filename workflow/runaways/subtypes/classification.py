"""MK subtype and luminosity class from equivalent widths, as a posterior against MK standards.

The posterior is the product over indices (`standard_widths`), with a prior flat in type and
class. The standards are of about solar metallicity: from A0 on, where metals rule the spectrum and
halo stars are many among the fast ones, their metal lines may be weaker too. Types are numbers
counting subtypes from B0 = 0 (B9.5 = 9.5, A0 = 10, F0 = 20, G0 = 30, K0 = 40, O9 = -1); luminosity
classes are 0 Ia, 1 Ib, 2 II, 3 III, 4 IV, 5 V.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.special import logsumexp

from runaways.spectra.spectrum import Spectrum
from runaways.subtypes.line_indices import equivalent_widths
from runaways.subtypes.standard_widths import (
    CLASS_GRID,
    TYPE_GRID,
    StandardGrid,
    mk_standards,
)

HELIUM_INDICES = ("HeI4026", "HeI4144", "HeI4387", "HeI4471")
B_STAR = (-0.25, 9.75)  # B0 to B9.5 after rounding to halves
LATER = 19.75  # F0
#: Latest type with the effective temperature of a B star's grid: 9000 K lies between A1 and A2
#: (Paunzen et al. 2006, A&A 458, 293, Table 2: A0 10 000 K, A2 8750 K).
HOT = 11.5
#: Strengths of the metal lines, over the standards', that stars from A0 on may have; assumed: about
#: [Fe/H] = 0, -1 and -2 for lines between weak and saturated, equally likely.
METALS = (1.0, 0.4, 0.15)
CLASS_NAMES = ("Ia", "Ib", "II", "III", "IV", "V")
MAX_CHI2 = 4.0  # per index: worse fits are not of the standards' kind
MIN_INDICES = 5  # assumed: type and class need some to spare
MAX_TYPE_ERROR = 3.0  # subtypes: beyond it the type says nothing


@dataclass(frozen=True)
class Subtype:
    """A classification.

    Attributes
    ----------
    subtype : str
        Rounded to halves, such as "B2.5"; "" when unclassified.
    subtype_number, subtype_error : float
        Posterior mean and standard deviation [subtypes from B0].
    luminosity_class : str
    luminosity_class_number, luminosity_class_error : float
    second_best : str
        The most probable other subtype and class, such as "B5 III" ...
    second_best_probability : float
        ... and its probability, of a cell of half a subtype and one class.
    p_b_star : float
        Probability of B0 to B9.5.
    chi2 : float
        Per index, at the best point.
    n_indices : int
    helium_excess : float
        He I equivalent width over that expected from all other lines, minus 1.
    flags : tuple of str
        Any of "emission", "he-weak", "he-strong", "o-star", "a-star", "later-than-a" (A star and
        later types need Ca II K or metal lines to be told from B9), "unclassified". An
        unclassified star has no type, so none of the flags that rest on one.
    reason : str
        Why it is unclassified, otherwise "".
    p_hot_star : float
        Probability of a type earlier than A2.
    cool_type : str
        The type if it is A2 or later: such as "F5", or "F0 (A7 to F3)" where none stands out.
    """

    subtype: str
    subtype_number: float
    subtype_error: float
    luminosity_class: str
    luminosity_class_number: float
    luminosity_class_error: float
    second_best: str
    second_best_probability: float
    p_b_star: float
    chi2: float
    n_indices: int
    helium_excess: float
    flags: tuple[str, ...]
    reason: str = ""
    p_hot_star: float = np.nan
    cool_type: str = ""


def classify(spectrum: Spectrum, grid: StandardGrid | None = None) -> Subtype:
    """Classify a spectrum in the rest frame.

    Parameters
    ----------
    spectrum : Spectrum
        Rest frame, either medium, at about the resolving power of the standards' table.
    grid : StandardGrid, optional
        By default that of the library's own table of standards, which is interpolated anew: for
        many spectra make it once, with `standard_widths.mk_standards`.

    Returns
    -------
    Subtype
        Always: what cannot be classified is flagged "unclassified".
    """
    grid = mk_standards() if grid is None else grid
    width, error = equivalent_widths(spectrum, grid.names)
    balmer = equivalent_widths(spectrum, ("Hg_W", "Hb_W", "Ha_core"))
    return classify_widths(width, error, grid, emission=_has_emission(*balmer))


def classify_widths(
    width: np.ndarray, error: np.ndarray, grid: StandardGrid, emission: bool = False
) -> Subtype:
    """Classify from equivalent widths.

    Parameters
    ----------
    width, error : ndarray, shape (n_indices,)
        In the order of ``grid.names`` [Angstrom]; NaN where unknown.
    grid : StandardGrid
    emission : bool
        Balmer emission was seen.

    Returns
    -------
    Subtype
    """
    known = np.isfinite(width) & np.isfinite(error)
    flags = ["emission"] if emission else []
    if known.sum() < MIN_INDICES:
        return _unmeasured(int(known.sum()), len(width), flags)
    probability, chi2 = _posterior(width, error, grid, known)
    by_type = probability.sum(axis=1)
    number, number_error = _moments(TYPE_GRID, by_type)
    luminosity, luminosity_error = _moments(CLASS_GRID, probability.sum(axis=0))
    best = np.unravel_index(np.argmax(probability), probability.shape)
    chi2 = float(chi2[best] / known.sum())
    excess, peculiar = _helium(width, error, grid, known)
    reason = ""
    if chi2 > MAX_CHI2:
        reason = f"resembles no standard from O8 to K7 (chi2 per index {chi2:.1f})"
    elif number_error > MAX_TYPE_ERROR:
        reason = f"type uncertain by {number_error:.1f} subtypes"
    if reason:
        flags.append("unclassified")
    elif number >= LATER:
        flags.append("later-than-a")
    elif number >= B_STAR[1]:
        flags.append("a-star")
    elif number < B_STAR[0]:
        flags.append("o-star")
    elif peculiar:
        flags.append("he-strong" if excess > 0 else "he-weak")
    second, second_probability = _second_best(probability, number, luminosity)
    inside = (TYPE_GRID > B_STAR[0]) & (TYPE_GRID < B_STAR[1])
    return Subtype(
        subtype="" if reason else type_name(number),
        subtype_number=number,
        subtype_error=number_error,
        luminosity_class="" if reason else class_name(luminosity),
        luminosity_class_number=luminosity,
        luminosity_class_error=luminosity_error,
        second_best=second,
        second_best_probability=second_probability,
        p_b_star=float(by_type[inside].sum()),
        chi2=chi2,
        n_indices=int(known.sum()),
        helium_excess=excess,
        flags=tuple(flags),
        reason=reason,
        p_hot_star=float(by_type[TYPE_GRID < HOT].sum()),
        cool_type=_cool_type(by_type),
    )


def type_name(number: float) -> str:
    """Name of a type number, rounded to halves: 2.4 -> "B2.5", 10.2 -> "A0", -0.6 -> "O9.5"."""
    letter, half = divmod(int(np.floor(2 * number + 0.5)), 20)
    return f"{'OBAFGK'[letter + 1]}{half // 2}" + (".5" if half % 2 else "")


def class_name(luminosity: float) -> str:
    """Name of the nearest luminosity class: 2.7 -> "III"."""
    return CLASS_NAMES[int(np.clip(np.floor(luminosity + 0.5), 0, 5))]


def _unmeasured(n_known: int, n_indices: int, flags: list[str]) -> Subtype:
    texts = ("subtype", "luminosity_class", "second_best", "cool_type")
    unknown = {field.name: "" if field.name in texts else np.nan for field in fields(Subtype)}
    return Subtype(
        **unknown
        | {
            "n_indices": n_known,
            "flags": (*flags, "unclassified"),
            "reason": f"only {n_known} of {n_indices} indices measured",
        }
    )


def _posterior(width, error, grid: StandardGrid, use):
    """Normalised posterior and chi2, both (n_types, n_classes), from the indices `use`.

    Marginalised over the strength of the metal lines; chi2 is that of the most likely one.
    """
    total = grid.variance[..., use] + error[use] ** 2
    norm = np.log(total).sum(axis=-1)
    metal = np.array([not name.startswith("H") for name in grid.names])[use]
    solar = grid.mean[..., use]
    cool = np.flatnonzero(TYPE_GRID >= 10.0)
    squares = np.repeat(((width[use] - solar) ** 2 / total).sum(axis=-1)[None], len(METALS), axis=0)
    for share, those in zip(METALS[1:], squares[1:]):
        # a width below zero is the wing of another line
        mean = np.where(metal & (solar[cool] > 0), share * solar[cool], solar[cool])
        those[cool] = ((width[use] - mean) ** 2 / total[cool]).sum(axis=-1)
    log = logsumexp(-0.5 * squares, axis=0) - 0.5 * norm
    probability = np.exp(log - log.max())
    return probability / probability.sum(), squares.min(axis=0)


def _cool_type(by_type) -> str:
    """Median type of the posterior from A2 on, with its 68 % interval where that is wide."""
    share = np.cumsum(np.where(TYPE_GRID < HOT, 0.0, by_type))
    if share[-1] <= 0:
        return ""
    low, middle, high = TYPE_GRID[np.searchsorted(share / share[-1], (0.16, 0.5, 0.84))]
    if high - low > 2.0 * MAX_TYPE_ERROR:
        return f"{type_name(middle)} ({type_name(low)} to {type_name(high)})"
    return type_name(middle)


def _moments(values, weights) -> tuple[float, float]:
    mean = float(values @ weights)
    return mean, float(np.sqrt(max((values - mean) ** 2 @ weights, 0.0)))


def _second_best(probability, number: float, luminosity: float) -> tuple[str, float]:
    """Most probable (half subtype, class) cell other than the adopted one."""
    cells: dict[str, float] = {}
    classes = [class_name(c) for c in CLASS_GRID]
    columns = {name: np.array([c == name for c in classes]) for name in CLASS_NAMES}
    mass = np.column_stack([probability[:, columns[name]].sum(axis=1) for name in CLASS_NAMES])
    for row, value in zip(mass, TYPE_GRID, strict=True):
        for p, name in zip(row, CLASS_NAMES, strict=True):
            cell = f"{type_name(value)} {name}"
            cells[cell] = cells.get(cell, 0.0) + float(p)
    cells.pop(f"{type_name(number)} {class_name(luminosity)}", None)
    name = max(cells, key=cells.get)
    return name, cells[name]


def _helium(width, error, grid: StandardGrid, known) -> tuple[float, bool]:
    """He I against what all other lines predict: fractional excess, and whether it is peculiar.

    Peculiar is an excess of 2.5 sigma and of 30 per cent, one way or the other; the sigma is a
    cautious one (see below), and one or two in a hundred normal standards are still called so.
    """
    is_helium = np.array([name in HELIUM_INDICES for name in grid.names])
    helium, others = known & is_helium, known & ~is_helium
    if helium.sum() < 2 or others.sum() < MIN_INDICES:
        return float("nan"), False
    probability, _ = _posterior(width, error, grid, others)
    expected = grid.mean[..., helium].sum(axis=-1)
    mean = float(np.sum(probability * expected))
    # Neighbouring standards err alike in all He lines: add their deviations, not their squares.
    spread = np.sum(
        probability
        * ((expected - mean) ** 2 + np.sqrt(grid.variance[..., helium]).sum(axis=-1) ** 2)
    )
    observed = float(width[helium].sum())
    sigma = float(np.sqrt(spread + np.sum(error[helium] ** 2)))
    excess = observed / mean - 1 if mean > 0 else float("nan")
    return excess, bool(abs(observed - mean) > max(2.5 * sigma, 0.3 * mean))


def _has_emission(width, error) -> bool:
    """H alpha above the continuum, or H beta filled to less than half of H gamma (3 sigma)."""
    h_gamma, h_beta, h_alpha = width
    gamma_error, beta_error, alpha_error = error
    filled = h_beta - 0.5 * h_gamma + 3 * np.hypot(beta_error, 0.5 * gamma_error)
    # NaN, where a line is not covered, compares False
    return bool(h_alpha + 3 * alpha_error < 0) or bool(filled < 0 and h_gamma > 1.0)


def as_row(found: Subtype | None) -> dict:
    """A classification as a row of table ``subtypes``, but for ``star``; None: no spectrum."""
    if found is None:
        found = replace(_unmeasured(0, 0, []), reason="no low-resolution spectrum")
    row = {field.name: getattr(found, field.name) for field in fields(found)}
    row["subtype_flags"] = " ".join(row.pop("flags"))
    row["subtype_reason"] = row.pop("reason")
    return row

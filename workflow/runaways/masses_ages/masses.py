"""Masses and ages with errors: draws of the labels through a model of the tracks.

A draw of a star's labels is its labels plus its errors times deviates that the caller gives, so
the same deviates can feed the orbits, and what is drawn for a star depends on nothing else.
"""

from __future__ import annotations

from typing import Protocol

import astropy.units as u
import numpy as np
from astropy.table import Table
from scipy.special import ndtri

from runaways.masses_ages.tracks import LABELS, TARGETS, checked_labels
from runaways.stars.draws import DIMENSIONS

UNITS = {"luminosity": u.solLum, "mass": u.solMass, "age": u.Myr}
# One sigma of a Gaussian, and the median.
QUANTILES = (0.1587, 0.5, 0.8413)
# 99.73 % of a chi-square of three labels: the tracks say nothing of a star beyond it
CHI2_MAX = 14.2
N_DRAWS = 1024  # of the labels; apart from the draws of the orbits, so that more of these redo none


class Model(Protocol):
    """What turns labels, shape (n, 3), into luminosity, mass and age, shape (n, 3)."""

    def predict(self, labels: np.ndarray) -> np.ndarray: ...


def label_draws(
    labels: np.ndarray, errors: np.ndarray, deviates: np.ndarray, kind: str = "normal"
) -> np.ndarray:
    """Draws of the labels of one star, within their Gaussian errors.

    A pure function: draw k depends on deviate k alone.

    Parameters
    ----------
    labels : array, shape (3,)
        Teff [K], log g [dex of cm/s2] and [M/H] [dex].
    errors : array, shape (3,)
        Their standard deviations.
    deviates : array, shape (n_draws, 3)
        Standard normal deviates, or uniform ones in (0, 1).
    kind : {"normal", "uniform"}
        Which they are.

    Returns
    -------
    array, shape (n_draws, 3)
        Labels.

    Raises
    ------
    ValueError
        If the shapes or the kind are wrong, or a uniform deviate is not within (0, 1).
    """
    labels, errors = np.asarray(labels, dtype=float), np.asarray(errors, dtype=float)
    deviates = np.asarray(deviates, dtype=float)
    n = len(LABELS)
    if labels.shape != (n,) or errors.shape != (n,) or deviates.shape[1:] != (n,):
        raise ValueError(
            f"labels {labels.shape}, errors {errors.shape} and deviates {deviates.shape}: "
            f"expected ({n},), ({n},) and (n_draws, {n})"
        )
    if kind == "uniform":
        if not ((deviates > 0) & (deviates < 1)).all():
            raise ValueError("uniform deviates must lie between 0 and 1, ends excluded")
        deviates = ndtri(deviates)
    elif kind != "normal":
        raise ValueError(f"deviates of kind {kind!r}: expected 'normal' or 'uniform'")
    return labels + errors * deviates


def masses_and_ages(
    model: Model, labels: np.ndarray, draws: np.ndarray
) -> tuple[Table, np.ndarray]:
    """Luminosity, mass and age of stars, at their labels and at each draw of them.

    Parameters
    ----------
    model : Model
        Trained model.
    labels : array, shape (n_stars, 3)
        Teff [K], log g [dex of cm/s2] and [M/H] [dex]; not a number where unknown.
    draws : array, shape (n_stars, n_draws, 3)
        Label draws of each star.

    Returns
    -------
    summary : Table
        See `summarise`; not a number for stars with a label missing.
    targets : array, shape (n_stars, n_draws, 3)
        Luminosity [Lsun], mass [Msun] and age [Myr] of each draw.
    """
    labels, draws = checked_labels(labels, finite=False), np.asarray(draws, dtype=float)
    known = np.isfinite(labels).all(axis=1)
    nominal = np.full(labels.shape[:1] + (len(TARGETS),), np.nan)
    targets = np.full(draws.shape[:-1] + (len(TARGETS),), np.nan)
    if known.any():
        nominal[known] = model.predict(labels[known])
        flat = model.predict(draws[known].reshape(-1, len(LABELS)))
        targets[known] = flat.reshape(targets[known].shape)
    return summarise(nominal, targets), targets


def mass_age_correlation(targets: np.ndarray) -> np.ndarray:
    """Correlation of log mass and log age over the draws of each star.

    Parameters
    ----------
    targets : array, shape (n_stars, n_draws, 3)
        Luminosity, mass and age of each draw.

    Returns
    -------
    array, shape (n_stars,)
        Pearson's coefficient; not a number where mass or age does not vary.
    """
    logs = np.log10(targets[..., 1:3])
    logs = logs - logs.mean(axis=1, keepdims=True)
    mass, age = logs[..., 0], logs[..., 1]
    norm = np.sqrt((mass**2).sum(axis=1) * (age**2).sum(axis=1))
    return np.divide((mass * age).sum(axis=1), norm, out=np.full(len(norm), np.nan), where=norm > 0)


def summarise(nominal: np.ndarray, targets: np.ndarray) -> Table:
    """Luminosity, mass and age of each star with the quantiles of their draws.

    Parameters
    ----------
    nominal : array, shape (n_stars, 3)
        Luminosity [Lsun], mass [Msun] and age [Myr] at the labels themselves.
    targets : array, shape (n_stars, n_draws, 3)
        The same of each draw.

    Returns
    -------
    Table
        For each quantity ``<name>``, ``<name>_lower``, ``<name>_median`` and ``<name>_upper``
        (15.87, 50 and 84.13 % of the draws), and ``mass_age_correlation``. The nominal value is
        the model at the labels and need not be the median.
    """
    low, middle, high = np.quantile(targets, QUANTILES, axis=1)
    table = Table()
    for i, name in enumerate(TARGETS):
        for suffix, values, what in (
            ("", nominal, "at the labels themselves"),
            ("_lower", low, "15.87 % quantile of the draws"),
            ("_median", middle, "median of the draws"),
            ("_upper", high, "84.13 % quantile of the draws"),
        ):
            table[name + suffix] = values[:, i] * UNITS[name]
            table[name + suffix].description = f"{name}, {what}"
    table["mass_age_correlation"] = mass_age_correlation(targets)
    table["mass_age_correlation"].description = "correlation of log mass and log age of the draws"
    return table


def draw_labels(star, cube: np.ndarray) -> np.ndarray:
    """Draws of the labels of one star from the points of the unit cube that feed its orbits.

    Parameters
    ----------
    star : mapping
        ``teff`` [K], ``logg``, ``mh`` [dex], and their ``<name>_error``.
    cube : array, shape (n_draws, len(draws.DIMENSIONS))
        As from `draws.unit_cube`.

    Returns
    -------
    array, shape (n_draws, 3)
    """
    columns = [DIMENSIONS.index(name) for name in LABELS]
    labels = [star[name] for name in LABELS]
    errors = [star[f"{name}_error"] for name in LABELS]
    return label_draws(labels, errors, cube[:, columns], kind="uniform")


def as_columns(found: Table, summary: Table | None) -> Table:
    """The columns of the catalogue, with what is predicted by the forests or the posterior.

    Parameters
    ----------
    found : Table
        As from `posterior.summarise`.
    summary : Table or None
        As from `summarise`; None where the posterior's are the predicted ones, but for stars that
        no model star is like (`CHI2_MAX`), which have none.

    Returns
    -------
    Table
        With ``mass_predicted``, ``age_predicted`` and, of the forests, ``luminosity`` and
        ``mass_age_correlation``.
    """
    out = found.copy()
    like_none = np.asarray(found["tracks_chi2"]) > CHI2_MAX
    for end in ("", "_lower", "_upper"):
        for name in ("mass", "age"):
            posterior = np.where(like_none, np.nan, found[f"{name}_posterior{end}"])
            out[f"{name}_predicted{end}"] = posterior if summary is None else summary[name + end]
        if summary is not None:
            out[f"luminosity{end}"] = summary[f"luminosity{end}"]
    if summary is not None:
        out["mass_age_correlation"] = summary["mass_age_correlation"]
    return out

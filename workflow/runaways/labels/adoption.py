"""Whose labels count: instruments joined, NLTE or LTE, beside or in place of the list's."""

import numpy as np
from astropy.table import Table, join

from runaways.labels.names import LABELS, LTE, ROTATION
from runaways.labels.resemblance import NO_LIMITS, Limits, veto
from runaways.tables import column_schema

# Scatter of the paper's labels against other measurements (Guo et al. 2025, sect. 3.2, after Guo et
# al. 2021ApJS..257...54G); it gives none for [M/H].
EXTERNAL_ERRORS = {
    "lrs": {"teff": 1642.0, "logg": 0.25, "mh": np.nan, "vsini": 42.0},
    "mrs": {"teff": 2185.0, "logg": 0.29, "mh": np.nan, "vsini": 11.0},
}
# A fit of a cooler star ends at the edge of the grid, to rounding
EDGE = 1e-3
QUALITY = ("misfit", "misfit_region", "region_misfit", "p_hot_star", "cool_type")
PREFERRED = {"teff": "lrs", "logg": "lrs", "mh": "lrs", "vsini": "mrs"}


def join_arms(fits: Table, limits: Limits = NO_LIMITS) -> Table:
    """Labels of each star from its instruments: teff, logg, mh from LRS, v sin i from MRS.

    Parameters
    ----------
    fits : Table
        Table ``label_fits``.
    limits : Limits
        What a fit must pass; one that does not counts as none.

    Returns
    -------
    Table
        One row per star, in order of appearance: each label with ``_error`` (of the fit) and
        ``_external_error`` (the paper's scatter), ``vsini_lower``, ``vsini_upper`` (68 %),
        ``vsini_limit`` (95 %), ``vsini_is_limit``, ``extrapolated``, ``chi2_reduced`` and the
        misfit of the fit behind teff, ``labels_reason``. A missing instrument leaves its labels to
        the other one; what neither gives is NaN.

    References
    ----------
    Guo et al. (2025), sect. 3.2.
    """
    by_star: dict = {}
    for fit in fits:
        by_star.setdefault(str(fit["star"]), {})[str(fit["arm"])] = fit
    rows = [{"star": star} | _joined(arms, limits) for star, arms in by_star.items()]
    return Table(rows=rows)


def _joined(arms: dict, limits: Limits) -> dict:
    said = {arm: str(fit["labels_reason"]) or veto(fit, limits) for arm, fit in arms.items()}
    usable = [arm for arm in arms if not said[arm]]
    row, taken = {}, []
    for label, preferred in PREFERRED.items():
        arm = preferred if preferred in usable else next(iter(usable), None)
        row[label] = float(arms[arm][label]) if arm else np.nan
        row[f"{label}_error"] = float(arms[arm][f"{label}_error"]) if arm else np.nan
        row[f"{label}_external_error"] = EXTERNAL_ERRORS[arm][label] if arm else np.nan
        taken.append(arm)
    rotation = arms[taken[-1]] if taken[-1] else dict.fromkeys(ROTATION, np.nan)
    row |= {name: float(rotation[name]) for name in ROTATION}
    row["vsini_is_limit"] = row["vsini_is_limit"] == 1.0
    row["extrapolated"] = any(bool(arms[arm]["extrapolated"]) for arm in taken if arm)
    # a refused fit shows how bad it is, as an accepted one shows how good
    seen = arms[taken[0] or next((arm for arm in arms if arms[arm]["n_pixels"]), next(iter(arms)))]
    row["chi2_reduced"] = seen["chi2"] / max(seen["n_pixels"], 1)
    row |= {name: seen[name] for name in QUALITY}
    reasons = [f"{arm}: {reason}" for arm, reason in said.items() if reason]
    return row | {"labels_reason": "; ".join(reasons)}


def adopt_labels(labels: Table, lte: Table | None, nlte_min_teff: float, source: str) -> Table:
    """Whose labels count: those of the fit, or those of an LTE catalogue below the grid's reach.

    Parameters
    ----------
    labels : Table
        From `join_arms`.
    lte : Table or None
        Table ``lte_labels``; None where no catalogue is given.
    nlte_min_teff : float
        Stars measured cooler than this [K], or at the very edge of a grid that ends there, take
        the catalogue's labels.
    source : str
        What ``labels_source`` calls the fit's.

    Returns
    -------
    Table
        The same rows with ``labels_source`` (`source`, "LTE catalogue" or empty), ``labels_match``
        and ``labels_reason``. A star that needs the catalogue and is not in it has NaN labels and a
        reason: nothing is guessed. A measured v sin i is kept.

    References
    ----------
    Guo et al. (2025), sect. 3.2; Xiang et al. (2022A&A...662A..66X).
    """
    out = labels.copy()
    rows = {str(row["star"]): row for row in lte} if lte is not None else {}
    found = {name: [] for name in ("labels_source", "labels_match", "labels_reason")}
    for star in out:
        match, reason = "", str(star["labels_reason"])
        used = source if np.isfinite(star["teff"]) else ""
        if star["teff"] <= nlte_min_teff * (1 + EDGE):
            row = rows.get(str(star["star"]))
            used, match = (LTE, str(row["labels_match"])) if row else ("", "")
            if row is None:
                why = "no LTE catalogue is given" if lte is None else "not in the LTE catalogue"
                reason = f"{star['teff']:.0f} K is not above labels.nlte_min_teff, and {why}"
            for label in LABELS:
                if label == "vsini" and np.isfinite(star["vsini"]):
                    continue
                star[label] = row[label] if row else np.nan
                star[f"{label}_error"] = row[f"{label}_error"] if row else np.nan
                star[f"{label}_external_error"] = np.nan
            star["extrapolated"] = False  # said of labels that are no more there
        for name, value in zip(found, (used, match, reason)):
            found[name].append(value)
    for name, values in found.items():
        out[name] = values
    return out


def with_labels(stars, labels, assumed):
    """The stars with the labels measured from their spectra in place of the list's.

    Parameters
    ----------
    stars : Table
        Table ``stars``.
    labels : Table
        As from `adopt_labels`; a star that is not in it has none.
    assumed : dict
        As in `measurements.complete`: the error of ``mh`` from the grid, for which the paper
        gives no scatter.

    Returns
    -------
    Table
        Errors are those of the fits and the scatter against other measurements, in quadrature.
    """
    rows = {str(row["star"]): row for row in labels}
    out = stars.copy()
    for name in LABELS:
        value, error = np.full((2, len(stars)), np.nan)
        for i, star in enumerate(stars["star"]):
            if (row := rows.get(str(star))) is None:
                continue
            external = row[f"{name}_external_error"]
            if name == "mh" and row["labels_source"] != LTE:
                external = assumed["mh"].value
            value[i] = row[name]
            error[i] = np.hypot(row[f"{name}_error"], np.nan_to_num(external))
        out[name], out[f"{name}_error"] = value, error
        out[name].unit = column_schema(name)["unit"]
    return out


def summarise(stars, labels: Table, observations: Table, subtypes: Table) -> Table:
    """What the spectra say of every star.

    Parameters
    ----------
    stars : sequence of str
        Names, in the order wanted.
    labels : Table
        From `adopt_labels`.
    observations, subtypes : Table
        Tables of these names.

    Returns
    -------
    Table
        Table ``labels``. The radial velocity is that of the instrument that knows it better.
    """
    by_star: dict = {}
    for row in observations:
        by_star.setdefault(str(row["star"]), []).append(row)
    velocities = [_velocity(str(star), by_star.get(str(star), [])) for star in stars]
    names = ("star", "subtype", "subtype_error", "luminosity_class", "second_best", "subtype_flags")
    out = join(Table(rows=velocities), subtypes[list(names)], "star", "left", keep_order=True)
    return join(out, labels, "star", "left", keep_order=True)


def _velocity(star: str, rows) -> dict:
    usable = [
        row for row in rows if row["status"] == "ok" and np.isfinite(row["rv_measured_error"])
    ]
    reliable = [row for row in usable if "rv-unreliable" not in str(row["rv_flags"])]
    best = min(reliable or usable, key=lambda row: row["rv_measured_error"], default=None)
    reasons = [f"{row['arm']}: {row['reason']}" for row in rows if row["status"] != "ok"]
    return {
        "star": star,
        "rv": float(best["rv_measured"]) if best else np.nan,
        "rv_error": float(best["rv_measured_error"]) if best else np.nan,
        "rv_flags": str(best["rv_flags"]) if best else "",
        "spectra_reason": "; ".join(reasons),
    }

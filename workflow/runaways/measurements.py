"""What is known of each star before its orbit: every measurement with an error, and its source."""

import numpy as np
from astropy import units as u
from astropy.table import Table

from runaways.lte_catalogue import LTE
from runaways.tables import column_schema
from runaways.velocities import adopt_rv

CORRELATIONS = ("parallax_pmra_corr", "parallax_pmdec_corr", "pmra_pmdec_corr")


def complete(stars, frame, assumed, distance_method="inverse_parallax"):
    """Fill in errors, distances and radial velocities.

    Parameters
    ----------
    stars : Table
        Table ``stars``, n rows.
    frame : frames.Frame
    assumed : dict
        Name to Quantity: the error of ``parallax``, ``distance``, ``pmra``, ``pmdec``, ``rv``,
        ``age``, ``teff``, ``logg``, ``mh`` where the list has none; a percentage is of the value.
    distance_method : str
        ``inverse_parallax`` or ``given``.

    Returns
    -------
    Table
        n rows: star, ra, dec, parallax (NaN if the distance is given), distance, pmra, pmdec, rv,
        rv_alternative, age, teff, logg, mh, each with ``<name>_error``; rv_source; correlations;
        reason (why there can be no orbit, or empty).
    """
    out = Table({name: stars[name] for name in ("star", "ra", "dec")})
    n = len(stars)
    for name in ("parallax", "distance", "pmra", "pmdec", "age", "teff", "logg", "mh"):
        out[name] = _column(stars, name)
        out[f"{name}_error"] = _error(stars, name, assumed[name])
    if distance_method == "inverse_parallax":
        out["distance"] = 1 / np.where(out["parallax"] > 0, out["parallax"], np.nan)
        out["distance_error"] = out["distance"] ** 2 * out["parallax_error"]
    else:
        out["parallax"] = np.full(n, np.nan)
    speed = assumed["rv"].to_value("km / s")
    for name, values in adopt_rv(stars, np.asarray(out["distance"]), frame, speed).items():
        out[name] = values
    for name in CORRELATIONS:
        out[name] = _column(stars, name)
    out["reason"] = [str(reason) or _lacking(row) for reason, row in zip(stars["reason"], out)]
    return out


def predicted_ages(masses_ages):
    """Ages from the labels by the tracks.

    Parameters
    ----------
    masses_ages : Table
        Table of this name.

    Returns
    -------
    Table
        ``star``, ``age`` and ``age_error``, half the 68 % range [Myr].
    """
    half = (masses_ages["age_predicted_upper"] - masses_ages["age_predicted_lower"]) / 2
    columns = [masses_ages["star"], masses_ages["age_predicted"], half]
    return Table(columns, names=("star", "age", "age_error"))


def with_ages(stars, ages):
    """The stars with other ages in place of the list's.

    Parameters
    ----------
    stars : Table
        Table ``stars``.
    ages : Table
        ``star``, ``age``, ``age_error`` [Myr]; of several rows of a star the first counts.

    Returns
    -------
    Table
    """
    rows = {str(row["star"]): row for row in reversed(ages)}
    out = stars.copy()
    for name in ("age", "age_error"):
        out[name] = [rows[str(star)][name] for star in stars["star"]]
    return out


def with_labels(stars, labels, assumed):
    """The stars with the labels measured from their spectra in place of the list's.

    Parameters
    ----------
    stars : Table
        Table ``stars``.
    labels : Table
        As from `labels.adopt_labels`; a star that is not in it has none.
    assumed : dict
        As in `complete`: the error of ``mh`` from the grid, for which the paper gives no scatter.

    Returns
    -------
    Table
        Errors are those of the fits and the scatter against other measurements, in quadrature.
    """
    rows = {str(row["star"]): row for row in labels}
    out = stars.copy()
    for name in ("teff", "logg", "mh", "vsini"):
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


def _column(stars, name):
    return np.asarray(stars[name], float) if name in stars.colnames else np.full(len(stars), np.nan)


def _error(stars, name, assumed):
    given = _column(stars, f"{name}_error")
    if assumed.unit.is_equivalent(u.percent):
        default = np.abs(_column(stars, name)) * assumed.to_value(u.dimensionless_unscaled)
    else:
        default = np.full(len(stars), assumed.value)
        if not assumed.unit.is_equivalent(u.dex):
            default = np.full(len(stars), assumed.to_value(column_schema(name)["unit"]))
    return np.where(np.isfinite(given), given, default)


def _lacking(row):
    lacking = [name for name in ("distance", "rv", "age") if not np.isfinite(row[name])]
    return f"{', '.join(lacking)}: missing, no orbit" if lacking else ""

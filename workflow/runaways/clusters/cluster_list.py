"""Open clusters: one table from any catalogue, and which clusters have an orbit.

A cluster needs a position, a proper motion, a distance and a radial velocity before it has an
orbit. One that lacks any of them stays in the table with ``usable`` False and the ``reason``:
nothing is guessed and nothing is dropped. The readers of published tables are in
`catalogues`; what wins where several catalogues list a cluster is in `merging`.
"""

import re
from functools import cache

import numpy as np
from astropy.table import MaskedColumn, Table

from runaways.inputs.files import InputError
from runaways.tables import column_schema, floats, table_schema

REQUIRED = tuple(table_schema("cluster_list")["required"])
# column: unit, or None; NaN or "" is "not known"
COLUMNS = {
    name: column_schema(name).get("unit")
    for name in (*REQUIRED, *table_schema("cluster_list")["optional"])
}
TEXT = tuple(name for name in COLUMNS if column_schema(name)["dtype"] == "str")

# An inverse parallax is a distance where the parallax is good to a fifth: beyond, its bias and
# skew are larger than its error (Bailer-Jones 2015, 2015PASP..127..994B, Sect. 4).
MIN_PARALLAX_SNR = 5.0

# km/s: how far one star's radial velocity is from that of its cluster, by the motion of binaries
# and within it. Young clusters have 1 to 3 without binaries (Kuhn et al. 2019,
# 2019ApJ...870...32K), NGC 6618 6 with them (Stoop et al. 2024, doi:10.1051/0004-6361/202347383).
# Assumed.
RV_ERROR_STAR = 5.0
# A radial velocity is flagged below so many stars, and above so large an error: 5 km/s are 13 pc
# in the 2.5 Myr since AE Aur left.
FEW_STARS, LARGE_RV_ERROR = 5, 5.0


def empty(n_rows, catalogue):
    """A cluster table with every column, nothing known.

    Parameters
    ----------
    n_rows : int
    catalogue : str
        Label for the `catalogue` column.

    Returns
    -------
    Table
        All of `COLUMNS`, with units; numbers NaN, `n_rv` 0, texts empty.
    """
    table = Table()
    for column, unit in COLUMNS.items():
        if column in TEXT:
            table[column] = np.full(n_rows, catalogue if column == "catalogue" else "", dtype="O")
        elif column == "n_rv":
            table[column] = np.zeros(n_rows, int)
        else:
            table[column] = np.full(n_rows, np.nan)
            table[column].unit = unit
    return table


def numbers(column):
    """A table's column as floats, NaN where it is masked or blank.

    Parameters
    ----------
    column : Column, shape (n,)
        Of numbers, or of text holding numbers and blanks.

    Returns
    -------
    ndarray, shape (n,)
        float64.

    Raises
    ------
    ValueError
        If a text is neither a number nor blank; names column, row and text.
    """
    if column.dtype.kind in "iufb":
        return floats(column)
    values = np.asarray(column.filled("") if isinstance(column, MaskedColumn) else column)
    result = np.full(len(values), np.nan)
    for row, text in enumerate(values):
        text = text.decode() if isinstance(text, bytes) else str(text)
        if text.strip().lower() in ("", "nan", "--", "none"):
            continue
        try:
            result[row] = float(text)
        except ValueError:
            raise ValueError(
                f"column {column.name}, row {row + 1}: {text!r} is not a number"
            ) from None
    return result


@cache
def designation(name):
    """A cluster's name in one spelling, to compare catalogues by.

    "NGC_2236", "NGC2236" and "ngc 2236" are one; so are "IC0361" and "IC 361".

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    squeezed = re.sub(r"[\s_/]+", "", str(name)).upper()
    return re.sub(r"(?<=[A-Z])0+(?=\d)", "", squeezed)


def find(names, wanted):
    """Position of a cluster, however its name is spelled.

    Parameters
    ----------
    names : sequence of str
    wanted : str

    Returns
    -------
    int or None
        None if it is not there.
    """
    found = [i for i, name in enumerate(names) if designation(name) == designation(wanted)]
    return found[0] if found else None


def complete_distances(table):
    """Fill in the inverse parallax where a catalogue gives no distance.

    Parameters
    ----------
    table : Table
        With all of `COLUMNS`; changed in place. A parallax without error is taken if positive;
        one with an error also needs `MIN_PARALLAX_SNR`. Where the error is known, the bounds
        are the inverses of the parallax plus and minus it.
    """
    parallax, error = np.asarray(table["parallax"]), np.asarray(table["parallax_error"])
    given = np.isfinite(table["distance"])
    with np.errstate(invalid="ignore", divide="ignore"):
        good = (parallax > 0) & ~(parallax / error < MIN_PARALLAX_SNR)
        fill = ~given & good
        table["distance"][fill] = (1 / parallax)[fill]
        table["distance_lower"][fill] = (1 / (parallax + error))[fill]
        table["distance_upper"][fill] = (1 / (parallax - error))[fill]
    table["distance_source"][given] = "catalogue"
    table["distance_source"][fill] = "parallax"


def assess(table, *, cst_min=None, cmd_class_min=None, kinds=()):
    """Say which clusters have an orbit, and why the others do not.

    Parameters
    ----------
    table : Table
        With all of `COLUMNS`.
    cst_min, cmd_class_min : float, optional
        Quality cuts; a cluster without the quantity is not cut. The field's are 5 and 0.5.
    kinds : collection of str
        Kinds of object to keep, all if empty; a cluster without a kind is not cut.

    Returns
    -------
    Table
        A copy with `usable`, `reason` (why not), and `unknown_errors` (quantities whose error
        the catalogue does not give, separated by commas: they are drawn without scatter), and
        `cluster_rv_flags`, as from `rv_flags`.
        `meta["excluded"]` counts the clusters by each reason; one cluster may have several.
    """
    table = table.copy()
    reasons = [[] for _ in range(len(table))]
    for mask, reason in _shortcomings(table, cst_min, cmd_class_min, kinds):
        for row in np.flatnonzero(mask):
            reasons[row].append(reason)
    table["usable"] = [not found for found in reasons]
    table["reason"] = np.array(["; ".join(found) for found in reasons], dtype="O")
    table["unknown_errors"] = np.array(_unknown_errors(table), dtype="O")
    table["cluster_rv_flags"] = rv_flags(table)
    every = [reason for found in reasons for reason in found]
    table.meta["excluded"] = {reason: every.count(reason) for reason in sorted(set(every))}
    return table


def _shortcomings(table, cst_min, cmd_class_min, kinds):
    """(mask, reason) of everything that keeps a cluster out."""
    missing = {c: ~np.isfinite(table[c]) for c in ("ra", "dec", "pmra", "pmdec", "rv", "distance")}
    yield missing["ra"] | missing["dec"], "no position"
    yield missing["pmra"] | missing["pmdec"], "no proper motion"
    yield missing["rv"], "no radial velocity"
    poor = missing["distance"] & np.isfinite(table["parallax"])
    yield missing["distance"] & ~poor, "no distance"
    yield poor, f"no distance: parallax not positive or below {MIN_PARALLAX_SNR:g} sigma"
    yield ~missing["distance"] & ~(table["distance"] > 0), "distance is not positive"
    for column, limit in (("cst", cst_min), ("cmd_class", cmd_class_min)):
        if limit is not None:
            # NaN compares False: a cluster without the quantity stays
            yield np.asarray(table[column]) <= limit, f"{column} not above {limit:g}"
    if kinds:
        unwanted = np.array([kind != "" and kind not in kinds for kind in table["kind"]], bool)
        yield unwanted, "kind not one of " + " ".join(sorted(kinds))


def _unknown_errors(table):
    """Per cluster, the quantities that have a value and no error."""
    pairs = {
        "pmra": ["pmra_error"],
        "pmdec": ["pmdec_error"],
        "distance": ["distance_lower", "distance_upper"],
        "rv": ["rv_error"],
        "log_age": ["log_age_lower", "log_age_upper"],
    }
    unknown = {
        quantity: np.isfinite(table[quantity])
        & ~np.all([np.isfinite(table[error]) for error in errors], axis=0)
        for quantity, errors in pairs.items()
    }
    return [
        ",".join(quantity for quantity in pairs if unknown[quantity][row])
        for row in range(len(table))
    ]


def rv_flags(table):
    """What is wrong with the radial velocity of each cluster.

    Parameters
    ----------
    table : Table
        With the columns `rv` and `rv_error` [km/s], `n_rv`.

    Returns
    -------
    ndarray of str, shape (n,)
        Of `no-rv`, `few-stars` (fewer than `FEW_STARS`, where the number is known), `large-error`
        (above `LARGE_RV_ERROR`) and `no-error`, separated by commas; empty if nothing is.
    """
    known, n = np.isfinite(table["rv"]), np.asarray(table["n_rv"])
    error = np.asarray(table["rv_error"], float)
    flags = {
        "no-rv": ~known,
        "few-stars": known & (n > 0) & (n < FEW_STARS),
        "large-error": known & (np.nan_to_num(error) > LARGE_RV_ERROR),
        "no-error": known & ~np.isfinite(error),
    }
    return np.array(
        [",".join(flag for flag in flags if flags[flag][row]) for row in range(len(table))], "O"
    )


def with_rv_floor(table, star_error):
    """Clusters whose radial velocities err by no less than the stars behind them allow.

    Parameters
    ----------
    table : Table
        With the columns `rv` and `rv_error` [km/s], `n_rv`.
    star_error : float
        Error of a radial velocity of one star as that of its cluster [km/s]; 0 changes nothing.

    Returns
    -------
    Table
        A copy: rv_error at least star_error / sqrt(n_rv). Where the number of stars is not known,
        an error that is given stands, and star_error is that of a velocity without one.
    """
    out = table.copy()
    if star_error == 0:
        return out
    n, error = np.asarray(table["n_rv"], float), np.asarray(table["rv_error"], float)
    floor = star_error / np.sqrt(np.maximum(n, 1))
    raised = np.where((n > 0) | ~np.isfinite(error), np.fmax(error, floor), error)
    out["rv_error"] = np.where(np.isfinite(table["rv"]), raised, error)
    out["rv_error"].unit = table["rv_error"].unit
    return out


def check_names(table, source):
    """Refuse a table with a nameless cluster or one name twice.

    Parameters
    ----------
    table : Table
        With the column `name`.
    source : str
        File or catalogue, for the message.

    Raises
    ------
    InputError
        Names source, row and what is wrong.
    """
    seen = {}
    for row, name in enumerate(table["name"], start=1):
        key = designation(name)
        if not key:
            raise InputError(f"{source}, row {row}: a cluster has no name")
        if key in seen:
            raise InputError(f"{source}, rows {seen[key]} and {row}: cluster {name!r} twice")
        seen[key] = row


def cluster_named(wanted, clusters):
    """Name of a cluster with an orbit, as its catalogue spells it.

    Parameters
    ----------
    wanted : str
        In any spelling.
    clusters : Table
        Table ``clusters``.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such cluster, or it has no orbit; says why.
    """
    row = find(clusters["name"], wanted)
    if row is None:
        raise ValueError(f"cluster {wanted!r} is in none of the catalogues")
    if not clusters["usable"][row]:
        raise ValueError(f"cluster {wanted!r} has no orbit: {clusters['reason'][row]}")
    return str(clusters["name"][row])

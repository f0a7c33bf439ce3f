"""Readers of published cluster catalogues, each to the table of `cluster_list.COLUMNS`.

Every reader takes the catalogue's own columns, as VizieR names them, and returns one row per row
of the catalogue. A unit on a column is obeyed; without one the catalogue's is assumed.
"""

from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.table import Table

from runaways.clusters.cluster_list import (
    COLUMNS,
    REQUIRED,
    TEXT,
    check_names,
    complete_distances,
    empty,
)
from runaways.clusters.cluster_list import numbers as _numbers

# Hunt & Reffert 2023, A&A 673, A114 (2023A&A...673A.114H), VizieR J/A+A/673/A114/clusters.
# e_ is the standard error of the mean, s_ the dispersion of the members.
HUNT2023 = {
    "ra": ("RA_ICRS", u.deg),
    "dec": ("DE_ICRS", u.deg),
    "pmra": ("pmRA", u.mas / u.yr),
    "pmra_error": ("e_pmRA", u.mas / u.yr),
    "pmdec": ("pmDE", u.mas / u.yr),
    "pmdec_error": ("e_pmDE", u.mas / u.yr),
    "parallax": ("Plx", u.mas),
    "parallax_error": ("e_Plx", u.mas),
    "distance": ("dist50", u.pc),
    "distance_lower": ("dist16", u.pc),
    "distance_upper": ("dist84", u.pc),
    "rv": ("RV", u.km / u.s),
    "rv_error": ("e_RV", u.km / u.s),
    "log_age": ("logAge50", u.dex(u.yr)),
    "log_age_lower": ("logAge16", u.dex(u.yr)),
    "log_age_upper": ("logAge84", u.dex(u.yr)),
    "radius": ("r50pc", u.pc),
    "cst": ("CST", None),
    "cmd_class": ("CMDCl50", None),
}
# Castro-Ginard et al. 2019, 2020, 2022 (2019A&A...627A..35C, 2020A&A...635A..45C,
# 2022A&A...661A.118C): means of the members; the errors given are the members' dispersions,
# taken as the error, which is on the safe side.
CASTRO_GINARD = {
    "ra": (("RA_ICRS",), u.deg),
    "dec": (("DE_ICRS",), u.deg),
    "pmra": (("pmRA*", "pmRA"), u.mas / u.yr),
    "pmra_error": (("e_pmRA*", "e_pmRA", "s_pmRA"), u.mas / u.yr),
    "pmdec": (("pmDE",), u.mas / u.yr),
    "pmdec_error": (("e_pmDE", "s_pmDE"), u.mas / u.yr),
    "parallax": (("Plx", "plx"), u.mas),
    "parallax_error": (("e_Plx", "e_plx", "s_plx"), u.mas),
    "distance": (("Dist",), u.pc),
    "rv": (("RV",), u.km / u.s),
    "log_age": (("logAge",), u.dex(u.yr)),
}


def read_clusters(source):
    """Read a cluster catalogue, whichever it is.

    Parameters
    ----------
    source : str or pathlib.Path
        "openngc", or a file (CSV, ECSV, VOTable, FITS or Parquet) of Hunt & Reffert 2023, of
        Castro-Ginard 2019, 2020 or 2022, or with the columns of `cluster_list.COLUMNS`; which
        one is told by its columns.

    Returns
    -------
    astropy.table.Table
        One row per cluster, all of `cluster_list.COLUMNS`. `meta["source"]`; `meta["stand_in"]` for
        openngc.

    Raises
    ------
    ValueError
        If the file cannot be read, is of none of these kinds, lacks a column, or lists a
        cluster twice.
    """
    if str(source) == "openngc":
        return openngc()
    source = Path(source)
    raw = _read_table(source)
    names = set(raw.colnames)
    if {"dist50", "logAge50", "n_RV"} <= names:
        table = from_hunt2023(raw)
    elif "Cluster" in names and ("pmRA*" in names or {"plx", "pmRA"} <= names):
        table = from_castro_ginard(raw)
    elif {"name", "ra", "dec"} <= names:
        table = from_columns(raw, source.stem)
    else:
        raise ValueError(
            f"{source.name}: the columns are those of no known cluster catalogue "
            f"(expected Hunt & Reffert 2023, Castro-Ginard 2019-2022, or {', '.join(REQUIRED)})"
        )
    check_names(table, source.name)
    table.meta["source"] = source.name
    return table


def _read_table(path):
    formats = {".csv": "ascii.csv", ".ecsv": "ascii.ecsv", ".vot": "votable", ".xml": "votable"}
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        import pandas as pd  # astropy's reader drops what pandas' keeps of missing texts

        return Table.from_pandas(pd.read_parquet(path))
    try:
        return Table.read(path, format=formats.get(suffix))
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever the format's reader raises, one line for the user
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ValueError(f"{path.name}: cannot be read as a table ({reason})") from None


def _values(raw, column, unit):
    """A column in the wanted unit: its own is obeyed, a missing one is `unit` already."""
    values, own = _numbers(raw[column]), raw[column].unit
    if unit is None or own is None or own == unit or isinstance(own, u.UnrecognizedUnit):
        return values
    if isinstance(unit, u.function.FunctionUnitBase):  # log10 of years is a bare number in files
        return values
    return (values * own).to_value(unit)


def _texts(column):
    filled = column.filled("") if hasattr(column, "filled") else column
    return [v.decode() if isinstance(v, bytes) else str(v) for v in filled]


def _fill(table, column, values, unit):
    wanted = COLUMNS[column]
    convert = unit is not None and wanted is not None and unit != u.Unit(wanted)
    table[column] = (values * unit).to_value(wanted) if convert else values
    table[column].unit = wanted


def from_hunt2023(raw):
    """Hunt & Reffert 2023, with VizieR's column names.

    Parameters
    ----------
    raw : astropy.table.Table
        `Name AllNames Type CST RA_ICRS DE_ICRS pmRA e_pmRA ... r50pc n_RV`.

    Returns
    -------
    astropy.table.Table
        The radius is `r50pc`, the one that holds half of the members within the tidal radius.

    Raises
    ------
    ValueError
        If a column is missing.

    References
    ----------
    Hunt & Reffert 2023, A&A 673, A114 (2023A&A...673A.114H).
    """
    needed = ["Name", "n_RV"] + [column for column, _ in HUNT2023.values()]
    missing = [column for column in needed if column not in raw.colnames]
    if missing:
        raise ValueError(f"Hunt & Reffert 2023: column {missing[0]} is missing")
    table = empty(len(raw), "Hunt & Reffert 2023")
    table["name"][:] = [name.strip() for name in _texts(raw["Name"])]
    for column, (theirs, unit) in HUNT2023.items():
        _fill(table, column, _values(raw, theirs, unit), unit)
    table["n_rv"] = np.nan_to_num(_numbers(raw["n_RV"])).astype(int)
    if "N" in raw.colnames:
        table["members"] = _numbers(raw["N"])
    if "AllNames" in raw.colnames:
        table["all_names"][:] = [_aliases(names) for names in _texts(raw["AllNames"])]
    if "Type" in raw.colnames:
        table["kind"][:] = [kind.strip() for kind in _texts(raw["Type"])]
    complete_distances(table)
    return table


def _aliases(names):
    """ "NGC_2236,OCL_501,OCL_501" to "NGC 2236,OCL 501"."""
    found = (name.strip().replace("_", " ") for name in names.split(","))
    return ",".join(dict.fromkeys(name for name in found if name and name != "nan"))


def from_castro_ginard(raw):
    """Castro-Ginard et al. 2019, 2020 or 2022, with VizieR's column names.

    Parameters
    ----------
    raw : astropy.table.Table
        2019 and 2020 have neither RV, distance nor age: their distances are inverse parallaxes.
        2022 has a dispersion `s_RV` and a count `NmembRV`, from which the standard error; an RV
        of a single star has no error.

    Returns
    -------
    astropy.table.Table

    References
    ----------
    2019A&A...627A..35C, 2020A&A...635A..45C, 2022A&A...661A.118C.
    """
    is_2022 = "NmembRV" in raw.colnames
    year = 2022 if is_2022 else 2019 if "pmRA*" in raw.colnames else 2020
    table = empty(len(raw), f"Castro-Ginard {year}")
    table["name"][:] = [name.strip().replace("_", " ") for name in _texts(raw["Cluster"])]
    for column, (candidates, unit) in CASTRO_GINARD.items():
        theirs = next((name for name in candidates if name in raw.colnames), None)
        if theirs is not None:
            _fill(table, column, _values(raw, theirs, unit), unit)
    if is_2022:
        count = np.nan_to_num(_numbers(raw["NmembRV"])).astype(int)
        table["n_rv"] = count
        dispersion = _values(raw, "s_RV", u.km / u.s)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(count > 1, dispersion / np.sqrt(count), np.nan)
        # two stars that agree to the last digit printed do not make an error of zero
        _fill(table, "rv_error", np.where(error > 0, error, np.nan), u.km / u.s)
    complete_distances(table)
    return table


def from_columns(raw, catalogue):
    """Any table that has the columns of `cluster_list.COLUMNS`.

    Parameters
    ----------
    raw : astropy.table.Table
        `name ra dec pmra pmdec`, and any other of the columns; units are obeyed.
    catalogue : str
        Label where the table has no column `catalogue`.

    Returns
    -------
    astropy.table.Table

    Raises
    ------
    ValueError
        If a required column is missing or has a unit that is not convertible.
    """
    missing = [column for column in REQUIRED if column not in raw.colnames]
    if missing:
        raise ValueError(f"{catalogue}: column {missing[0]} is missing")
    table = empty(len(raw), catalogue)
    for column, unit in COLUMNS.items():
        if column not in raw.colnames:
            continue
        if column in TEXT:
            table[column][:] = [text.strip() for text in _texts(raw[column])]
        elif column == "n_rv":
            table[column] = np.nan_to_num(_numbers(raw[column])).astype(int)
        else:
            try:
                _fill(table, column, _values(raw, column, unit and u.Unit(unit)), None)
            except u.UnitConversionError:
                raise ValueError(
                    f"{catalogue}: column {column} is in {raw[column].unit}, expected {unit}"
                ) from None
    complete_distances(table)
    return table


def openngc():
    """The open clusters of OpenNGC, from the package `pyongc`: what a fresh machine has.

    It gives neither errors nor ages; distances are inverse parallaxes, the radius half of the
    major axis. Clusters with nebulosity ("Cl+N") count as open clusters.

    Returns
    -------
    astropy.table.Table
        `meta["stand_in"]` says what it stands for.
    """
    from pyongc import ongc

    found = ongc.listObjects(type=["OCl"]) + ongc.listObjects(type=["Cl+N"])
    found = [cluster for cluster in found if cluster.rad_coords is not None]
    table = empty(len(found), "OpenNGC")
    table["kind"][:] = "o"
    for row, cluster in zip(table, found, strict=True):
        row["name"] = _spaced(cluster.name)
        row["all_names"] = ",".join([_spaced(cluster.name), *(cluster.identifiers[4] or [])])
        row["ra"], row["dec"] = np.degrees(cluster.rad_coords)
        for column, value in (
            ("pmra", cluster.pm_ra),
            ("pmdec", cluster.pm_dec),
            ("parallax", cluster.parallax),
            ("rv", cluster.radvel),
        ):
            row[column] = np.nan if value is None else value
        if cluster.dimensions[0] and cluster.parallax and cluster.parallax > 0:
            row["radius"] = np.radians(cluster.dimensions[0] / 60 / 2) * 1000 / cluster.parallax
    table = table[np.argsort(table["name"])]
    complete_distances(table)
    check_names(table, "OpenNGC")
    table.meta["source"] = "OpenNGC"
    table.meta["stand_in"] = "clusters of OpenNGC (no errors, no ages) for a cluster catalogue"
    return table


def _spaced(name):
    """ "IC0361" to "IC 361"; other names as they are."""
    for prefix in ("NGC", "IC"):
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            return f"{prefix} {int(name[len(prefix) :])}"
    return name

"""Published cluster catalogues, each to the table of `cluster_list.COLUMNS`, row by row.

A catalogue is a line of `REGISTRY`. A unit on a column is obeyed; without one the catalogue's is
assumed.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from runaways.clusters.cluster_list import (
    COLUMNS,
    REQUIRED,
    check_names,
    complete_distances,
    empty,
)
from runaways.inputs.files import InputError, read_file
from runaways.inputs.names import Source, find_columns, nearest
from runaways.inputs.values import convert, refuse, schema_of


@dataclass(frozen=True)
class Catalogue:
    """A published catalogue: what tells it, and what it calls what we read.

    Attributes
    ----------
    label : str
    signs : str
        Columns that it has, and that together no other catalogue has.
    names : dict
        Our name to theirs, all that it goes by; a unit behind the colon where it is not ours.
    needed : tuple
        Ours that a file of it may not lack, beside what every cluster needs.
    whole : bool
        Whether `names` are all that it has of ages, distances and velocities: a file with more is
        another catalogue.
    """

    label: str
    signs: str
    names: dict = field(repr=False)
    needed: tuple = ()
    whole: bool = False


# An error of 0 is that of a cluster whose members agree to the digits printed
SCHEMA = {
    name: entry | ({"positive": False, "min": 0} if name.endswith("_error") else {})
    for name, entry in schema_of(COLUMNS).items()
}
MOTION = {
    "ra": "RA_ICRS RAdeg _RA.icrs",
    "dec": "DE_ICRS DEdeg _DE.icrs",
    "pmra": "pmRA* pmRA",
    "pmdec": "pmDE",
    "parallax": "Plx plx",
}
# Hunt & Reffert 2023, A&A 673, A114 (2023A&A...673A.114H), VizieR J/A+A/673/A114/clusters, and
# 2024, A&A 686, A42 (2024A&A...686A..42H), J/A+A/686/A42, which adds Jacobi radii and masses.
# e_ is the standard error of the mean, s_ the dispersion of the members; the radius is the one that
# holds half of the members within the tidal radius.
HUNT = MOTION | {
    "name": "Name",
    "all_names": "AllNames",
    "pmra_error": "e_pmRA",
    "pmdec_error": "e_pmDE",
    "parallax_error": "e_Plx",
    "distance": "dist50:pc",
    "distance_lower": "dist16:pc",
    "distance_upper": "dist84:pc",
    "rv": "RV",
    "rv_error": "e_RV",
    "n_rv": "n_RV",
    "log_age": "logAge50",
    "log_age_lower": "logAge16",
    "log_age_upper": "logAge84",
    "radius": "r50pc",
    "members": "N",
    "cst": "CST",
    "cmd_class": "CMDCl50",
    "kind": "Type",
}
HUNT_NEEDED = ("name", "distance", "distance_lower", "distance_upper", "rv", "rv_error", "n_rv")
HUNT_NEEDED += ("log_age", "cst", "cmd_class")
# The same in the files that the authors share; those of radial velocities and Jacobi radii from
# memory.
AUTHORS = {
    "name": "name",
    "all_names": "all_names",
    "ra": "ra",
    "dec": "dec",
    "pmra": "pmra",
    "pmra_error": "pmra_error",
    "pmdec": "pmdec",
    "pmdec_error": "pmdec_error",
    "parallax": "parallax",
    "parallax_error": "parallax_error",
    "distance": "distance_50:pc",
    "distance_lower": "distance_16:pc",
    "distance_upper": "distance_84:pc",
    "rv": "radial_velocity rv",
    "rv_error": "radial_velocity_error rv_error",
    "n_rv": "n_rvs n_rv",
    "log_age": "log_age_50",
    "log_age_lower": "log_age_16",
    "log_age_upper": "log_age_84",
    "radius": "radius_50_pc",
    "members": "n_stars",
    "cst": "cst",
    "cmd_class": "class_50 cmd_class_50",
    "kind": "kind",
}
# Means of the members; the errors given are the members' dispersions, taken as the error, which is
# on the safe side. Those of 2019 and 2020 have neither RV, distance nor age.
CASTRO_GINARD = MOTION | {
    "name": "Cluster",
    "pmra_error": "e_pmRA* e_pmRA s_pmRA* s_pmRA",
    "pmdec_error": "e_pmDE s_pmDE",
    "parallax_error": "e_Plx e_plx s_plx s_Plx",
}
CASTRO_GINARD_2022 = CASTRO_GINARD | {
    "distance": "Dist:pc",
    "rv": "RV",
    "rv_error": "s_RV",
    "n_rv": "NmembRV",
    "log_age": "logAge",
}
# Cantat-Gaudin et al. 2020, A&A 640, A1 (2020A&A...640A...1C), VizieR J/A+A/640/A1/table1: ages and
# distances by a neural network; the errors are the members' dispersions.
CANTAT_GAUDIN = CASTRO_GINARD | {
    "distance": "DistPc:pc",
    "log_age": "AgeNN",
    "members": "nbstars07",
}
# The first whose signs are all there.
REGISTRY = (
    Catalogue("Hunt & Reffert 2024", "Name logAge50 rJpc MassJ", HUNT, HUNT_NEEDED),
    Catalogue("Hunt & Reffert 2023", "dist50 logAge50 n_RV", HUNT, HUNT_NEEDED),
    Catalogue("Hunt & Reffert 2024", "name distance_50 log_age_50 mass_jacobi", AUTHORS),
    Catalogue("Hunt & Reffert 2024", "name distance_50 log_age_50 radius_jacobi", AUTHORS),
    Catalogue("Hunt & Reffert 2023", "name distance_50 log_age_50", AUTHORS),
    Catalogue("Cantat-Gaudin 2020", "Cluster DistPc AgeNN", CANTAT_GAUDIN, ("distance", "log_age")),
    # 2022A&A...661A.118C, 2019A&A...627A..35C, 2020A&A...635A..45C
    Catalogue("Castro-Ginard 2022", "Cluster NmembRV s_RV", CASTRO_GINARD_2022, ("rv",), True),
    Catalogue("Castro-Ginard 2019", "Cluster Plx e_Plx pmRA* e_pmRA*", CASTRO_GINARD, (), True),
    Catalogue("Castro-Ginard 2020", "Cluster plx e_plx pmRA e_pmRA", CASTRO_GINARD, (), True),
)
# What a catalogue with the signs of one above, and more that matters to us, is not: there are many
# with these columns
MATTERS = re.compile(r"(log_?)?age|dist|rv|diam|dm", re.IGNORECASE)


def read_clusters(source):
    """Read a cluster catalogue, whichever it is.

    Parameters
    ----------
    source : str or pathlib.Path
        "openngc", or a file of any format of `inputs.files`: a catalogue of `REGISTRY`, told by
        its columns, or any table with the columns of `cluster_list.COLUMNS`.

    Returns
    -------
    astropy.table.Table
        One row per cluster, all of `cluster_list.COLUMNS`. `meta["source"]`; `meta["notes"]`, lines
        on numbers that stand for nothing; `meta["stand_in"]` for openngc.

    Raises
    ------
    InputError
        If the file cannot be read, is of none of these kinds, lacks a column, has an impossible
        value, no cluster, or one twice.
    """
    if str(source) == "openngc":
        return openngc()
    source = Path(source)
    raw = read_file(source)
    known = _catalogue(raw.colnames)
    if known:
        found = {}
        for ours, theirs in known.names.items():
            sources = [Source(*text.split(":")) for text in theirs.split()]
            there = [s for s in sources if s.name in raw.colnames]
            if there:
                found[ours] = there[0]
    elif {"name", "ra", "dec"} <= set(raw.colnames):
        found, _ = find_columns(raw.colnames, list(COLUMNS), source, True, vocabularies=())
    else:
        raise InputError(
            f"{source}: the columns are those of no known cluster catalogue (expected "
            f"{', '.join(dict.fromkeys(c.label for c in REGISTRY))}, or {', '.join(REQUIRED)})"
        )
    needed = REQUIRED if known is None else (*REQUIRED, *known.needed)
    missing = [name for name in needed if name not in found]
    if known and missing:
        theirs = known.names[missing[0]].split(":")[0].replace(" ", " or ")
        raise InputError(f"{source}: {known.label}: column {theirs} is missing")
    if missing:
        raise InputError(
            f"{source}: column {missing[0]!r} is missing{nearest(missing[0], raw.colnames)}"
        )
    if len(raw) == 0:
        raise InputError(f"{source}: there is no cluster in it")
    table = _table(raw, found, source, known.label if known else source.name.split(".")[0])
    check_names(table, source)
    table.meta["source"] = source.name
    return table


def _catalogue(names):
    """The catalogue of `REGISTRY` that columns are of, None for none."""
    for catalogue in REGISTRY:
        known = {text.split(":")[0] for v in catalogue.names.values() for text in v.split()}
        more = {name for name in names if MATTERS.match(name)} - known
        if set(catalogue.signs.split()) <= set(names):
            if not (more and catalogue.whole):
                return catalogue
    return None


def _table(raw, found, path, label):
    """Rows of a catalogue in our columns."""
    columns, faults = convert(raw, found, SCHEMA, path)
    notes = refuse(faults, path)
    table = empty(len(raw), label)
    for name, values in columns.items():
        table[name] = values.astype(object) if values.dtype.kind == "U" else values
        table[name].unit = COLUMNS[name]
    if label.startswith("Hunt"):
        table["all_names"] = np.array([_aliases(names) for names in table["all_names"]], object)
    if label.startswith(("Castro", "Cantat")):
        table["name"] = np.array([name.replace("_", " ") for name in table["name"]], object)
    if label == "Castro-Ginard 2022":
        table["rv_error"] = _error_of_mean(table["rv_error"], table["n_rv"])
    complete_distances(table)
    table.meta["notes"] = notes
    return table


def _error_of_mean(dispersion, count):
    """Standard error from the dispersion of the members; a single star has none."""
    count = np.asarray(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(count > 1, np.asarray(dispersion) / np.sqrt(count), np.nan)
    # two stars that agree to the last digit printed do not make an error of zero
    return np.where(error > 0, error, np.nan)


def _aliases(names):
    """ "NGC_2236,OCL_501,OCL_501" to "NGC 2236,OCL 501"."""
    found = (name.strip().replace("_", " ") for name in names.split(","))
    return ",".join(dict.fromkeys(name for name in found if name and name != "nan"))


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

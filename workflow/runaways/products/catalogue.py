"""The catalogue: what the stages found of each star, side by side."""

import numpy as np
from astropy.table import Table, join

from runaways.ejections import variants
from runaways.stars.measurements import NO_AGE
from runaways.tables import column_schema, table_schema

COPIED = ("star", "source_id", "ra", "dec", "parallax", "pmra", "pmdec", "subtype", "teff", "logg")
COPIED += ("mh", "vsini", "mass", "age", "parallax_error", "pmra_error", "pmdec_error", "age_error")
COPIED += ("teff_error", "logg_error", "mh_error", "vsini_error")
# `ages.with_masses_ages` says whose mass and age count
COPIED += ("mass_error", "mass_source", "age_source")
# Of table ``labels``: under these names, or as ``<name>_measured``
FROM_SPECTRA = ("subtype_flags", "rv_flags", "extrapolated", "spectra_reason", "labels_reason")
FROM_SPECTRA += ("chi2_reduced", "misfit", "misfit_region", "region_misfit", "p_hot_star")
FROM_SPECTRA += ("vsini_limit", "vsini_is_limit")
MEASURED = ("rv", "rv_error", "subtype", "luminosity_class", "teff", "teff_error", "logg")
MEASURED += ("logg_error", "mh", "mh_error", "vsini", "vsini_error", "vsini_lower", "vsini_upper")


def assemble(
    stars,
    measured,
    velocities,
    masses_ages,
    disk,
    best_clusters,
    ejections,
    samples=(),
    labels=None,
    adopt="",
):
    """One row for each star of the list, in its order.

    Parameters
    ----------
    stars, velocities, masses_ages, disk, best_clusters, ejections : Table
        Tables of these names, each with every star; `stars` by `ages.with_masses_ages`.
    measured : Table
        `measurements.complete` of the same stars: errors as used.
    samples : sequence of Table
        What else is known of each star, each with every star: ``selection``, ``bhb``,
        ``distance_checks``, ``old_stars``, ``origins``.
    labels : Table, optional
        Table ``labels``, where there are spectra.
    adopt : str
        ``measured`` where the labels in `stars` are those.

    Returns
    -------
    Table
        Table ``catalogue``. A star is ``ok`` whose birthplace or, without an age, whose ejection is
        known; the latter has a reason all the same.
    """
    out = Table()
    for name in COPIED:
        source = measured if name in measured.colnames and name.endswith("_error") else stars
        out[name] = source[name] if name in source.colnames else _absent(name, len(stars))
    for name in table_schema("catalogue")["optional"]:
        if name in stars.colnames:
            out[name] = stars[name]
    for name, values in spectroscopic(out, labels, adopt).items():
        out[name] = values
    disk = disk.copy()
    disk.rename_columns(["status", "reason"], ["disk_status", "disk_reason"])
    names = ("star", "cluster", "p_encounter", "p_encounter_error", "p_chance", "p_chance_error")
    clusters = best_clusters[*names, "verdict"]
    clusters.rename_column("verdict", "cluster_verdict")
    clusters.meta = {}  # its stand-in is not that of masses and ages
    for part in (velocities, masses_ages, disk, *samples, clusters, of_ejection(ejections)):
        out = join(out, part, keys="star", join_type="left", keep_order=True)
    # whose ejection is explained has all that a star without an age can have
    without_age = out["disk_reason"] == NO_AGE
    explained = without_age & np.isfinite(out["p_ejected"])
    traced = (out["disk_status"] == "ok") | explained
    out["status"] = np.where((stars["status"] == "ok") & traced, "ok", "failed")
    both = [f"{NO_AGE}; {why}".removesuffix("; ") for why in out["ejection_why"]]
    out["reason"] = np.where(without_age & ~explained, both, out["disk_reason"])
    out.remove_columns(["disk_status", "disk_reason"])
    return out


def of_ejection(ejections):
    """What the catalogue has of table ``ejections``, under names that say so.

    Parameters
    ----------
    ejections : Table

    Returns
    -------
    Table
        With ``star`` and ``ejection_cluster``, ``ejection_verdict``, ``ejection_why``.
    """
    left = ("reason", "p_unbound", "p_change")
    left += tuple(f"{name}_{end}" for name in variants.RANGED for end in ("min", "max"))
    out = ejections[[name for name in ejections.colnames if name not in left]]
    for name in ("cluster", "verdict", "why"):
        out.rename_column(name, f"ejection_{name}")
    out.meta = {}  # its stand-in is not that of masses and ages
    return out


def spectroscopic(catalogue, labels, adopt):
    """Columns that come from the spectra, and whose labels count.

    Parameters
    ----------
    catalogue : Table
        With ``star``, ``teff`` and ``subtype``, those of the list or the adopted ones.
    labels : Table or None
        Table ``labels``, of the same stars in the same order.
    adopt : str
        ``measured`` or ``published``.

    Returns
    -------
    dict
        Column name to values; unknown everywhere without spectra.
    """
    n = len(catalogue)
    columns = {}
    for name in (*MEASURED, *FROM_SPECTRA):
        values = _absent(name, n) if labels is None else np.asarray(labels[name])
        columns[name if name in FROM_SPECTRA else _as_measured(name)] = values
    known = np.isfinite(catalogue["teff"])
    columns["labels_source"] = np.where(known, "published", "")
    columns["subtype_error"], columns["luminosity_class"] = np.full(n, np.nan), np.full(n, "")
    if adopt == "measured":
        for name in ("labels_source", "subtype", "subtype_error", "luminosity_class"):
            columns[name] = np.asarray(labels[name])
    return columns


def _as_measured(name):
    for suffix in ("_error", "_lower", "_upper"):
        if name.endswith(suffix):
            return f"{name.removesuffix(suffix)}_measured{suffix}"
    return f"{name}_measured"


def _absent(name, n):
    dtype = column_schema(name)["dtype"]
    return np.full(n, {"float64": np.nan, "bool": False}.get(dtype, ""))

"""The catalogue: what the stages found of each star, side by side."""

import numpy as np
from astropy.table import Table, join

from runaways.tables import column_schema, table_schema

COPIED = ("star", "source_id", "ra", "dec", "parallax", "pmra", "pmdec", "subtype", "teff", "logg")
COPIED += ("mh", "vsini", "mass", "age", "parallax_error", "pmra_error", "pmdec_error", "age_error")


def assemble(stars, measured, velocities, masses_ages, disk, samples=()):
    """One row for each star of the list, in its order.

    Parameters
    ----------
    stars, velocities, masses_ages, disk : Table
        Tables of these names, each with every star.
    measured : Table
        `measurements.complete` of the same stars: errors as used.
    samples : sequence of Table
        What else is known of each star, each with every star: ``selection``, ``bhb``,
        ``distance_checks``, ``origins``.

    Returns
    -------
    Table
        Table ``catalogue``.
    """
    out = Table()
    for name in COPIED:
        source = measured if name.endswith("_error") else stars
        out[name] = source[name] if name in source.colnames else _absent(name, len(stars))
    for name in table_schema("catalogue")["optional"]:
        if name in stars.colnames:
            out[name] = stars[name]
    has_labels = np.isfinite(out["teff"])
    out["labels_source"] = np.where(has_labels, "published", "")
    disk = disk.copy()
    disk.rename_columns(["status", "reason"], ["disk_status", "disk_reason"])
    for part in (velocities, masses_ages, disk, *samples):
        out = join(out, part, keys="star", join_type="left", keep_order=True)
    out["status"] = np.where(
        (stars["status"] == "ok") & (out["disk_status"] == "ok"), "ok", "failed"
    )
    out["reason"] = out["disk_reason"]
    out.remove_columns(["disk_status", "disk_reason"])
    return out


def _absent(name, n):
    dtype = column_schema(name)["dtype"]
    return np.full(n, np.nan) if dtype == "float64" else np.full(n, "", "U1")

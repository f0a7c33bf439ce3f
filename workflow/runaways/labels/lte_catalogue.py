"""Labels of cool stars from a catalogue of LTE labels, such as Xiang et al. 2022."""

import numpy as np
from astropy import units as u
from astropy.table import Table

from runaways.inputs.values import read_columns, said_of, schema_of
from runaways.labels.names import LABELS

COLUMNS = ("source_id", "ra", "dec", *(n for x in LABELS for n in (x, f"{x}_error")), "snr")
REQUIRED = ("ra", "dec", "teff", "logg", "mh")


def read_catalogue(path) -> Table:
    """Read a catalogue of labels.

    Parameters
    ----------
    path : str or Path
        Any format of `inputs.files`, by our names or those of `inputs.names`.

    Returns
    -------
    Table
        Those of `COLUMNS` that are there, ``source_id`` as text; an impossible value is NaN.
        ``meta["notes"]``: lines on what columns were taken for and on such values.

    Raises
    ------
    InputError
        If it cannot be read, or has no positions or lacks a label.
    """
    columns, faults, notes = read_columns(path, schema_of(COLUMNS), REQUIRED)
    notes = [note for note in notes if "not used" not in note] + said_of(faults, path)
    stop = [fault for fault in faults if fault[4] == "stop"]
    if stop:
        row, column, value, expected, _ = stop[0]
        notes.append(
            f"{path}: {len(stop)} values are not used, the first in row {row + 1}, "
            f"column {column}: {value}, expected {expected}"
        )
    placed = np.isfinite(columns["ra"] + columns["dec"])
    return Table(columns, meta={"notes": notes})[placed]


def match(stars: Table, catalogue: Table, radius: float = 3.0) -> Table:
    """Labels of the stars that are in a catalogue, by Gaia id, else by position.

    Parameters
    ----------
    stars : Table
        ``star``, ``ra``, ``dec`` [deg] and, where known, ``source_id`` as text.
    catalogue : Table
        As from `read_catalogue`.
    radius : float
        Of the match in position [arcsec].

    Returns
    -------
    Table
        Table ``lte_labels``: a row for each star found. Of several spectra of a star the one with
        the highest S/N is taken, without S/N the nearest; what the catalogue lacks is NaN.
    """
    columns = {name: catalogue[name] if name in catalogue.colnames else None for name in COLUMNS}
    found = []
    for star, (row, how) in enumerate(_rows(stars, columns, radius)):
        if row < 0:
            continue
        line = {"star": str(stars["star"][star]), "labels_match": how}
        for label in LABELS:
            for name in (label, f"{label}_error"):
                column = columns[name]
                line[name] = np.nan if column is None else float(column[row])
        found.append(line)
    return Table(rows=found) if found else Table()


def _rows(stars: Table, columns: dict, radius: float):
    """Row of the catalogue for every star, -1 without, and "id", "position" or ""."""
    from astropy.coordinates import SkyCoord  # half a second: only where it is used

    here = SkyCoord(np.asarray(stars["ra"], float) * u.deg, np.asarray(stars["dec"], float) * u.deg)
    there = SkyCoord(columns["ra"] * u.deg, columns["dec"] * u.deg)
    star_index, row_index, apart, _ = there.search_around_sky(here, radius * u.arcsec)
    ids = np.asarray(stars["source_id"], str) if "source_id" in stars.colnames else None
    for i in range(len(stars)):
        near = np.flatnonzero(star_index == i)
        rows, how = row_index[near][np.argsort(apart[near])], "position"
        if ids is not None and ids[i] not in ("", "0") and columns["source_id"] is not None:
            same = np.flatnonzero(columns["source_id"] == ids[i])
            if same.size:
                rows, how = same, "id"
        if not rows.size:
            yield -1, ""
            continue
        snr = columns["snr"]
        best = 0 if snr is None else int(np.argmax(np.nan_to_num(snr[rows], nan=-1.0)))
        yield int(rows[best]), how

"""Catalogues of stars that only look like runaways of the main sequence, such as BHB stars."""

from pathlib import Path

import numpy as np
from astropy.table import Table

from runaways.selection import matches
from runaways.tables import FORMATS, floats

# What catalogues call their columns, VizieR's names among them; degrees and mas/yr
NAMES = {
    "ra": ("ra", "RA_ICRS", "RAdeg", "_RA"),
    "dec": ("dec", "DE_ICRS", "DEdeg", "_DE"),
    "pmra": ("pmra", "pmRA"),
    "pmdec": ("pmdec", "pmDE"),
    "source_id": ("source_id", "Source", "GaiaDR3", "GaiaEDR3"),
}


class ContaminantError(ValueError):
    """A catalogue that cannot be used; the message names file and column."""


def read_contaminants(path):
    """Read a catalogue.

    Parameters
    ----------
    path : str or Path
        .csv .ecsv .vot .xml .fits or .parquet, with positions in degrees.

    Returns
    -------
    Table
        ``ra dec``, and where there are any ``pmra pmdec source_id`` (as text).

    Raises
    ------
    ContaminantError
        If it has no positions.
    """
    # as text an id keeps its last digits
    text = {"converters": {"*": [str]}} if Path(path).suffix == ".csv" else {}
    raw = Table.read(path, format=FORMATS[Path(path).suffix], **text)
    out = Table()
    for name, known in NAMES.items():
        found = next((column for column in known if column in raw.colnames), None)
        if found is None:
            if name in ("ra", "dec"):
                raise ContaminantError(f"{path}: no column {' or '.join(known)} [deg]")
        elif name == "source_id":
            out[name] = np.ma.filled(np.ma.asarray(raw[found]).astype(str), "")
        else:
            out[name] = _numbers(raw[found])
    return out


def _numbers(column):
    if column.dtype.kind in "SUO":
        text = np.ma.filled(np.ma.asarray(column).astype("U"), "")
        return np.array([float(value) if value.strip() else np.nan for value in text])
    return floats(column)


def match_contaminants(stars, catalogues, radius):
    """Which stars of a list are in a catalogue of contaminants.

    Parameters
    ----------
    stars : Table
        Table ``stars``: positions at the epoch of Gaia DR3.
    catalogues : list of (str, Table, float)
        Name, entries as from `read_contaminants`, epoch of their positions [Julian year].
    radius : float
        [arcsec].

    Returns
    -------
    Table
        Table ``bhb``. An entry of the same id beyond the radius is kept with its separation and a
        note, and makes no contaminant: ids are data, and some published ones are wrong.
    """
    found = matches.match_catalogues(stars, catalogues, radius)
    table = Table({"star": stars["star"]})
    table["is_bhb"] = found["is_match"]
    for name in ("catalogue", "matched_by", "separation", "n_within", "note"):
        table[f"bhb_{name}"] = found[name]
    return table

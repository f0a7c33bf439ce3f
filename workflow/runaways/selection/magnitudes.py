"""G magnitudes of stars from a table beside their list."""

import numpy as np
from astropy.table import Table

from runaways.inputs.values import read_columns, refuse, schema_of
from runaways.selection import matches
from runaways.tables import column

RADIUS = 2.0  # arcsec, as of the positions that `scripts.fetch` asks for
EPOCH = 2016.0  # of Gaia DR3
COLUMNS = ("ra", "dec", "phot_g_mean_mag")


def read_magnitudes(path):
    """Read a table of stars with G.

    Parameters
    ----------
    path : str or Path
        Any format of `inputs.files`, by our names or those of `inputs.names`; positions at the
        epoch of Gaia DR3. What ``make fetch`` writes is one.

    Returns
    -------
    Table
        ``ra dec phot_g_mean_mag``. ``meta["notes"]``: lines on what columns were taken for.

    Raises
    ------
    InputError
        If it cannot be read, lacks positions or G, or has an impossible value.
    """
    columns, faults, notes = read_columns(path, schema_of(COLUMNS), COLUMNS)
    notes = [note for note in notes if "not used" not in note]
    return Table(columns, meta={"notes": notes + refuse(faults, path)})


def with_others(stars, known):
    """G of stars: their own, else that of the nearest entry within `RADIUS`.

    Parameters
    ----------
    stars : Table, n rows
        ``ra dec`` [deg] at the epoch of Gaia DR3, and ``phot_g_mean_mag`` [mag] where known.
    known : Table or None
        As from `read_magnitudes`.

    Returns
    -------
    ndarray, shape (n,)
        [mag], NaN where unknown.
    """
    own = column(stars, "phot_g_mean_mag")
    if known is None or not len(known):
        return own
    row = np.asarray(matches.match_positions(stars, known, RADIUS, EPOCH, EPOCH)["row"])
    other = np.where(row >= 0, column(known, "phot_g_mean_mag")[row], np.nan)
    return np.where(np.isfinite(own), own, other)

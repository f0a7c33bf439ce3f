"""Labels of cool stars from a catalogue of LTE labels, such as Xiang et al. 2022."""

import numpy as np
from astropy import units as u
from astropy.table import Table

from runaways.labels.names import LABELS
from runaways.tables import floats

# Names of the columns in VizieR's export of Xiang et al. (2022A&A...662A..66X) and relatives, the
# first found wins.
COLUMNS = {
    "source_id": ("source_id", "GaiaEDR3", "GaiaDR3", "Gaia", "Source", "gaia_id"),
    "ra": ("RA_ICRS", "RAJ2000", "RAdeg", "_RA", "ra", "RA"),
    "dec": ("DE_ICRS", "DEJ2000", "DEdeg", "_DE", "dec", "DEC"),
    "teff": ("Teff", "teff", "TEFF"),
    "teff_error": ("e_Teff", "teff_error", "TEFF_ERR"),
    "logg": ("logg", "log(g)", "LOGG"),
    "logg_error": ("e_logg", "e_log(g)", "logg_error", "LOGG_ERR"),
    "mh": ("[Fe/H]", "__Fe_H_", "FeH", "mh", "FEH"),
    "mh_error": ("e_[Fe/H]", "e__Fe_H_", "e_FeH", "mh_error", "FEH_ERR"),
    "vsini": ("vsini", "Vsini", "VSINI", "v_sini"),
    "vsini_error": ("e_vsini", "e_Vsini", "vsini_error", "VSINI_ERR"),
    "snr": ("snr_g", "SNRg", "SNR", "S/N", "snr"),
}
REQUIRED = ("ra", "dec", "teff", "logg", "mh")


def match(stars: Table, catalogue: Table, radius: float = 3.0) -> Table:
    """Labels of the stars that are in a catalogue, by Gaia id, else by position.

    Parameters
    ----------
    stars : Table
        ``star``, ``ra``, ``dec`` [deg] and, where known, ``source_id`` as text.
    catalogue : Table
        As VizieR exports it: see `COLUMNS`.
    radius : float
        Of the match in position [arcsec].

    Returns
    -------
    Table
        Table ``lte_labels``: a row for each star found. Of several spectra of a star the one with
        the highest S/N is taken, without S/N the nearest; what the catalogue lacks is NaN.

    Raises
    ------
    ValueError
        If the catalogue has no positions or lacks a label; the message says what was expected.
    """
    columns = {name: _column(catalogue, name) for name in COLUMNS}
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


def _column(catalogue: Table, name: str):
    """A catalogue column under any of its known names, without a mask, or None."""
    for candidate in COLUMNS[name]:
        if candidate in catalogue.colnames:
            column = catalogue[candidate]
            if name == "source_id":
                return np.asarray(np.ma.filled(column, 0)).astype(str)
            return floats(column)
    if name in REQUIRED:
        expected = ", ".join(COLUMNS[name])
        raise ValueError(f"label catalogue has no column {name!r}; expected one of {expected}")
    return None


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

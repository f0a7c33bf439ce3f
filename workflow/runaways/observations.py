"""Which files of a folder hold spectra of which star: by position and by LAMOST OBSID."""

from __future__ import annotations

from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Table

from runaways.lamost import read_header, read_lamost
from runaways.spectra import Spectrum
from runaways.spectrum_files import SpectrumRefused

PATTERNS = ("*.fits", "*.fits.gz", "*.fit")
NO_OBSID = -1  # an integer column has no NaN; DR2-era files carry no OBSID


def index_folder(folder) -> Table:
    """List the LAMOST files below a folder with what their headers say.

    Parameters
    ----------
    folder : path-like
        Searched with its subfolders (LAMOST delivers ``YYYYMMDD/planid/``).

    Returns
    -------
    Table
        One row per file, sorted by path: ``path survey obsid ra dec snr_header status reason``;
        ``status`` is "ok" or the refusal's code, ``obsid`` -1 where the header has none.

    Raises
    ------
    SpectrumRefused
        "empty-folder" when there is no such folder or no FITS file in it.
    """
    folder = Path(folder)
    paths = sorted({p for pattern in PATTERNS for p in folder.rglob(pattern) if p.is_file()})
    if not paths:
        what = "holds no FITS file" if folder.is_dir() else "is not a folder"
        raise SpectrumRefused("empty-folder", folder, what)
    rows = [_row(path) for path in paths]
    names = ("path", "survey", "obsid", "ra", "dec", "snr_header", "status", "reason")
    kinds = (str, str, np.int64, float, float, float, str, str)
    table = Table(
        [np.array([row[n] for row in rows], k) for n, k in zip(names, kinds, strict=True)],
        names=names,
    )
    table["ra"].unit = table["dec"].unit = u.deg
    return table


def _row(path: Path) -> dict:
    row = {
        "path": str(path),
        "survey": "",
        "obsid": NO_OBSID,
        "ra": np.nan,
        "dec": np.nan,
        "snr_header": np.nan,
        "status": "ok",
        "reason": "",
    }
    try:
        header = read_header(path)
    except SpectrumRefused as error:
        return row | {"status": error.code, "reason": error.text}
    row |= {key: header[key] for key in ("survey", "ra", "dec", "snr_header")}
    return row | {"obsid": NO_OBSID if header["obsid"] is None else header["obsid"]}


def find_star(
    index: Table, ra: float, dec: float, radius: float = 3.0, obsids=(), survey: str | None = None
) -> Table:
    """Rows of an index that belong to one star.

    Parameters
    ----------
    index : Table
        From `index_folder`.
    ra, dec : float
        The star [deg, ICRS].
    radius : float
        Match radius [arcsec].
    obsids : sequence of int
        OBSIDs known to be the star's; they match whatever the position.
    survey : {"LRS", "MRS"}, optional
        Only this survey.

    Returns
    -------
    Table
        The matching rows (maybe none) with ``separation`` [arcsec] and ``matched_by``:
        "position", "obsid", or "both". A match by OBSID alone lies outside the radius: the caller
        should report it.
    """
    apart = np.full(len(index), np.nan)
    placed = np.isfinite(index["ra"]) & np.isfinite(index["dec"])
    if placed.any():
        files = SkyCoord(
            np.asarray(index["ra"][placed]), np.asarray(index["dec"][placed]), unit="deg"
        )
        apart[placed] = files.separation(SkyCoord(ra, dec, unit="deg")).arcsec
    near = apart <= radius  # NaN compares False
    named = np.isin(index["obsid"], [int(o) for o in obsids]) & (index["obsid"] != NO_OBSID)
    pick = near | named
    if survey is not None:
        pick &= index["survey"] == survey
    found = index[pick]
    found["separation"] = apart[pick] * u.arcsec
    found["matched_by"] = np.where(near & named, "both", np.where(named, "obsid", "position"))[pick]
    return found


def read_star(
    files: Table, exposures: bool = False, min_snr: float = 3.0, or_mask: bool = False
) -> tuple[list[Spectrum], Table]:
    """Read a star's files; one that cannot be used is a row with its reason, never an exception.

    Parameters
    ----------
    files : Table
        From `find_star`.
    exposures, min_snr, or_mask
        As in `runaways.lamost.read_lamost`.

    Returns
    -------
    spectra : list of Spectrum
    log : Table
        ``path obsid status reason n_spectra snr``, one row per file. The same OBSID twice (a file
        and its gzipped copy) is read once and logged as "duplicate".
    """
    spectra, seen, rows = [], {}, []
    for line in files:
        path, obsid = str(line["path"]), int(line["obsid"])
        row = [path, obsid, "ok", "", 0, np.nan]
        try:
            if obsid != NO_OBSID and (line["survey"], obsid) in seen:
                first = seen[line["survey"], obsid]
                raise SpectrumRefused("duplicate", path, f"same OBSID as {first}")
            read = read_lamost(path, exposures, min_snr, or_mask)
            seen[line["survey"], obsid] = path
            spectra += read
            row[3:] = [
                "; ".join(read[0].meta["refused"]),
                len(read),
                max(s.meta["snr"] for s in read),
            ]
        except SpectrumRefused as error:
            row[2:4] = [error.code, error.text]
        rows.append(row)
    names = ("path", "obsid", "status", "reason", "n_spectra", "snr")
    kinds = (str, np.int64, str, str, int, float)
    columns = [np.array([row[i] for row in rows], k) for i, k in enumerate(kinds)]
    return spectra, Table(columns, names=names)

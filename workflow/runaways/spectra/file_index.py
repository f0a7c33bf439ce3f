"""Which files hold spectra of which star: by LAMOST OBSID, by position, or by the file's name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Table

from runaways.spectra.fits_files import SpectrumRefused
from runaways.spectra.lamost import read_header, read_lamost
from runaways.spectra.rectified import read_rectified
from runaways.spectra.spectrum import Spectrum

FITS = (".fits", ".fit", ".gz")
INDEX = {"path": str, "survey": str, "obsid": np.int64, "ra": float, "dec": float}
INDEX |= {"snr_header": float, "status": str, "reason": str}
NO_OBSID = -1  # an integer column has no NaN; DR2-era files carry no OBSID


def index_files(paths) -> Table:
    """What the headers of files say.

    Parameters
    ----------
    paths : sequence of path-like

    Returns
    -------
    Table
        One row per file, in order: ``path survey obsid ra dec snr_header status reason``;
        ``status`` is "ok" or the refusal's code, ``obsid`` -1 where the header has none, ``survey``
        empty for what is no LAMOST file: maybe a rectified spectrum that carries a star's name.
    """
    return as_index([[_row(Path(path))[name] for name in INDEX] for path in paths])


def as_index(rows) -> Table:
    """Rows of values in the order of `INDEX` as the table that `index_files` makes."""
    columns = [np.array([row[i] for row in rows], kind) for i, kind in enumerate(INDEX.values())]
    table = Table(columns, names=list(INDEX))
    table["ra"].unit = table["dec"].unit = u.deg
    return table


def index_changed(paths, headers) -> tuple[Table, dict]:
    """`index_files` that opens those files alone that are new or have changed.

    Parameters
    ----------
    paths : sequence of str
    headers : dict
        What an earlier call gave.

    Returns
    -------
    index : Table
    headers : dict
        Path, size and time of each file, as JSON, to its row of the index as a list.
    """
    stats = [(path, os.stat(path)) for path in paths]
    keys = [json.dumps([path, stat.st_size, stat.st_mtime_ns]) for path, stat in stats]
    known = {key: headers[key] for key in keys if key in headers}
    new = [(key, path) for key, path in zip(keys, paths, strict=True) if key not in known]
    index = index_files([path for _, path in new])
    rows = ([value.item() for value in row] for row in index.iterrows())
    known |= zip((key for key, _ in new), rows, strict=True)
    return as_index([known[key] for key in keys]), known


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
    if not path.name.lower().endswith(FITS):
        return row  # text has no header
    try:
        header = read_header(path)
    except SpectrumRefused as error:
        return row | {"status": error.code, "reason": error.text}
    row |= {key: header[key] for key in ("survey", "ra", "dec", "snr_header")}
    return row | {"obsid": NO_OBSID if header["obsid"] is None else header["obsid"]}


def match_files(index: Table, stars: Table, radius: float = 3.0) -> Table:
    """Which star each file is of: by OBSID, else by position, else by a file name that is a star's.

    Parameters
    ----------
    index : Table
        From `index_files`.
    stars : Table
        ``star ra dec`` [deg, ICRS] and, where the list has it, ``obsid``: LAMOST OBSIDs known to be
        the star's, separated by blanks. They count wherever the file's header points.
    radius : float
        Match radius [arcsec].

    Returns
    -------
    Table
        The index with ``star`` ("" for none), ``separation`` [arcsec] from it, and ``matched_by``:
        "obsid", "position", "name", or "". A file is of one star at most, the nearest.
    """
    out = index.copy()
    names = np.asarray(stars["star"], str)
    sky = SkyCoord(np.asarray(stars["ra"]), np.asarray(stars["dec"]), unit="deg")
    star, how = np.full(len(out), -1), np.full(len(out), "", "U8")
    placed = np.flatnonzero(np.isfinite(out["ra"]) & np.isfinite(out["dec"]))
    files = SkyCoord(np.asarray(out["ra"]), np.asarray(out["dec"]), unit="deg")
    if placed.size:
        nearest, apart, _ = files[placed].match_to_catalog_sky(sky)
        near = apart.arcsec <= radius
        star[placed[near]], how[placed[near]] = nearest[near], "position"
    known = {}
    if "obsid" in stars.colnames:
        known = {int(o): i for i, text in enumerate(stars["obsid"]) for o in str(text).split()}
    # a star keeps its own name beside that of its folder: "HD 1234" and HD_1234
    own = np.asarray(stars["name"], str) if "name" in stars.colnames else names
    row_of = {name: i for i, name in enumerate(own)} | {name: i for i, name in enumerate(names)}
    for k, line in enumerate(out):
        if int(line["obsid"]) in known:
            star[k], how[k] = known[int(line["obsid"])], "obsid"
        elif star[k] < 0 and (found := row_of.get(stem(line["path"]))) is not None:
            star[k], how[k] = found, "name"
    out["star"] = np.where(star >= 0, names[star], "")
    out["matched_by"] = how
    apart = np.full(len(out), np.nan)
    both = placed[star[placed] >= 0]
    if both.size:
        apart[both] = files[both].separation(sky[star[both]]).arcsec
    out["separation"] = apart * u.arcsec
    return out


def stem(path) -> str:
    """File name without folder and ending; star names may hold dots themselves."""
    name = Path(path).name
    name = name[:-3] if name.lower().endswith(".gz") else name
    return name.removesuffix(Path(name).suffix)


def read_star(
    files: Table,
    exposures: bool = False,
    min_snr: float = 3.0,
    or_mask: bool = False,
    medium: str = "",
    resolution: float = 0.0,
) -> tuple[list[Spectrum], Table]:
    """Read a star's files; one that cannot be used is a row with its reason, never an exception.

    Parameters
    ----------
    files : Table
        Rows of `match_files`; those without a survey are read as rectified spectra.
    exposures, min_snr, or_mask
        As in `runaways.spectra.lamost.read_lamost`.
    medium : {"air", "vacuum", ""}
        Of the wavelengths of rectified spectra; without it they are refused.
    resolution : float
        Resolving power of rectified spectra; 0 for that of the instrument.

    Returns
    -------
    spectra : list of Spectrum
    log : Table
        ``path obsid status reason n_spectra snr``, one row per file. The same OBSID twice (a file
        and its gzipped copy) is read once and logged as "duplicate".
    """
    spectra, seen, rows = [], {}, []
    for line in files:
        path, obsid, survey = str(line["path"]), int(line["obsid"]), str(line["survey"])
        row = [path, obsid, "ok", "", 0, np.nan]
        try:
            if obsid != NO_OBSID and (survey, obsid) in seen:
                raise SpectrumRefused("duplicate", path, f"same OBSID as {seen[survey, obsid]}")
            if survey:
                read = read_lamost(path, exposures, min_snr, or_mask)
            else:
                read = [_rectified(line, medium, resolution)]
            seen[survey, obsid] = path
            spectra += read
            said = "; ".join(read[0].meta.get("refused", []))
            row[3:] = [said, len(read), max(s.meta["snr"] for s in read)]
        except SpectrumRefused as error:
            row[2:4] = [error.code, error.text]
        rows.append(row)
    names = ("path", "obsid", "status", "reason", "n_spectra", "snr")
    kinds = (str, np.int64, str, str, int, float)
    columns = [np.array([row[i] for row in rows], k) for i, k in enumerate(kinds)]
    return spectra, Table(columns, names=names)


def _rectified(line, medium: str, resolution: float) -> Spectrum:
    """A spectrum that is no LAMOST file, unless its header is broken or its medium unknown."""
    path, status, reason = (str(line[name]) for name in ("path", "status", "reason"))
    if status not in ("ok", "missing-hdu"):
        raise SpectrumRefused(status, path, reason)
    if not medium:
        said = "not LAMOST's, and spectra.medium does not say air or vacuum"
        code = "missing-hdu" if reason else "wrong-layout"
        raise SpectrumRefused(code, path, f"{reason}; {said}" if reason else said)
    return read_rectified(path, medium, meta={"resolution": resolution})

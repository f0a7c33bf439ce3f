"""Which labels a star ends up with: the two arms joined, and the switch between NLTE and LTE."""

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Column, Table

from runaways.label_fit import LabelFit

LABELS = ("teff", "logg", "mh", "vsini")
UNITS = {"teff": u.K, "logg": u.dex, "mh": u.dex, "vsini": u.km / u.s}
# Scatter of the paper's labels against other measurements (Guo et al. 2025, sect. 3.2, after Guo et
# al. 2021ApJS..257...54G); it gives none for [M/H].
EXTERNAL_ERRORS = {
    "lrs": {"teff": 1642.0, "logg": 0.25, "mh": np.nan, "vsini": 42.0},
    "mrs": {"teff": 2185.0, "logg": 0.29, "mh": np.nan, "vsini": 11.0},
}
# Names of the columns in VizieR's export of Xiang et al. (2022A&A...662A..66X) and relatives, first
# found wins.
CATALOGUE_COLUMNS = {
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
SOURCE_NLTE, SOURCE_LTE, SOURCE_NONE = "nlte grid", "lte catalogue", "none"


def join_arms(lrs: LabelFit | None, mrs: LabelFit | None) -> dict:
    """Labels of one star from its two spectra: teff, logg, mh from LRS, v sin i from MRS.

    Parameters
    ----------
    lrs, mrs : LabelFit or None
        Fits in low and medium resolution; None where there is no spectrum.

    Returns
    -------
    dict
        For each of teff [K], logg, mh, vsini [km/s]: ``<label>``, ``<label>_error`` (of the fit),
        ``<label>_external_error`` (the paper's scatter), ``<label>_arm`` (lrs, mrs or empty); also
        ``vsini_lower``, ``vsini_upper`` (68 %), ``vsini_limit`` (95 %), ``vsini_is_limit``,
        ``extrapolated`` and ``labels_reason``. A missing arm leaves its labels to the other one;
        what neither gives is nan.

    References
    ----------
    Guo et al. (2025), sect. 3.2.
    """
    fits = {"lrs": lrs, "mrs": mrs}
    usable = [arm for arm, fit in fits.items() if fit is not None and not fit.reason]
    reasons = [f"{arm}: {fit.reason}" for arm, fit in fits.items() if fit and fit.reason]
    reasons += [f"{arm}: no spectrum" for arm, fit in fits.items() if fit is None]
    row: dict = {"labels_reason": "; ".join(reasons)}
    taken = set()
    for label in LABELS:
        preferred = "mrs" if label == "vsini" else "lrs"
        arm = preferred if preferred in usable else next(iter(usable), "")
        row[f"{label}_arm"] = arm
        row[label] = fits[arm].values[label] if arm else np.nan
        row[f"{label}_error"] = fits[arm].errors[label] if arm else np.nan
        row[f"{label}_external_error"] = EXTERNAL_ERRORS[arm][label] if arm else np.nan
        taken.add(arm)
    rotation = fits[row["vsini_arm"]] if row["vsini_arm"] else None
    for name in ("vsini_lower", "vsini_upper", "vsini_limit"):
        row[name] = getattr(rotation, name) if rotation else np.nan
    row["vsini_is_limit"] = bool(rotation.vsini_is_limit) if rotation else False
    row["extrapolated"] = any(fits[arm].extrapolated for arm in taken if arm)
    return row


def _find(catalogue: Table, name: str, required: bool = False):
    """A catalogue column under any of its known names, or None."""
    for candidate in CATALOGUE_COLUMNS[name]:
        if candidate in catalogue.colnames:
            return catalogue[candidate]
    if required:
        expected = ", ".join(CATALOGUE_COLUMNS[name])
        raise ValueError(f"label catalogue has no column {name!r}; expected one of {expected}")
    return None


def _number(column, row: int) -> float:
    if column is None or column[row] is np.ma.masked:
        return np.nan
    return float(column[row])


def match_catalogue(stars: Table, catalogue: Table, radius: float = 3.0) -> list[tuple[int, str]]:
    """Row of a catalogue of labels for every star, by Gaia id, else by position.

    Parameters
    ----------
    stars : Table
        ``ra``, ``dec`` [deg] and, where known, ``source_id`` (int64).
    catalogue : Table
        As VizieR exports it: see `CATALOGUE_COLUMNS`.
    radius : float
        Of the match in position [arcsec].

    Returns
    -------
    list of (int, str)
        Row number, -1 without a match, and how it was found: "id", "position", or "". Of several
        spectra of a star the one with the highest S/N is taken, without S/N the nearest.

    Raises
    ------
    ValueError
        If the catalogue has no positions.
    """
    here = SkyCoord(np.asarray(stars["ra"], float) * u.deg, np.asarray(stars["dec"], float) * u.deg)
    ra, dec = (np.asarray(_find(catalogue, n, required=True), float) for n in ("ra", "dec"))
    there = SkyCoord(ra * u.deg, dec * u.deg)
    snr = _find(catalogue, "snr")
    ids = _find(catalogue, "source_id")
    if ids is not None:
        ids = np.ma.filled(ids, 0)
    known = np.ma.filled(stars["source_id"], 0) if "source_id" in stars.colnames else None
    star_index, row_index, distance, _ = there.search_around_sky(here, radius * u.arcsec)
    found = []
    for i in range(len(stars)):
        near = np.flatnonzero(star_index == i)
        rows = row_index[near][np.argsort(distance[near])]
        how = "position"
        if ids is not None and known is not None and known[i] > 0:
            same = np.flatnonzero(ids == known[i])
            if same.size:
                rows, how = same, "id"
        if not rows.size:
            found.append((-1, ""))
            continue
        best = 0 if snr is None else int(np.argmax([_number(snr, row) for row in rows]))
        found.append((int(rows[best]), how))
    return found


def adopt_labels(
    stars: Table,
    catalogue: Table | None = None,
    nlte_min_teff: float = 15000.0,
    radius: float = 3.0,
    catalogue_name: str = "",
) -> Table:
    """Choose the labels of every star: the NLTE fit, or an LTE catalogue below its reach.

    Parameters
    ----------
    stars : Table
        One row per star: ``ra``, ``dec`` [deg], optionally ``source_id``, and the measured labels
        teff [K], logg, mh, vsini [km/s] with ``<label>_error`` (nan where there is no fit).
    catalogue : Table, optional
        LTE labels as VizieR exports Xiang et al. (2022).
    nlte_min_teff : float
        Stars measured cooler than this [K] take the catalogue's labels; 0 switches the switch off
        (for a training grid that reaches below, such as the stand-in).
    radius : float
        Of the match in position [arcsec].
    catalogue_name : str
        For ``labels_source``; "lte catalogue" by default.

    Returns
    -------
    Table
        Same rows: labels and errors, ``labels_source`` ("nlte grid", the catalogue's name, or
        "none"), ``labels_match`` ("id", "position" or "") and ``labels_reason``. A star that needs
        the catalogue and is not in it has nan labels and a reason: nothing is guessed. The
        catalogue's v sin i is used only where no measured one exists.

    References
    ----------
    Guo et al. (2025), sect. 3.2; Xiang et al. (2022A&A...662A..66X).
    """
    n = len(stars)
    values = {name: np.array(stars[name], dtype=float) for label in LABELS
              for name in (label, f"{label}_error")}  # fmt: skip
    source = np.full(n, SOURCE_NLTE, dtype=object)
    how, reason = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    missing = ~np.isfinite(values["teff"])
    source[missing], reason[missing] = SOURCE_NONE, "no labels measured"
    cool = np.flatnonzero(~missing & (values["teff"] < nlte_min_teff))
    matches = match_catalogue(stars, catalogue, radius) if catalogue is not None and n else []
    for i in cool:
        row, how[i] = matches[i] if matches else (-1, "")
        if row >= 0:
            _take_row(values, i, catalogue, row)
            source[i] = catalogue_name or SOURCE_LTE
            continue
        said = "the star is not in the LTE catalogue" if matches else "no LTE catalogue is given"
        reason[i] = f"{values['teff'][i]:.0f} K is below the NLTE grid and {said}"
        source[i] = SOURCE_NONE
        for name in values:
            values[name][i] = np.nan
    table = Table()
    for name, data in values.items():
        table[name] = Column(data, unit=UNITS[name.removesuffix("_error")])
    for name, data in (("source", source), ("match", how), ("reason", reason)):
        table[f"labels_{name}"] = Column(data.astype(str))
    return table


def _take_row(values: dict, star: int, catalogue: Table, row: int) -> None:
    """Put the catalogue's labels of one row in place; v sin i only where none was measured."""
    for label in LABELS:
        if label == "vsini" and np.isfinite(values["vsini"][star]):
            continue
        column = _find(catalogue, label, required=label != "vsini")
        values[label][star] = _number(column, row)
        values[f"{label}_error"][star] = _number(_find(catalogue, f"{label}_error"), row)

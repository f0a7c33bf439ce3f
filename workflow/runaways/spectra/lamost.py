"""LAMOST spectra, every layout: low resolution (image of 5 rows to DR9, COADD table after) and
medium resolution (one row per pixel to DR8, one row of vectors after), coadds and exposures.

LAMOST wavelengths are vacuum and heliocentric; a header that says otherwise is believed.
What cannot be used is refused with a `SpectrumRefused` that names file, HDU and reason.
"""

from __future__ import annotations

import numpy as np

from runaways.spectra.fits_files import SpectrumRefused, open_fits
from runaways.spectra.instruments import INSTRUMENTS
from runaways.spectra.spectrum import Spectrum, signal_to_noise
from runaways.spectra.wavelengths import C_KMS

RESOLVING_POWER = {arm.survey: arm.resolution for arm in INSTRUMENTS.values()}
#: Where the signal-to-noise ratio is judged [Angstrom]: the blue of LRS, the whole of an MRS arm.
SIGNAL_WINDOW = {"LRS": (4000.0, 5500.0), "MRS": (4800.0, 7000.0)}
#: What a usable spectrum must cover [Angstrom], by survey and arm.
NEEDED_RANGE = {
    ("LRS", ""): (4000.0, 5000.0),
    ("MRS", "B"): (5010.0, 5290.0),
    ("MRS", "R"): (6400.0, 6740.0),
}
NOT_STARS = ("GALAXY", "QSO")


def read_lamost(
    path, exposures: bool = False, min_snr: float = 3.0, or_mask: bool = False
) -> list[Spectrum]:
    """Read a LAMOST file of any layout.

    Parameters
    ----------
    path : path-like
        FITS file, gzipped or not.
    exposures : bool
        For MRS: the single exposures instead of the coadds (LRS files hold coadds only).
    min_snr : float
        Least median signal-to-noise ratio per pixel; below it there is "no signal".
    or_mask : bool
        Also mask pixels flagged in any one exposure (ORMASK), not only in all of them (ANDMASK).

    Returns
    -------
    list of Spectrum
        One for LRS; for MRS one per usable arm (and exposure). Vacuum, observed frame. Arms that
        are missing or unusable are named in ``meta["refused"]``, a list of texts.

    Raises
    ------
    SpectrumRefused
        When nothing in the file can be used; the message says why.
    """
    header, blocks = _read_blocks(path, exposures, or_mask)
    usable, refused, codes = [], [], []
    for block in blocks:
        try:
            usable.append(_spectrum(path, header, block, min_snr))
        except SpectrumRefused as error:
            refused.append(error.text)
            codes.append(error.code)
    if not usable:
        raise SpectrumRefused(codes[0], path, "; ".join(refused))
    if not exposures and blocks[0]["survey"] == "MRS":
        present = {block["hdu"] for block in blocks}
        refused += [
            f"HDU {name}: missing" for name in ("COADD_B", "COADD_R") if name not in present
        ]
    for spectrum in usable:
        spectrum.meta["refused"] = refused
    return usable


def read_header(path) -> dict:
    """Identity of a LAMOST file from its headers alone, as the ``meta`` of its spectra.

    Raises
    ------
    SpectrumRefused
        When the file is not FITS or has no LAMOST layout.
    """
    with open_fits(path) as hdus:
        names = [hdu.name for hdu in hdus]
        header = hdus[0].header
        if any(name.startswith(("COADD_", "B-", "R-")) for name in names):
            survey = "MRS"
        elif "COADD" in names or header.get("NAXIS") == 2:
            survey = "LRS"
        else:
            raise SpectrumRefused(
                "missing-hdu",
                path,
                f"HDUs {names}: expected a primary image of 5 rows, COADD, or COADD_B / COADD_R",
            )
        return {"survey": survey, **_identity(header)}


def _read_blocks(path, exposures: bool, or_mask: bool) -> tuple[dict, list[dict]]:
    """Identity and raw arrays of every wanted HDU: dicts with survey, hdu, arm, columns."""
    with open_fits(path) as hdus:
        names = [hdu.name for hdu in hdus]
        wanted = [n for n in names if n.startswith(("B-", "R-") if exposures else "COADD_")]
        if wanted:
            blocks = [_table_block(path, hdus[n], "MRS", or_mask) for n in wanted]
        elif "COADD" in names:
            blocks = [_table_block(path, hdus["COADD"], "LRS", or_mask)]
        elif hdus[0].header.get("NAXIS") == 2:
            blocks = [_image_block(path, hdus[0], or_mask)]
        else:
            raise SpectrumRefused(
                "missing-hdu",
                path,
                f"HDUs {names}: expected a primary image "
                "of 5 rows, COADD, or COADD_B / COADD_R"
                + (" or exposures B-* / R-*" if exposures else ""),
            )
        return _identity(hdus[0].header), blocks


def _image_block(path, hdu, or_mask: bool) -> dict:
    rows = hdu.data
    if rows is None or rows.ndim != 2 or len(rows) < 5:
        raise SpectrumRefused(
            "wrong-layout",
            path,
            f"HDU 0 has shape {np.shape(rows)}: expected "
            "5 rows (flux, inverse variance, wavelength, AND mask, OR mask)",
        )
    flux, ivar, wave, and_bits, or_bits = np.asarray(rows[:5], float)
    return {
        "survey": "LRS",
        "hdu": "0",
        "arm": "",
        "wave": wave,
        "flux": flux,
        "ivar": ivar,
        "bits": or_bits if or_mask else and_bits,
        "header": {},
    }


def _table_block(path, hdu, survey: str, or_mask: bool) -> dict:
    columns = {name.upper(): name for name in hdu.columns.names}

    def column(*choices):
        for choice in choices:
            if choice in columns:
                # one row per pixel, or one row of vectors: both flatten to (n_pixels,)
                return np.asarray(hdu.data[columns[choice]], float).ravel()
        raise SpectrumRefused(
            "wrong-layout",
            path,
            f"HDU {hdu.name} has columns {list(columns)}: expected {' or '.join(choices)}",
        )

    wave = column("WAVELENGTH") if "WAVELENGTH" in columns else 10 ** column("LOGLAM")
    mask = (("ORMASK",) if or_mask else ("ANDMASK",)) + ("PIXMASK", "ORMASK", "ANDMASK")
    arm = {"COADD": "", "COADD_B": "B", "COADD_R": "R"}.get(hdu.name, hdu.name[0])
    block = {
        "survey": survey,
        "hdu": hdu.name,
        "arm": arm,
        "wave": wave,
        "flux": column("FLUX"),
        "ivar": column("IVAR"),
        "bits": column(*mask),
        "header": dict(hdu.header),
    }
    sizes = {name: len(block[name]) for name in ("wave", "flux", "ivar", "bits")}
    if len(set(sizes.values())) != 1:
        raise SpectrumRefused(
            "wrong-layout", path, f"HDU {hdu.name} has columns of different lengths {sizes}"
        )
    return block


def _number(header, *keys) -> float:
    """First usable number among the header keys, NaN otherwise (-9999 means unknown)."""
    for key in keys:
        try:
            value = float(header.get(key))
        except (TypeError, ValueError):
            continue
        if np.isfinite(value) and value > -9998:
            return value
    return float("nan")


def _identity(header) -> dict:
    """Header facts with one name each, whatever the data release called them."""
    obsid = _number(header, "OBSID")
    return {
        "obsid": int(obsid) if np.isfinite(obsid) else None,
        "designation": str(header.get("DESIG", "")).strip(),
        "ra": _number(header, "RA", "RA_OBS"),
        "dec": _number(header, "DEC", "DEC_OBS"),
        "rv_header": C_KMS * _number(header, "Z"),
        "rv_header_error": C_KMS * _number(header, "Z_ERR"),
        "class_header": str(header.get("CLASS", "") or "").strip(),
        "subclass_header": str(header.get("SUBCLASS", "") or "").strip(),
        "snr_header": _number(header, "SNRG", "SN_G"),
        "spectrograph": _number(header, "SPID"),
        "fibre": _number(header, "FIBERID"),
        "date_obs": str(header.get("DATE-OBS", "") or ""),  # UTC; DATE-BEG, DATE-END are UTC+8
        "lmjd": _number(header, "LMJD"),
        "data_release": str(header.get("DATA_V", "") or "").strip(),
        "stand_in": str(header.get("STANDIN", "")),
        "medium": "air" if header.get("VACUUM") is False else "vacuum",
    }


def _spectrum(path, header: dict, block: dict, min_snr: float) -> Spectrum:
    """Check one block and make it a Spectrum."""
    survey, hdu = block["survey"], block["hdu"]

    def refuse(code, text):
        raise SpectrumRefused(code, path, f"HDU {hdu}: {text}")

    if header["class_header"].upper() in NOT_STARS:
        refuse("galaxy", f"CLASS is {header['class_header']}, not a star")
    wave, flux, ivar = block["wave"], block["flux"], block["ivar"]
    if not np.isfinite(flux).any() or np.mean(np.isfinite(flux)) < 0.5:
        refuse("nan-flux", f"{np.mean(~np.isfinite(flux)):.0%} of the flux is not finite")
    wave, order = np.unique(wave, return_index=True)  # sorted, and NaN last
    wave, order = wave[np.isfinite(wave)], order[np.isfinite(wave)]
    low, high = NEEDED_RANGE[survey, block["arm"]]
    if not len(wave) or wave[0] > low or wave[-1] < high:
        span = f"{wave[0]:.1f} to {wave[-1]:.1f}" if len(wave) else "nothing"
        refuse("wavelength-range", f"covers {span}: expected {low:.0f} to {high:.0f} Angstrom")
    extra = block["header"]
    meta = {
        **header,
        "survey": survey,
        "arm": block["arm"],
        "hdu": hdu,
        "path": str(path),
        "resolving_power": RESOLVING_POWER[survey],
        "exposure": extra.get("LMJM", "") if survey == "MRS" else "",
    }
    spectrum = Spectrum(
        wave, flux[order], ivar[order], block["bits"][order] > 0, meta.pop("medium"), meta=meta
    )
    if spectrum.good.mean() < 0.05:  # assumed: no line can be told in so little
        refuse("all-masked", f"{spectrum.mask.mean():.0%} of the pixels are masked or weightless")
    snr = signal_to_noise(spectrum, *SIGNAL_WINDOW[survey])
    if not snr >= min_snr:
        refuse("no-signal", f"median signal-to-noise ratio {snr:.1f} is below {min_snr:g}")
    meta["snr"] = snr
    return spectrum

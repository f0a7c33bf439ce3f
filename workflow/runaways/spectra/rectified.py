"""Spectra that did not come from LAMOST: rectified text or FITS, the wavelength medium stated.

Neither text columns nor most FITS headers say whether wavelengths are air or vacuum (83 km/s
apart), so the caller must.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.table import Table

from runaways.spectra.fits_files import SpectrumRefused, open_fits, read_content
from runaways.spectra.spectrum import MEDIA, Spectrum, signal_to_noise

WAVE_NAMES = ("wave", "wavelength", "lambda", "lam", "wl", "loglam")
FLUX_NAMES = ("flux", "flux_norm", "normalized_flux", "intensity")
ERROR_NAMES = ("error", "flux_error", "err", "sigma", "e_flux", "ivar")  # the last is SDSS's
LIMITS = (1000.0, 30000.0)  # Angstrom; nanometres and microns fall outside


def read_rectified(
    path, medium: str, frame: str = "observed", snr: float | None = None, meta: dict | None = None
) -> Spectrum:
    """Read a two- or three-column spectrum: wavelength [Angstrom], flux and, if given, its error.

    Parameters
    ----------
    path : path-like
        Text (blanks or commas, ``#`` comments), a FITS table with columns named like ``wave``
        (or ``loglam``), ``flux``, ``error``, or a 1-D FITS image with CRVAL1 and CDELT1 or CD1_1
        (logarithmic when DC-FLAG is 1 or CTYPE1 says so).
    medium : {"air", "vacuum"}
        Medium of the wavelengths.
    frame : {"observed", "rest"}
    snr : float, optional
        Signal-to-noise ratio per pixel, used where the file has no errors. Without either the
        noise is estimated from the spectrum itself (`estimate_noise`) and meta says so.
    meta : dict, optional
        Merged into the meta of the result.

    Returns
    -------
    Spectrum
        Sorted by wavelength; zero and non-finite fluxes masked.

    Raises
    ------
    SpectrumRefused
        Not readable; fewer than two columns; wavelengths not in Angstrom; nothing usable.
    ValueError
        `medium` is not stated.
    """
    if medium not in MEDIA:
        raise ValueError(f"{path}: medium {medium!r}: state one of {MEDIA}")
    columns = _fits_columns(path) if _is_fits(path) else _text_columns(path)
    wave, first = np.unique(columns[0], return_index=True)
    flux, error = columns[1][first], (columns[2][first] if len(columns) > 2 else None)
    if len(wave) < 10 or not (LIMITS[0] <= wave[0] and wave[-1] <= LIMITS[1]):
        span = f"{wave[0]:g} to {wave[-1]:g}" if len(wave) else "nothing"
        raise SpectrumRefused(
            "wavelength-range",
            path,
            f"{len(wave)} wavelengths covering {span}: expected Angstrom, 1000 to 30000",
        )
    if not np.isfinite(flux).any():
        raise SpectrumRefused("nan-flux", path, "no finite flux")
    mask = ~np.isfinite(flux) | (flux == 0)  # libraries pad with zeros
    if mask.all():
        raise SpectrumRefused("all-masked", path, "all flux is zero or not finite")
    if error is not None:
        source = "file"
        ivar = np.where(error > 0, 1 / np.where(error > 0, error, 1.0) ** 2, 0.0)
    else:
        source = "stated S/N" if snr else "estimated from the spectrum"
        noise = np.abs(flux) / snr if snr else np.full(len(flux), estimate_noise(flux[~mask]))
        ivar = np.where(mask, 0.0, 1 / np.where(mask, 1.0, noise) ** 2)
    spectrum = Spectrum(
        wave,
        flux,
        ivar,
        mask,
        medium,
        frame,
        {
            "path": str(path),
            "obsid": None,
            "rv_header": np.nan,
            "noise_source": source,
            **(meta or {}),
        },
    )
    spectrum.meta["snr"] = signal_to_noise(spectrum)
    return spectrum


def estimate_noise(flux: np.ndarray) -> float:
    """Noise per pixel [flux unit] from third-order differences of a spectrum, shape (n_pixels,).

    References
    ----------
    Stoehr et al. 2008, ASPC 394, 505 (2008ASPC..394..505S): DER_SNR.
    """
    noise = 0.6052697 * np.median(np.abs(2 * flux[2:-2] - flux[:-4] - flux[4:]))
    return float(max(noise, 1e-6 * np.median(np.abs(flux))))  # a noiseless model has none


def _is_fits(path) -> bool:
    name = Path(path).name.lower()
    return name.endswith((".fits", ".fit", ".fits.gz", ".fit.gz"))


def _text_columns(path) -> list[np.ndarray]:
    try:
        text = read_content(path).decode()
    except UnicodeDecodeError as error:
        raise SpectrumRefused("wrong-layout", path, f"not a readable text file ({error})") from None
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].replace(",", " ").split()
        try:
            row = [float(word.replace("D", "E").replace("d", "e")) for word in words[:3]]
        except ValueError:
            if not rows:
                continue  # a line of column names
            raise SpectrumRefused(
                "wrong-layout", path, f"line {number}: {line[:40]!r} is not numbers"
            ) from None
        if words:
            rows.append(row)
    widths = {len(row) for row in rows}
    if len(widths) != 1 or min(widths) < 2:
        raise SpectrumRefused(
            "wrong-layout",
            path,
            f"rows of {sorted(widths)} columns: expected two (wavelength, flux) or three (error)",
        )
    return list(np.array(rows, float).T)


def _fits_columns(path) -> list[np.ndarray]:
    with open_fits(path) as hdus:
        for hdu in hdus:
            if isinstance(hdu, fits.BinTableHDU | fits.TableHDU):
                return _table_columns(path, Table(hdu.data))
        header, data = hdus[0].header, hdus[0].data
        step = header.get("CDELT1", header.get("CD1_1"))
        if data is None or np.squeeze(data).ndim != 1 or step is None or "CRVAL1" not in header:
            raise SpectrumRefused(
                "missing-hdu",
                path,
                "expected a table with wave and flux, or a 1-D image with CRVAL1 and CDELT1",
            )
        flux = np.squeeze(np.asarray(data, float))
        wave = header["CRVAL1"] + step * (np.arange(len(flux)) + 1 - header.get("CRPIX1", 1))
        logarithmic = header.get("DC-FLAG") == 1 or "LOG" in str(header.get("CTYPE1", "")).upper()
        return [10**wave if logarithmic else wave, flux]


def _table_columns(path, table: Table) -> list[np.ndarray]:
    names = {name.lower(): name for name in table.colnames}
    found = []
    for choices in (WAVE_NAMES, FLUX_NAMES, ERROR_NAMES):
        name = next((names[c] for c in choices if c in names), None)
        if name is not None:
            column = np.asarray(table[name], float).ravel()
            if name.lower() == "ivar":
                with np.errstate(divide="ignore"):
                    column = np.where(column > 0, column**-0.5, 0.0)
            found.append(10**column if name.lower() == "loglam" else column)
        elif choices is not ERROR_NAMES:
            raise SpectrumRefused(
                "wrong-layout", path, f"columns {table.colnames}: expected one of {choices}"
            )
    return found

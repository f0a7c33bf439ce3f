"""Stand-in grid and stand-in observations, made with the LTE synthesiser of this package.

Everything made here carries ``stand_in`` in its metadata.
"""

import hashlib
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.table import Table

from runaways.spectra.broadening import blur, broaden
from runaways.spectra.instruments import INSTRUMENTS, Instrument
from runaways.spectra.line_spread import LineSpread
from runaways.spectra.spectral_grid import SpectralGrid
from runaways.spectra.wavelengths import C_KMS, velocity_grid
from runaways.synthesis.atmospheres import model_atmosphere
from runaways.synthesis.line_formation import synthesise

STAND_IN = "LTE synthesis, not for publication"
# Vacuum windows [A] that carry what B stars say: 3900 to 5300 and H alpha. The synthesis is wider
# than the emulators, and these wider than the observed windows, by the reach of the kernels.
SYNTHESIS_WINDOWS = ((3880.0, 5316.0), (6334.0, 6766.0))
SYNTHESIS_STEP = 5.0  # km/s
FASTEST = 400.0  # km/s, of the planted radial velocities
BETWEEN_ARMS = 6000.0  # A, between the blue and the red arm of MRS
RIPPLE_DEPTH, RIPPLE_PERIOD = 0.03, 800.0  # of the response, period in A


def lowest_logg(teff: np.ndarray, floor: float = 2.5) -> np.ndarray:
    """Lowest log g of the stand-in grid: `floor`, or above the radiation limit for hot stars.

    Parameters
    ----------
    teff : array_like, any shape
        Effective temperature [K].
    floor : float
        [log10 cm s^-2].

    Returns
    -------
    numpy.ndarray

    References
    ----------
    Lanz & Hubeny (2007ApJS..169...83L), fig. 1: about 3.0 at 30 000 K and 2.5 at 22 000 K.
    """
    return np.maximum(floor, 3.0 + 4.0 * np.log10(np.asarray(teff, dtype=float) / 30000.0))


def stand_in_labels(
    n: int,
    teff: tuple[float, float] = (9000.0, 31000.0),
    logg_max: float = 4.7,
    mh: tuple[float, float] = (-1.6, 0.9),
) -> np.ndarray:
    """Labels that fill the stand-in grid evenly: a quasi-random set, no seed, denser at the edges.

    Parameters
    ----------
    n : int
        Number of models.
    teff, mh : (float, float)
        Ranges [K] and [dex]; the first is filled evenly in its logarithm.
    logg_max : float
        Highest log g; the lowest follows `lowest_logg`.

    Returns
    -------
    numpy.ndarray, shape (n, 3)
        teff, logg, mh.

    References
    ----------
    Roberts' R3 sequence (generalised golden ratio); half uniform, half arcsine in density, because
    an interpolating emulator is weakest at the edge of its grid.
    """
    ratio = 1.22074408460575947536  # root of x^4 = x + 1
    unit = (0.5 + np.outer(np.arange(1, n + 1), ratio ** -np.arange(1.0, 4.0))) % 1.0
    unit = 0.5 * unit + 0.25 * (1.0 - np.cos(np.pi * unit))
    temperature = teff[0] * (teff[1] / teff[0]) ** unit[:, 0]
    low = lowest_logg(temperature)
    return np.column_stack(
        [temperature, low + (logg_max - low) * unit[:, 1], mh[0] + (mh[1] - mh[0]) * unit[:, 2]]
    )


def _fine_spectrum(label, windows) -> np.ndarray:
    """Unbroadened spectrum of one star in several windows, from one atmosphere."""
    teff, logg, mh = (float(v) for v in label)
    model = model_atmosphere(teff, logg, mh)
    return np.concatenate([
        synthesise(teff, logg, mh, velocity_grid(*window, SYNTHESIS_STEP), atmosphere=model)
        for window in windows
    ])  # fmt: skip


def synthesise_grid(
    labels: np.ndarray, windows=SYNTHESIS_WINDOWS, workers: int = 1
) -> SpectralGrid:
    """Unbroadened stand-in spectra; `spectral_grid.convolve_grid` brings them to an instrument.

    Parameters
    ----------
    labels : array_like, shape (n_model, 3)
        teff [K], logg, mh; rows may be split over jobs at will and joined with `join_grids`.
    windows : sequence of (float, float)
        Vacuum intervals [A].
    workers : int
        Processes; the result does not depend on it.

    Returns
    -------
    SpectralGrid
        With ``meta["stand_in"]``, resolution infinite.
    """
    labels = np.reshape(np.asarray(labels, dtype=float), (-1, 3))
    make = partial(_fine_spectrum, windows=windows)
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            spectra = list(pool.map(make, labels, chunksize=max(1, len(labels) // (8 * workers))))
    else:
        spectra = [make(label) for label in labels]
    wave = np.concatenate([velocity_grid(*window, SYNTHESIS_STEP) for window in windows])
    meta = {"stand_in": STAND_IN, "resolution": np.inf}
    return SpectralGrid(wave, np.reshape(spectra, (len(labels), len(wave))), labels, meta)


def stand_in_pair(
    labels,
    rv: float,
    snr: float,
    seed: int | list[int],
    vsini: float | None = None,
    line_spreads: dict[str, LineSpread] | None = None,
    macroturbulence: float = 0.0,
):
    """A pair of noisy spectra of one star, as LAMOST LRS and MRS would see it.

    Parameters
    ----------
    labels : sequence of float
        teff [K], logg, mh, and vsini [km/s] as a fourth unless it is given apart.
    rv : float
        Radial velocity [km/s]: the wavelengths are the observer's (heliocentric).
    snr : float
        Signal to noise per pixel of the continuum, in both.
    seed : int or list of int
        Address of the noise; the two spectra of a pair are independent.
    vsini : float, optional
        Projected rotation [km/s].
    line_spreads : dict, optional
        By arm, where not that of the instrument.
    macroturbulence : float
        Gaussian dispersion [km/s].

    Returns
    -------
    lrs, mrs : astropy.table.Table
        ``wave`` [A, vacuum], ``flux`` (relative), ``ivar``; ``meta`` has ``stand_in``,
        ``resolution``, ``snr``, ``medium`` and the truth as ``true_teff`` and so on.

    Raises
    ------
    ValueError
        If the labels are outside the synthesiser's range.
    """
    teff, logg, mh = (float(v) for v in labels[:3])
    vsini = float(labels[3] if vsini is None else vsini)
    atmosphere = model_atmosphere(teff, logg, mh)
    margin = 1.0 + (abs(rv) + 700.0) / C_KMS  # the shift and the kernels reach beyond the window
    grids = [velocity_grid(first / margin, last * margin, SYNTHESIS_STEP)
             for first, last in SYNTHESIS_WINDOWS]  # fmt: skip
    spectra = [synthesise(teff, logg, mh, grid, atmosphere=atmosphere) for grid in grids]
    tables = []
    for number, (name, instrument) in enumerate(INSTRUMENTS.items()):
        rng = np.random.default_rng([*np.atleast_1d(seed).tolist(), number])
        spread = (line_spreads or {}).get(name, instrument.line_spread)
        moved = [broaden(grid, spectrum, vsini=vsini, sigma=macroturbulence, rv=rv)
                 for grid, spectrum in zip(grids, spectra, strict=True)]  # fmt: skip
        seen = [blur(grid, s, spread(grid)) for grid, s in zip(grids, moved, strict=True)]
        wave, flux, ivar = _observe(grids, seen, instrument, snr, rng)
        table = Table({"wave": wave * u.AA, "flux": flux, "ivar": ivar})
        table.meta = {
            "stand_in": STAND_IN, "instrument": name, "resolution": instrument.resolution,
            "snr": float(snr), "medium": "vacuum", "seed": str(seed), "true_teff": teff,
            "true_logg": logg, "true_mh": mh, "true_vsini": vsini, "true_rv": float(rv),
        }  # fmt: skip
        tables.append(table)
    return tuple(tables)


def _observe(grids, broadened, instrument: Instrument, snr, rng):
    """Sample and add noise; returns wave, flux, ivar of all windows."""
    waves, fluxes, ivars = [], [], []
    for first, last in instrument.observed:
        grid, spectrum = next((g, s) for g, s in zip(grids, broadened, strict=True)
                              if g[0] <= first and g[-1] >= last)  # fmt: skip
        pixels = velocity_grid(first, last, instrument.pixel)
        # A smooth response with a slope and a ripple, different for every spectrum: nobody may
        # rely on the continuum being known.
        slope, turn = rng.normal(0.0, 0.15), rng.uniform(0.0, 2.0 * np.pi)
        response = 1.0 + slope * (pixels - first) / (last - first)
        response += RIPPLE_DEPTH * np.sin(2.0 * np.pi * pixels / RIPPLE_PERIOD + turn)
        noise = response / snr
        flux = np.interp(pixels, grid, spectrum) * response
        fluxes.append(flux + noise * rng.standard_normal(len(pixels)))
        ivars.append(noise**-2)
        waves.append(pixels)
    return tuple(np.concatenate(a) for a in (waves, fluxes, ivars))


def address(seed: int, star: str) -> list[int]:
    """Seed of everything random about one star's stand-in spectra."""
    digest = hashlib.sha256(f"{seed} {star} spectra".encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "big") for i in (0, 4, 8)]


def planted_velocity(seed: int, star: str) -> float:
    """Radial velocity of a star's stand-in spectra [km/s], which nothing that reads them knows."""
    return float(np.random.default_rng(address(seed, star)).uniform(-FASTEST, FASTEST))


def write_lamost(path: str | Path, table: Table, star: str, ra: float, dec: float) -> None:
    """Write a stand-in observation in LAMOST's present layout (DR10), for the same readers.

    Parameters
    ----------
    path : path-like
    table : Table
        From `stand_in_pair`.
    star : str
    ra, dec : float
        Of the star [deg]: how its files are found.
    """
    primary = fits.PrimaryHDU()
    primary.header.update(
        DESIG=star, RA=ra, DEC=dec, CLASS="STAR", Z=-9999.0, VACUUM=True, STANDIN=STAND_IN
    )
    wave, arms = np.asarray(table["wave"]), {"COADD": np.s_[:]}
    if table.meta["instrument"] == "mrs":
        cut = int(np.searchsorted(wave, BETWEEN_ARMS))
        arms = {"COADD_B": np.s_[:cut], "COADD_R": np.s_[cut:]}
    hdus = [primary]
    for name, part in arms.items():
        values = {"FLUX": table["flux"], "IVAR": table["ivar"], "WAVELENGTH": table["wave"]}
        values |= {mask: np.zeros(len(wave)) for mask in ("ANDMASK", "ORMASK")}
        rows = {key: np.asarray(value)[part] for key, value in values.items()}
        columns = [fits.Column(key, f"{len(row)}D", array=row[None]) for key, row in rows.items()]
        hdus.append(fits.BinTableHDU.from_columns(columns, name=name))
    fits.HDUList(hdus).writeto(path, overwrite=True)

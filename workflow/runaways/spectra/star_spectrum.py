"""From the files of a star to one spectrum at rest for each instrument, and a radial velocity."""

from dataclasses import dataclass, replace

import numpy as np
from astropy.table import Table

from runaways.spectra.broadening import blur, broaden, instrument_sigma
from runaways.spectra.epochs import combine, join_cameras, measure_epochs
from runaways.spectra.file_index import index_files, read_star
from runaways.spectra.instruments import INSTRUMENTS, Instrument
from runaways.spectra.line_spread import LineSpread, line_spread_of
from runaways.spectra.line_templates import line_templates
from runaways.spectra.normalisation import normalise
from runaways.spectra.spectral_grid import SpectralGrid, segments
from runaways.spectra.spectrum import Spectrum, to_medium
from runaways.spectra.wavelengths import velocity_grid

N_TEMPLATES = 40  # models of the grid, each at every rotation
ROTATIONS = (0.0, 200.0)  # km/s
LINE_TEMPLATES = (3650.0, 9100.0)  # A, where the grid has no windows


@dataclass(frozen=True)
class StarSpectrum:
    """What one instrument saw of one star.

    Attributes
    ----------
    spectrum : Spectrum or None
        All epochs combined, at rest, vacuum; None where nothing was usable.
    epochs : Table or None
        As from `epochs.measure_epochs`.
    files : Table
        As from `file_index.read_star`.
    rv, rv_error : float
        [km/s]; NaN without a spectrum.
    flags : str
        Of the radial velocity, separated by blanks.
    reason : str
        Empty, or why there is no spectrum.
    """

    spectrum: Spectrum | None
    epochs: Table | None
    files: Table
    rv: float = np.nan
    rv_error: float = np.nan
    flags: str = ""
    reason: str = ""


def rv_templates(
    grid: SpectralGrid | None, instrument: Instrument
) -> tuple[np.ndarray, np.ndarray]:
    """Templates for radial velocities: models of the training grid, slow and fast rotators.

    Parameters
    ----------
    grid : SpectralGrid or None
        That of the instrument's emulator; without one, or for one that holds no Balmer line, simple
        absorption lines take its place.
    instrument : Instrument

    Returns
    -------
    wave : ndarray, shape (n_wave,)
        Vacuum [A]; the grid's gaps stay gaps.
    flux : ndarray, shape (n_templates, n_wave)
    """
    if grid is None or not any(np.ptp(grid.wave[s]) > 100.0 for s in segments(grid.wave)):
        wave = velocity_grid(*LINE_TEMPLATES, instrument.step)
        return wave, line_templates(wave, instrument.resolution)[0]
    rows = np.unique(np.linspace(0, len(grid.labels) - 1, N_TEMPLATES).astype(int))
    own = max(float(grid.meta.get("resolution", instrument.resolution)), instrument.resolution)
    sigma = instrument_sigma(instrument.resolution, own)
    flux = np.concatenate(
        [
            np.concatenate(
                [
                    broaden(grid.wave[s], grid.flux[rows][:, s], vsini, sigma)
                    for s in segments(grid.wave)
                ],
                axis=1,
            )
            for vsini in ROTATIONS
        ]
    )
    return grid.wave, flux


def measure_star(
    files: Table, templates, instrument: Instrument, line_spreads: Table | None = None, **reading
) -> StarSpectrum:
    """Read a star's spectra, measure its velocity, bring them to rest and combine them.

    Parameters
    ----------
    files : Table
        The star's rows of `file_index.match_files`, one instrument's.
    templates : (ndarray, ndarray)
        As from `rv_templates`.
    instrument : Instrument
    line_spreads : Table, optional
        As from `line_spread.read_line_spreads`: what is known better than the instrument's.
    **reading
        As in `file_index.read_star`.

    Returns
    -------
    StarSpectrum
        Always: what went wrong is its `reason`.
    """
    if not len(files):
        return StarSpectrum(None, None, read_star(files)[1], reason="no file of this star")
    spectra, log = read_star(files, **reading)
    if not spectra:
        said = [f"{row['path'].rsplit('/')[-1]}: {row['reason']}" for row in log]
        return StarSpectrum(None, None, log, reason="; ".join(said))
    try:
        joined = [to_medium(s, "vacuum") for s in join_cameras(spectra)]
        at_rest, epochs = measure_epochs(joined, *templates)
        total = _at_instrument(combine(at_rest), instrument, line_spreads)
    except ValueError as error:
        return StarSpectrum(None, None, log, reason=str(error).rsplit("/")[-1])
    meta = epochs.meta
    flags = " ".join(meta["rv_flags"])
    return StarSpectrum(total, epochs, log, meta["rv"], meta["rv_error"], flags)


def from_files(
    paths, arm: str = "lrs", grid: SpectralGrid | None = None, **reading
) -> StarSpectrum:
    """Read files of one star, measure its radial velocity, bring all epochs to rest and together.

    Parameters
    ----------
    paths : sequence of path-like
        Of one instrument's spectra, as LAMOST delivers them, or rectified ones.
    arm : {"lrs", "mrs"}
    grid : SpectralGrid, optional
        As for `rv_templates`.
    **reading
        As in `file_index.read_star`: ``medium="air"`` for rectified spectra, ...

    Returns
    -------
    StarSpectrum

    Raises
    ------
    ValueError
        If nothing is usable: why, for each file.
    """
    instrument = INSTRUMENTS[arm]
    templates = rv_templates(grid, instrument)
    found = measure_star(index_files(paths), templates, instrument, **reading)
    if found.spectrum is None:
        raise ValueError(found.reason)
    return found


def files_of(index: Table, star: str, instrument: Instrument) -> Table:
    """Rows of `file_index.match_files` that are a star's, and this instrument's or rectified."""
    survey = np.isin(index["survey"], ["", instrument.survey])
    return index[(index["star"] == star) & survey]


def summary(found: StarSpectrum) -> dict:
    """One row of table ``observations``, but for ``star`` and ``arm``."""
    usable = found.spectrum is not None
    return {
        "n_files": len(found.files),
        "n_epochs": len(found.epochs) if usable else 0,
        "snr": found.spectrum.meta["snr"] if usable else np.nan,
        "rv_measured": found.rv,
        "rv_measured_error": found.rv_error,
        "rv_header": float(np.median(found.epochs["rv_header"])) if usable else np.nan,
        "rv_flags": found.flags,
        "status": "ok" if usable else "failed",
        "reason": found.reason,
    }


def as_epochs(star: str, arm: str, epochs: Table) -> Table:
    """Epochs of one star as rows of table ``epochs``."""
    out = Table(epochs, copy=True)
    out.meta.clear()
    out.rename_column("flags", "rv_flags")
    out["obsid"] = [str(obsid) if obsid >= 0 else "" for obsid in epochs["obsid"]]
    out["star"], out["arm"] = star, arm
    return out


def _at_instrument(spectrum: Spectrum, instrument: Instrument, line_spreads) -> Spectrum:
    """A spectrum with its line-spread function in ``meta``.

    One sharper than the instrument's, such as an echelle's, is blurred to it; of a coarser one its
    own resolution counts.
    """
    spread = instrument.line_spread
    if line_spreads is not None:
        arm = instrument.survey.lower()
        spread = line_spread_of(line_spreads, arm, spectrum.meta) or spread
    if own := spectrum.meta.get("resolution"):
        mine = LineSpread.of_resolution(own)
        fwhm = np.sqrt(np.maximum(spread(spectrum.wave) ** 2 - mine(spectrum.wave) ** 2, 0.0))
        if fwhm.all():
            flux = np.where(spectrum.good, spectrum.flux, np.median(spectrum.flux[spectrum.good]))
            spectrum = replace(spectrum, flux=blur(spectrum.wave, flux, fwhm))
        else:
            spread = mine
    return replace(spectrum, meta={**spectrum.meta, "line_spread": spread})


def as_pixels(star: str, arm: str, spectrum: Spectrum) -> Table:
    """A spectrum as rows of table ``spectra``, with its spline continuum.

    Parameters
    ----------
    star, arm : str
    spectrum : Spectrum
        At rest, vacuum.

    Returns
    -------
    Table
        ``star arm wave flux ivar mask fwhm flux_normalised ivar_normalised``; the normalised ones
        are NaN and 0 where no continuum can be fitted.
    """
    n = len(spectrum)
    out = Table({"star": [star] * n, "arm": [arm] * n, "wave": spectrum.wave})
    out["flux"], out["ivar"] = spectrum.flux, np.where(spectrum.mask, 0.0, spectrum.ivar)
    out["mask"] = spectrum.mask
    spread = spectrum.meta.get("line_spread", INSTRUMENTS[arm].line_spread)
    out["fwhm"] = spread(spectrum.wave)
    out["flux_normalised"], out["ivar_normalised"] = np.full(n, np.nan), np.zeros(n)
    try:
        level = normalise(spectrum)
    except ValueError:
        return out
    out["flux_normalised"] = np.where(level.mask, np.nan, level.flux)
    out["ivar_normalised"] = np.where(level.mask, 0.0, level.ivar)
    return out


def from_pixels(pixels: Table) -> Spectrum:
    """The spectrum behind rows of table ``spectra`` of one star and arm."""
    columns = [np.asarray(pixels[name]) for name in ("wave", "flux", "ivar", "mask")]
    spread = LineSpread(columns[0], np.asarray(pixels["fwhm"]))
    stated = INSTRUMENTS[str(pixels["arm"][0])].line_spread
    if np.allclose(spread.fwhm, stated(spread.wave)):
        spread = stated  # and so how well it is known away from where it is stated
    return Spectrum(*columns, "vacuum", "rest", {"line_spread": spread})

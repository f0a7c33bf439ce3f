"""The line-spread function of a spectrograph: how wide it makes a line, by wavelength."""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.spectra.broadening import FWHM_TO_SIGMA
from runaways.spectra.wavelengths import C_KMS

COLUMNS = ("arm", "wave", "fwhm")
FIBRE = ("spectrograph", "fibre")  # in a table of fibres; a row without them holds for all


@dataclass(frozen=True)
class LineSpread:
    """Full width at half maximum of a Gaussian, linear between the wavelengths given.

    Attributes
    ----------
    wave : array_like, shape (n,)
        Vacuum wavelengths [A], increasing.
    fwhm : array_like, shape (n,)
        [A]; beyond either end that of the end.
    reference : tuple of float
        Wavelengths [A] at which a resolution is stated, where how it changes away from them is not
        known; empty for a measured function.
    cameras : tuple of (float, float)
        The cameras for which it is stated [A]; empty for all.
    """

    wave: np.ndarray
    fwhm: np.ndarray
    reference: tuple[float, ...] = ()
    cameras: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of_resolution(cls, resolution: float) -> "LineSpread":
        """One resolving power lambda / FWHM at all wavelengths."""
        wave = np.array([1000.0, 1e5])
        return cls(wave, wave / resolution)

    def __call__(self, wave) -> np.ndarray:
        """FWHM [A] at wavelengths [A]."""
        return np.interp(wave, self.wave, self.fwhm)

    def sigma(self, wave) -> np.ndarray:
        """Gaussian dispersion [km/s] at wavelengths [A]."""
        return C_KMS * FWHM_TO_SIGMA * self(wave) / np.asarray(wave, float)

    def stated(self, wave: float) -> bool:
        """Whether a wavelength [A] is in a camera of which the width is known somewhere."""
        return not self.cameras or any(low <= wave <= high for low, high in self.cameras)

    def distance(self, wave) -> np.ndarray:
        """ln(lambda) from the nearest reference; 0 without one."""
        wave = np.asarray(wave, float)
        if not self.reference:
            return np.zeros(wave.shape)
        away = np.log(wave[..., None] / np.array(self.reference))
        return np.take_along_axis(away, np.abs(away).argmin(-1)[..., None], -1)[..., 0]


def read_line_spreads(path) -> Table:
    """A table of measured line-spread functions.

    Parameters
    ----------
    path : path-like
        Any table that astropy reads, with columns ``arm`` (lrs or mrs), ``wave`` [A, vacuum],
        ``fwhm`` [A], and perhaps ``spectrograph`` and ``fibre``, LAMOST's SPID and FIBERID.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        For a missing column or a width that is not positive; the message names file and row.
    """
    table = Table.read(path)
    if missing := [name for name in COLUMNS if name not in table.colnames]:
        raise ValueError(f"{path}: no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    for number, row in enumerate(table, 1):
        if not (row["fwhm"] > 0 and row["wave"] > 0):
            raise ValueError(f"{path}, row {number}: expected wave and fwhm above 0 Angstrom")
    return table


def line_spread_of(table: Table, arm: str, meta: dict) -> LineSpread | None:
    """The line-spread function of one spectrum, that of its fibre where the table knows it.

    Parameters
    ----------
    table : Table
        From `read_line_spreads`.
    arm : {"lrs", "mrs"}
    meta : dict
        Of the spectrum: ``spectrograph`` and ``fibre``.

    Returns
    -------
    LineSpread or None
        None where no row is about this spectrum.
    """
    rows = table[np.asarray(table["arm"]).astype(str) == arm]
    if set(FIBRE) <= set(table.colnames):
        own = np.ones(len(rows), bool)
        for name in FIBRE:
            values = np.ma.filled(np.ma.asarray(rows[name], float), np.nan)
            own &= values == meta.get(name, np.nan)
            general = np.isnan(values)
        rows = rows[own] if own.any() else rows[general]
    if not len(rows):
        return None
    rows = rows[np.argsort(rows["wave"])]
    return LineSpread(np.asarray(rows["wave"], float), np.asarray(rows["fwhm"], float))

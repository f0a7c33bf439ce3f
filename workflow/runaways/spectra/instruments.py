"""The two LAMOST spectrographs: line-spread function, windows and pixels of models and spectra."""

from dataclasses import dataclass

import numpy as np

from runaways.spectra.line_spread import LineSpread
from runaways.spectra.wavelengths import C_KMS

# LAMOST's own pixels [km/s]: 1e-4 and 1e-5 in log10(lambda)
LRS_PIXEL, MRS_PIXEL = np.log(10.0) * 1e-4 * C_KMS, np.log(10.0) * 1e-5 * C_KMS


@dataclass(frozen=True)
class Instrument:
    """What a fit needs to know of a spectrograph.

    Attributes
    ----------
    survey : str
        LAMOST's name.
    resolution : float
        Nominal lambda / FWHM.
    windows : tuple of (float, float)
        Vacuum intervals of the emulator [A], where they hold what B stars say.
    step : float
        Pixel of the emulator [km/s].
    observed : tuple of (float, float)
        Vacuum intervals of a stand-in observation [A].
    pixel : float
        Pixel of an observation [km/s].
    emulator_resolution : float
        lambda / FWHM of the emulator: sharper than any observation, by which the fit broadens it.
    line_spread : LineSpread
        Of an observation of which nothing better is known. A grating's dispersion in wavelength
        is nearly constant over a camera, so the width in Angstrom is what stays the same.

    References
    ----------
    LRS: 1800 at 5500 A, which is in the blue camera (LAMOST DR7, Luo et al. 2022yCat.5156....0L;
    Cui et al. 2012RAA....12.1197C).
    MRS: 7500 at 5163 A in the blue camera and at 6593 A in the red (Liu et al.
    2020arXiv200507210L).
    """

    survey: str
    resolution: float
    windows: tuple
    step: float
    observed: tuple
    pixel: float
    emulator_resolution: float
    line_spread: LineSpread


LRS_SPREAD = LineSpread(
    np.array([5500.0]), np.array([5500.0 / 1800.0]), (5500.0,), ((3690.0, 5900.0),)
)
MRS_SPREAD = LineSpread(np.array([5163.0, 5900.0, 5901.0, 6593.0]),
                        np.repeat([5163.0 / 7500.0, 6593.0 / 7500.0], 2),
                        (5163.0, 6593.0))  # fmt: skip
INSTRUMENTS = {
    "lrs": Instrument("LRS", 1800.0, ((3885.0, 5310.0), (6340.0, 6760.0)), 39.0,
                      ((3905.0, 5290.0), (6365.0, 6735.0)), LRS_PIXEL, 3200.0, LRS_SPREAD),
    "mrs": Instrument("MRS", 7500.0, ((4986.0, 5312.0), (6338.0, 6762.0)), 11.0,
                      ((5000.0, 5300.0), (6350.0, 6750.0)), MRS_PIXEL, 11000.0, MRS_SPREAD),
}  # fmt: skip

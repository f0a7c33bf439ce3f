"""The two LAMOST spectrographs: resolving power, windows and pixels of models and observations."""

from dataclasses import dataclass

import numpy as np

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
        lambda / FWHM.
    windows : tuple of (float, float)
        Vacuum intervals of the emulator [A], where they hold what B stars say.
    step : float
        Pixel of the emulator [km/s].
    observed : tuple of (float, float)
        Vacuum intervals of a stand-in observation [A].
    pixel : float
        Pixel of an observation [km/s].

    References
    ----------
    Resolving powers: Cui et al. (2012RAA....12.1197C); Liu et al. (2020arXiv200507210L).
    """

    survey: str
    resolution: float
    windows: tuple
    step: float
    observed: tuple
    pixel: float


INSTRUMENTS = {
    "lrs": Instrument("LRS", 1800.0, ((3885.0, 5310.0), (6340.0, 6760.0)), 60.0,
                      ((3905.0, 5290.0), (6365.0, 6735.0)), LRS_PIXEL),
    "mrs": Instrument("MRS", 7500.0, ((4986.0, 5312.0), (6338.0, 6762.0)), 14.0,
                      ((5000.0, 5300.0), (6350.0, 6750.0)), MRS_PIXEL),
}  # fmt: skip

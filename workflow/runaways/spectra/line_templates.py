"""Simple absorption-line templates, B0 to F5, for radial velocities where no model grid is at hand.

Lorentzian Balmer lines and Gaussian He I and metal lines of typical strength on a flat continuum.
Good for line positions (rest wavelengths are laboratory ones), useless for labels.
"""

from __future__ import annotations

import numpy as np

from runaways.spectra.broadening import blur
from runaways.spectra.spectrum import convert_wavelengths
from runaways.spectra.wavelengths import C_KMS

#: Air wavelengths [Angstrom], NIST Atomic Spectra Database (multiplets: weighted means).
BALMER = {"Ha": 6562.80, "Hb": 4861.33, "Hg": 4340.47, "Hd": 4101.74, "He": 3970.07}
#: He I lines and their equivalent width relative to 4471.
HELIUM = {
    4026.20: 0.95,
    4143.76: 0.55,
    4387.93: 0.65,
    4471.50: 1.0,
    4713.17: 0.35,
    4921.93: 0.75,
    5015.68: 0.5,
    5047.74: 0.2,
    5875.66: 0.9,
    6678.15: 0.8,
    7065.22: 0.6,
}
#: Metal lines: air wavelength, strength relative to the table's column, column.
METALS = (
    (3933.66, 1.0, "CaII"),
    (4481.23, 1.0, "MgII"),
    (4267.18, 0.6, "CII"),
    (4045.81, 0.6, "Fe"),
    (4063.59, 0.5, "Fe"),
    (4077.71, 0.4, "Fe"),
    (4143.87, 0.4, "Fe"),
    (4226.73, 0.9, "Fe"),
    (4271.76, 0.6, "Fe"),
    (4307.90, 1.0, "Fe"),
    (4325.76, 0.6, "Fe"),
    (4383.55, 0.9, "Fe"),
    (4404.75, 0.6, "Fe"),
    (4415.12, 0.3, "Fe"),
    (4549.5, 0.5, "Fe"),
    (4891.49, 0.4, "Fe"),
    (4920.50, 0.4, "Fe"),
    (4923.92, 0.5, "Fe"),
    (5018.44, 0.5, "Fe"),
    (5167.32, 0.6, "Fe"),
    (5172.68, 0.7, "Fe"),
    (5183.60, 0.8, "Fe"),
    (6347.11, 0.5, "MgII"),
    (6371.37, 0.35, "MgII"),
)
#: Equivalent widths [Angstrom] of main-sequence stars: round numbers in the sense of the
#: measurements on the MK standards of Gray & Corbally 2014 (AJ 147, 80).
STRENGTHS = {  # type: Balmer, He I 4471, Mg II 4481, Ca II K, C II 4267, Fe blend
    "B0": (4.5, 1.0, 0.1, 0.1, 0.0, 0.0),
    "B2": (6.0, 1.4, 0.2, 0.1, 0.2, 0.0),
    "B5": (8.0, 0.9, 0.3, 0.1, 0.2, 0.0),
    "B8": (10.0, 0.3, 0.3, 0.2, 0.1, 0.1),
    "A0": (14.0, 0.1, 0.3, 0.4, 0.0, 0.2),
    "A5": (13.0, 0.0, 0.4, 3.0, 0.0, 0.5),
    "F0": (9.0, 0.0, 0.4, 6.0, 0.0, 0.8),
    "F5": (5.0, 0.0, 0.3, 8.0, 0.0, 1.0),
}
COLUMNS = ("Balmer", "HeI", "MgII", "CaII", "CII", "Fe")
BALMER_DEPTH = 0.6  # about the core depth of B5 to A0 dwarfs at R = 1800
LUMINOSITY_FACTORS = (1.0, 0.5)  # Balmer strength of dwarfs and of supergiants


def line_templates(
    wave: np.ndarray,
    resolving_power: float,
    medium: str = "vacuum",
    vsini: tuple[float, ...] = (30.0, 250.0),
) -> tuple[np.ndarray, list[str]]:
    """Templates of all types, two luminosities and the given rotations.

    Parameters
    ----------
    wave : ndarray, shape (n_pixels,)
        Wavelength [Angstrom], increasing, in `medium`.
    resolving_power : float
        Instrumental lambda / FWHM.
    medium : {"vacuum", "air"}
    vsini : tuple of float
        Projected rotation [km/s], taken as a Gaussian of that FWHM times 1.3.

    Returns
    -------
    flux : ndarray, shape (n_templates, n_pixels)
        Continuum 1.
    names : list of str
        Such as "B2 x1.0 250".
    """
    air = convert_wavelengths(wave, medium, "air")
    sharp, names = [], []
    for name, strengths in STRENGTHS.items():
        strength = dict(zip(COLUMNS, strengths, strict=True))
        for factor in LUMINOSITY_FACTORS:
            sharp.append(_flux(air, strength, factor))
            names.append(f"{name} x{factor:g}")
    sharp = np.array(sharp)
    broadened = [
        blur(air, sharp, np.hypot(air / resolving_power, 1.3 * v / C_KMS * air)) for v in vsini
    ]
    return np.concatenate(broadened), [f"{n} {v:g}" for v in vsini for n in names]


def _flux(air: np.ndarray, strength: dict, factor: float) -> np.ndarray:
    flux = np.ones(len(air))
    width = strength["Balmer"] * factor / (np.pi * BALMER_DEPTH)  # Lorentzian: EW = pi depth width
    for centre in BALMER.values():
        flux -= BALMER_DEPTH / (1 + ((air - centre) / width) ** 2)
    lines = [(c, s * strength["HeI"], 1.0) for c, s in HELIUM.items()]
    lines += [(c, s * strength[column], 0.5) for c, s, column in METALS]
    for centre, equivalent_width, sigma in lines:
        sigma = max(sigma, equivalent_width / 2.0)  # a strong line is broad, not deeper than 80 %
        depth = equivalent_width / (sigma * np.sqrt(2 * np.pi))
        flux *= 1 - depth * np.exp(-0.5 * ((air - centre) / sigma) ** 2)
    return np.maximum(flux, 0.05)  # overlapping Balmer wings could add up to more

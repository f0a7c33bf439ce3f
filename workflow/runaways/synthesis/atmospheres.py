"""Compact LTE model atmospheres of B stars: equation of state, continuous opacity, structure.

Plane-parallel and hydrostatic with radiation pressure, on a prescribed T(tau_Rosseland). Built for
the stand-in spectra only: it exercises the pipeline and is not for publication.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.interpolate import RectBivariateSpline

from runaways.synthesis.atomic_data import HELIUM_ABUNDANCE, IONS

# CODATA 2018, cgs
K_B, H_PLANCK, C_LIGHT = 1.380649e-16, 6.62607015e-27, 2.99792458e10
M_E, AMU, EV = 9.1093837e-28, 1.66053907e-24, 1.602176634e-12
SIGMA_SB, SIGMA_T = 5.670374e-5, 6.6524587e-25
RYDBERG_EV = 13.598434  # ionisation energy of hydrogen
K_EV = K_B / EV
MASS_PER_H = (1.008 + 4.0026 * HELIUM_ABUNDANCE) * AMU
# Si, Mg and Fe give the electrons where hydrogen is neutral; one donor stands for the three.
DONOR_ABUNDANCE = 1.05e-4
MIN_GRAVITY_FRACTION = 0.1  # of g: keeps models near the Eddington limit hydrostatic

# T/Teff of solar, log g = 4 atmospheres against log tau_Rosseland: a smooth fit to ATLAS9 (Castelli
# & Kurucz 2003IAUS..210P.A20C), rms 1.3 %, tabulated from the project's first synthesiser.
LOG_TAU_NODES = np.array([-6, -5, -4, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2])
TEFF_NODES = np.array([8, 9, 10, 12, 15, 17, 20, 25, 30, 35]) * 1e3
T_OVER_TEFF = np.array([
    [.645, .691, .737, .780, .797, .810, .826, .860, .940, 1.094, 1.340, 1.706, 2.231, 2.953],
    [.632, .678, .724, .769, .788, .805, .823, .858, .938, 1.090, 1.335, 1.703, 2.229, 2.953],
    [.618, .663, .708, .752, .774, .795, .818, .855, .935, 1.084, 1.329, 1.699, 2.227, 2.952],
    [.585, .631, .676, .722, .745, .770, .799, .844, .926, 1.074, 1.319, 1.693, 2.224, 2.950],
    [.557, .602, .648, .693, .717, .743, .775, .824, .914, 1.070, 1.319, 1.693, 2.224, 2.950],
    [.549, .592, .635, .678, .701, .726, .757, .808, .904, 1.069, 1.325, 1.699, 2.227, 2.952],
    [.526, .570, .615, .660, .683, .709, .742, .796, .898, 1.073, 1.334, 1.706, 2.231, 2.954],
    [.481, .535, .590, .644, .673, .703, .741, .801, .909, 1.092, 1.353, 1.718, 2.237, 2.956],
    [.489, .548, .606, .665, .695, .728, .767, .828, .935, 1.114, 1.369, 1.727, 2.241, 2.958],
    [.511, .575, .639, .704, .736, .768, .804, .856, .953, 1.125, 1.375, 1.731, 2.243, 2.959],
])  # fmt: skip

# He I bound-free: threshold [eV], E_low [eV], g, cross section at threshold [cm^2], power of the
# frequency. Ground and n = 2 as in ATLAS (Kurucz 1970, SAO Spec. Rep. 309), rounded.
HELIUM_EDGES = (
    (24.587, 0.0, 1, 7.4e-18, 1.7),
    (4.768, 19.820, 3, 5.5e-18, 1.2),
    (3.972, 20.616, 1, 9.5e-18, 1.9),
    (3.624, 20.964, 9, 1.6e-17, 2.9),
    (3.370, 21.218, 3, 1.35e-17, 3.0),
)


@dataclass(frozen=True)
class Atmosphere:
    """Stratification of one star; every array has shape (n_depth,), surface first."""

    teff: float
    logg: float
    mh: float
    tau: np.ndarray  # Rosseland optical depth
    temperature: np.ndarray  # K
    electrons: np.ndarray  # cm^-3
    hydrogen: np.ndarray  # hydrogen nuclei, cm^-3
    opacity: np.ndarray  # Rosseland, cm^-1


def partition_function(element: str, charge: int, temperature: np.ndarray) -> np.ndarray:
    """Partition function from the low terms of `atomic_data.IONS`.

    Parameters
    ----------
    element : str
        Chemical symbol.
    charge : int
        0 for the neutral atom.
    temperature : array_like, shape (n,)
        Temperature [K].

    Returns
    -------
    numpy.ndarray, shape (n,)
    """
    terms = IONS[element][charge][1]
    return sum(g * np.exp(-e / (K_EV * temperature)) for g, e in terms)


def ion_fractions(element: str, temperature: np.ndarray, electrons: np.ndarray) -> np.ndarray:
    """Fractions of an element in its successive ions, from Saha's equation.

    Parameters
    ----------
    element : str
        Chemical symbol.
    temperature, electrons : array_like, shape (n,)
        Temperature [K] and electron density [cm^-3].

    Returns
    -------
    numpy.ndarray, shape (n_ions, n)
        Sums to one over the ions.

    References
    ----------
    Mihalas (1978, Stellar Atmospheres), eq. 5-17.
    """
    return _fractions(_saha(element, temperature), electrons)


def _saha(element: str, temperature: np.ndarray) -> list[np.ndarray]:
    """Densities of successive ions over that of the one before, times those of electrons."""
    phase_space = 2.0 * (2.0 * np.pi * M_E * K_B * temperature / H_PLANCK**2) ** 1.5
    ions = IONS[element]
    functions = [partition_function(element, charge, temperature) for charge in range(len(ions))]
    return [
        phase_space * np.exp(-ionisation / (K_EV * temperature)) * functions[charge + 1]
        / functions[charge]
        for charge, (ionisation, _) in enumerate(ions[:-1])
    ]  # fmt: skip


def _fractions(saha: list[np.ndarray], electrons: np.ndarray) -> np.ndarray:
    """Fractions of an element in its ions, shape (n_ions, n)."""
    ratios = np.ones((len(saha) + 1, *electrons.shape))
    for charge, factor in enumerate(saha):
        ratios[charge + 1] = ratios[charge] * factor / electrons
    return ratios / ratios.sum(axis=0)


def equation_of_state(temperature, pressure, mh: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Electron and hydrogen densities of a gas in ionisation equilibrium.

    Parameters
    ----------
    temperature, pressure : array_like, shape (n,)
        Temperature [K] and gas pressure [dyn cm^-2].
    mh : float
        [M/H], for the metals that give electrons in the coolest layers.

    Returns
    -------
    electrons, hydrogen : numpy.ndarray, shape (n,)
        Electrons and hydrogen nuclei [cm^-3].
    """
    temperature = np.asarray(temperature, dtype=float)
    particles = np.asarray(pressure, dtype=float) / (K_B * temperature)
    low, high = np.log(particles) - 20.0, np.log(0.6 * particles)
    donor = DONOR_ABUNDANCE * 10.0**mh
    elements = [_saha(element, np.asarray(temperature)) for element in ("H", "He", "Si")]
    for _ in range(40):  # bisection: the supply of electrons falls as their density grows
        electrons = np.exp(0.5 * (low + high))
        hydrogen = (particles - electrons) / (1.0 + HELIUM_ABUNDANCE)
        ionised, helium, silicon = (_fractions(saha, electrons) for saha in elements)
        supply = hydrogen * (
            ionised[1]
            + HELIUM_ABUNDANCE * (helium[1] + 2.0 * helium[2])
            + donor * (np.arange(len(silicon)) @ silicon)
        )
        more = supply > electrons
        low = np.where(more, np.log(electrons), low)
        high = np.where(more, high, np.log(electrons))
    return electrons, (particles - electrons) / (1.0 + HELIUM_ABUNDANCE)


def _hydrogenic_bound_free(photon, kt, charge: int, binding: float, levels) -> np.ndarray:
    """Bound-free absorption of hydrogenic levels, per atom over g of the ground state [cm^2]."""
    total = 0.0
    for n in levels:
        edge = RYDBERG_EV * charge**2 / n**2
        # Menzel & Pekeris (1935) as in Gray (2005), eq. 8.5
        x = photon / (RYDBERG_EV * charge**2)
        gaunt = 1.0 - 0.3456 * x ** (1 / 3) * (1.0 / (n**2 * x) - 0.5)
        cross = 7.906e-18 * n / charge**2 * (edge / photon) ** 3 * gaunt
        weight = n**2 * np.exp(-(binding - edge) / kt)
        total = total + np.where(photon >= edge, cross * weight, 0.0)
    return total


def _negative_hydrogen(wave: np.ndarray, temperature, electrons) -> np.ndarray:
    """H- absorption per neutral hydrogen atom [cm^2] (Gray 2005, eq. 8.11 to 8.13)."""
    theta = 5039.77 / temperature
    pressure = electrons * K_B * temperature
    x = np.clip(wave, 2250.0, 15000.0)
    bound = np.polynomial.polynomial.polyval(
        x, [1.99654, -1.18267e-5, 2.64243e-6, -4.40524e-10, 3.23992e-14, -1.39568e-18, 2.78701e-23]
    )
    bound = 4.158e-28 * np.maximum(bound, 0.0) * pressure * theta**2.5 * 10 ** (0.754 * theta)
    bound = np.where((wave > 2250.0) & (wave < 15000.0), bound, 0.0)
    log_wave = np.log10(np.clip(wave, 2600.0, 113900.0))
    coefficients = (
        (-2.2763, -1.6850, 0.76661, -0.053346),
        (15.2827, -9.2846, 1.99381, -0.142631),
        (-197.789, 190.266, -67.9775, 10.6913, -0.625151),
    )
    f0, f1, f2 = (np.polynomial.polynomial.polyval(log_wave, c) for c in coefficients)
    lt = np.log10(theta)
    free = 1e-26 * pressure * 10 ** (f0 + f1 * lt + f2 * lt**2)
    return bound + np.where(wave > 2600.0, free, 0.0)


def continuous_opacity(frequency, temperature, electrons, hydrogen):
    """True continuous absorption and electron scattering of H, He and H-.

    Parameters
    ----------
    frequency : array_like, shape (n_freq,)
        Frequency [Hz].
    temperature, electrons, hydrogen : array_like, shape (n_depth,)
        Temperature [K], electrons and hydrogen nuclei [cm^-3].

    Returns
    -------
    absorption, scattering : numpy.ndarray, shapes (n_depth, n_freq) and (n_depth, 1)
        Absorption corrected for stimulated emission, and Thomson scattering [cm^-1].

    References
    ----------
    Gray (2005, The Observation and Analysis of Stellar Photospheres), chapter 8.
    """
    temperature, electrons, hydrogen = (
        np.asarray(a, dtype=float)[:, None] for a in (temperature, electrons, hydrogen)
    )
    kt = K_EV * temperature
    photon = H_PLANCK * np.asarray(frequency, dtype=float)[None, :] / EV
    stimulated = -np.expm1(-photon / kt)
    h_ions = ion_fractions("H", temperature, electrons)
    he_ions = ion_fractions("He", temperature, electrons)
    neutral = hydrogen * h_ions[0] * 2.0 / partition_function("H", 0, temperature)
    helium = HELIUM_ABUNDANCE * hydrogen
    he1 = helium * he_ions[0] / partition_function("He", 0, temperature)
    he2 = helium * he_ions[1]

    total = neutral * _hydrogenic_bound_free(photon, kt, 1, RYDBERG_EV, range(1, 10))
    edge = RYDBERG_EV / 9.5**2  # levels above n = 9 as an integral (Unsoeld)
    series = 7.906e-18 * (RYDBERG_EV / photon) ** 3 * kt / (2.0 * RYDBERG_EV)
    total = total + neutral * series * np.exp(-RYDBERG_EV / kt) * np.expm1(edge / kt)
    total = total + 4.0 * he1 * _hydrogenic_bound_free(photon, kt, 1, 24.587, range(3, 9))
    total = total + he2 * _hydrogenic_bound_free(photon, kt, 2, 54.418, range(1, 11))
    for threshold, energy, weight, cross, power in HELIUM_EDGES:
        value = weight * cross * (threshold / photon) ** power * np.exp(-energy / kt)
        total = total + he1 * np.where(photon >= threshold, value, 0.0)
    charges = hydrogen * h_ions[1] + helium * (he_ions[1] + 4.0 * he_ions[2])
    gaunt = 1.0 + 0.3456 * (photon / RYDBERG_EV) ** (1 / 3) * (kt / photon + 0.5)
    total = total + 3.692e8 * gaunt * electrons * charges / np.sqrt(temperature) / frequency**3
    total = total * stimulated
    wave = C_LIGHT / np.asarray(frequency)[None, :] * 1e8
    minus = _negative_hydrogen(wave, temperature, electrons)
    return total + hydrogen * h_ions[0] * minus, SIGMA_T * electrons


@cache
def _rosseland_spline() -> RectBivariateSpline:
    """log10 of the Rosseland mean continuous opacity [cm^2/g] on (log T, log P)."""
    log_t, log_p = np.linspace(3.6, 5.05, 40), np.linspace(-3.0, 7.5, 36)
    temperature = np.repeat(10**log_t, log_p.size)
    electrons, hydrogen = equation_of_state(temperature, np.tile(10**log_p, log_t.size))
    frequency = np.geomspace(1.0e14, 2.0e16, 110)
    absorption, scattering = continuous_opacity(frequency, temperature, electrons, hydrogen)
    x = np.clip(H_PLANCK * frequency / (K_B * temperature[:, None]), 1e-6, 300.0)
    weight = x**5 * np.exp(-x) / np.expm1(-x) ** 2  # dB/dT on a logarithmic grid of frequency
    mean = weight.sum(axis=1) / (weight / (absorption + scattering)).sum(axis=1)
    table = np.log10(mean / (hydrogen * MASS_PER_H)).reshape(log_t.size, log_p.size)
    return RectBivariateSpline(log_t, log_p, table)


@cache
def _temperature_spline() -> RectBivariateSpline:
    return RectBivariateSpline(np.log10(TEFF_NODES), LOG_TAU_NODES, T_OVER_TEFF)


def temperature_law(tau, teff: float, mh: float = 0.0) -> np.ndarray:
    """Temperature against Rosseland optical depth.

    Parameters
    ----------
    tau : array_like, shape (n,)
        Rosseland optical depth, 1e-6 to 100.
    teff : float
        Effective temperature [K].
    mh : float
        [M/H]: line blanketing cools the surface a little more when it is high.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Temperature [K].

    References
    ----------
    Castelli & Kurucz (2003IAUS..210P.A20C) for the departure from the grey solution (Mihalas 1978,
    eq. 3-44 with Hopf's function).
    """
    tau = np.asarray(tau, dtype=float)
    grey = (0.75 * (tau + 0.7104 - 0.133 * np.exp(-3.0 * tau))) ** 0.25
    blanketed = _temperature_spline()(np.log10(teff), np.log10(tau))[0]
    return teff * (grey + (blanketed - grey) * np.clip(1.0 + 0.1 * mh, 0.8, 1.1))


def _blanketing(tau: np.ndarray, mh: float) -> np.ndarray:
    """Factor by which lines raise the Rosseland mean: 1.2 to 1.75 at solar [M/H] (ATLAS9)."""
    return 1.0 + (0.45 + 0.27 * np.tanh((np.log10(tau) + 1.2) / 2.0)) * 10.0 ** (0.5 * mh)


def model_atmosphere(teff: float, logg: float, mh: float = 0.0, n_depth: int = 42) -> Atmosphere:
    """Hydrostatic LTE atmosphere of a B star.

    Parameters
    ----------
    teff : float
        Effective temperature [K], 8 000 to 35 000.
    logg : float
        Log surface gravity [cm s^-2].
    mh : float
        [M/H] [dex].
    n_depth : int
        Number of depths.

    Returns
    -------
    Atmosphere

    Raises
    ------
    ValueError
        Outside the range of the temperature law.

    References
    ----------
    Mihalas (1978, Stellar Atmospheres), eq. 7-8: dP/dtau = g/kappa - sigma Teff^4/c.
    """
    if not TEFF_NODES[0] <= teff <= TEFF_NODES[-1]:
        raise ValueError(f"teff = {teff:g} K is outside 8000..35000 K of the stand-in atmospheres")
    log_tau = np.linspace(-5.5, 2.0, n_depth)
    tau = 10.0**log_tau
    temperature = temperature_law(tau, teff, mh)
    log_t, factor, spline = np.log10(temperature), _blanketing(tau, mh), _rosseland_spline()
    gravity, push = 10.0**logg, SIGMA_SB * teff**4 / C_LIGHT

    def slope(i: float, pressure: float) -> float:
        """dP/dtau at depth index i."""
        kappa = factor[i] * 10.0 ** spline(log_t[i], np.log10(pressure), grid=False)
        return max(gravity - kappa * push, MIN_GRAVITY_FRACTION * gravity) / kappa

    pressure = np.empty(n_depth)
    value = gravity * tau[0]
    for _ in range(25):
        value = 0.5 * (value + tau[0] * slope(0, value))
    pressure[0] = value
    for i in range(1, n_depth):  # Heun's method
        step = tau[i] - tau[i - 1]
        first = slope(i - 1, pressure[i - 1])
        pressure[i] = pressure[i - 1] + 0.5 * step * (
            first + slope(i, pressure[i - 1] + step * first)
        )
    electrons, hydrogen = equation_of_state(temperature, pressure, mh)
    kappa = factor * 10.0 ** spline(log_t, np.log10(pressure), grid=False)
    return Atmosphere(teff, logg, mh, tau, temperature, electrons, hydrogen,
                      kappa * hydrogen * MASS_PER_H)  # fmt: skip

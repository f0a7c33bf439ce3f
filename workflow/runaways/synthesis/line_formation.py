"""Compact LTE synthesis of B-star spectra: the stand-in for a TLUSTY grid on a fresh machine.

It exercises the pipeline and is not for publication: LTE, a prescribed temperature law, a short
list of lines. Trends with Teff, log g and [M/H] are right; He I is some 20 % weak against NLTE.
"""

import numpy as np
from scipy.special import wofz

from runaways.spectra.wavelengths import air_to_vacuum, velocity_step
from runaways.synthesis.atmospheres import (
    AMU,
    C_LIGHT,
    H_PLANCK,
    K_B,
    K_EV,
    Atmosphere,
    continuous_opacity,
    ion_fractions,
    model_atmosphere,
    partition_function,
)
from runaways.synthesis.atomic_data import ATOMIC_MASS, BALMER, LOG_ABUNDANCE, line_list
from runaways.synthesis.hydrogen_profiles import balmer_profile

TEFF_RANGE = (9000.0, 33000.0)  # K, where the temperature law and the ions listed hold
LOGG_MIN = 2.5  # dex; assumed: nearer the Eddington limit the models do not hold
PI_E2_OVER_MC = 0.0265400  # cm^2 Hz
BALMER_REACH = 250.0  # A from the line centre
HELIUM_REACH, METAL_REACH = 60.0, 6.0  # A
VOIGT_CORE = 12.0  # Doppler widths: beyond, the Voigt function is its Lorentz wing
N_CONTINUUM = 16  # wavelengths of the continuum in a window; it is smooth
BLOCK = 1024  # wavelengths
# exp(x) E4(x) as a ratio of polynomials, exact for large x; fitted, relative error < 1.6e-4
E4_TOP = (3.2565674, 5.0620239, 1.0)
E4_BOTTOM = (9.7697021, 20.0164203, 9.0464558, 1.0)


def _planck(frequency, temperature) -> np.ndarray:
    """Planck function without its constant factors, which cancel in a normalised spectrum."""
    return 1.0 / np.expm1(np.minimum(H_PLANCK * frequency / (K_B * temperature), 600.0))


def _optical_depth(ratio: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """Monochromatic optical depth from opacity / Rosseland opacity, shape (n_depth, n_wave)."""
    slope = ratio * tau[:, None]  # d tau_nu / d ln tau_Rosseland
    steps = 0.5 * (slope[1:] + slope[:-1]) * np.diff(np.log(tau))[:, None]
    depth = np.empty_like(ratio)
    depth[0] = slope[0]
    np.cumsum(steps, axis=0, out=depth[1:])
    depth[1:] += slope[0]
    return depth


def _emergent_flux(source: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Flux at the surface for a source function linear between depth points, shape (n_wave,).

    F ~ int S E2 d tau, integrated by parts: sum of slope * difference of E4 (Mihalas 1978, 2-65).
    """
    top = np.polynomial.polynomial.polyval(depth, E4_TOP)
    e4 = np.exp(-np.minimum(depth, 80.0)) * top
    e4 /= np.polynomial.polynomial.polyval(depth, E4_BOTTOM)
    slope = np.diff(source, axis=0) / np.diff(depth, axis=0)
    inner = (slope * (e4[:-1] - e4[1:])).sum(axis=0)
    return source[0] / 2.0 + inner + slope[-1] * e4[-1]


def _mean_intensity(planck: np.ndarray, albedo: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """J of a scattering continuum in the Eddington approximation, shape (n_depth, n_wave).

    J''/3 = (1 - albedo) (J - B) with J' = sqrt(3) J at the surface and J = B at the bottom
    (Mihalas 1978, chapter 6), by elimination from the top.
    """
    steps = np.diff(depth, axis=0)
    ratio, carry = np.empty_like(planck), np.empty_like(planck)  # J_i = carry_i + ratio_i J_(i+1)
    ratio[0] = 1.0 / (1.0 + np.sqrt(3.0) * steps[0])
    carry[0] = 0.0
    for i in range(1, len(depth) - 1):
        mean = 0.5 * (steps[i - 1] + steps[i])
        up, down = 1.0 / (3.0 * steps[i - 1] * mean), 1.0 / (3.0 * steps[i] * mean)
        thermal = 1.0 - albedo[i]
        pivot = up * (1.0 - ratio[i - 1]) + down + thermal
        ratio[i] = down / pivot
        carry[i] = (thermal * planck[i] + up * carry[i - 1]) / pivot
    mean_intensity = np.empty_like(planck)
    mean_intensity[-1] = planck[-1]
    for i in range(len(depth) - 2, -1, -1):
        mean_intensity[i] = carry[i] + ratio[i] * mean_intensity[i + 1]
    return mean_intensity


def _add_voigt(total, offset, width, half_width, strength) -> None:
    """Add strength times a Voigt profile, in place.

    `total` has shape (n_depth, n_wave); `offset` from the line centre (n_wave,), rising, and the
    Doppler and Lorentz widths (n_depth,) are in A. Far from the centre it is the Lorentz wing, in
    which depth and wavelength part.
    """
    reach = VOIGT_CORE * width[len(width) // 2]
    first, end = np.searchsorted(offset, [-reach, reach])
    wing = (strength * half_width / np.pi)[:, None]
    for side in (np.s_[:first], np.s_[end:]):
        total[:, side] += wing / offset[side] ** 2
    core = (offset[first:end] + 1j * half_width[:, None]) / width[:, None]
    total[:, first:end] += (strength / (np.sqrt(np.pi) * width))[:, None] * wofz(core).real


def _line_opacity(wave, atmosphere: Atmosphere, microturbulence: float, elements) -> np.ndarray:
    """Opacity of the lines in LTE with stimulated emission [cm^-1], shape (n_depth, n_wave)."""
    temperature, electrons = atmosphere.temperature, atmosphere.electrons
    total = np.zeros((temperature.size, wave.size))

    def doppler(wave0: float, mass: float) -> np.ndarray:
        speed = np.sqrt(2.0 * K_B * temperature / (mass * AMU) + (microturbulence * 1e5) ** 2)
        return wave0 * speed / C_LIGHT

    def strength(wave0: float, population: np.ndarray) -> np.ndarray:
        """Absorption per unit profile in A."""
        stimulated = -np.expm1(-H_PLANCK * C_LIGHT / (wave0 * 1e-8 * K_B * temperature))
        return PI_E2_OVER_MC * population * stimulated * wave0**2 * 1e-8 / C_LIGHT

    neutral = atmosphere.hydrogen * ion_fractions("H", temperature, electrons)[0]
    second = neutral * 8.0 * np.exp(-10.1988 / (K_EV * temperature))
    second = second / partition_function("H", 0, temperature)
    for n, (air, oscillator) in BALMER.items():
        wave0 = float(air_to_vacuum(air))
        a, b = np.searchsorted(wave, [wave0 - BALMER_REACH, wave0 + BALMER_REACH])
        if b - a > 2 and (elements is None or "H" in elements):
            profile = balmer_profile(wave[a:b], n, wave0, temperature, electrons,
                                     doppler(wave0, ATOMIC_MASS["H"]))  # fmt: skip
            total[:, a:b] += strength(wave0, oscillator * second)[:, None] * profile

    fractions: dict[str, np.ndarray] = {}
    for line in line_list():
        element, charge, wave0 = str(line["element"]), int(line["charge"]), float(line["wave"])
        reach = HELIUM_REACH if element == "He" else METAL_REACH
        a, b = np.searchsorted(wave, [wave0 - reach, wave0 + reach])
        if b <= a or (elements is not None and element not in elements):
            continue
        if element not in fractions:
            fractions[element] = ion_fractions(element, temperature, electrons)
        metals = 0.0 if element == "He" else atmosphere.mh
        density = 10.0 ** (LOG_ABUNDANCE[element] + metals) * atmosphere.hydrogen
        population = density * fractions[element][charge] * 10.0 ** line["log_gf"]
        population = population * np.exp(-line["energy"] / (K_EV * temperature))
        population = population / partition_function(element, charge, temperature)
        width = doppler(wave0, ATOMIC_MASS[element])
        half_width = _half_width(line, wave0, temperature, electrons)
        _add_voigt(total[:, a:b], wave[a:b] - wave0, width, half_width, strength(wave0, population))
    return total


def _half_width(line, wave0: float, temperature, electrons) -> np.ndarray:
    """Lorentz half width at half maximum [A]: classical radiation damping plus electrons."""
    per_rate = wave0**2 * 1e-8 / (4.0 * np.pi * C_LIGHT)  # A per s^-1
    radiative = 2.223e15 / wave0**2 * per_rate
    if np.isfinite(line["half_width"]):
        return radiative + line["half_width"] * electrons / 1e16 * (temperature / 2e4) ** 0.1
    return (
        radiative
        + 10.0 ** line["log_stark"] * electrons * (temperature / 1e4) ** (1 / 6) * per_rate
    )


def synthesise(
    teff: float,
    logg: float,
    mh: float,
    wave: np.ndarray,
    microturbulence: float = 2.0,
    atmosphere: Atmosphere | None = None,
    elements: tuple[str, ...] | None = None,
) -> np.ndarray:
    """Normalised flux spectrum of a B star, unbroadened.

    Parameters
    ----------
    teff, logg, mh : float
        Effective temperature [K], log surface gravity [cm s^-2] and [M/H] [dex].
    wave : array_like, shape (n_wave,)
        Vacuum wavelengths uniform in ln(lambda) [A], 3850 to 6800.
    microturbulence : float
        [km/s]; 2 as in BSTAR2006.
    atmosphere : Atmosphere, optional
        To use instead of a new one, when several windows of one star are wanted.
    elements : tuple of str, optional
        Chemical symbols whose lines to include; all by default.

    Returns
    -------
    numpy.ndarray, shape (n_wave,)
        Flux over the flux of the continuum without lines.

    Raises
    ------
    ValueError
        If the labels are outside 9 000..33 000 K or below log g 2.5, or the grid is not uniform.

    References
    ----------
    Mihalas (1978, Stellar Atmospheres); He/H and microturbulence of BSTAR2006 (Lanz & Hubeny
    2007ApJS..169...83L).
    """
    if not (TEFF_RANGE[0] <= teff <= TEFF_RANGE[1] and logg >= LOGG_MIN):
        raise ValueError(
            f"stand-in synthesis covers {TEFF_RANGE[0]:g}..{TEFF_RANGE[1]:g} K and log g >= "
            f"{LOGG_MIN}, not teff = {teff:g}, logg = {logg:g}"
        )
    wave = np.asarray(wave, dtype=float)
    velocity_step(wave)
    model = atmosphere or model_atmosphere(teff, logg, mh)
    nodes = np.linspace(wave[0], wave[-1], N_CONTINUUM)
    frequency = C_LIGHT / (nodes * 1e-8)
    absorption, scattering = continuous_opacity(
        frequency, model.temperature, model.electrons, model.hydrogen
    )
    planck = _planck(frequency, model.temperature[:, None])
    ratio = (absorption + scattering) / model.opacity[:, None]
    depth = _optical_depth(ratio, model.tau)
    albedo = scattering / (absorption + scattering)
    mean_intensity = _mean_intensity(planck, albedo, depth)
    continuum = _emergent_flux(albedo * mean_intensity + (1.0 - albedo) * planck, depth)

    # Continuum quantities are smooth: linear between the nodes, as the source function needs them.
    # In blocks that stay in the processor's cache.
    thermal = _line_opacity(wave, model, microturbulence, elements)
    flux = np.empty_like(wave)
    for first in range(0, len(wave), BLOCK):
        block = np.s_[first : first + BLOCK]
        low = np.clip(np.searchsorted(nodes, wave[block]) - 1, 0, N_CONTINUUM - 2)
        part = (wave[block] - nodes[low]) / (nodes[1] - nodes[0])
        c_absorption, c_planck, c_intensity, c_flux = (
            a[..., low] + part * (a[..., low + 1] - a[..., low])
            for a in (absorption, planck, mean_intensity, continuum)
        )
        absorbing = thermal[:, block] + c_absorption
        total = absorbing + scattering
        source = (absorbing * c_planck + scattering * c_intensity) / total
        depth = _optical_depth(total / model.opacity[:, None], model.tau)
        flux[block] = _emergent_flux(source, depth) / c_flux
    return flux

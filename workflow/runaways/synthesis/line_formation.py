"""Compact LTE synthesis of B-star spectra: the stand-in for a TLUSTY grid on a fresh machine.

It exercises the pipeline and is not for publication: LTE, a prescribed temperature law, a short
list of lines. Trends with Teff, log g and [M/H] are right; He I is some 20 % weak against NLTE.
"""

import numpy as np

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
from runaways.synthesis.kernels import add_lines, emergent_flux, normalised_flux, optical_depth

TEFF_RANGE = (9000.0, 33000.0)  # K, where the temperature law and the ions listed hold
LOGG_MIN = 2.5  # dex; assumed: nearer the Eddington limit the models do not hold
PI_E2_OVER_MC = 0.0265400  # cm^2 Hz
BALMER_REACH = 250.0  # A from the line centre
HELIUM_REACH, METAL_REACH = 60.0, 6.0  # A
VOIGT_CORE = 12.0  # Doppler widths: beyond, the Voigt function is its Lorentz wing
N_CONTINUUM = 16  # wavelengths of the continuum in a window; it is smooth


def _planck(frequency, temperature) -> np.ndarray:
    """Planck function without its constant factors, which cancel in a normalised spectrum."""
    return 1.0 / np.expm1(np.minimum(H_PLANCK * frequency / (K_B * temperature), 600.0))


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


def _line_opacity(wave, atmosphere: Atmosphere, microturbulence: float, elements) -> np.ndarray:
    """Opacity of the lines in LTE with stimulated emission [cm^-1], shape (n_wave, n_depth)."""
    temperature, electrons = atmosphere.temperature, atmosphere.electrons
    total = np.zeros((wave.size, temperature.size))

    def doppler(wave0, mass):
        speed = np.sqrt(2.0 * K_B * temperature / (mass * AMU) + (microturbulence * 1e5) ** 2)
        return wave0 * speed / C_LIGHT

    def strength(wave0, population):
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
            total[a:b] += strength(wave0, oscillator * second) * profile

    lines = line_list()
    if elements is not None:
        lines = lines[np.isin(lines["element"], elements)]
    reach = np.where(lines["element"] == "He", HELIUM_REACH, METAL_REACH)
    ends = np.searchsorted(wave, [lines["wave"] - reach, lines["wave"] + reach])
    lines, ends = lines[ends[0] < ends[1]], ends[:, ends[0] < ends[1]]
    wave0, per_g = lines["wave"][:, None], {}  # density of each ion over its partition function
    for element in set(lines["element"].tolist()):
        metals = 0.0 if element == "He" else atmosphere.mh
        density = 10.0 ** (LOG_ABUNDANCE[element] + metals) * atmosphere.hydrogen
        for charge, part in enumerate(ion_fractions(element, temperature, electrons)):
            function = partition_function(element, charge, temperature)
            per_g[element, charge] = density * part / function
    ions = zip(lines["element"].tolist(), lines["charge"].tolist())
    population = np.array([per_g[ion] for ion in ions]).reshape(-1, temperature.size)
    population = population * 10.0 ** lines["log_gf"][:, None]
    population = population * np.exp(-lines["energy"][:, None] / (K_EV * temperature))
    mass = np.array([ATOMIC_MASS[element] for element in lines["element"]])
    width = doppler(wave0, mass[:, None])
    core = VOIGT_CORE * width[:, temperature.size // 2]
    core = np.searchsorted(wave, [lines["wave"] - core, lines["wave"] + core])
    pixels = np.stack([ends[0], *np.clip(core, *ends), ends[1]], axis=1)
    half_width = _half_width(lines, temperature, electrons)
    add_lines(total, wave, lines["wave"], pixels, width, half_width, strength(wave0, population))
    return total


def _half_width(lines, temperature, electrons) -> np.ndarray:
    """Lorentz half width at half maximum [A]: classical radiation damping plus electrons."""
    squared, of_helium = lines["wave"][:, None] ** 2, lines["half_width"][:, None]
    per_rate = squared * 1e-8 / (4.0 * np.pi * C_LIGHT)  # A per s^-1
    return 2.223e15 / squared * per_rate + np.where(
        np.isfinite(of_helium),
        of_helium * electrons / 1e16 * (temperature / 2e4) ** 0.1,
        10.0 ** lines["log_stark"][:, None] * electrons * (temperature / 1e4) ** (1 / 6) * per_rate,
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
    depth = optical_depth(ratio.T.copy(), model.tau)
    albedo = scattering / (absorption + scattering)
    mean_intensity = _mean_intensity(planck, albedo, depth.T)
    source = albedo * mean_intensity + (1.0 - albedo) * planck
    continuum = np.array([absorption.T, planck.T, mean_intensity.T])

    # Continuum quantities are smooth: linear between the nodes, as the source function needs them
    low = np.clip(np.searchsorted(nodes, wave) - 1, 0, N_CONTINUUM - 2)
    part = (wave - nodes[low]) / (nodes[1] - nodes[0])
    return normalised_flux(
        _line_opacity(wave, model, microturbulence, elements), low, part, continuum,
        emergent_flux(source.T.copy(), depth), scattering[:, 0], model.opacity, model.tau,
    )  # fmt: skip

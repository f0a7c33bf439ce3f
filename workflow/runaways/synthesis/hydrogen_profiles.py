"""Stark-broadened profiles of the Balmer lines, Griem's theory in Peterson's analytic form."""

import numpy as np
from scipy.fft import dct, idct
from scipy.special import exp1

from runaways.synthesis.kernels import interpolate_profile

# Asymptotic Stark constants of the first Balmer lines (Vidal, Cooper & Smith 1973ApJS...25...37V)
# and the approximation for the rest (Griem 1960ApJ...132..883G, eq. 33), A per Holtsmark field.
STARK_CONSTANT = {3: 0.00902, 4: 0.01772, 5: 0.02507}
HOLTSMARK_FIELD = 1.25e-9  # F0 = 1.25e-9 ne^(2/3), cgs
N_NODES = 140  # of a profile, closer towards its centre
CORE = 12.0  # A: beyond this from the centre, thermal motion and convolution no longer matter


def stark_constant(n: int) -> float:
    """Asymptotic Stark constant K of the Balmer line 2 - n [A per unit field]."""
    if n in STARK_CONSTANT:
        return STARK_CONSTANT[n]
    return 5.5e-5 * (4.0 * n**2) ** 2 / (n**2 - 4.0) / (1.0 + 0.13 / (n - 2))


def holtsmark_profile(beta: np.ndarray) -> np.ndarray:
    """Quasi-static ion profile S(beta) of a Balmer line, normalised over both wings.

    Parameters
    ----------
    beta : array_like, any shape
        Detuning over F0 K, not negative.

    Returns
    -------
    numpy.ndarray
        Tends to 1.5 beta^-2.5. Debye shielding is neglected (up to 10 % for beta of a few).

    References
    ----------
    Kurucz (1970, SAO Spec. Rep. 309), after Griem (1960ApJ...132..883G).
    """
    beta = np.asarray(beta, dtype=float)
    inner = 8.0 / (83.0 + beta * (2.0 + 0.95 * beta**2))
    safe = np.maximum(beta, 4.0)
    outer = (1.5 / np.sqrt(safe) + 27.0 / safe**2) / safe**2
    weight = np.clip(0.5 * (10.0 - beta), 0.0, 1.0)
    return weight * inner + (1.0 - weight) * outer


def _impact_electrons(beta, n: int, wave0: float, temperature, electrons):
    """Half width of the electron impact profile in units of beta, at `beta` and at line centre.

    Also returns y1, the detuning over the strong-collision cut-off, which decides which electrons
    act statically. Shapes: (n_node, n_depth), (n_depth,), (n_node, n_depth).
    """
    t4, constant = temperature / 1e4, stark_constant(n)
    field = HOLTSMARK_FIELD * electrons ** (2.0 / 3.0)
    strong = 2.0 / (1.0 + 0.012 / temperature * np.sqrt(electrons / temperature))
    lewis = (380.0 if n == 3 else 320.0) * t4**0.3 / electrons ** (1.0 / 6.0)
    share = 1.0 / (1.0 + electrons / {3: 1e17, 4: 1e14, 5: 1e14}.get(n, 1e13))
    gap = (n**2 - 4.0) / (4.0 * n**2)
    c1 = field * 78940.0 / temperature * constant / wave0 * gap * (n**2 - 4.0)
    c1 = c1 * (lewis * share + strong * (1.0 - share))
    c2 = field**2 / 5.96e-23 / electrons * (constant / wave0) ** 2
    y1, y2 = np.maximum(c1 * beta, 1e-30), np.maximum(c2 * beta**2, 1e-30)
    core1 = 0.2 + 0.09 * np.sqrt(t4) / (1.0 + electrons / 1e13)
    core2 = 0.2 / (1.0 + electrons / 1e15)
    centre = np.maximum(0.0, 0.2114 + np.log(np.sqrt(c2) / c1)) * (1.0 - core1 - core2)
    wing = 0.5 * np.exp(-np.minimum(y1, 80.0)) + exp1(y1) - 0.5 * exp1(y2)
    wing = wing * (1.0 - core1 / (1.0 + (90.0 * y1) ** 3) - core2 / (1.0 + 2000.0 * y1))
    scale = 6.77 * np.sqrt(c1)
    width = np.where((y2 <= 1e-4) & (y1 <= 1e-5), centre, np.clip(wing, 0.0, centre))
    return scale * width, scale * centre, y1


def balmer_profile(wave, n: int, wave0: float, temperature, electrons, doppler) -> np.ndarray:
    """Profile of the Balmer line 2 - n: static ions, impact and static electrons, thermal motion.

    Parameters
    ----------
    wave : array_like, shape (n_wave,)
        Wavelengths uniform in ln(lambda) [A].
    n : int
        Upper level, 3 for H alpha.
    wave0 : float
        Wavelength of the line, in the same medium as `wave` [A].
    temperature, electrons : array_like, shape (n_depth,)
        Temperature [K] and electron density [cm^-3].
    doppler : array_like, shape (n_depth,)
        Doppler width, 1/e half width [A].

    Returns
    -------
    numpy.ndarray, shape (n_wave, n_depth)
        Profile per A, with an area of one within 4 % at photospheric densities.

    Notes
    -----
    Near the core the ion profile is convolved with the central electron profile and the thermal
    Gaussian; the loss of impact broadening with detuning enters as a factor that is one at the
    centre. In the wings this is the sum of the ion and electron profiles of the references.

    References
    ----------
    Griem (1960ApJ...132..883G; 1967ApJ...147.1092G) in the analytic form of D. Peterson used by
    ATLAS and SYNTHE (Kurucz 1970, SAO Spec. Rep. 309; Barklem & Piskunov 2003IAUS..210P.E28B),
    which follows Vidal, Cooper & Smith (1973ApJS...25...37V) to a few per cent.
    """
    temperature = np.asarray(temperature, dtype=float)
    electrons = np.asarray(electrons, dtype=float)
    unit = HOLTSMARK_FIELD * electrons ** (2.0 / 3.0) * stark_constant(n)  # A per beta
    wave = np.asarray(wave, dtype=float)
    detuning = np.abs(wave - wave0)
    # The theory is smooth in log detuning: a few nodes carry it, with exponential integrals
    nodes = np.geomspace(1e-3, max(detuning.max(), 1.0) * 1.001, N_NODES)
    beta = nodes[:, None] / unit
    width, centre, y1 = _impact_electrons(beta, n, wave0, temperature, electrons)
    ions = holtsmark_profile(beta)
    square = (0.9 * y1) ** 2
    static = (square + 0.03 * np.sqrt(y1)) / (square + 1.0)
    full = ions * (1.0 + static) + width / np.pi / (width**2 + beta**2 + 1e-30)
    simple = ions + centre / np.pi / (centre**2 + beta**2 + 1e-30)

    index = np.log(np.maximum(detuning, nodes[0]) / nodes[0]) / np.log(nodes[1] / nodes[0])
    low = np.minimum(index.astype(int), N_NODES - 2)
    step, inner = wave0 * np.log(wave[1] / wave[0]), detuning < CORE
    core = np.empty((0, full.shape[1]))
    if inner.any():
        core = _convolved_core(step, unit, centre, np.asarray(doppler, dtype=float))
    profile = np.empty((wave.size, full.shape[1]))
    pixel, slope = np.where(inner, detuning / step, len(core)), np.diff(np.log(full), axis=0)
    interpolate_profile(profile, low, index - low, pixel, full / unit, slope, core, full / simple)
    return profile


def _convolved_core(step: float, unit, width, doppler) -> np.ndarray:
    """Ion profile convolved with Lorentz and Gauss profiles, every `step` A from the line centre.

    An even function needs only the cosine transform of its half. What the ion profile holds inside
    the central pixel is set so that the area is one.
    """
    x = np.arange(int(np.ceil(2.0 * CORE / step)) + 2)[:, None] * step
    ions = holtsmark_profile(x / unit) / unit
    beyond = 2.0 * (x[-1] / unit) ** -1.5
    ions[0] = (1.0 - beyond) / step - 2.0 * ions[1:].sum(axis=0)
    wavenumber = np.pi * np.arange(x.size)[:, None] / x[-1]
    transfer = np.exp(-wavenumber * width * unit - (0.5 * wavenumber * doppler) ** 2)
    return idct(dct(ions, type=1, axis=0) * transfer, type=1, axis=0)

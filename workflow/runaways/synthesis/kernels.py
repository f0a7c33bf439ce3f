"""Compiled loops of the synthesis: Voigt profiles, Balmer profiles and the formal solution.

All take wavelengths by depths, so that one instruction of the processor serves several depths.
"""

import numpy as np
from numba import njit

# exp(x) E4(x) as a ratio of polynomials, exact for large x; fitted, relative error < 1.6e-4
E4_TOP = (3.2565674, 5.0620239, 1.0)
E4_BOTTOM = (9.7697021, 20.0164203, 9.0464558, 1.0)
DEEPEST = 80.0  # optical depth: nothing is seen from below
SQUARINGS = 7  # of exp(x / 128), which a short series gives
FADDEEVA_TERMS = 32  # for an absolute error below 1e-12


def _faddeeva_coefficients(n: int) -> tuple[float, np.ndarray]:
    """Scale L and coefficients, highest power first, of Weideman's rational series for w(z).

    References
    ----------
    Weideman (1994, SIAM J. Numer. Anal. 31, 1497), table 1.
    """
    scale = np.sqrt(n / np.sqrt(2.0))
    t = scale * np.tan(np.arange(1 - 2 * n, 2 * n) * np.pi / (4 * n))
    f = np.concatenate([[0.0], np.exp(-(t**2)) * (scale**2 + t**2)])
    terms = np.fft.fft(np.fft.fftshift(f)).real / (4 * n)
    return float(scale), terms[n:0:-1].copy()


L, COEFFICIENTS = _faddeeva_coefficients(FADDEEVA_TERMS)


@njit(error_model="numpy", inline="always")
def _exp(x):
    """exp(x) for x within 0.3: the error of its series, below 1e-10, is smaller near 0."""
    return 1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6 * (1 + x / 7))))))


@njit(
    "f8[:,::1], f8[::1], f8[:], i8[:,::1], f8[:,::1], f8[:,::1], f8[:,::1]",
    cache=True,
    error_model="numpy",
)
def add_lines(total, wave, wave0, reach, width, half_width, strength):
    """Add lines, each its strength times a Voigt profile.

    Parameters
    ----------
    total : ndarray, shape (n_wave, n_depth)
        To which they are added.
    wave, wave0 : ndarray, shapes (n_wave,) and (n_line,)
        Wavelengths and centres of the lines [A].
    reach : ndarray of int, shape (n_line, 4)
        First pixel of a line, first of its core, end of its core, end. Outside of its core it is
        the Lorentz wing, in which depth and wavelength part.
    width, half_width, strength : ndarray, shape (n_line, n_depth)
        Doppler and Lorentz widths [A]; opacity per unit profile in A.
    """
    n = total.shape[1]
    z_re, z_im, p_re, p_im = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for line in range(len(wave0)):
        first, core, end, last = reach[line]
        wing = strength[line] * half_width[line] / np.pi
        for i in range(first, last):
            offset = wave[i] - wave0[line]
            if i < core or i >= end:
                near = 1.0 / (offset * offset)
                for d in range(n):
                    total[i, d] += wing[d] * near
                continue
            # w(x + iy) as a series in (L + iz) / (L - iz)
            for d in range(n):
                x, y = offset / width[line, d], half_width[line, d] / width[line, d]
                square = (L + y) * (L + y) + x * x
                z_re[d] = ((L - y) * (L + y) - x * x) / square
                z_im[d] = 2.0 * L * x / square
                p_re[d], p_im[d] = COEFFICIENTS[0], 0.0
            for k in range(1, FADDEEVA_TERMS):
                for d in range(n):
                    real = p_re[d] * z_re[d] - p_im[d] * z_im[d] + COEFFICIENTS[k]
                    p_im[d] = p_re[d] * z_im[d] + p_im[d] * z_re[d]
                    p_re[d] = real
            for d in range(n):
                x, y = offset / width[line, d], half_width[line, d] / width[line, d]
                square = (L + y) * (L + y) + x * x
                re, im = (L + y) / square, x / square  # of 1 / (L - iz)
                profile = 2.0 * (p_re[d] * (re * re - im * im) - 2.0 * p_im[d] * re * im)
                profile += re / np.sqrt(np.pi)
                total[i, d] += strength[line, d] / (np.sqrt(np.pi) * width[line, d]) * profile


@njit(
    "f8[:,::1], i8[::1], f8[::1], f8[::1], f8[:,::1], f8[:,::1], f8[:,::1], f8[:,::1]",
    cache=True,
    error_model="numpy",
)
def interpolate_profile(profile, low, part, pixel, wing, slope, core, loss):
    """A profile between its nodes: in logarithms, and near its centre that of the core.

    Parameters
    ----------
    profile : ndarray, shape (n_wave, n_depth)
        Takes the result.
    low, part : ndarray, shape (n_wave,)
        The node below a wavelength and how far it is beyond, from 0 to 1.
    pixel : ndarray, shape (n_wave,)
        Where in `core` it is; where that ends the wing begins.
    wing, slope : ndarray, shape (n_node, n_depth)
        Value at a node, and logarithm of the next one's over it.
    core, loss : ndarray, shapes (n_pixel, n_depth) and (n_node, n_depth)
        Value from the centre on, and a factor.
    """
    for i in range(len(profile)):
        j, t = low[i], part[i]
        left = int(pixel[i])
        if left + 1 < len(core):
            right = pixel[i] - left
            for d in range(profile.shape[1]):
                value = core[left, d] * (1.0 - right) + core[left + 1, d] * right
                profile[i, d] = value * (loss[j, d] * (1.0 - t) + loss[j + 1, d] * t)
        else:
            for d in range(profile.shape[1]):
                profile[i, d] = wing[j, d] * _exp(t * slope[j, d])


@njit(error_model="numpy")
def _depth(slope, log_step, depth):
    """Optical depth from its derivative by ln tau, which from the surface up is proportional."""
    depth[0] = slope[0]
    for d in range(1, len(slope)):
        depth[d] = depth[d - 1] + 0.5 * (slope[d] + slope[d - 1]) * log_step[d - 1]


@njit(error_model="numpy")
def _flux(source, depth, e4):
    """The flux at the surface, of one wavelength; `e4` is room for as many numbers."""
    for d in range(len(depth)):
        x = min(depth[d], DEEPEST)
        power = _exp(-x / 2**SQUARINGS)
        for _ in range(SQUARINGS):
            power *= power
        top = E4_TOP[0] + x * (E4_TOP[1] + x * E4_TOP[2])
        bottom = E4_BOTTOM[0] + x * (E4_BOTTOM[1] + x * (E4_BOTTOM[2] + x * E4_BOTTOM[3]))
        e4[d] = power * top / bottom
    flux, slope = source[0] / 2.0, 0.0
    for d in range(len(depth) - 1):
        slope = (source[d + 1] - source[d]) / (depth[d + 1] - depth[d])
        flux += slope * (e4[d] - e4[d + 1])
    return flux + slope * e4[-1]


@njit("f8[:,::1](f8[:,::1], f8[::1])", cache=True, error_model="numpy")
def optical_depth(ratio, tau):
    """Monochromatic optical depth.

    Parameters
    ----------
    ratio : ndarray, shape (n_wave, n_depth)
        Opacity over the Rosseland opacity.
    tau : ndarray, shape (n_depth,)
        Rosseland optical depth.

    Returns
    -------
    ndarray, shape (n_wave, n_depth)
    """
    depth, log_step = np.empty_like(ratio), np.diff(np.log(tau))
    for i in range(len(ratio)):
        _depth(ratio[i] * tau, log_step, depth[i])
    return depth


@njit("f8[::1](f8[:,::1], f8[:,::1])", cache=True, error_model="numpy")
def emergent_flux(source, depth):
    """Flux at the surface for a source function linear between depth points.

    F ~ int S E2 d tau, integrated by parts: sum of slope * difference of E4 (Mihalas 1978, 2-65).

    Parameters
    ----------
    source, depth : ndarray, shape (n_wave, n_depth)
        Source function and optical depth.

    Returns
    -------
    ndarray, shape (n_wave,)
    """
    flux, e4 = np.empty(len(source)), np.empty(source.shape[1])
    for i in range(len(source)):
        flux[i] = _flux(source[i], depth[i], e4)
    return flux


@njit(
    "f8[::1](f8[:,::1], i8[::1], f8[::1], f8[:,:,::1], f8[::1], f8[::1], f8[::1], f8[::1])",
    cache=True,
    error_model="numpy",
)
def normalised_flux(lines, low, part, continuum, flux, scattering, opacity, tau):
    """Flux over that of the continuum, whose quantities are linear between a few nodes.

    Parameters
    ----------
    lines : ndarray, shape (n_wave, n_depth)
        Opacity of the lines [cm^-1].
    low, part : ndarray, shape (n_wave,)
        The node below a wavelength and how far it is beyond, from 0 to 1.
    continuum : ndarray, shape (3, n_node, n_depth)
        Absorption [cm^-1], Planck function and mean intensity.
    flux : ndarray, shape (n_node,)
        Of the continuum.
    scattering, opacity, tau : ndarray, shape (n_depth,)
        Scattering and Rosseland opacity [cm^-1], Rosseland optical depth.

    Returns
    -------
    ndarray, shape (n_wave,)
    """
    n, result = len(tau), np.empty(len(lines))
    weight, log_step = tau / opacity, np.diff(np.log(tau))
    source, slope, depth, e4 = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    absorption, planck, intensity = continuum[0], continuum[1], continuum[2]
    for i in range(len(lines)):
        j, t = low[i], part[i]
        for d in range(n):
            thermal = lines[i, d] + absorption[j, d] + t * (absorption[j + 1, d] - absorption[j, d])
            emitted = planck[j, d] + t * (planck[j + 1, d] - planck[j, d])
            scattered = intensity[j, d] + t * (intensity[j + 1, d] - intensity[j, d])
            total = thermal + scattering[d]
            source[d] = (thermal * emitted + scattering[d] * scattered) / total
            slope[d] = total * weight[d]
        _depth(slope, log_step, depth)
        result[i] = _flux(source, depth, e4) / (flux[j] + t * (flux[j + 1] - flux[j]))
    return result

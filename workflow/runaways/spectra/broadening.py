"""Rotational and instrumental broadening of spectra on a grid uniform in ln(lambda).

Both kernels are applied in Fourier space, where the rotation profile has a closed form: no kernel
is sampled, so a v sin i below the pixel is as exact as one above it, and the derivative with
respect to v sin i is as cheap as the profile.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import j0, j1

from runaways.spectra.wavelengths import C_KMS, velocity_step

FWHM_TO_SIGMA = 1.0 / np.sqrt(8.0 * np.log(2.0))
LIMB_DARKENING = 0.4  # linear coefficient of B stars in the optical (Claret & Bloemen 2011)
SERIES = 0.05  # below this argument the closed forms lose digits and their series are used


def rotation_transform(x: np.ndarray, limb_darkening: float = LIMB_DARKENING):
    """Fourier transform of the rotation profile, and its derivative over its argument.

    Parameters
    ----------
    x : array_like, any shape
        Angular wavenumber times v sin i.
    limb_darkening : float
        Linear coefficient epsilon.

    Returns
    -------
    transform, slope : numpy.ndarray
        G(x), one at zero, and G'(x)/x, finite at zero. So dG/d(vsini^2) = k^2 slope / 2.

    References
    ----------
    Gray (2005, The Observation and Analysis of Stellar Photospheres), eq. 18.14, transformed;
    checked against direct convolution in the tests.
    """
    x = np.abs(np.asarray(x, dtype=float))
    disc, limb = 2.0 * (1.0 - limb_darkening), 2.0 * limb_darkening
    norm = 1.0 / (1.0 - limb_darkening / 3.0)
    safe = np.maximum(x, SERIES)
    sine, cosine, square = np.sin(safe), np.cos(safe), safe**2
    small = x < SERIES
    # J1(x)/x, J2(x)/x^2 and the spherical j1(x)/x, j2(x)/x^2
    first = j1(safe) / safe
    second = (2.0 * first - j0(safe)) / square
    sphere1 = (sine / safe - cosine) / square
    sphere2 = ((3.0 / square - 1.0) * sine / safe - 3.0 * cosine / square) / square
    if small.any():
        near = x**2
        first = np.where(small, 0.5 - near / 16.0, first)
        second = np.where(small, 0.125 - near / 96.0, second)
        sphere1 = np.where(small, 1 / 3 - near / 30.0, sphere1)
        sphere2 = np.where(small, 1 / 15 - near / 210.0, sphere2)
    return norm * (disc * first + limb * sphere1), -norm * (disc * second + limb * sphere2)


def gaussian_transform(wavenumber: np.ndarray, sigma: float) -> np.ndarray:
    """Fourier transform of a Gaussian of dispersion `sigma` [km/s], one at zero."""
    return np.exp(-0.5 * (wavenumber * sigma) ** 2)


def instrument_sigma(resolution: float, intrinsic: float = np.inf) -> float:
    """Gaussian dispersion that brings spectra of resolving power `intrinsic` to `resolution`.

    Parameters
    ----------
    resolution, intrinsic : float
        lambda / FWHM wanted, and that of the input.

    Returns
    -------
    float
        Dispersion [km/s].

    Raises
    ------
    ValueError
        If the input is coarser than what is wanted.
    """
    square = 1.0 / resolution**2 - 1.0 / intrinsic**2
    if square < 0:
        raise ValueError(f"spectra of R = {intrinsic:g} cannot be brought to R = {resolution:g}")
    return C_KMS * FWHM_TO_SIGMA * float(np.sqrt(square))


@dataclass(frozen=True)
class Broadener:
    """Fourier plan for one segment uniform in ln(lambda).

    Attributes
    ----------
    n : int
        Pixels of the segment.
    size : int
        Length of the padded transform; the pad is a straight line between the two ends, so that
        the periodic continuation has no step.
    step : float
        Pixel [km/s].
    """

    n: int
    size: int
    step: float

    @classmethod
    def for_wavelengths(cls, wave: np.ndarray, reach: float = 500.0) -> "Broadener":
        """Plan for the grid `wave` [A], padded for kernels out to `reach` km/s on either side."""
        step = velocity_step(wave)
        pad = 2 * int(np.ceil(reach / step))
        return cls(len(wave), next_fast_len(len(wave) + pad, real=True), step)

    @property
    def wavenumber(self) -> np.ndarray:
        """Angular wavenumbers of the transform [s/km], shape (size // 2 + 1,)."""
        return 2.0 * np.pi * np.fft.rfftfreq(self.size, self.step)

    def transform(self, spectra: np.ndarray) -> np.ndarray:
        """Fourier transform of spectra, shape (..., n), padded; returns (..., size // 2 + 1)."""
        spectra = np.asarray(spectra, dtype=float)
        ramp = np.linspace(0.0, 1.0, self.size - self.n + 2)[1:-1]
        bridge = spectra[..., -1:] * (1.0 - ramp) + spectra[..., :1] * ramp
        return rfft(np.concatenate([spectra, bridge], axis=-1), axis=-1)

    def restore(self, transforms: np.ndarray, oversample: int = 1) -> np.ndarray:
        """Back to wavelength, shape (..., n * oversample), from the same first pixel.

        Oversampling is band-limited interpolation, exact for spectra already at the instrument's
        resolution.
        """
        n = self.size * oversample
        return irfft(transforms, n=n, axis=-1)[..., : self.n * oversample] * oversample


def broaden(
    wave: np.ndarray,
    flux: np.ndarray,
    vsini: float = 0.0,
    sigma: float = 0.0,
    rv: float = 0.0,
    limb_darkening: float = LIMB_DARKENING,
) -> np.ndarray:
    """Rotate, blur and shift spectra on one grid uniform in ln(lambda).

    Parameters
    ----------
    wave : array_like, shape (n_wave,)
        Wavelengths [A].
    flux : array_like, shape (..., n_wave)
        Spectra.
    vsini, sigma, rv : float
        Projected rotation, Gaussian dispersion of the instrument, and radial velocity [km/s];
        positive `rv` moves the lines to the red.
    limb_darkening : float
        Linear coefficient.

    Returns
    -------
    numpy.ndarray, shape (..., n_wave)
    """
    plan = Broadener.for_wavelengths(wave, reach=max(500.0, 1.1 * vsini + 5.0 * sigma + abs(rv)))
    k = plan.wavenumber
    kernel = rotation_transform(k * vsini, limb_darkening)[0] * gaussian_transform(k, sigma)
    # The Doppler shift in ln(lambda), exact at any speed
    kernel = kernel * np.exp(-1j * k * C_KMS * np.log1p(rv / C_KMS))
    return plan.restore(plan.transform(flux) * kernel)


def blur(wave: np.ndarray, flux: np.ndarray, fwhm) -> np.ndarray:
    """Convolve with a Gaussian whose width may change along the spectrum.

    Parameters
    ----------
    wave : ndarray, shape (n_pixels,)
        Wavelength [Angstrom], increasing, any sampling.
    flux : ndarray, shape (..., n_pixels)
    fwhm : float or ndarray, shape (n_pixels,)
        Full width at half maximum [Angstrom]; 0 leaves a pixel as it is.

    Returns
    -------
    ndarray, shape (..., n_pixels)
        The kernel is renormalised at the ends, so a constant stays constant. A FWHM below about
        1.5 pixels is not resolved and acts as the sampled Gaussian does.
    """
    step = np.gradient(wave)
    sigma = np.broadcast_to(np.asarray(fwhm, float) / np.sqrt(8 * np.log(2)), wave.shape)
    reach = int(np.ceil(4 * np.max(sigma / step)))
    total = np.zeros(wave.shape)
    result = np.zeros(np.shape(flux))
    width = np.maximum(sigma, 1e-6 * step)
    n = len(wave)
    for k in range(-min(reach, n - 1), min(reach, n - 1) + 1):
        at = slice(max(0, -k), min(n, n - k))  # pixels that have a neighbour k further on
        to = slice(max(0, k), min(n, n + k))
        weight = step[to] * np.exp(-0.5 * ((wave[to] - wave[at]) / width[at]) ** 2)
        total[at] += weight
        result[..., at] += weight * flux[..., to]
    return result / total

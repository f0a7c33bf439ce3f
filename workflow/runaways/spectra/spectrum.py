"""One spectrum, its wavelength medium and frame, and what is done to it before any fit.

Conventions: wavelengths in Angstrom, increasing; ``mask`` is True where a pixel is bad; radial
velocities in km/s, positive when receding, defined as c z (the optical convention of the LAMOST
headers, 0.6 km/s from the relativistic one at 600 km/s); Doppler shifts act on vacuum wavelengths.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from runaways.spectra.wavelengths import C_KMS, air_to_vacuum, vacuum_to_air

MEDIA = ("vacuum", "air")
FRAMES = ("observed", "rest")
GAP = 5.0  # median pixel steps: nothing is interpolated across more


@dataclass(frozen=True)
class Spectrum:
    """A one-dimensional spectrum.

    Parameters
    ----------
    wave : ndarray, shape (n_pixels,)
        Wavelength [Angstrom], strictly increasing, in `medium`.
    flux, ivar : ndarray, shape (n_pixels,)
        Flux [any unit] and its inverse variance.
    mask : ndarray of bool, shape (n_pixels,)
        True where the pixel must not be used; non-finite or zero-weight pixels are always masked.
    medium : {"vacuum", "air"}
    frame : {"observed", "rest"}
        "observed" means heliocentric: the star's own velocity is still in it.
    meta : dict
        What the header told (``obsid``, ``rv_header`` [km/s], ``snr`` ...).

    Raises
    ------
    ValueError
        When shapes differ, wavelengths do not increase, or medium or frame is unknown.
    """

    wave: np.ndarray
    flux: np.ndarray
    ivar: np.ndarray
    mask: np.ndarray
    medium: str
    frame: str = "observed"
    meta: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.medium not in MEDIA or self.frame not in FRAMES:
            raise ValueError(
                f"medium {self.medium!r} / frame {self.frame!r}: expected one of "
                f"{MEDIA} and one of {FRAMES}"
            )
        shapes = {np.shape(a) for a in (self.wave, self.flux, self.ivar, self.mask)}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise ValueError(f"wave, flux, ivar, mask have shapes {shapes}: expected one 1-D shape")
        if not np.all(np.diff(self.wave) > 0):
            raise ValueError("wavelengths do not increase strictly")
        usable = np.isfinite(self.flux) & np.isfinite(self.ivar) & (np.asarray(self.ivar) > 0)
        object.__setattr__(self, "mask", np.asarray(self.mask, bool) | ~usable)

    @property
    def good(self) -> np.ndarray:
        """True where a pixel may be used, shape (n_pixels,)."""
        return ~self.mask

    def __len__(self) -> int:
        return len(self.wave)


def convert_wavelengths(wave, medium: str, to: str) -> np.ndarray:
    """Wavelengths [Angstrom] given in `medium`, expressed in the medium `to`."""
    if medium not in MEDIA or to not in MEDIA:
        raise ValueError(f"medium {medium!r} -> {to!r}: expected {MEDIA}")
    if medium == to:
        return np.asarray(wave, float)
    return vacuum_to_air(wave) if to == "air" else air_to_vacuum(wave)


def to_medium(spectrum: Spectrum, medium: str) -> Spectrum:
    """The same spectrum with its wavelengths in `medium` ("vacuum" or "air")."""
    wave = convert_wavelengths(spectrum.wave, spectrum.medium, medium)
    return replace(spectrum, wave=wave, medium=medium)


def shift_to_rest(spectrum: Spectrum, rv: float) -> Spectrum:
    """Remove the star's radial velocity.

    Parameters
    ----------
    spectrum : Spectrum
        In the observed (heliocentric) frame.
    rv : float
        Radial velocity c z [km/s].

    Returns
    -------
    Spectrum
        In the rest frame, same pixels, same medium; ``meta["rv"]`` holds `rv`.

    Raises
    ------
    ValueError
        When the spectrum is already at rest, or `rv` is not finite.
    """
    if spectrum.frame == "rest":
        raise ValueError("the spectrum is already in the rest frame")
    if not np.isfinite(rv):
        raise ValueError(f"radial velocity {rv}: expected a finite number of km/s")
    vacuum = convert_wavelengths(spectrum.wave, spectrum.medium, "vacuum") / (1 + rv / C_KMS)
    wave = convert_wavelengths(vacuum, "vacuum", spectrum.medium)
    return replace(spectrum, wave=wave, frame="rest", meta={**spectrum.meta, "rv": float(rv)})


def signal_to_noise(spectrum: Spectrum, low: float = 0.0, high: float = np.inf) -> float:
    """Median flux over noise per pixel of the good pixels between `low` and `high` [Angstrom].

    NaN when there is no good pixel.
    """
    pick = spectrum.good & (spectrum.wave >= low) & (spectrum.wave <= high)
    if not pick.any():
        return float("nan")
    return float(np.median(spectrum.flux[pick] * np.sqrt(spectrum.ivar[pick])))


def resample(spectrum: Spectrum, wave: np.ndarray) -> Spectrum:
    """Linear interpolation onto other wavelengths (same medium and frame).

    A new pixel is masked when it lies outside or in a gap (five times the usual step), or when a
    bad pixel contributes to it. The variance
    is interpolated, not propagated, and scaled to the new pixel width when that is finer:
    neighbours share their noise, and this keeps the information of the whole spectrum from being
    counted twice by whoever treats the new pixels as independent.

    Parameters
    ----------
    spectrum : Spectrum
    wave : ndarray, shape (n_new,)
        Wavelength [Angstrom], increasing.

    Returns
    -------
    Spectrum, n_new pixels
    """
    wave = np.asarray(wave, float)
    left = np.clip(np.searchsorted(spectrum.wave, wave, "right") - 1, 0, len(spectrum) - 2)
    gap = np.diff(spectrum.wave)[left]
    t = (wave - spectrum.wave[left]) / gap
    narrow = gap < GAP * np.median(np.diff(spectrum.wave))
    inside = (t == 0) | (t == 1) | ((t > 0) & (t < 1) & narrow)
    bad = ~inside | (spectrum.mask[left] & (t < 1)) | (spectrum.mask[left + 1] & (t > 0))
    flux = np.where(spectrum.good, spectrum.flux, 0.0)
    variance = 1 / np.where(spectrum.good, spectrum.ivar, 1.0)
    new_flux = (1 - t) * flux[left] + t * flux[left + 1]
    new_variance = (1 - t) * variance[left] + t * variance[left + 1]
    finer = np.minimum(1.0, np.gradient(wave) / gap) if len(wave) > 1 else 1.0
    return replace(
        spectrum,
        wave=wave,
        flux=np.where(bad, 0.0, new_flux),
        ivar=np.where(bad, 0.0, finer / np.where(bad, 1.0, new_variance)),
        mask=bad,
    )

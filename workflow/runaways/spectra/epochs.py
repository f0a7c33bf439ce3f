"""Several spectra of one star: arms joined, velocities measured, epochs combined at rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import astropy.units as u
import numpy as np
from astropy.table import Table

from runaways.spectra.radial_velocity import RadialVelocity, measure_rv
from runaways.spectra.spectrum import Spectrum, resample, shift_to_rest, signal_to_noise

UNRELIABLE = ("edge", "ambiguous")  # flags of a velocity not to be used
VARIABLE = 4.0  # sigma between two epochs


def join_cameras(spectra: Sequence[Spectrum]) -> list[Spectrum]:
    """Join the arms of each MRS observation (same file and exposure); others pass through."""
    groups: dict[tuple, list[Spectrum]] = {}
    for s in spectra:
        key = (s.meta.get("path"), s.meta.get("exposure")) if s.meta.get("arm") else (id(s),)
        groups.setdefault(key, []).append(s)
    return [concatenate(group) for group in groups.values()]


def measure_epochs(
    spectra: Sequence[Spectrum],
    template_wave: np.ndarray,
    template_flux: np.ndarray,
    template_medium: str = "vacuum",
    **settings,
) -> tuple[list[Spectrum], Table]:
    """Radial velocity of every epoch of a star, and every epoch at rest.

    An epoch whose own velocity is unreliable is shifted by the mean of the reliable ones; where
    there is none, by its own, and the table says so.

    Parameters
    ----------
    spectra : sequence of Spectrum
        Observed frame, one survey; MRS arms already joined (`join_cameras`).
    template_wave, template_flux, template_medium, **settings
        As in `runaways.spectra.radial_velocity.measure_rv`.

    Returns
    -------
    at_rest : list of Spectrum
    epochs : Table
        One row per spectrum: ``path obsid exposure snr rv rv_error correlation rv_header rv_used
        flags``. Its meta holds the star's ``rv`` and ``rv_error`` [km/s] (weighted mean, the error
        scaled up where the epochs scatter more than their errors) and ``rv_flags``, a list with
        "rv-variable" (two epochs more than 4 sigma apart), "rv-unreliable" (no reliable epoch) and
        "header-disagrees".

    Raises
    ------
    ValueError
        No spectrum, or one without a usable Balmer or He I window.
    """
    if not spectra:
        raise ValueError("no spectrum to measure a radial velocity on")
    found = [
        measure_rv(s, template_wave, template_flux, template_medium, **settings) for s in spectra
    ]
    reliable = [not set(v.flags) & set(UNRELIABLE) for v in found]
    rv, error, flags = _mean_velocity(
        [v for v, ok in zip(found, reliable, strict=True) if ok] or found
    )
    if not any(reliable):
        flags.append("rv-unreliable")
    used = [v.rv if ok or not any(reliable) else rv for v, ok in zip(found, reliable, strict=True)]
    at_rest = [shift_to_rest(s, v) for s, v in zip(spectra, used, strict=True)]
    kms = u.km / u.s
    epochs = Table(
        {
            "path": [str(s.meta.get("path", "")) for s in spectra],
            "obsid": np.array([s.meta.get("obsid") or -1 for s in spectra], np.int64),
            "exposure": [str(s.meta.get("exposure", "")) for s in spectra],
            "snr": [signal_to_noise(s) for s in spectra],
            "rv": [v.rv for v in found] * kms,
            "rv_error": [v.rv_error for v in found] * kms,
            "correlation": [v.correlation for v in found],
            "rv_header": [v.rv_header for v in found] * kms,
            "rv_used": used * kms,
            "flags": [" ".join(v.flags) for v in found],
        }
    )
    epochs.meta.update(rv=rv, rv_error=error, rv_flags=flags)
    return at_rest, epochs


def _mean_velocity(found: list[RadialVelocity]) -> tuple[float, float, list[str]]:
    rv, error = (np.array([getattr(v, name) for v in found]) for name in ("rv", "rv_error"))
    weight = 1 / np.where(np.isfinite(error), np.maximum(error, 1.0), 1e6) ** 2
    mean = float(weight @ rv / weight.sum())
    scatter = weight @ (rv - mean) ** 2 / max(len(rv) - 1, 1)
    apart = np.abs(rv[:, None] - rv) / np.hypot(error[:, None], error)
    flags = ["rv-variable"] if np.any(apart > VARIABLE) else []
    if any("header-disagrees" in v.flags for v in found):
        flags.append("header-disagrees")
    return mean, float(np.sqrt(max(scatter, 1.0) / weight.sum())), flags


def combine(
    spectra: Sequence[Spectrum], wave: np.ndarray | None = None, degree: int = 3
) -> Spectrum:
    """Weighted mean of several epochs of one star, each already in the rest frame.

    The epochs' relative flux calibrations differ, so each is first brought to the level of the
    best one by a polynomial in wavelength fitted to their ratio.

    Parameters
    ----------
    spectra : sequence of Spectrum
        Same medium, all in the rest frame, overlapping.
    wave : ndarray, shape (n_pixels,), optional
        Wavelengths [Angstrom] of the result; those of the best epoch by default.
    degree : int
        Degree of the polynomial ratio.

    Returns
    -------
    Spectrum
        Its meta is that of the epoch of highest signal-to-noise, with ``n_epochs``, ``obsids``
        (all of them) and ``snr`` of the sum.

    Raises
    ------
    ValueError
        No spectrum; an epoch not at rest; mixed media; an epoch without overlap with the best.
    """
    if not spectra:
        raise ValueError("no spectrum to combine")
    if {s.frame for s in spectra} != {"rest"} or len({s.medium for s in spectra}) != 1:
        raise ValueError("epochs to combine must all be in the rest frame and in one medium")
    order = sorted(spectra, key=signal_to_noise, reverse=True)
    wave = order[0].wave if wave is None else np.asarray(wave, float)
    epochs = [resample(s, wave) for s in order]
    best = epochs[0]
    flux, ivar = np.zeros(len(wave)), np.zeros(len(wave))
    for epoch in epochs:
        ratio = np.ones(len(wave)) if epoch is best else _level(best, epoch, degree)
        weight = np.where(epoch.good, epoch.ivar / ratio**2, 0.0)
        flux += weight * np.where(epoch.good, epoch.flux, 0.0) * ratio
        ivar += weight
    bad = ivar <= 0
    meta = {**best.meta, "n_epochs": len(epochs), "obsids": [s.meta.get("obsid") for s in order]}
    total = replace(
        best,
        flux=np.where(bad, 0.0, flux / np.where(bad, 1.0, ivar)),
        ivar=ivar,
        mask=bad,
        meta=meta,
    )
    meta["snr"] = signal_to_noise(total)
    return total


def _level(best: Spectrum, epoch: Spectrum, degree: int) -> np.ndarray:
    """Smooth positive factor that brings `epoch` to the flux level of `best`, per pixel."""
    both = best.good & epoch.good
    if both.sum() < 10 * (degree + 1):
        raise ValueError(
            f"epoch {epoch.meta.get('obsid')} shares {both.sum()} good pixels with "
            f"{best.meta.get('obsid')}: too few to combine"
        )
    x = np.interp(best.wave, [best.wave[0], best.wave[-1]], [-1.0, 1.0])
    # The same fit to both, so that noise in either does not bias their ratio, as fitting one
    # against the other would; in units of a rough continuum, or the bright end would decide
    # alone; repeated, as a low degree follows lines and continuum but once they are level.
    rough = _polynomial(x, best.flux, both, degree)
    ratio = np.ones(len(x))
    at = np.flatnonzero(both)
    for _ in range(3):
        unit = np.where(both, rough, 1.0)
        top, bottom = (
            _polynomial(x, y / unit, both, degree) for y in (best.flux, epoch.flux * ratio)
        )
        if min(np.min(a[both]) for a in (rough, top, bottom)) <= 0:
            # too noisy for a shape: one number
            return np.full(len(x), np.median(best.flux[both]) / np.median(epoch.flux[both]))
        # outside the common pixels a polynomial runs away: hold the ratio at their ends
        ratio *= (top / bottom)[np.clip(np.arange(len(x)), at[0], at[-1])]
    return ratio


def _polynomial(x, y, use, degree: int) -> np.ndarray:
    fit = np.polynomial.chebyshev.chebfit(x[use], y[use], degree)
    return np.polynomial.chebyshev.chebval(x, fit)


def concatenate(spectra: Sequence[Spectrum]) -> Spectrum:
    """Join spectra of separate wavelength ranges (the two MRS arms) into one, gap included.

    Raises
    ------
    ValueError
        No spectrum; ranges that overlap; media or frames that differ.
    """
    if not spectra:
        raise ValueError("no spectrum to join")
    parts = sorted(spectra, key=lambda s: s.wave[0])
    if len({(s.medium, s.frame) for s in parts}) != 1:
        raise ValueError("spectra to join differ in medium or frame")
    if any(a.wave[-1] >= b.wave[0] for a, b in zip(parts, parts[1:], strict=False)):
        raise ValueError("spectra to join overlap in wavelength: combine them instead")
    columns = {
        name: np.concatenate([getattr(s, name) for s in parts])
        for name in ("wave", "flux", "ivar", "mask")
    }
    meta = {**parts[0].meta, "arm": "+".join(str(s.meta.get("arm", "")) for s in parts)}
    return replace(parts[0], **columns, meta=meta)

"""Continuum normalisation with a smoothing spline and clipping ("spline" mode).

The rules are those of the reference implementation of the paper's authors (laspec, function
``normalize_spectrum_general`` with ``norm_type="spline"``), so that published settings mean here
what they mean there; only the solver differs: the spline's normal equations are banded and solved
as such. Known limits: unit weights and a -1 sigma clip make the level depend on the noise, and the
default stiffness lets the continuum sink into Balmer wings (by 3 to 5 % at 12 000 K).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.linalg import solveh_banded

from runaways.spectra.spectrum import Spectrum

#: Defaults of laspec's ``normalize_spectrum_general``; Angstrom, residual standard deviations.
STIFFNESS, CLIP, BIN_WIDTH, ITERATIONS = 1e-6, (-1.0, 4.0), 100.0, 2
MIN_PIXELS = 10  # assumed: fewer leave a spline with nothing to smooth


def smoothing_spline(x: np.ndarray, y: np.ndarray, p: float, at: np.ndarray) -> np.ndarray:
    """Cubic smoothing spline with unit weights and natural ends.

    Minimises ``p sum (y - f)^2 + (1 - p) integral f''^2 dx``; beyond the data it goes on straight.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Increasing, n >= 4 [Angstrom: `p` is tied to this unit].
    y : ndarray, shape (n,)
    p : float
        0 < p < 1: towards 0 a straight line, towards 1 the interpolating spline.
    at : ndarray, shape (m,)
        Where to evaluate.

    Returns
    -------
    ndarray, shape (m,)

    References
    ----------
    Reinsch 1967, Numer. Math. 10, 177; Green & Silverman 1994, "Nonparametric Regression and
    Generalized Linear Models", section 2.3 (the matrices Q and R).
    """
    h = np.diff(x)
    lam = (1 - p) / p
    # Q is n x (n - 2) with columns (1/h_j, -1/h_j - 1/h_j+1, 1/h_j+1); R is tridiagonal
    a, c = 1 / h[:-1], 1 / h[1:]
    b = -(a + c)
    bands = np.zeros((3, len(x) - 2))
    bands[2] = (h[:-1] + h[1:]) / 3 + lam * (a**2 + b**2 + c**2)
    bands[1, 1:] = h[1:-1] / 6 + lam * (b[:-1] * a[1:] + c[:-1] * b[1:])
    bands[0, 2:] = lam * c[:-2] * a[2:]
    second = solveh_banded(bands, a * y[:-2] + b * y[1:-1] + c * y[2:], check_finite=False)
    fit = np.array(y, float)
    fit[:-2] -= lam * a * second
    fit[1:-1] -= lam * b * second
    fit[2:] -= lam * c * second
    return _evaluate(x, fit, np.r_[0.0, second, 0.0], at)


def _evaluate(x, value, second, at) -> np.ndarray:
    """Natural cubic spline from its values and second derivatives at the knots."""
    i = np.clip(np.searchsorted(x, at, "right") - 1, 0, len(x) - 2)
    h = x[i + 1] - x[i]
    u = np.clip((at - x[i]) / h, 0.0, 1.0)
    v = 1 - u
    inside = (
        v * value[i]
        + u * value[i + 1]
        + h**2 / 6 * ((v**3 - v) * second[i] + (u**3 - u) * second[i + 1])
    )
    slope_left = (value[1] - value[0]) / (x[1] - x[0]) - (x[1] - x[0]) / 6 * second[1]
    slope_right = (value[-1] - value[-2]) / (x[-1] - x[-2]) + (x[-1] - x[-2]) / 6 * second[-2]
    return (
        inside + np.minimum(at - x[0], 0.0) * slope_left + np.maximum(at - x[-1], 0.0) * slope_right
    )


def fit_continuum(
    wave: np.ndarray,
    flux: np.ndarray,
    p: float = STIFFNESS,
    clip: tuple[float, float] = CLIP,
    bin_width: float = BIN_WIDTH,
    iterations: int = ITERATIONS,
    smoother=smoothing_spline,
) -> np.ndarray:
    """Continuum by repeated smoothing and clipping, to laspec's rules.

    Each round: spline through the kept pixels; residuals of all pixels about it; their standard
    deviation over the kept pixels within +-`bin_width` of each of a row of centres (so bins
    overlap), interpolated between them; kept are the pixels whose residual, less the median
    residual of the whole spectrum, lies within `clip` standard deviations. Pixels dropped once
    stay dropped; should none remain, all are taken again.

    Parameters
    ----------
    wave : ndarray, shape (n_pixels,)
        Wavelength [Angstrom], increasing.
    flux : ndarray, shape (n_pixels,)
        Non-finite pixels take no part.
    p : float
        Stiffness, see `smoothing_spline`.
    clip : (float, float)
        Lower and upper limit [standard deviations].
    bin_width : float
        Half width of a bin and about the distance of their centres [Angstrom].
    iterations : int
    smoother : callable
        (x, y, p, at) -> values; the tests put an independent one here.

    Returns
    -------
    ndarray, shape (n_pixels,)
        NaN everywhere when 10 or fewer pixels are finite and positive.
    """
    flux = np.asarray(flux, float)
    finite = np.isfinite(flux)
    if np.sum(flux[finite] > 0) <= MIN_PIXELS:
        return np.full(len(flux), np.nan)
    x, y = np.asarray(wave, float)[finite], flux[finite]
    n_bins = int(np.ceil((x[-1] - x[0]) / bin_width) + 1)
    centres = np.linspace(x[0], x[-1], n_bins)
    first = np.searchsorted(x, centres - bin_width, "left")
    last = np.searchsorted(x, centres + bin_width, "right")
    keep = np.ones(len(x), bool)
    for _ in range(iterations):
        residual = y - smoother(x[keep], y[keep], p, x)
        sigma = np.array(
            [
                np.std(residual[i:j][keep[i:j]]) if keep[i:j].any() else np.nan
                for i, j in zip(first, last, strict=True)
            ]
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (residual - np.median(residual)) / np.interp(x, centres, sigma)
        keep &= (z > clip[0]) & (z < clip[1])
        if keep.sum() < 4:  # no cubic spline through fewer
            keep[:] = True
    continuum = np.full(len(flux), np.nan)
    continuum[finite] = smoother(x[keep], y[keep], p, x)
    return continuum


def normalise(spectrum: Spectrum, **settings) -> Spectrum:
    """Spectrum divided by its continuum (`fit_continuum`), negative fluxes set to 0 first.

    Masked pixels take no part in the fit, and parts separated by a gap wider than a bin are
    fitted apart. The inverse variance is scaled by the continuum squared;
    pixels with no positive continuum are masked.

    Parameters
    ----------
    spectrum : Spectrum
    **settings
        Of `fit_continuum`: ``p``, ``clip``, ``bin_width``, ``iterations``.

    Returns
    -------
    Spectrum
        ``meta["normalisation"]`` is "spline".

    Raises
    ------
    ValueError
        Fewer than 11 usable positive pixels.
    """
    usable = np.where(spectrum.good, np.maximum(spectrum.flux, 0.0), np.nan)
    # the arms of a joined MRS spectrum have nothing to tell each other: a gap wider than a bin
    gaps = np.flatnonzero(np.diff(spectrum.wave) > settings.get("bin_width", BIN_WIDTH)) + 1
    fitted = np.concatenate(
        [
            fit_continuum(wave, flux, **settings)
            for wave, flux in zip(
                np.split(spectrum.wave, gaps), np.split(usable, gaps), strict=True
            )
        ]
    )
    known = np.isfinite(fitted)
    if not known.any():
        raise ValueError(
            f"{spectrum.meta.get('path', 'spectrum')}: fewer than {MIN_PIXELS + 1} "
            "usable positive pixels, no continuum can be fitted"
        )
    continuum = np.interp(spectrum.wave, spectrum.wave[known], fitted[known])
    bad = spectrum.mask | (continuum <= 0)
    divisor = np.where(bad, 1.0, continuum)
    return replace(
        spectrum,
        flux=np.where(bad, 1.0, np.maximum(spectrum.flux, 0) / divisor),
        ivar=np.where(bad, 0.0, spectrum.ivar * divisor**2),
        mask=bad,
        meta={**spectrum.meta, "normalisation": "spline"},
    )

"""Radial velocity by cross-correlation with a template grid on Balmer and He I windows.

The correlation is weighted by the inverse variance, over all windows at once, with a straight
continuum removed from data and template alike in each window, so neither need be normalised. The
error is the larger of the maximum-likelihood one (which measures the noise from the residuals, and
so includes template mismatch) and the jackknife over windows, plus the spread of near-equal
templates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from runaways.spectra.spectrum import GAP, Spectrum, convert_wavelengths
from runaways.spectra.wavelengths import C_KMS, air_to_vacuum

#: Line and half width of its window, air wavelengths [Angstrom]. H epsilon is left out (blended
#: with interstellar Ca II H), He I 5876 is kept clear of interstellar Na D.
WINDOWS = {
    "Hd": (4101.7, 50.0),
    "Hg": (4340.5, 50.0),
    "Hb": (4861.3, 50.0),
    "Ha": (6562.8, 50.0),
    "HeI4026": (4026.2, 20.0),
    "HeI4388": (4387.9, 18.0),
    "HeI4471": (4475.0, 22.0),
    "HeI4713": (4713.2, 15.0),
    "HeI4922": (4921.9, 20.0),
    "HeI5016": (5015.7, 18.0),
    "HeI5876": (5873.0, 12.0),
    "HeI6678": (6678.2, 20.0),
}
MIN_COVERAGE = 0.7  # of a window's pixels
STEP = 10.0  # km/s, of the search; the paper's tools use the same
N_BEST = 5  # templates refined
LOW_CORRELATION = 0.4  # assumed: below it no template is like the star
AMBIGUOUS = 8.0  # ln likelihood: a rival this close is not excluded


@dataclass(frozen=True)
class RadialVelocity:
    """A measured radial velocity.

    Attributes
    ----------
    rv, rv_error : float
        c z and its error [km/s].
    correlation : float
        Height of the peak, 0 to 1.
    template : int
        Row of the best template.
    windows : tuple of str
        Windows used.
    rv_header, rv_header_error : float
        From the header [km/s], NaN when unknown.
    flags : tuple of str
        Any of "edge" (peak at the end of the search), "ambiguous" (another peak almost as likely),
        "low-correlation" (noisy, or like none of the templates), "header-disagrees", "no-header".
    """

    rv: float
    rv_error: float
    correlation: float
    template: int
    windows: tuple[str, ...]
    rv_header: float
    rv_header_error: float
    flags: tuple[str, ...]


def measure_rv(
    spectrum: Spectrum,
    template_wave: np.ndarray,
    template_flux: np.ndarray,
    template_medium: str = "vacuum",
    limits: tuple[float, float] = (-1000.0, 1000.0),
    header_tolerance: float = 30.0,
) -> RadialVelocity:
    """Radial velocity of a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        In the observed (heliocentric) frame; either medium.
    template_wave : ndarray, shape (n_wave,)
        Rest wavelengths [Angstrom] in `template_medium`, increasing, about as fine as the data.
    template_flux : ndarray, shape (n_templates, n_wave)
        At the resolution of the data; normalised or not.
    template_medium : {"vacuum", "air"}
    limits : (float, float)
        Search range [km/s].
    header_tolerance : float
        Header and measurement disagree when they differ by more than this [km/s] and by more than
        three times their joint error.

    Returns
    -------
    RadialVelocity

    Raises
    ------
    ValueError
        Spectrum at rest already, or no window covered by data and templates.

    References
    ----------
    Tonry & Davis 1979, AJ 84, 1511 (cross-correlation); Zucker 2003, MNRAS 342, 1291
    (2003MNRAS.342.1291Z): ln L = -N/2 ln(1 - C^2), its curvature the error.
    """
    if spectrum.frame != "observed":
        raise ValueError("radial velocity of a spectrum that is already in the rest frame")
    wave = convert_wavelengths(spectrum.wave, spectrum.medium, "vacuum")
    rest = convert_wavelengths(template_wave, template_medium, "vacuum")
    templates = np.atleast_2d(template_flux)
    windows = _usable_windows(spectrum, wave, rest, limits)
    if not windows:
        raise ValueError(
            f"{spectrum.meta.get('path', 'spectrum')}: no Balmer or He I window is "
            "covered by both data and templates"
        )
    velocities = np.arange(limits[0], limits[1] + STEP / 2, STEP)
    coarse, n_pixels = _search(spectrum, wave, rest, templates, windows, velocities)
    row, _ = np.unravel_index(np.argmax(coarse), coarse.shape)
    flags = ["edge"] if row in (0, len(velocities) - 1) else []
    best = np.argsort(coarse.max(axis=0))[::-1][:N_BEST]
    fits = [
        _refine(
            spectrum,
            wave,
            CubicSpline(rest, templates[k]),
            windows,
            velocities[np.argmax(coarse[:, k])],
        )
        for k in best
    ]
    rv, error, correlation, template = _marginalise(fits, best)
    if correlation < LOW_CORRELATION:
        flags.append("low-correlation")
    if _has_rival(velocities, coarse.max(axis=1), n_pixels, row):
        flags.append("ambiguous")
    header, header_error = (
        float(spectrum.meta.get(k, np.nan)) for k in ("rv_header", "rv_header_error")
    )
    if not np.isfinite(header):
        flags.append("no-header")
    elif abs(rv - header) > max(header_tolerance, 3 * np.hypot(error, np.nan_to_num(header_error))):
        flags.append("header-disagrees")
    return RadialVelocity(
        rv, error, correlation, template, tuple(windows), header, header_error, tuple(flags)
    )


def _usable_windows(spectrum: Spectrum, wave, template_wave, limits) -> dict:
    """Vacuum limits (low, high) of the windows that data (at any velocity) and templates cover."""
    usable = {}
    stretch = 1 + np.array(limits) / C_KMS
    for name, (centre, half) in WINDOWS.items():
        low, high = air_to_vacuum(np.array([centre - half, centre + half]))
        inside = (wave > low) & (wave < high)
        # templates are needed a little beyond, for the fine shifts
        if (
            wave[0] < low * stretch[1]
            and wave[-1] > high * stretch[0]
            and template_wave[0] < low - 5
            and template_wave[-1] > high + 5
            and inside.sum() >= 8
            and spectrum.good[inside].any()
        ):
            usable[name] = (float(low), float(high))
    return usable


def _search(spectrum: Spectrum, wave, template_wave, templates, windows: dict, velocities):
    """Correlation (n_velocities, n_templates) with the data slid over fixed templates.

    Sliding the data makes every velocity and template one matrix product.
    """
    step = np.median(np.diff(np.log(wave)))
    grids = [np.exp(np.arange(np.log(a), np.log(b), step)) for a, b in windows.values()]
    rest = np.concatenate(grids)
    left, t = _between(template_wave, rest)
    still = (1 - t) * templates[:, left] + t * templates[:, left + 1]
    left, t = _between(wave, rest * (1 + velocities[:, None] / C_KMS))
    flux = np.where(spectrum.good, spectrum.flux, 0.0)
    weight = np.where(spectrum.good, spectrum.ivar, 0.0)
    usable = (
        (t >= 0)
        & (t <= 1)
        & spectrum.good[left]
        & spectrum.good[left + 1]
        & (wave[left + 1] - wave[left] < GAP * step * wave[left])
    )
    slid = (1 - t) * flux[left] + t * flux[left + 1]
    slid_weight = np.where(usable, np.minimum(weight[left], weight[left + 1]), 0.0)
    sums = _window_sums(slid, slid_weight, still, [len(g) for g in grids])
    return _correlation(*(s.sum(axis=0) for s in sums)), int(np.median(usable.sum(axis=1)))


def _between(x, at):
    """Index of the pixel left of each `at` and the fraction of the way to the next one."""
    left = np.clip(np.searchsorted(x, at, "right") - 1, 0, len(x) - 2)
    return left, (at - x[left]) / (x[left + 1] - x[left])


def _window_sums(flux, weight, templates, sizes):
    """Per window, the weighted products <ft>, <ff>, <tt> left after a straight line is removed.

    flux, weight (n_v, n_pixels); templates (n_t, n_pixels); results (n_windows, n_v, n_t), the
    middle one (n_windows, n_v, 1).
    """
    ft, ff, tt = [], [], []
    stop = np.cumsum(sizes)
    for low, high in zip(stop - sizes, stop, strict=True):
        f, w, t = flux[:, low:high], weight[:, low:high], templates[:, low:high]
        covered = (w > 0).mean(axis=1) >= MIN_COVERAGE
        w = w * covered[:, None]
        line = np.vstack([np.ones(high - low), np.linspace(-1, 1, high - low)])
        gram = np.einsum("vp,ip,jp->vij", w, line, line)
        gram[~covered] = np.eye(2)
        inverse = np.linalg.inv(gram)
        a = (w * f) @ line.T  # (n_v, 2)
        b = np.stack([(w * one) @ t.T for one in line], axis=1)  # (n_v, 2, n_t)
        solved = np.einsum("vij,vj->vi", inverse, a)
        # In units of the continuum, or the windows would not share one line strength: the mean
        # flux of data over that of the template, weights scaled to match.
        level = np.maximum(a[:, :1], 0) / np.where(b[:, 0] > 0, b[:, 0], np.inf)
        ft.append(level * ((w * f) @ t.T - np.einsum("vi,vit->vt", solved, b)))
        ff.append((np.sum(w * f**2, axis=1) - np.sum(solved * a, axis=1))[:, None])
        tt.append(level**2 * (w @ (t**2).T - np.einsum("vit,vij,vjt->vt", b, inverse, b)))
    return np.array(ft), np.array(ff), np.array(tt)


def _correlation(ft, ff, tt):
    product = np.maximum(ff, 0) * np.maximum(tt, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(product > 0, np.clip(ft / np.sqrt(product), 0.0, 1 - 1e-12), 0.0)


def _refine(spectrum: Spectrum, wave, template: CubicSpline, windows: dict, start: float):
    """Velocity, error, correlation and ln likelihood of one template, the data's pixels fixed."""
    pick, sizes = [], []
    for low, high in windows.values():
        stretch = 1 + start / C_KMS
        inside = np.flatnonzero((wave > low * stretch) & (wave < high * stretch))
        if len(inside) >= 8 and spectrum.good[inside].mean() >= MIN_COVERAGE:
            pick.append(inside)
            sizes.append(len(inside))
    if not pick:
        return start, np.inf, 0.0, 0.0
    pick = np.concatenate(pick)
    weight = np.where(spectrum.good[pick], spectrum.ivar[pick], 0.0)[None]
    flux = np.where(spectrum.good[pick], spectrum.flux[pick], 0.0)[None]
    n_pixels = int((weight > 0).sum()) - 2 * len(sizes)
    trial = start + np.arange(-60.0, 60.1, 4.0)  # km/s, some steps of the search to either side
    shifted = template(wave[pick] / (1 + trial[:, None] / C_KMS))
    ft, ff, tt = (s[:, 0] for s in _window_sums(flux, weight, shifted, sizes))
    total = [s.sum(axis=0) for s in (ft, ff, tt)]
    correlation = _correlation(*total)
    likelihood = -0.5 * n_pixels * np.log1p(-(correlation**2))
    rv, curvature, top = _parabola(trial, likelihood)
    formal = 1 / np.sqrt(-curvature) if curvature < 0 else np.inf
    error = max(formal, _jackknife(trial, (ft, ff, tt), total, n_pixels))
    return rv, error, float(np.sqrt(-np.expm1(-2 * top / n_pixels))), top


def _jackknife(trial, sums, total, n_pixels) -> float:
    """Jackknife error [km/s] over windows; 0 with fewer than three."""
    n = len(sums[0])
    if n < 3:
        return 0.0
    without = []
    for k in range(n):
        correlation = _correlation(*(t - s[k] for s, t in zip(sums, total, strict=True)))
        without.append(_parabola(trial, -0.5 * n_pixels * np.log1p(-(correlation**2)))[0])
    return float(np.sqrt((n - 1) * np.var(without)))


def _parabola(x, y) -> tuple[float, float, float]:
    """Position, second derivative and height of the maximum of y(x), x equally spaced."""
    k = int(np.clip(np.argmax(y), 1, len(x) - 2))
    h = x[1] - x[0]
    second = (y[k + 1] - 2 * y[k] + y[k - 1]) / h**2
    first = (y[k + 1] - y[k - 1]) / (2 * h)
    if second >= 0:
        return float(x[k]), 0.0, float(y[k])
    shift = float(np.clip(-first / second, -h, h))
    return float(x[k]) + shift, float(second), float(y[k] + first * shift + second * shift**2 / 2)


def _marginalise(fits, best):
    """Mean over templates weighted by likelihood; their spread joins the error."""
    rv, error, correlation, likelihood = (np.array(column) for column in zip(*fits, strict=True))
    k = int(np.argmax(likelihood))
    weight = np.exp(likelihood - likelihood[k])
    weight /= weight.sum()
    mean = float(weight @ rv)
    spread = float(weight @ (rv - mean) ** 2)
    return mean, float(np.hypot(error[k], np.sqrt(spread))), float(correlation[k]), int(best[k])


def _has_rival(velocities, peak, n_pixels: int, row: int) -> bool:
    """Is there another local maximum, as high within `AMBIGUOUS` in ln likelihood?"""
    likelihood = -0.5 * n_pixels * np.log1p(-(peak**2))
    inner = (peak[1:-1] >= peak[:-2]) & (peak[1:-1] >= peak[2:])
    tops = np.flatnonzero(inner) + 1
    tops = tops[np.abs(velocities[tops] - velocities[row]) > 100.0]
    return bool(np.any(likelihood[tops] > likelihood[row] - AMBIGUOUS))

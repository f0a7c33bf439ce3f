import numpy as np
import pytest
from scipy.interpolate import make_smoothing_spline

from runaways.spectra.normalisation import fit_continuum, normalise, smoothing_spline
from runaways.spectra.spectrum import Spectrum


def independent(x, y, p, at):
    """The same minimum by scipy's B-spline formulation, with straight ends."""
    spline = make_smoothing_spline(x, y, lam=(1 - p) / p)
    slope = spline.derivative()
    value = spline(np.clip(at, x[0], x[-1]))
    return value + np.minimum(at - x[0], 0) * slope(x[0]) + np.maximum(at - x[-1], 0) * slope(x[-1])


def b_star(seed=0, n=1500, snr=80.0):
    """A sloping continuum with Balmer-like absorption and noise."""
    rng = np.random.default_rng(seed)
    wave = np.linspace(3900, 5600, n) + np.cumsum(rng.uniform(0, 0.05, n))
    flux = 300 * (wave / 4500) ** -3
    for centre in (3970, 4102, 4341, 4862):
        flux *= 1 - 0.6 / (1 + ((wave - centre) / 6) ** 2)
    return wave, flux * (1 + rng.normal(size=n) / snr)


@pytest.mark.parametrize("p", [1e-8, 1e-6, 1e-3])
def test_banded_spline_is_the_smoothing_spline(p):
    rng = np.random.default_rng(3)
    x = np.linspace(4000, 4400, 200) + rng.uniform(-0.7, 0.7, 200)
    y = np.sin(x / 30) + rng.normal(size=200)
    at = np.linspace(3950, 4450, 301)  # beyond both ends as well
    np.testing.assert_allclose(
        smoothing_spline(x, y, p, at), independent(x, y, p, at), rtol=0, atol=2e-7
    )


def test_limits_of_the_stiffness():
    """p -> 0 is the least-squares line, p -> 1 the interpolant (Reinsch 1967)."""
    rng = np.random.default_rng(4)
    x = np.sort(rng.uniform(0, 100, 50))
    y = 3 + 0.2 * x + rng.normal(size=50)
    line = np.polyval(np.polyfit(x, y, 1), x)
    np.testing.assert_allclose(smoothing_spline(x, y, 1e-13, x), line, atol=1e-4)
    np.testing.assert_allclose(smoothing_spline(x, y, 1 - 1e-12, x), y, atol=1e-6)


@pytest.mark.parametrize(
    "settings", [{}, dict(p=1e-7, iterations=3), dict(clip=(-1.0, 3.0)), dict(bin_width=30.0)]
)
def test_continuum_equals_the_independent_solver(settings):
    wave, flux = b_star()
    ours = fit_continuum(wave, flux, **settings)
    theirs = fit_continuum(wave, flux, smoother=independent, **settings)
    np.testing.assert_allclose(ours, theirs, rtol=3e-8)


def test_continuum_equals_the_rules_written_out():
    """laspec's loop, bin by bin and without shortcuts, on an independent spline."""
    wave, flux = b_star(seed=5, n=700)
    flux[[10, 300]] = np.nan
    x, y = wave[np.isfinite(flux)], flux[np.isfinite(flux)]
    keep = np.ones(len(x), bool)
    centres = np.linspace(x[0], x[-1], int(np.ceil((x[-1] - x[0]) / 100)) + 1)
    for _ in range(2):
        residual = y - independent(x[keep], y[keep], 1e-6, x)
        sigma = [np.std(residual[keep & (np.abs(x - c) <= 100)]) for c in centres]
        z = (residual - np.percentile(residual, 50)) / np.interp(x, centres, sigma)
        keep = keep & (z > -1) & (z < 4)
    expected = independent(x[keep], y[keep], 1e-6, x)
    continuum = fit_continuum(wave, flux)
    assert np.isnan(continuum[[10, 300]]).all()
    np.testing.assert_allclose(continuum[np.isfinite(flux)], expected, rtol=3e-8)


def test_scale_does_not_matter():
    wave, flux = b_star()
    np.testing.assert_allclose(
        fit_continuum(wave, 1e-15 * flux) * 1e15, fit_continuum(wave, flux), rtol=1e-9
    )


def test_continuum_sinks_into_balmer_wings():
    """The known defect of the paper's setting: some per cent low over +-20 A of H gamma."""
    wave, flux = b_star(snr=1e4)
    near = np.abs(wave - 4341) < 20
    ratio = np.mean((fit_continuum(wave, flux) / (300 * (wave / 4500) ** -3))[near])
    assert 0.93 < ratio < 0.99


def test_normalise_scales_the_weights_and_ignores_masked_pixels():
    wave, flux = b_star()
    mask = np.zeros(len(wave), bool)
    mask[700:705] = True
    dirty = flux.copy()
    dirty[mask] = 1e5
    ivar = (80 / flux) ** 2
    clean = normalise(Spectrum(wave, flux, ivar, mask, "vacuum"))
    spiked = normalise(Spectrum(wave, dirty, ivar, mask, "vacuum"))
    np.testing.assert_array_equal(clean.flux[clean.good], spiked.flux[spiked.good])
    np.testing.assert_allclose(
        clean.flux[clean.good] * np.sqrt(clean.ivar[clean.good]), 80, rtol=1e-9
    )
    assert 0.99 < np.median(clean.flux) < 1.01


def test_parts_beyond_a_gap_are_fitted_apart():
    """The two arms of a joined MRS spectrum come out as each arm alone."""
    wave, flux = b_star()
    keep = (wave < 4500) | (wave > 5000)
    arms = [keep & (wave < 4500), keep & (wave > 5000)]

    def spectrum(use):
        return Spectrum(
            wave[use], flux[use], np.ones(use.sum()), np.zeros(use.sum(), bool), "vacuum"
        )

    joined = normalise(spectrum(keep)).flux
    np.testing.assert_array_equal(
        joined, np.concatenate([normalise(spectrum(arm)).flux for arm in arms])
    )


def test_too_few_pixels():
    wave = np.linspace(4000, 4100, 30)
    flux = np.where(np.arange(30) < 10, 1.0, -1.0)
    assert np.isnan(fit_continuum(wave, flux)).all()
    with pytest.raises(ValueError, match="fewer than 11"):
        normalise(Spectrum(wave, flux, np.ones(30), np.zeros(30, bool), "air"))

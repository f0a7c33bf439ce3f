"""Broadening in Fourier space against its definition."""

import numpy as np
import pytest
from scipy.integrate import quad

from runaways.spectra import broadening
from runaways.spectra.wavelengths import C_KMS, velocity_grid


def _line(wave, centre=4480.0, sigma=15.0, depth=0.6):
    return 1.0 - depth * np.exp(-0.5 * ((wave / centre - 1.0) * C_KMS / sigma) ** 2)


def _profile(y, epsilon):
    """Gray's rotation profile at velocity y in units of v sin i."""
    square = 1.0 - y**2
    norm = np.pi * (1.0 - epsilon / 3.0)
    return (2.0 * (1.0 - epsilon) * np.sqrt(square) + 0.5 * np.pi * epsilon * square) / norm


@pytest.mark.parametrize("epsilon", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("x", [0.0, 1e-4, 0.049, 0.051, 0.7, 3.0, 12.0])
def test_transform_is_the_transform_of_grays_profile(x, epsilon):
    expected, _ = quad(lambda y: _profile(y, epsilon) * np.cos(x * y), -1.0, 1.0)
    value, _ = broadening.rotation_transform(x, epsilon)
    assert value == pytest.approx(expected, abs=2e-7)


@pytest.mark.parametrize("x", [0.01, 0.06, 0.9, 4.0])
def test_slope_is_the_derivative_over_the_argument(x):
    h = 1e-4 * max(x, 0.1)
    difference = broadening.rotation_transform(x + h)[0] - broadening.rotation_transform(x - h)[0]
    assert broadening.rotation_transform(x)[1] == pytest.approx(difference / (2 * h * x), rel=1e-4)


@pytest.mark.parametrize("vsini", [3.0, 30.0, 200.0])
def test_broadening_equals_direct_convolution(vsini):
    wave = velocity_grid(4440.0, 4520.0, 5.0)
    y = (np.arange(4000) + 0.5) / 2000.0 - 1.0
    weight = _profile(y, 0.4) / _profile(y, 0.4).sum()
    shifted = (_line(wave * np.exp(-v * vsini / C_KMS)) for v in y)
    direct = sum(w * line for w, line in zip(weight, shifted, strict=True))
    np.testing.assert_allclose(broadening.broaden(wave, _line(wave), vsini), direct, atol=2e-5)


def test_equivalent_width_is_conserved_and_lines_move_to_the_red():
    wave = velocity_grid(4400.0, 4560.0, 4.0)
    flux = broadening.broaden(wave, _line(wave), vsini=80.0, sigma=20.0, rv=600.0)
    depth = 1.0 - flux
    assert depth.sum() == pytest.approx((1.0 - _line(wave)).sum(), rel=1e-3)
    centre = (wave * depth).sum() / depth.sum()
    assert centre == pytest.approx(4480.0 * (1.0 + 600.0 / C_KMS), abs=0.02)


def test_oversampling_keeps_the_original_pixels():
    wave = velocity_grid(4440.0, 4520.0, 12.0)
    plan = broadening.Broadener.for_wavelengths(wave)
    fine = plan.restore(plan.transform(_line(wave, sigma=30.0)), 3)
    np.testing.assert_allclose(fine[::3], _line(wave, sigma=30.0), atol=1e-12)
    between = wave[:-1] * (wave[1:] / wave[:-1]) ** (1 / 3)
    np.testing.assert_allclose(fine[1:-2:3], _line(between, sigma=30.0), atol=1e-4)


def test_resolution_cannot_be_raised():
    assert broadening.instrument_sigma(1800.0) == pytest.approx(C_KMS / 1800.0 / 2.35482, rel=1e-5)
    with pytest.raises(ValueError, match="cannot be brought"):
        broadening.instrument_sigma(7500.0, 1800.0)

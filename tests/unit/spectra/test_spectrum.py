import numpy as np
import pytest

from runaways.spectra.broadening import blur
from runaways.spectra.spectrum import (
    Spectrum,
    convert_wavelengths,
    resample,
    shift_to_rest,
    signal_to_noise,
    to_medium,
)
from runaways.spectra.wavelengths import C_KMS, air_to_vacuum


def flat(wave, snr=50.0, medium="vacuum", **kwargs):
    return Spectrum(
        wave,
        np.ones(len(wave)),
        np.full(len(wave), snr**2),
        np.zeros(len(wave), bool),
        medium,
        **kwargs,
    )


def test_media_are_checked():
    wave = np.linspace(2500, 10000, 1000)
    assert np.array_equal(convert_wavelengths(wave, "air", "air"), wave)
    with pytest.raises(ValueError, match="medium"):
        convert_wavelengths(wave, "air", "water")


def test_shift_to_rest_acts_on_vacuum_wavelengths():
    rest = np.linspace(4000, 5000, 500)
    observed = flat(rest * (1 + 600 / C_KMS), medium="vacuum")
    np.testing.assert_allclose(shift_to_rest(observed, 600.0).wave, rest, rtol=1e-14)
    in_air = shift_to_rest(to_medium(observed, "air"), 600.0)
    assert in_air.medium == "air" and in_air.frame == "rest"
    np.testing.assert_allclose(air_to_vacuum(in_air.wave), rest, atol=1e-8)
    with pytest.raises(ValueError, match="already"):
        shift_to_rest(in_air, 600.0)
    with pytest.raises(ValueError, match="finite"):
        shift_to_rest(observed, np.nan)


def test_weightless_and_non_finite_pixels_are_masked():
    wave = np.arange(5.0) + 4000
    s = Spectrum(
        wave,
        np.array([1, np.nan, 1, 1, 1]),
        np.array([1, 1, 0, np.inf, 1.0]),
        np.array([True, False, False, False, False]),
        "air",
    )
    assert s.mask.tolist() == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (dict(medium="ether"), "medium"),
        (dict(wave=np.array([2.0, 1.0])), "increase"),
        (dict(flux=np.ones(3)), "shape"),
    ],
)
def test_malformed_spectrum(change, match):
    parts = (
        dict(
            wave=np.array([1.0, 2.0]),
            flux=np.ones(2),
            ivar=np.ones(2),
            mask=np.zeros(2, bool),
            medium="air",
        )
        | change
    )
    with pytest.raises(ValueError, match=match):
        Spectrum(**parts)


def test_blur_adds_widths_in_quadrature_and_keeps_the_line():
    """A Gaussian line of FWHM 2 broadened by 3 has FWHM sqrt(13); its area stays."""
    rng = np.random.default_rng(1)
    wave = np.sort(4400 + 100 * rng.uniform(size=1000))  # irregular sampling
    wave = np.linspace(4400, 4500, 1000) + 0.02 * np.sin(wave)
    sigma = 2 / np.sqrt(8 * np.log(2))
    line = np.exp(-0.5 * ((wave - 4450) / sigma) ** 2)
    wide = blur(wave, line, 3.0)
    area = np.trapezoid(wide, wave)
    width = np.sqrt(np.trapezoid(wide * (wave - 4450) ** 2, wave) / area) * np.sqrt(8 * np.log(2))
    assert area == pytest.approx(np.trapezoid(line, wave), rel=1e-4)
    assert width == pytest.approx(np.sqrt(13), rel=2e-3)
    np.testing.assert_allclose(blur(wave, np.ones(1000), 3.0), 1.0, rtol=1e-12)
    np.testing.assert_allclose(blur(wave, line, 0.0), line, rtol=0, atol=1e-15)


def test_resample_masks_gaps_and_keeps_the_information():
    wave = np.r_[np.arange(4000.0, 4100), np.arange(4200.0, 4300)]
    s = flat(wave)
    s.mask[50] = True
    new = resample(s, np.arange(3990.0, 4310, 0.5))
    bad = new.wave[new.mask]
    assert set(bad) == {
        *np.arange(3990, 4000, 0.5),
        4049.5,
        4050.0,
        4050.5,
        *np.arange(4099.5, 4200, 0.5),
        *np.arange(4299.5, 4310, 0.5),
    }
    inner = (new.wave > 4201) & (new.wave < 4298)
    old = (wave > 4201) & (wave < 4298)
    assert new.ivar[inner].sum() == pytest.approx(s.ivar[old].sum(), rel=0.02)


def test_resample_onto_its_own_pixels_changes_nothing():
    rng = np.random.default_rng(2)
    wave = np.linspace(4000, 4100, 80)
    s = Spectrum(
        wave, rng.normal(size=80), rng.uniform(1, 2, 80), rng.uniform(size=80) < 0.2, "air"
    )
    new = resample(s, wave)
    assert np.array_equal(new.mask, s.mask)
    np.testing.assert_allclose(new.flux[new.good], s.flux[s.good])
    np.testing.assert_allclose(new.ivar[new.good], s.ivar[s.good])


def test_signal_to_noise():
    s = flat(np.arange(4000.0, 5000), snr=37.0)
    assert signal_to_noise(s) == pytest.approx(37.0)
    assert np.isnan(signal_to_noise(s, 6000, 7000))

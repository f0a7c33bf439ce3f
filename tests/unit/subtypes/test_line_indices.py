import numpy as np
import pytest

from runaways.spectra.spectrum import Spectrum, to_medium
from runaways.subtypes.line_indices import INDICES, equivalent_widths


def with_lines(wave, lines, continuum=lambda w: np.ones_like(w), snr=1e6, mask=None):
    """Gaussian lines (centre, equivalent width, sigma) on a continuum, at rest, in air."""
    flux = np.ones(len(wave))
    for centre, width, sigma in lines:
        flux -= width / (sigma * np.sqrt(2 * np.pi)) * np.exp(-0.5 * ((wave - centre) / sigma) ** 2)
    flux = flux * continuum(wave)
    mask = np.zeros(len(wave), bool) if mask is None else mask
    return Spectrum(wave, flux, (snr / flux) ** 2, mask, "air", "rest")


LINES = [(4471.5, 1.2, 1.3), (4481.2, 0.25, 1.0), (4387.9, 0.6, 1.3), (4026.2, 0.9, 1.5)]
NAMES = ("HeI4471", "MgII4481", "HeI4387", "HeI4026")


@pytest.mark.parametrize("step", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("scale", [1.0, 3e-16])
def test_planted_widths(step, scale):
    wave = np.arange(3890.3, 4620, step)
    s = with_lines(wave, LINES, lambda w: scale * (1 + 2e-4 * (w - 4300)))
    width, _ = equivalent_widths(s, NAMES)
    np.testing.assert_allclose(width, [1.2, 0.25, 0.6, 0.9], atol=0.012)


def test_no_line_no_width_and_emission_is_negative():
    wave = np.arange(3800.0, 6700, 1.0)
    width, error = equivalent_widths(with_lines(wave, []))
    assert np.abs(width).max() < 1e-9 and np.isfinite(error).all()
    assert equivalent_widths(with_lines(wave, [(6562.8, -3.0, 2.0)]), ("Ha_core",))[0][0] < -2.9


def test_medium_is_converted():
    s = with_lines(np.arange(3890.3, 4620, 0.5), LINES)
    np.testing.assert_allclose(
        equivalent_widths(to_medium(s, "vacuum"), NAMES)[0],
        equivalent_widths(s, NAMES)[0],
        rtol=1e-3,
    )


def test_errors_are_those_of_repeated_measurement():
    rng = np.random.default_rng(7)
    wave = np.arange(3890.0, 4620, 1.0)
    clean = with_lines(wave, LINES, snr=30)
    measured = []
    for _ in range(400):
        noisy = clean.flux + rng.normal(size=len(wave)) / np.sqrt(clean.ivar)
        measured.append(
            equivalent_widths(
                Spectrum(wave, noisy, clean.ivar, clean.mask, "air", "rest"), (*NAMES, "Hd_W")
            )[0]
        )
    _, error = equivalent_widths(clean, (*NAMES, "Hd_W"))
    np.testing.assert_allclose(np.std(measured, axis=0), error, rtol=0.12)  # 400 draws: 3.5 %


def test_few_bad_pixels_are_bridged_many_are_refused():
    wave = np.arange(3890.0, 4620, 1.0)
    mask = np.abs(wave - 4376) < 0.6
    s = with_lines(wave, LINES, mask=mask)
    s.flux[mask] = 50.0
    assert equivalent_widths(s, ("HeI4387",))[0][0] == pytest.approx(0.6, abs=0.02)
    s.mask[np.abs(wave - 4388) < 4] = True
    width, error = equivalent_widths(s, ("HeI4387", "HeI4471"))
    assert np.isnan(width[0]) and np.isnan(error[0]) and width[1] == pytest.approx(1.2, abs=0.02)


def test_not_covered_is_nan():
    width, _ = equivalent_widths(with_lines(np.arange(4200.0, 4600, 1.0), LINES))
    covered = dict(zip(INDICES, np.isfinite(width), strict=True))
    assert covered["HeI4471"] and not covered["HeI4026"] and not covered["Ha_core"]
    nothing = with_lines(np.arange(4200.0, 4600, 1.0), [], mask=np.ones(400, bool))
    assert np.isnan(equivalent_widths(nothing)[0]).all()


def test_rest_frame_is_required():
    s = with_lines(np.arange(4200.0, 4600, 1.0), [])
    with pytest.raises(ValueError, match="rest frame"):
        equivalent_widths(Spectrum(s.wave, s.flux, s.ivar, s.mask, "air"))

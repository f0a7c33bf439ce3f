"""What a spectrum unlike the grid is called, and what is let through."""

import numpy as np
import pytest

from runaways.labels.fit import LabelFit
from runaways.labels.resemblance import MODEL_ERROR, NO_LIMITS, Limits, misfit, veto
from runaways.spectra.wavelengths import air_to_vacuum

WAVE = air_to_vacuum(np.arange(4000.0, 5300.0, 1.0))
LIKE = {"p_hot_star": 0.99, "cool_type": "A3", "subtype_flags": "", "subtype": "B2"}
LIKE |= {"misfit": 1.0, "misfit_region": "H gamma", "region_misfit": 1.5, "extrapolated": False}
LIKE |= {"teff": 20000.0}


def _residuals(residual, snr=50.0):
    """The misfit of a flat model to 3 + residual, continuum 3, with noise that is stated only."""
    n = len(WAVE)
    model, used = np.full(n, 3.0), np.ones(n, bool)
    fit = LabelFit({}, {}, np.zeros((5, 5)), model=model, continuum=model, used=used)
    return misfit(fit, WAVE, model + 3.0 * residual, np.full(n, (snr / 3.0) ** 2))


def test_noise_and_model_error_make_one():
    """Independent noise of 2 %, and a model error that is one number over each 50 A."""
    rng = np.random.default_rng(12)
    found = [
        _residuals(
            0.02 * rng.standard_normal(len(WAVE))
            + MODEL_ERROR * np.repeat(rng.standard_normal(26), 50)
        ).total
        for _ in range(200)
    ]
    assert np.mean(found) == pytest.approx(1.0, abs=3 * np.std(found) / np.sqrt(200))


def test_the_worst_region_is_named():
    band = (WAVE > air_to_vacuum(4285.0)) & (WAVE < air_to_vacuum(4315.0))
    found = _residuals(np.where(band, -0.15, 0.0))
    assert found.region == "the G band" and found.worst > 10 and found.total < 1
    wild = np.zeros(len(WAVE))
    wild[::200] = 50.0  # cosmic rays
    assert _residuals(wild).total < 0.2


def test_a_star_like_the_grid_passes():
    assert veto(LIKE, Limits()) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"p_hot_star": 0.01, "cool_type": "G2"}, "looks like G2: P(earlier than A2) is 0.01"),
        ({"p_hot_star": 0.8}, "may be A3"),
        ({"p_hot_star": np.nan, "extrapolated": True}, "unknown type"),
        ({"subtype_flags": "emission he-weak"}, "Balmer emission"),
        ({"misfit": 4.0}, "unlike the grid, though of type B2: residuals 2.0 of those expected"),
        ({"region_misfit": 9.0}, "3.0 in H gamma"),
        ({"misfit": 4.0, "subtype": "", "misfit_region": "Mg b"}, "maybe an F to K star"),
    ],
)
def test_vetoes_say_what_was_seen(change, said):
    assert said in veto(LIKE | change, Limits()) and veto(LIKE | change, NO_LIMITS) == ""


def test_an_unknown_type_inside_the_grid_and_a_star_for_another_grid_pass():
    assert veto(LIKE | {"p_hot_star": np.nan}, Limits()) == ""
    assert veto(LIKE | {"misfit": 9.0, "teff": 15000.0}, Limits(coolest=15000.0)) == ""

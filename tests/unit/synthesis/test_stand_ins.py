"""Stand-in grid and observations: reproducible, labelled, with the noise they claim."""

import numpy as np
import pytest

from runaways.spectra import spectral_grid
from runaways.spectra.wavelengths import C_KMS, velocity_step
from runaways.synthesis import stand_ins

STAR = (15841.0, 3.6, -0.8, 158.0)
WINDOWS = ((4460.0, 4490.0),)


def test_labels_fill_the_range_and_need_no_seed():
    labels = stand_ins.stand_in_labels(300)
    np.testing.assert_array_equal(labels, stand_ins.stand_in_labels(300))
    np.testing.assert_array_equal(labels[:100], stand_ins.stand_in_labels(100))
    assert labels[:, 0].min() < 9300 and labels[:, 0].max() > 30000
    assert np.all(labels[:, 1] >= stand_ins.lowest_logg(labels[:, 0]) - 1e-9)
    assert labels[:, 2].min() < -1.5 and labels[:, 2].max() > 0.8
    for column in labels.T:  # no two labels march together
        assert np.abs(np.corrcoef(labels.T)[np.triu_indices(3, 1)]).max() < 0.35, column


def test_hot_supergiants_beyond_the_radiation_limit_are_left_out():
    # Lanz & Hubeny 2007: the lowest log g of BSTAR2006 is 1.75 at 15 000 K and 3.0 at 30 000 K
    assert stand_ins.lowest_logg(30000.0) == pytest.approx(3.0)
    assert stand_ins.lowest_logg(15000.0) == 2.5


def test_the_grid_does_not_depend_on_who_made_which_model():
    labels = stand_ins.stand_in_labels(4)
    whole = stand_ins.synthesise_grid(labels, WINDOWS)
    halves = [stand_ins.synthesise_grid(labels[i : i + 2], WINDOWS) for i in (0, 2)]
    np.testing.assert_array_equal(spectral_grid.join_grids(halves).flux, whole.flux)
    parallel = stand_ins.synthesise_grid(labels, WINDOWS, workers=2)
    np.testing.assert_array_equal(parallel.flux, whole.flux)
    assert "not for publication" in whole.meta["stand_in"]


def test_pairs_are_drawn_by_address():
    first = stand_ins.stand_in_pair(STAR, 120.0, 80.0, [7, 3])
    again = stand_ins.stand_in_pair(STAR, 120.0, 80.0, [7, 3])
    other = stand_ins.stand_in_pair(STAR, 120.0, 80.0, [7, 4])
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a["flux"], b["flux"])
        assert not np.array_equal(a["flux"], c["flux"])


def test_pairs_look_like_lamost():
    lrs, mrs = stand_ins.stand_in_pair(STAR, 0.0, 80.0, 1)
    assert (lrs.meta["resolution"], mrs.meta["resolution"]) == (1800.0, 7500.0)
    for table, pixel in ((lrs, 1e-4), (mrs, 1e-5)):
        assert table["wave"].unit == "Angstrom" and table.meta["medium"] == "vacuum"
        assert "not for publication" in table.meta["stand_in"]
        for part in spectral_grid.segments(np.asarray(table["wave"])):
            step = velocity_step(np.asarray(table["wave"])[part])
            assert step == pytest.approx(C_KMS * np.log(10.0) * pixel, rel=1e-6)
    assert mrs["wave"].min() == pytest.approx(5000.0) and mrs["wave"].max() < 6751.0


def test_noise_is_what_the_inverse_variance_says():
    quiet, _ = stand_ins.stand_in_pair(STAR, 0.0, 1e6, 1)
    noisy, _ = stand_ins.stand_in_pair(STAR, 0.0, 50.0, 1)
    residual = (noisy["flux"] - quiet["flux"]) * np.sqrt(noisy["ivar"])
    assert np.std(residual) == pytest.approx(1.0, abs=0.06)
    continuum = np.quantile(quiet["flux"] * np.sqrt(noisy["ivar"]), 0.9)
    assert continuum == pytest.approx(50.0, rel=0.02)


def test_velocity_moves_the_lines():
    at_rest, _ = stand_ins.stand_in_pair(STAR, 0.0, 1e6, 2)
    moving, _ = stand_ins.stand_in_pair(STAR, 600.0, 1e6, 2)
    wave = np.asarray(at_rest["wave"])
    gamma = np.abs(wave - 4341.7) < 15
    core = wave[gamma][np.argmin(at_rest["flux"][gamma])]
    shifted = np.abs(wave - 4341.7 * (1 + 600 / C_KMS)) < 15
    moved = wave[shifted][np.argmin(moving["flux"][shifted])]
    assert moved / core - 1.0 == pytest.approx(600.0 / C_KMS, abs=80.0 / C_KMS)


def test_rotation_may_be_given_apart():
    a = stand_ins.stand_in_pair(STAR, 0.0, 80.0, 3)
    b = stand_ins.stand_in_pair(STAR[:3], 0.0, 80.0, 3, vsini=158.0)
    np.testing.assert_array_equal(a[1]["flux"], b[1]["flux"])


def test_labels_outside_the_synthesiser_are_refused():
    with pytest.raises(ValueError, match="outside"):
        stand_ins.stand_in_pair((7000.0, 4.0, 0.0, 10.0), 0.0, 80.0, 1)

"""Training grids: the plain HDF5, convolution to an instrument."""

import h5py
import numpy as np
import pytest

from runaways.spectra import spectral_grid
from runaways.spectra.spectral_grid import SpectralGrid, convolve_grid, join_grids
from runaways.spectra.wavelengths import C_KMS, air_to_vacuum, velocity_grid

LABELS = np.array([[12000.0, 4.0, 0.0], [20000.0, 3.5, -0.5], [25000.0, 4.2, 0.2]])


def _comb(wave, sigma=3.0):
    """Three models with narrow lines of known equivalent width [km/s]."""
    velocity = lambda centre: (wave / centre - 1.0) * C_KMS  # noqa: E731
    depth = sum(np.exp(-0.5 * (velocity(c) / sigma) ** 2) for c in (4030.0, 4051.3, 4070.7))
    return 1.0 - np.array([0.2, 0.4, 0.6])[:, None] * depth


@pytest.fixture
def comb():
    wave = velocity_grid(4000.0, 4100.0, 2.0)
    return SpectralGrid(wave, _comb(wave), LABELS, {"resolution": np.inf, "source": "comb"})


def test_round_trip_keeps_wavelengths_labels_and_metadata(comb, tmp_path):
    path = tmp_path / "grid.h5"
    spectral_grid.write_grid(path, comb)
    back = spectral_grid.read_grid(path)
    np.testing.assert_array_equal(back.wave, comb.wave)
    np.testing.assert_array_equal(back.labels, comb.labels)
    np.testing.assert_allclose(back.flux, comb.flux, atol=1e-6)
    assert back.meta["source"] == "comb" and back.meta["resolution"] == np.inf


def test_air_wavelengths_are_converted_and_labels_found_by_name(comb, tmp_path):
    path = tmp_path / "air.h5"
    with h5py.File(path, "w") as handle:
        handle.create_dataset("wave", data=[4000.0, 4001.0]).attrs["medium"] = "air"
        handle.create_dataset("flux", data=[[1.0, 0.9]])
        handle.create_dataset("labels", data=[[-0.3, 15000.0, 4.0]]).attrs["label_names"] = (
            "mh", "teff", "logg",
        )  # fmt: skip
    grid = spectral_grid.read_grid(path)
    np.testing.assert_allclose(grid.wave, air_to_vacuum([4000.0, 4001.0]))
    np.testing.assert_array_equal(grid.labels, [[15000.0, 4.0, -0.3]])


@pytest.mark.parametrize("missing", ["wave", "flux", "labels", "medium", "label_names"])
def test_what_is_missing_is_named(comb, tmp_path, missing):
    path = tmp_path / "grid.h5"
    spectral_grid.write_grid(path, comb)
    with h5py.File(path, "a") as handle:
        if missing == "medium":
            del handle["wave"].attrs["medium"]
        elif missing == "label_names":
            del handle["labels"].attrs["label_names"]
        else:
            del handle[missing]
    with pytest.raises(ValueError, match=missing):
        spectral_grid.read_grid(path)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shape"):
        SpectralGrid(np.arange(5.0), np.ones((2, 4)), LABELS[:2])


def test_convolution_keeps_equivalent_widths_of_lines_narrower_than_its_pixel(comb):
    result = convolve_grid(comb, 1800.0, [(4010.0, 4090.0)], 60.0)
    before = ((1.0 - comb.flux) * np.gradient(comb.wave)).sum(axis=1)
    after = ((1.0 - result.flux) * np.gradient(result.wave)).sum(axis=1)
    np.testing.assert_allclose(after, before, rtol=0.01)
    assert result.meta["resolution"] == 1800.0


def test_convolution_gives_the_resolution():
    wave = velocity_grid(4000.0, 4100.0, 2.0)
    line = 1.0 - 0.5 * np.exp(-0.5 * ((wave / 4050.0 - 1.0) * C_KMS / 1.5) ** 2)
    grid = SpectralGrid(wave, line[None], LABELS[:1], {"resolution": np.inf})
    result = convolve_grid(grid, 5000.0, [(4010.0, 4090.0)], 5.0)
    depth = 1.0 - result.flux[0]
    velocity = (result.wave / 4050.0 - 1.0) * C_KMS
    width = np.sqrt((velocity**2 * depth).sum() / depth.sum()) * 2.35482
    assert width == pytest.approx(np.hypot(C_KMS / 5000.0, 1.5 * 2.35482), rel=0.01)


def test_two_steps_of_convolution_are_one(comb):
    once = convolve_grid(comb, 1800.0, [(4020.0, 4080.0)], 60.0)
    twice = convolve_grid(
        convolve_grid(comb, 7500.0, [(4005.0, 4095.0)], 2.0),
        1800.0,
        [(4020.0, 4080.0)],
        60.0,
    )
    np.testing.assert_allclose(twice.flux, once.flux, atol=1e-3)


def test_windows_and_sampling_are_checked(comb):
    with pytest.raises(ValueError, match="cover"):
        convolve_grid(comb, 1800.0, [(3900.0, 4050.0)], 60.0)
    with pytest.raises(ValueError, match="sample"):
        convolve_grid(comb, 1800.0, [(4010.0, 4090.0)], 100.0)


def test_gaps_split_segments():
    wave = np.concatenate([velocity_grid(4000, 4010, 10.0), velocity_grid(6500, 6510, 10.0)])
    parts = spectral_grid.segments(wave)
    assert [wave[p][0] for p in parts] == [4000.0, 6500.0]
    with pytest.raises(ValueError, match="increase"):
        spectral_grid.segments(wave[::-1])


def test_joining_needs_common_wavelengths(comb):
    both = join_grids([comb, comb])
    assert both.flux.shape == (6, len(comb.wave))
    other = SpectralGrid(comb.wave * 1.001, comb.flux, comb.labels)
    with pytest.raises(ValueError, match="wavelengths"):
        join_grids([comb, other])


def test_renormalising_sees_one_segment_at_a_time():
    wave = np.concatenate([velocity_grid(4000, 4010, 10.0), velocity_grid(6500, 6510, 10.0)])
    grid = SpectralGrid(wave, np.full((3, len(wave)), 2.0), LABELS)
    seen = []
    result = spectral_grid.renormalise_grid(grid, lambda w, f: seen.append(np.ptp(w)) or f / 2.0)
    assert max(seen) < 20.0 and len(seen) == 6
    np.testing.assert_array_equal(result.flux, 1.0)

"""From files to one spectrum at rest, and which files are a star's."""

import os

import numpy as np
import pytest
from astropy.table import Table

import caches
from contract.config import ContractError
from contract.spectra import spectrum_files
from layout import list_folder
from runaways.emulators import training_grid
from runaways.labels import measuring
from runaways.spectra import file_index, instruments, star_spectrum
from runaways.spectra.spectral_grid import SpectralGrid, convolve_grid, join_grids
from runaways.synthesis import stand_ins as stand_in

LRS, MRS = instruments.INSTRUMENTS["lrs"], instruments.INSTRUMENTS["mrs"]
STAR = {"star": ["S1"], "ra": [83.0], "dec": [-1.0]}
TRUTH = (17000.0, 3.9, -0.2, 60.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A stand-in pair of one star at +250 km/s, as LAMOST files."""
    folder = tmp_path_factory.mktemp("spectra")
    for table in stand_in.stand_in_pair(TRUTH, 250.0, 100.0, 3):
        path = folder / f"{table.meta['instrument']}-S1.fits"
        stand_in.write_lamost(path, table, "S1", 83.0, -1.0)
    return folder


def _files(folder, instrument=LRS):
    index = file_index.index_files(list_folder(folder))
    return star_spectrum.files_of(file_index.match_files(index, Table(STAR)), "S1", instrument)


@pytest.mark.parametrize("arm", ["lrs", "mrs"])
def test_a_stand_in_goes_through_the_lamost_readers(folder, instrument_grids, emulators_krr, arm):
    """Velocity and labels come back; nothing but the file tells the reader what it is."""
    instrument = instruments.INSTRUMENTS[arm]
    templates = star_spectrum.rv_templates(instrument_grids[arm], instrument)
    found = star_spectrum.measure_star(_files(folder, instrument), templates, instrument)
    assert found.reason == "" and found.rv == pytest.approx(250.0, abs=4 * found.rv_error)
    assert found.rv_error < 6.0 and found.spectrum.frame == "rest"
    assert found.spectrum.meta["stand_in"] == stand_in.STAND_IN
    fit, _ = measuring.measure_labels(
        emulators_krr[arm], found.spectrum, found.rv, found.rv_error, "joint"
    )
    assert fit.values["teff"] == pytest.approx(TRUTH[0], rel=0.03)
    assert fit.values["vsini"] == pytest.approx(TRUTH[3], abs=4 * fit.errors["vsini"])


def test_files_of_one_star_by_themselves(folder, tmp_path):
    """Without a list and without a grid; what cannot be read says why."""
    found = star_spectrum.from_files([folder / "lrs-S1.fits"])
    assert found.rv == pytest.approx(250.0, abs=4 * found.rv_error)
    broken = tmp_path / "broken.fits"
    broken.write_text("no FITS")
    with pytest.raises(ValueError, match=r"broken\.fits: "):
        star_spectrum.from_files([broken])


def test_spline_mode_treats_data_and_models_alike(folder, instrument_grids):
    from runaways.emulators import slam

    grid = training_grid.treated(instrument_grids["lrs"], "spline")
    assert np.abs(grid.flux / instrument_grids["lrs"].flux - 1).max() > 0.02  # Balmer wings
    templates = star_spectrum.rv_templates(instrument_grids["lrs"], LRS)
    found = star_spectrum.measure_star(_files(folder), templates, LRS)
    emulator = slam.train_krr(grid)
    fit, treated = measuring.measure_labels(emulator, found.spectrum, found.rv, 2.0, "spline")
    assert 0.8 < np.median(treated.flux[treated.good]) < 1.1
    # the paper's scatter in LRS; the sharp clipping costs accuracy
    assert abs(fit.values["teff"] - TRUTH[0]) < 1642.0


def test_pixels_survive_their_table(folder, instrument_grids):
    templates = star_spectrum.rv_templates(instrument_grids["lrs"], LRS)
    found = star_spectrum.measure_star(_files(folder), templates, LRS)
    pixels = star_spectrum.as_pixels("S1", "lrs", found.spectrum)
    again = star_spectrum.from_pixels(pixels)
    np.testing.assert_array_equal(again.flux, found.spectrum.flux)
    np.testing.assert_array_equal(again.mask, found.spectrum.mask)
    assert 0.9 < np.nanmedian(pixels["flux_normalised"]) < 1.05


def test_no_file_and_no_usable_file_are_reasons(tmp_path, folder, instrument_grids):
    templates = star_spectrum.rv_templates(instrument_grids["lrs"], LRS)
    none = star_spectrum.measure_star(_files(tmp_path), templates, LRS)
    assert none.reason == "no file of this star" and none.spectrum is None
    whole = (folder / "lrs-S1.fits").read_bytes()
    (tmp_path / "S1.fits").write_bytes(whole[: len(whole) // 2])
    cut = star_spectrum.measure_star(_files(tmp_path), templates, LRS)
    assert cut.reason.startswith("S1.fits: truncated FITS")


def test_a_rectified_spectrum_needs_its_medium(tmp_path, instrument_grids):
    wave = np.arange(3950.0, 5250.0, 0.7)
    lines = np.interp(wave, instrument_grids["lrs"].wave, instrument_grids["lrs"].flux[5])
    np.savetxt(tmp_path / "S1.txt", np.column_stack([wave, lines]))
    templates = star_spectrum.rv_templates(instrument_grids["lrs"], LRS)
    refused = star_spectrum.measure_star(_files(tmp_path), templates, LRS)
    assert "spectra.medium does not say air or vacuum" in refused.reason
    found = star_spectrum.measure_star(_files(tmp_path), templates, LRS, medium="vacuum")
    assert abs(found.rv) < 5.0
    in_air = star_spectrum.measure_star(_files(tmp_path), templates, LRS, medium="air")
    assert in_air.rv == pytest.approx(83.0, abs=6.0)  # data/README: 83 km/s apart


def test_a_sharper_spectrum_is_brought_to_the_instrument(tmp_path, instrument_grids):
    fine = stand_in.synthesise_grid([[17000.0, 3.9, -0.2]])
    blue = (fine.wave > 3900) & (fine.wave < 5290)
    np.savetxt(tmp_path / "S1.txt", np.column_stack([fine.wave[blue], fine.flux[0, blue]]))
    templates = star_spectrum.rv_templates(instrument_grids["lrs"], LRS)
    settings = {"medium": "vacuum", "resolution": 60000}
    found = star_spectrum.measure_star(_files(tmp_path), templates, LRS, **settings)
    resolution = 4480.0 / LRS.line_spread(4480.0)  # 1466
    coarse = convolve_grid(fine, resolution, [(4460.0, 4500.0)], 30.0)
    ours = np.interp(coarse.wave, found.spectrum.wave, found.spectrum.flux)
    np.testing.assert_allclose(ours, coarse.flux[0], atol=0.004)


def test_velocities_without_a_grid_of_balmer_lines(data):
    """A cut-out about He I 6678 has no Balmer line: line templates take its place."""
    grid = training_grid.read_part(data / "tlusty" / "msg" / "sg-HeI-6678.h5", 0, 1, 0, 2.0)
    narrow = training_grid.at_instrument(grid, MRS)
    wave, flux = star_spectrum.rv_templates(narrow, MRS)
    assert wave[0] < 3700 and len(flux) > 10
    assert len(training_grid.at_instrument(grid, LRS).wave) > 0
    uncovered = SpectralGrid(np.array([8000.0, 8001.0]), np.ones((1, 2)), np.ones((1, 3)))
    assert len(training_grid.at_instrument(uncovered, LRS).wave) == 0


def test_parts_of_a_grid_are_the_grid(data):
    source = data / "tlusty" / "msg" / "sg-HeI-6678.h5"
    whole = training_grid.read_part(source, 0, 1, 0, 2.0)
    parts = join_grids([training_grid.read_part(source, k, 200, 0, 2.0) for k in range(200)])
    np.testing.assert_array_equal(parts.flux, whole.flux)  # 38 of the parts hold no model
    stand_ins = [training_grid.read_part("stand-in", k, 3, 4, 2.0) for k in range(3)]
    labels_of = np.concatenate([part.labels for part in stand_ins])
    assert sorted(labels_of[:, 0]) == sorted(stand_in.stand_in_labels(4)[:, 0])


def test_files_of_a_folder_are_known_before_any_job(tmp_path, folder, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stars.csv").write_text("star,ra,dec,parallax,pmra,pmdec\nS1,83,-1,1,0,0\n")
    config = {"run": "r", "stars": "stars.csv", "distance": {"method": "inverse_parallax"}}
    config["spectra"] = {"lrs": str(folder), "mrs": "", "radius": "3 arcsec"}
    files, state = spectrum_files(config, "lrs")
    assert files == {"S1": [str(folder / "lrs-S1.fits")]}  # and not the MRS file beside it
    cache = caches.load(tmp_path / "results/r/spectra_lrs.json")
    assert cache["state"] == state and len(cache["headers"]) == 2
    assert spectrum_files(config, "lrs") == (files, state)
    os.utime(folder / "mrs-S1.fits", (1, 1))
    assert spectrum_files(config, "lrs")[1] != state
    config["spectra"]["lrs"] = "nowhere"
    with pytest.raises(ContractError, match="spectra.lrs: there is no folder 'nowhere'"):
        spectrum_files(config, "lrs")
    (tmp_path / "empty").mkdir()
    config["spectra"]["lrs"] = "empty"
    with pytest.raises(ContractError, match="spectra.lrs: none of the 0 files of spectra below"):
        spectrum_files(config, "lrs")
    config["spectra"]["lrs"] = "stand-in"
    assert spectrum_files(config, "lrs") == ({}, "")

"""The text archives and the MSG cut-out: names, numbers, air or vacuum."""

import numpy as np
import pytest

from runaways.emulators import tlusty
from runaways.spectra.wavelengths import air_to_vacuum, vacuum_to_air, velocity_grid

H_GAMMA_AIR = 4340.463


def _write_model(folder, name, medium="air", labels_depth=0.5):
    """A model with an H gamma line, in the archive's two files, continuum sparser and sloping."""
    wave = np.arange(4200.0, 4500.0, 0.05)
    centre = H_GAMMA_AIR if medium == "air" else float(air_to_vacuum(H_GAMMA_AIR))
    slope = 1e7 * (wave / 4300.0) ** -4
    flux = slope * (1.0 - labels_depth * np.exp(-0.5 * ((wave - centre) / 2.0) ** 2))
    (folder / f"{name}.vis.7").write_text(
        "".join(f"{w:12.5f}  {f:.5E}\n".replace("E", "D") for w, f in zip(wave, flux, strict=True))
    )
    coarse = slice(None, None, 100)
    rows = zip(np.r_[wave[coarse], wave[-1]], np.r_[slope[coarse], slope[-1]], strict=True)
    (folder / f"{name}.vis.17").write_text("".join(f"{w:12.5f}  {f:.5E}\n" for w, f in rows))


@pytest.mark.parametrize(
    "name, grid, teff, logg, mh, turbulence, cn",
    [
        ("BG15000g400v2.vis.7", "BSTAR2006", 15000, 4.00, 0.0, 2, False),
        ("BL22000g275v2.vis.17", "BSTAR2006", 22000, 2.75, -0.30, 2, False),
        ("BG25000g275v10CN.vis.7", "BSTAR2006", 25000, 2.75, 0.0, 10, True),
        ("S27500g300v10.uv.7", "OSTAR2002", 27500, 3.0, -0.70, 10, False),
        ("V35000g400v10.vis.7", "OSTAR2002", 35000, 4.0, -1.48, 10, False),
    ],
)
def test_names_say_the_labels(name, grid, teff, logg, mh, turbulence, cn):
    parsed = tlusty.parse_tlusty_name(name)
    assert (parsed["grid"], parsed["teff"], parsed["logg"]) == (grid, teff, logg)
    assert parsed["mh"] == pytest.approx(mh, abs=0.005)
    assert (parsed["microturbulence"], parsed["cn"]) == (turbulence, cn)


@pytest.mark.parametrize("name", ["BG15000.vis.7", "BZ15000g400v2.vis.7", "notes.txt"])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="archive name"):
        tlusty.parse_tlusty_name(name)


def test_fortran_exponents(tmp_path):
    path = tmp_path / "model.7"
    path.write_text("  3000.0  1.234-101\n  3001.5D0  9.6D+07\n 3002.0 -1.5d-3\n")
    np.testing.assert_allclose(
        tlusty.read_fortran_columns(path), [[3000, 1.234e-101], [3001.5, 9.6e7], [3002, -1.5e-3]]
    )


@pytest.mark.parametrize("text, said", [("3000 1\n3001 x\n", "line 2"), ("", "empty"),
                                        ("3000 1\n3001\n", "line 2")])  # fmt: skip
def test_bad_files_name_the_line(tmp_path, text, said):
    path = tmp_path / "model.7"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        tlusty.read_fortran_columns(path)


@pytest.mark.parametrize("medium", ["air", "vacuum"])
def test_medium_is_read_off_h_gamma_and_converted(tmp_path, medium):
    _write_model(tmp_path, "BG15000g400v2", medium)
    wave = velocity_grid(4250.0, 4450.0, 5.0)
    flux, found = tlusty.read_tlusty_model(tmp_path / "BG15000g400v2.vis.7", wave)
    assert found == medium
    assert wave[np.argmin(flux)] == pytest.approx(float(air_to_vacuum(H_GAMMA_AIR)), abs=0.06)
    assert flux.min() == pytest.approx(0.5, abs=2e-3) and flux[0] == pytest.approx(1.0, abs=2e-3)


def test_a_shifted_or_missing_line_is_an_error():
    wave = np.arange(4330.0, 4352.0, 0.02)
    shifted = 1.0 - 0.5 * np.exp(-0.5 * ((wave - 4342.6) / 0.5) ** 2)
    with pytest.raises(ValueError, match="core found"):
        tlusty.verify_medium(wave, shifted)
    with pytest.raises(ValueError, match="core found"):
        tlusty.verify_medium(wave, np.ones_like(wave))


def read_folder(folder, wave):
    return tlusty.read_tlusty_models(tlusty.list_tlusty_models(folder), wave)


def test_folder_takes_one_microturbulence_and_no_cno_models(tmp_path):
    for name in ("BG15000g400v2", "BS20000g375v2", "BG25000g275v10", "BG25000g275v2CN"):
        _write_model(tmp_path, name)
    grid = read_folder(tmp_path, velocity_grid(4250.0, 4450.0, 5.0))
    np.testing.assert_allclose(grid.labels, [[15000, 4.0, 0.0], [20000, 3.75, -0.70]])
    assert grid.meta["medium_found"] == "air"


def test_folder_errors(tmp_path):
    wave = velocity_grid(4250.0, 4450.0, 5.0)
    with pytest.raises(ValueError, match="no .* model"):
        read_folder(tmp_path, wave)
    _write_model(tmp_path, "BG15000g400v2")
    with pytest.raises(ValueError, match="covers 4200"):
        read_folder(tmp_path, velocity_grid(4000.0, 4450.0, 5.0))
    _write_model(tmp_path, "BG16000g400v2", "vacuum")
    with pytest.raises(ValueError, match="some in vacuum"):
        read_folder(tmp_path, wave)
    (tmp_path / "BG15000g400v2.vis.17").unlink()
    with pytest.raises(ValueError, match="no continuum"):
        read_folder(tmp_path, wave)


def test_real_archive_sample(data):
    folder = data / "tlusty" / "synspec_sample"
    lines = tlusty.read_fortran_columns(folder / "HHe_T22500g400_head.7")
    base = tlusty.read_fortran_columns(folder / "HHe_T22500g400.17")
    ratio = lines[:, 1] / np.interp(lines[:, 0], base[:, 0], base[:, 1])
    np.testing.assert_allclose(ratio[:12], 1.0, atol=3e-5)  # a stretch without lines
    assert np.all(ratio < 1.0 + 1e-5) and ratio.min() > 0.99
    assert base[-1, 0] == pytest.approx(9000.0, abs=0.01)


def test_msg_cut_out(data):
    grid = tlusty.read_msg_grid(data / "tlusty" / "msg" / "sg-HeI-6678.h5")
    assert grid.flux.shape[0] == 162
    assert set(grid.labels[:, 0]) == set(np.arange(15000.0, 30001.0, 1000.0))
    assert (grid.labels[:, 1].min(), grid.labels[:, 1].max()) == (2.0, 4.75)
    depth = 1.0 - grid.flux
    # He I 6678.15 in air is 6679.99 in vacuum; in the hottest giants He II 6683 is deeper
    core = grid.wave[np.argmax(depth[grid.labels[:, 0] <= 25000], axis=1)]
    np.testing.assert_allclose(vacuum_to_air(core), 6678.15, atol=0.15)
    width = np.trapezoid(depth, grid.wave, axis=1)
    hot = width[(grid.labels[:, 0] == 22000) & (grid.labels[:, 1] == 4.0)]
    cool = width[(grid.labels[:, 0] == 15000) & (grid.labels[:, 1] == 4.0)]
    assert hot > 1.5 * cool > 0.3  # He I peaks at B2


def test_msg_reader_refuses_other_hdf5(tmp_path):
    import h5py

    with h5py.File(tmp_path / "other.h5", "w") as handle:
        handle["x"] = 1
    with pytest.raises(ValueError, match="not an MSG grid"):
        tlusty.read_msg_grid(tmp_path / "other.h5")

"""Every LAMOST layout, and every way of being unusable, on files made here."""

import gzip
import pickle

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from layout import list_folder
from runaways.spectra.file_index import index_files, match_files, read_star
from runaways.spectra.fits_files import SpectrumRefused, open_fits
from runaways.spectra.lamost import read_header, read_lamost
from runaways.spectra.wavelengths import C_KMS

HEADER = dict(
    OBSID=123456,
    RA=100.0,
    DEC=40.0,
    Z=1e-4,
    Z_ERR=2e-5,
    CLASS="STAR",
    SUBCLASS="A3V",
    SNRG=50.0,
    VACUUM=True,
    LMJD=55859,
)


def lrs_arrays(snr=50.0):
    wave = 10 ** (3.5682 + 1e-4 * np.arange(3909))
    flux = 100 * (wave / 5000) ** -2
    return dict(
        flux=flux, ivar=(snr / flux) ** 2, wave=wave, andmask=np.zeros(3909), ormask=np.zeros(3909)
    )


def write_old(path, header=HEADER, **changes):
    a = lrs_arrays() | changes
    rows = np.array([a["flux"], a["ivar"], a["wave"], a["andmask"], a["ormask"]], np.float32)
    hdu = fits.PrimaryHDU(rows)
    hdu.header.update(header)
    hdu.writeto(path)
    return path


def write_new(path, header=HEADER, **changes):
    a = lrs_arrays() | changes
    primary = fits.PrimaryHDU()
    primary.header.update(header)
    names = dict(flux="FLUX", ivar="IVAR", wave="WAVELENGTH", andmask="ANDMASK", ormask="ORMASK")
    columns = [fits.Column(names[k], f"{len(v)}E", array=[v]) for k, v in a.items()]
    fits.HDUList([primary, fits.BinTableHDU.from_columns(columns, name="COADD")]).writeto(path)
    return path


def mrs_hdu(name, vectors: bool, mask_name: str, snr=40.0):
    low, high = (4898, 5390) if "B" in name.replace("COADD_", "")[:1] else (6272, 6845)
    wave = np.geomspace(low, high, 3800)
    flux = np.full(3800, 200.0)
    columns = dict(FLUX=flux, IVAR=(snr / flux) ** 2, **{mask_name: np.zeros(3800)})
    columns |= {"WAVELENGTH": wave} if vectors else {"LOGLAM": np.log10(wave)}
    made = [
        fits.Column(k, "3800D" if vectors else "D", array=[v] if vectors else v)
        for k, v in columns.items()
    ]
    hdu = fits.BinTableHDU.from_columns(made, name=name)
    hdu.header["LMJM"] = "84107311"
    return hdu


def write_mrs(
    path, names=("COADD_B", "COADD_R", "B-84107311", "R-84107311"), vectors=False, snr=40.0
):
    primary = fits.PrimaryHDU()
    primary.header.update(
        {k: v for k, v in HEADER.items() if k in ("OBSID", "RA", "DEC", "VACUUM")}
    )
    hdus = [mrs_hdu(n, vectors, "ORMASK" if "COADD" in n else "PIXMASK", snr) for n in names]
    fits.HDUList([primary, *hdus]).writeto(path)
    return path


@pytest.mark.parametrize("write", [write_old, write_new])
def test_lrs_layouts(tmp_path, write):
    (s,) = read_lamost(write(tmp_path / "a.fits"))
    a = lrs_arrays()
    assert s.medium == "vacuum" and s.frame == "observed" and s.meta["survey"] == "LRS"
    np.testing.assert_allclose(s.wave, a["wave"], rtol=1e-6)
    np.testing.assert_allclose(s.flux, a["flux"], rtol=1e-6)
    assert s.meta["obsid"] == 123456 and s.meta["snr"] == pytest.approx(50, rel=1e-3)
    assert s.meta["rv_header"] == pytest.approx(1e-4 * C_KMS)
    assert s.meta["rv_header_error"] == pytest.approx(2e-5 * C_KMS)


@pytest.mark.parametrize("vectors", [False, True])
def test_mrs_layouts(tmp_path, vectors):
    path = write_mrs(tmp_path / "m.fits", vectors=vectors)
    blue, red = read_lamost(path)
    assert (blue.meta["arm"], red.meta["arm"]) == ("B", "R")
    assert blue.wave[0] == pytest.approx(4898) and red.wave[-1] == pytest.approx(6845)
    exposures = read_lamost(path, exposures=True)
    assert [s.meta["hdu"] for s in exposures] == ["B-84107311", "R-84107311"]
    assert all(s.meta["exposure"] == "84107311" for s in exposures)


def test_mrs_arm_missing(tmp_path):
    (red,) = read_lamost(write_mrs(tmp_path / "m.fits", names=("COADD_R",)))
    assert red.meta["arm"] == "R" and red.meta["refused"] == ["HDU COADD_B: missing"]


def test_masks_and_zero_weights(tmp_path):
    """AND-masked and weightless pixels always go; OR-masked ones on request."""
    a = lrs_arrays()
    a["andmask"][10], a["ormask"][20] = 64, 64
    ivar = a["ivar"].copy()
    ivar[30] = 0
    path = write_old(tmp_path / "a.fits", ivar=ivar, andmask=a["andmask"], ormask=a["ormask"])
    assert np.flatnonzero(read_lamost(path)[0].mask).tolist() == [10, 30]
    assert np.flatnonzero(read_lamost(path, or_mask=True)[0].mask).tolist() == [20, 30]


def test_tolerant_headers(tmp_path):
    """DR2-era keys: SN_G for SNRG, no OBSID; Z = -9999 means unknown; CLASS missing."""
    header = dict(RA=1.0, DEC=2.0, SN_G=46.8, Z=-9999.0, Z_ERR=-9999.0)
    (s,) = read_lamost(write_old(tmp_path / "a.fits", header))
    assert s.meta["obsid"] is None and s.meta["snr_header"] == 46.8
    assert np.isnan(s.meta["rv_header"]) and s.meta["class_header"] == ""
    (in_air,) = read_lamost(write_old(tmp_path / "b.fits", HEADER | {"VACUUM": False}))
    assert in_air.medium == "air"


def nan_flux(path):
    return write_old(path, flux=np.full(3909, np.nan))


def nanometres(path):
    return write_old(path, wave=lrs_arrays()["wave"] / 10)


def red_only(path):
    return write_new(path, wave=lrs_arrays()["wave"] + 2000)


def all_masked(path):
    return write_new(path, andmask=np.ones(3909))


def all_weightless(path):
    return write_old(path, ivar=np.zeros(3909))


def three_rows(path):
    fits.PrimaryHDU(np.ones((3, 100))).writeto(path)
    return path


def no_hdu(path):
    fits.PrimaryHDU().writeto(path)
    return path


def no_flux_column(path):
    columns = [fits.Column("IVAR", "10D", array=[np.ones(10)])]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="COADD")]).writeto(
        path
    )
    return path


def galaxy(path):
    return write_old(path, HEADER | {"CLASS": "GALAXY"})


def no_signal(path):
    return write_mrs(path, snr=0.5)


def text(path):
    path.write_text("4000 1.0\n")
    return path


def cut_in_half(path):
    write_old(path)
    path.write_bytes(path.read_bytes()[:39000])
    return path


def cut_gzip(path):
    path.write_bytes(gzip.compress(write_mrs(path.with_name("whole")).read_bytes())[:60000])
    return path


def empty_file(path):
    path.write_bytes(b"")
    return path


def bad_card(path):
    content = write_new(path).read_bytes().replace(b"TFORM1  =", b"TFORM1  ?")
    path.write_bytes(content)
    return path


BROKEN = {
    nan_flux: "nan-flux",
    nanometres: "wavelength-range",
    red_only: "wavelength-range",
    all_masked: "all-masked",
    all_weightless: "all-masked",
    three_rows: "wrong-layout",
    no_hdu: "missing-hdu",
    no_flux_column: "wrong-layout",
    galaxy: "galaxy",
    no_signal: "no-signal",
    text: "not-fits",
    cut_in_half: "truncated",
    cut_gzip: "truncated",
    empty_file: "truncated",
    bad_card: "damaged",
}


@pytest.mark.parametrize(("make", "code"), BROKEN.items(), ids=[m.__name__ for m in BROKEN])
def test_refusals(tmp_path, make, code):
    path = make(tmp_path / "bad.fits")
    with pytest.raises(SpectrumRefused) as caught:
        read_lamost(path)
    assert caught.value.code == code
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(SpectrumRefused) as caught:
        read_header(tmp_path / "none.fits")
    assert caught.value.code == "missing-file"


def test_refusal_survives_a_process_pool():
    error = SpectrumRefused("galaxy", "a.fits", "CLASS is GALAXY")
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, again.path, str(again)) == ("galaxy", "a.fits", str(error))
    with pytest.raises(ValueError, match="unknown reason"):
        SpectrumRefused("tired", "a.fits", "")


def test_truncation_anywhere_is_noticed(tmp_path):
    """At no length does a cut file give a spectrum, whole blocks or not."""
    whole = write_new(tmp_path / "whole.fits").read_bytes()
    path = tmp_path / "cut.fits"
    for size in [*range(1, len(whole), 4001), *range(2880, len(whole), 2880)]:
        path.write_bytes(whole[:size])
        with pytest.raises(SpectrumRefused):
            read_lamost(path)


def test_one_bad_file_leaves_the_rest_unharmed(tmp_path):
    write_old(tmp_path / "good.fits")
    for make in BROKEN:
        make(tmp_path / f"{make.__name__}.fits")
    index = index_files(list_folder(tmp_path))
    assert len(index) == len(BROKEN) + 1  # the uncut copy behind cut_gzip has no suffix
    spectra, log = read_star(index[np.argsort(index["path"] != str(tmp_path / "good.fits"))])
    assert len(spectra) == 1
    reasons = {row["path"].rsplit("/")[-1]: row["status"] for row in log}
    assert reasons.pop("good.fits") == "ok"
    # files whose headers are sound carry the same OBSID as good.fits
    for make, code in BROKEN.items():
        assert reasons[f"{make.__name__}.fits"] in (code, "duplicate")


def test_an_empty_folder_holds_no_file(tmp_path):
    assert list_folder(tmp_path) == [] and len(index_files([])) == 0


def test_star_finds_its_files(tmp_path):
    """By position, by OBSID, by both; another star's file stays out; copies are read once."""
    write_old(tmp_path / "near.fits", HEADER | {"DEC": 40 + 1.5 / 3600, "OBSID": 1})
    write_mrs(tmp_path / "med.fits")
    write_new(tmp_path / "far.fits", HEADER | {"RA": 101.0, "OBSID": 2})
    write_new(tmp_path / "other.fits", HEADER | {"RA": 102.0, "OBSID": 3})
    (tmp_path / "near_copy.fits.gz").write_bytes(
        gzip.compress((tmp_path / "near.fits").read_bytes())
    )
    index = index_files(list_folder(tmp_path))
    stars = Table({"star": ["near", "named"], "ra": [100.0, 10.0], "dec": [40.0, 10.0]})
    stars["obsid"] = ["2 123456", ""]
    (tmp_path / "named.txt").write_text("4000 1\n")
    index = index_files(list_folder(tmp_path))
    found = match_files(index, stars)
    how = {row["path"].rsplit("/")[-1]: (row["star"], row["matched_by"]) for row in found}
    assert how == {
        "near.fits": ("near", "position"),
        "near_copy.fits.gz": ("near", "position"),
        "med.fits": ("near", "obsid"),
        "far.fits": ("near", "obsid"),
        "other.fits": ("", ""),
        "named.txt": ("named", "name"),
    }
    apart = dict(zip(found["path"], found["separation"], strict=True))
    assert apart[str(tmp_path / "near.fits")] == pytest.approx(1.5, abs=0.01)
    assert apart[str(tmp_path / "far.fits")] > 1000 and np.isnan(apart[str(tmp_path / "named.txt")])
    mine = found[(found["star"] == "near") & (found["survey"] == "LRS")]
    mine = mine[mine["matched_by"] == "position"]
    spectra, log = read_star(mine)
    assert len(spectra) == 1 and sorted(log["status"]) == ["duplicate", "ok"]
    assert read_star(found[:0])[0] == []


def test_open_fits_lets_refusals_of_the_body_through(tmp_path):
    path = write_old(tmp_path / "a.fits")
    with pytest.raises(SpectrumRefused, match="mine"), open_fits(path):
        raise SpectrumRefused("galaxy", path, "mine")

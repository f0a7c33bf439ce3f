import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from runaways.spectra.fits_files import SpectrumRefused
from runaways.spectra.rectified import estimate_noise, read_rectified

WAVE = np.arange(4000.0, 4600.0, 0.5)
FLUX = 1 - 0.5 * np.exp(-0.5 * ((WAVE - 4340.5) / 5) ** 2)


def test_text_with_names_commas_exponents_disorder_and_padding(tmp_path):
    path = tmp_path / "s.csv"
    rows = [f"{w:.2f},{f:.6E}".replace("E", "D") for w, f in zip(WAVE, FLUX, strict=True)]
    rows[-1] = "4599.5, 0"
    path.write_text("# a comment\nwave,flux\n" + "\n".join(rows[3:] + rows[:3]) + "\n\n")
    s = read_rectified(path, "air", "rest", snr=100)
    np.testing.assert_allclose(s.wave, WAVE)
    np.testing.assert_allclose(s.flux[:-1], FLUX[:-1], rtol=1e-5)
    assert np.flatnonzero(s.mask).tolist() == [len(WAVE) - 1]
    assert s.medium == "air" and s.frame == "rest" and s.meta["snr"] == pytest.approx(100)


def test_third_column_is_the_error(tmp_path):
    path = tmp_path / "s.txt"
    np.savetxt(path, np.column_stack([WAVE, FLUX, np.full(len(WAVE), 0.02)]))
    s = read_rectified(path, "vacuum")
    np.testing.assert_allclose(s.ivar, 2500, rtol=1e-9)
    assert s.meta["noise_source"] == "file"


def test_fits_image_and_tables(tmp_path):
    linear = fits.PrimaryHDU(FLUX)
    linear.header.update(CRVAL1=4000.0, CDELT1=0.5, CRPIX1=1)
    linear.writeto(tmp_path / "lin.fits")
    grid = np.geomspace(4000, 4600, 800)
    logarithmic = fits.PrimaryHDU(np.interp(grid, WAVE, FLUX))
    logarithmic.header.update(
        {"CRVAL1": np.log10(4000.0), "CD1_1": np.log10(1.15) / 799, "DC-FLAG": 1}
    )
    logarithmic.writeto(tmp_path / "log.fits")
    Table({"LOGLAM": np.log10(WAVE), "Flux": FLUX, "error": 0.01 + 0 * WAVE}).write(
        tmp_path / "t.fits"
    )
    for name, wave in (("lin", WAVE), ("log", grid), ("t", WAVE)):
        s = read_rectified(tmp_path / f"{name}.fits", "vacuum", snr=50)
        np.testing.assert_allclose(s.wave, wave, rtol=1e-9)
        np.testing.assert_allclose(s.flux, np.interp(wave, WAVE, FLUX), atol=1e-9)


def test_a_table_as_sdss_names_its_columns(tmp_path):
    ivar = np.where(WAVE < 4100, 0.0, 1e4)
    columns = {"flux": FLUX, "loglam": np.log10(WAVE), "ivar": ivar, "and_mask": 0 * ivar}
    Table(columns).write(tmp_path / "spec.fits")
    spectrum = read_rectified(tmp_path / "spec.fits", "vacuum")
    np.testing.assert_allclose(spectrum.ivar, ivar)
    assert spectrum.meta["noise_source"] == "file"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("400.0 1.0\n" * 3, "wavelength-range"),
        ("\n".join(f"{w / 10:.3f} 1.0" for w in WAVE), "wavelength-range"),  # nanometres
        ("4000\n4001\n", "wrong-layout"),
        ("4000 1\n4001 x\n", "wrong-layout"),
        ("", "wrong-layout"),
        ("\n".join(f"{w} nan" for w in WAVE), "nan-flux"),
        ("\n".join(f"{w} 0" for w in WAVE), "all-masked"),
    ],
)
def test_refusals(tmp_path, content, code):
    path = tmp_path / "s.txt"
    path.write_text(content)
    with pytest.raises(SpectrumRefused) as caught:
        read_rectified(path, "air")
    assert caught.value.code == code and str(path) in str(caught.value)


def test_refused_fits(tmp_path):
    fits.PrimaryHDU(FLUX).writeto(tmp_path / "nowave.fits")
    Table({"x": WAVE, "flux": FLUX}).write(tmp_path / "names.fits")
    for name, code in (
        ("nowave", "missing-hdu"),
        ("names", "wrong-layout"),
        ("none", "missing-file"),
    ):
        with pytest.raises(SpectrumRefused) as caught:
            read_rectified(tmp_path / f"{name}.fits", "air")
        assert caught.value.code == code


def test_the_medium_must_be_stated(tmp_path):
    with pytest.raises(ValueError, match="state one of"):
        read_rectified(tmp_path / "s.txt", "")


def test_noise_estimate():
    """DER_SNR finds Gaussian noise on a smooth spectrum (Stoehr et al. 2008)."""
    rng = np.random.default_rng(6)
    wave = np.arange(20000)
    flux = 100 + 10 * np.sin(wave / 500) + rng.normal(0, 2.0, 20000)
    assert estimate_noise(flux) == pytest.approx(2.0, rel=0.03)

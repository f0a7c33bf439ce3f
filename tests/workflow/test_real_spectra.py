"""Spectra through the workflow: real files, broken ones, and whose labels count."""

import shutil

import numpy as np
from astropy.io import fits
from astropy.table import Table

SPECTRA_RULES = {"measure_spectrum", "classify_subtype", "fit_labels"}


def _table(project, name):
    return Table.read(project.folder / "results" / project.config["run"] / name)


def _real_and_broken(folder, data):
    """Real LAMOST files and damaged copies; star to the position in the header."""
    folder.mkdir()
    old = sorted((data / "lamost_lrs" / "old").glob("spec-558[56]*.gz"))
    galaxy = next(path for path in old if "sp07-005" in path.name)
    no_signal = next(path for path in old if "sp07-002" in path.name)
    good = old[0]
    named = {"good": good, "galaxy": galaxy, "no-signal": no_signal}
    stars = {}
    for star, path in named.items():
        shutil.copy(path, folder / f"{star}.fits.gz")
        header = fits.getheader(path)
        stars[star] = header["RA"], header["DEC"]
    with fits.open(good) as hdus:
        flux = hdus[0].data.copy()
        for i, star in enumerate(("nan-flux", "all-masked", "red-only", "truncated", "no-hdu")):
            ra, dec = 200.0 + i, 10.0
            hdus[0].header["RA"], hdus[0].header["DEC"], hdus[0].data = ra, dec, flux.copy()
            if star == "nan-flux":
                hdus[0].data[0] = np.nan
            if star == "all-masked":
                hdus[0].data[3] = 1
            if star == "red-only":
                hdus[0].data = flux[:, 2500:].copy()
            path = folder / f"{star}.fits"
            if star == "no-hdu":
                fits.PrimaryHDU(header=fits.Header({"RA": ra, "DEC": dec})).writeto(path)
            else:
                hdus.writeto(path)
            if star == "truncated":
                path.write_bytes(path.read_bytes()[:20_000])
            stars[star] = ra, dec
    return stars | {"no-file": (10.0, 80.0)}


def test_real_and_broken_files(modelled, data):
    """Each star gets a reason of its own; the good one its type, velocity and labels."""
    stars = _real_and_broken(modelled.folder / "spectra", data)
    # a folder with a file of no star at all would stop the run
    (modelled.folder / "mrs").mkdir()
    medium = data / "lamost_mrs" / "med-58408-TD230151N343645T01_sp01-015.fits"
    shutil.copy(medium, modelled.folder / "mrs")
    header = fits.getheader(medium)
    stars["medium"] = header["RA"], header["DEC"]
    lines = ["star,ra,dec,parallax,pmra,pmdec,rv,age"]
    lines += [f"{star},{ra},{dec},1,0,0,10,50" for star, (ra, dec) in stars.items()]
    (modelled.folder / "stars.csv").write_text("\n".join(lines) + "\n")
    modelled.config |= {"stars": "stars.csv", "figures": {}}
    modelled.config["spectra"] = {"lrs": "spectra", "mrs": "mrs"}
    modelled.snakemake("results/tiny/labels.ecsv", "results/tiny/spectra_files.ecsv")
    table = _table(modelled, "labels.parquet")
    found = dict(zip(table["star"], table))
    expected = {
        "galaxy": "CLASS is GALAXY",
        "no-signal": "signal-to-noise",
        "nan-flux": "flux is not finite",
        "all-masked": "masked or weightless",
        "red-only": "expected 4000 to 5000 Angstrom",
        "truncated": "truncated FITS",
        "no-hdu": "expected a primary image of 5 rows",
        "no-file": "no file of this star",
    }
    for star, said in expected.items():
        assert said in found[star]["spectra_reason"], (star, found[star]["spectra_reason"])
        assert (
            not np.isfinite(found[star]["teff"]) and "no spectrum" in found[star]["labels_reason"]
        )
    good = found["good"]
    assert good["spectra_reason"] == "mrs: no file of this star"
    assert "later-than-a" in good["subtype_flags"] and good["rv_error"] < 20
    files = _table(modelled, "spectra_files.ecsv")
    # by the headers' positions, and where the header is cut off by the file's name
    assert set(files["star"]) == set(stars) - {"no-file"}
    # another star's new file is another star's job
    shutil.copy(
        modelled.folder / "spectra/good.fits.gz", modelled.folder / "spectra/no-file.fits.gz"
    )
    with fits.open(modelled.folder / "spectra/no-file.fits.gz", mode="update") as hdus:
        hdus[0].header["RA"], hdus[0].header["DEC"] = stars["no-file"]
    text = modelled.snakemake("-n", "results/tiny/labels.ecsv")
    assert text.count("rule measure_spectrum:") == 1 and "star=no-file" in text


def test_measured_labels_can_count(project):
    project.config["labels"] |= {"adopt": "measured"}
    jobs = project.jobs()
    assert not SPECTRA_RULES & set(jobs) and jobs["predict_masses_ages"] == 4
    project.snakemake("results/tiny/catalogue.ecsv")
    stars = _table(project, "catalogue.parquet")
    for name in ("teff", "logg", "mh", "subtype", "luminosity_class"):
        assert stars[name].tolist()[:3] == stars[f"{name}_measured"].tolist()[:3]
    assert stars["labels_source"].tolist() == ["stand-in grid"] * 4
    assert np.all(stars["teff_error"] > 1642) and "LTE synthesis" in stars.meta["stand_in"]
    # the switch to a catalogue is a threshold: no spectrum is fitted again
    lte = "RA_ICRS,DE_ICRS,Teff,logg,[Fe/H]\n57.6713,57.1784,14000,3.8,-0.1\n"
    (project.folder / "lte.csv").write_text(lte)
    project.config["labels"] |= {"nlte_min_teff": "24000 K", "lte_catalogue": "lte.csv"}
    assert not SPECTRA_RULES & set(project.jobs())
    project.snakemake("results/tiny/labels.parquet")
    stars = _table(project, "labels.parquet")
    sources = ["stand-in grid", "LTE catalogue", "", ""]
    assert stars["labels_source"].tolist() == sources and stars["teff"][1] == 14000
    assert "not in the LTE catalogue" in stars["labels_reason"][2]


def test_svr_in_chunks_is_svr(project):
    """The paper's engine, its pixels in three jobs and in one: the same labels."""
    project.config["labels"] |= {"engine": "svr", "pixel_chunks": 3, "svr_c": [10]}
    project.config["labels"] |= {"svr_gamma": [0.3], "svr_epsilon": [0.05]}
    project.config["spectra"] |= {"mrs": ""}
    assert project.jobs()["train_emulator"] == 3
    project.snakemake("results/tiny/labels.ecsv", "results/tiny/models/emulators.ecsv")
    assert _table(project, "models/emulators.ecsv")["engine"].tolist() == ["svr"]
    first = project.product("labels.ecsv")
    project.config["labels"]["pixel_chunks"] = 1
    project.snakemake("results/tiny/labels.ecsv")
    assert project.product("labels.ecsv") == first

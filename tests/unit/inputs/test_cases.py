"""Small files that once went wrong, each for its kind: read rightly, or refused in one line."""

import copy
import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from contract import clusters, config, files, inputs, spectra, versions
from contract.config import ContractError
from runaways.clusters.catalogues import read_clusters
from runaways.inputs.files import InputError, unpacked
from runaways.masses_ages.parsec import read_parsec_file
from runaways.selection.bhb import read_contaminants
from runaways.spectra.fits_files import SpectrumRefused
from runaways.spectra.lamost import read_lamost
from runaways.stars import star_list

CASES = Path(__file__).parents[2] / "cases"


def stars_of(name, method="inverse_parallax"):
    return star_list.read(CASES / name, method)


def refused(read, *arguments):
    """The one line in which something is refused; it names the file."""
    with pytest.raises((InputError, ContractError)) as error:
        read(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A configuration in a folder with the files of a case."""

    def made(case, **keys):
        shutil.copytree(CASES / case, tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)
        made = {"run": "r", "stars": "stars.csv"} | copy.deepcopy(keys)
        config.check_config(made)
        return made

    return made


@pytest.mark.parametrize("name", ["vizier.vot", "gaia.vot", "old_archive.vot"])
def test_units_as_archives_write_them(name):
    stars, problems = stars_of(f"logg-units/{name}")
    assert len(problems) == 0
    assert stars["parallax"].tolist() == [0.39, 0.72] and stars["pmra"].tolist() == [0.8, -0.72]
    if name != "old_archive.vot":
        assert stars["logg"].tolist() == [4.1, 3.9] and stars["mh"].tolist() == [-0.2, -0.3]


def test_names_of_the_gaia_archive():
    stars, problems = stars_of("gaia-names/stars.csv")
    assert stars["source_id"].tolist() == ["454303606011095552", "469854136404332160"]
    assert stars["rv"].tolist() == [-35.0, 12.0] and stars["rv_error"].tolist() == [3.0, 5.0]
    (note,) = stars.meta["notes"]
    assert "source_id = SOURCE_ID" in note and "rv = radial_velocity," in note
    assert len(problems) == 0


def test_a_distance_in_pc_without_a_unit_is_beyond_the_galaxy():
    _, problems = stars_of("distance-in-pc/stars.csv", "given")
    with pytest.raises(InputError, match=r"row 1 \(A1\), column distance: 2546.4 kpc, exp"):
        star_list.refuse(problems, "stars.csv")


@pytest.mark.parametrize("case", ["float-obsid", "list-obsid-text"])
def test_an_obsid_that_was_a_float(case):
    stars, problems = stars_of(f"{case}/stars.csv")
    expected = {"float-obsid": ["686708079", ""], "list-obsid-text": ["123"]}
    assert stars["obsid"].tolist() == expected[case] and len(problems) == 0


def test_an_obsid_that_is_none_is_a_problem_of_its_row(tmp_path):
    text = (CASES / "list-obsid-text" / "stars.csv").read_text()
    (tmp_path / "stars.csv").write_text(text.replace("123.0", "12a"))
    _, problems = star_list.read(tmp_path / "stars.csv")
    (problem,) = problems
    assert (problem["row"], problem["column"], problem["value"]) == (1, "obsid", "12a")


def test_a_star_gets_its_spectrum_by_name_where_it_has_no_obsid(run):
    made = run("float-obsid", spectra={"lrs": "spectra", "medium": "air"})
    assert spectra.spectrum_files(made, "lrs")[0] == {"A2": ["spectra/A2.txt"]}


def test_a_spectrum_goes_by_the_star_s_own_name_too(run, tmp_path):
    (tmp_path / "spectra").mkdir()
    (tmp_path / "spectra" / "HD 7.TXT").write_text("4000 1\n")
    (tmp_path / "list.csv").write_text("star,ra,dec,parallax,pmra,pmdec\nHD 7,10,20,1,0,0\n")
    made = run("bhb-null", stars="list.csv", spectra={"lrs": "spectra", "medium": "air"})
    assert spectra.spectrum_files(made, "lrs")[0] == {"HD_7": ["spectra/HD 7.TXT"]}


def test_a_folder_without_a_file_of_any_star_is_said(run, tmp_path):
    made = run("float-obsid", spectra={"lrs": "spectra", "medium": "air"})
    (tmp_path / "spectra" / "A2.txt").rename(tmp_path / "spectra" / "A3.txt")
    said = refused(spectra.spectrum_files, made, "lrs")
    assert said.startswith("spectra.lrs: none of the 1 files of spectra below 'spectra' is of ")


def test_columns_with_signs_in_a_votable():
    table = read_clusters(CASES / "votable-names" / "castro_ginard_2019.vot")
    assert set(table["catalogue"]) == {"Castro-Ginard 2019"}
    assert table["pmra"].tolist() == [-0.68, -0.75] and table["pmra_error"].tolist() == [0.13, 0.11]
    assert table["distance"][0] == pytest.approx(1 / 0.37)


def test_cantat_gaudin_2020_is_itself():
    table = read_clusters(CASES / "cantat-gaudin-2020" / "cantat_gaudin_2020.csv")
    assert set(table["catalogue"]) == {"Cantat-Gaudin 2020"}
    np.testing.assert_allclose(table["distance"], [2.3, 2.925])
    assert table["log_age"].tolist() == [7.18, 8.79]
    assert set(table["distance_source"]) == {"catalogue"}


def test_clusters_out_of_range_and_none_at_all(run):
    keys = {"clusters": {"catalogue": "clusters.csv"}, "stars": "clusters.csv"}
    made = run("clusters-out-of-range", **keys)
    said = refused(clusters.check_clusters, made, ["clusters.csv"])
    assert "clusters.csv: row 2, column ra: 700 deg, expected less than 360 deg; and 2 mor" in said
    made = run("clusters-header-only", **keys)
    said = refused(clusters.check_clusters, made, ["clusters.csv"])
    assert said == "clusters.catalogue: clusters.csv: there is no cluster in it"


def test_contaminants_with_words_for_nothing():
    found = read_contaminants(CASES / "bhb-null" / "bhb.csv")
    assert found["source_id"].tolist() == ["454303606011095552", "111"]
    assert np.isnan(found["pmra"]).tolist() == [False, True]
    assert read_contaminants(CASES / "bhb-null" / "bhb.tsv")["ra"].tolist() == [10.0]


def test_a_contaminant_without_a_number_is_found_before_any_job(run, tmp_path):
    shutil.copy(CASES / "bhb-null" / "stars.csv", tmp_path)
    made = run("bhb-one-bad-cell", bhb={"catalogues": [{"file": "bhb.csv", "epoch": 2016.0}]})
    said = refused(inputs.check_inputs, made, [], [], [])
    assert said == "bhb.catalogues.0.file: bhb.csv: row 2, column ra: abc, expected a number"


@pytest.mark.parametrize("name", ["stars.csv.gz", "stars.csv", "stars.ECSV.gz", "stars.fit.gz"])
def test_a_packed_list_is_read_like_the_plain_one(tmp_path, name):
    plain = gzip.decompress((CASES / "gz-list" / "stars.csv.gz").read_bytes())
    table = Table.read(plain.decode().split("\n"), format="ascii.csv")
    kind = {"csv": "ascii.csv", "ecsv": "ascii.ecsv", "fit": "fits"}[name.split(".")[1].lower()]
    table.write(tmp_path / "plain", format=kind)
    packed = (tmp_path / "plain").read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(packed) if name.endswith(".gz") else packed)
    stars, problems = star_list.read(tmp_path / name)
    assert stars["star"].tolist() == ["A1", "A2"] and stars["rv"].tolist() == [-35.0, 12.0]
    assert len(problems) == 0


def test_quotes_in_the_header_of_an_ecsv():
    stars, problems = stars_of("ecsv-description/stars.ecsv")
    assert stars["star"].tolist() == ["A1", "A2"] and len(problems) == 0


def test_a_misspelt_column_stops(tmp_path):
    said = refused(stars_of, "list-column-misspelt/stars.csv")
    assert said.endswith("column 'RV': did you mean 'rv'?")
    text = (CASES / "list-column-misspelt" / "stars.csv").read_text()
    for name, meant in (("Teff", "teff"), ("rv [km/s]", "rv"), ("paralax_error", "parallax_error")):
        (tmp_path / "stars.csv").write_text(
            text.replace("RV", "rv_other").replace("Teff", name).replace("parallax_error", "e")
        )
        assert refused(star_list.read, tmp_path / "stars.csv").endswith(f"did you mean {meant!r}?")
    (tmp_path / "stars.csv").write_text(text.replace("RV", "colour").replace("Teff", "note"))
    stars, _ = star_list.read(tmp_path / "stars.csv")
    assert stars.meta["notes"] == [f"{tmp_path / 'stars.csv'}: columns not used: colour, note"]


def test_decimal_commas_shift_no_column(tmp_path):
    said = refused(stars_of, "list-decimal-comma/stars.csv")
    assert said.endswith("stars.csv: row 1 has 13 values where the header names 7 columns")
    (tmp_path / "s.csv").write_text("star;ra;dec;parallax;pmra;pmdec\nA;10,5;41,2;0,81;-2;1\n")
    _, problems = star_list.read(tmp_path / "s.csv")
    assert problems["column"].tolist() == ["ra", "dec", "parallax"]
    assert set(problems["expected"]) == {"a number, with a point and not a comma"}


def test_names_that_are_one_folder_or_none():
    stars, problems = stars_of("list-names-fold-case/stars.csv")
    assert problems["row"].tolist() == [2, 3, 4] and set(problems["severity"]) == {"stop"}
    said = problems["expected"].tolist()
    assert said[0] == "a name not used in row 1: 'HD1' would be the same folder"
    assert "reserved" in said[1] and "at most 64 characters" in said[2]


def test_sentinels_are_named_and_no_measurement():
    stars, problems = stars_of("list-sentinels/stars.csv")
    assert np.isnan(stars["rv"][0]) and np.isnan(stars["pmra"][0])
    named = {(p["column"], p["value"]): p["expected"] for p in problems}
    assert named["rv", "-999"] == named["pmra", "-9999"] == "a number that stands for nothing"
    assert stars["status"][0] == "failed"


def test_isochrones_of_cmd_3_2():
    table = read_parsec_file(CASES / "cmd-3.2" / "isochrones.dat")
    assert set(table["source"]) == {"PARSEC 1.2S, CMD 3.2"}
    assert table["age"][0] == pytest.approx(10.0)
    assert table["mh"][0] == pytest.approx(0.02, abs=0.02)


@pytest.mark.parametrize(
    "keys, said",
    [
        ({"errors": {"rv": "1..2 km/s"}}, "errors.rv: '1..2 km/s', expected a number and a unit"),
        ({"errors": {"rv": "-5 km/s"}}, "errors.rv: '-5 km/s', expected more than 0"),
        ({"errors": {"teff": "0 K"}}, "errors.teff: '0 K', expected more than 0"),
        ({"clusters": {"radius": "0 pc"}}, "clusters.radius: '0 pc', expected more than 0"),
        ({"distance": {"edsd_length": "0 kpc"}}, "distance.edsd_length: '0 kpc', expected more t"),
        ({"disk": {"confined_min": float("nan")}}, "disk.confined_min: nan, expected a finite num"),
        ({"frame": {"r0": "0 kpc"}}, "frame.r0: '0 kpc', expected more than 0"),
        ({"frame": {"r0": "-- kpc"}}, "frame.r0: '-- kpc', expected a number and a unit"),
        ({"frame": {"r0": "e kpc"}}, "frame.r0: 'e kpc', expected a number and a unit"),
    ],
)
def test_a_configuration_with_what_is_no_number(run, keys, said):
    with pytest.raises(ContractError) as error:
        run("gaia-names", **keys)
    assert str(error.value).startswith(f"config: {said}") and "\n" not in str(error.value)


def test_all_faults_of_a_configuration_at_once(run):
    keys = {"frame": {"r0": "0 kpc"}, "errors": {"rv": "1..2 km/s"}, "sed": 3}
    with pytest.raises(ContractError) as error:
        run("gaia-names", **keys)
    assert len(str(error.value).splitlines()) == 3


def test_a_key_without_effect_is_named(run, tmp_path):
    made = run("gaia-names", tracks={"files": ["stars.csv"]})
    (line,) = config.check_config(made)
    assert line == "config: tracks.files: no effect, tracks.source is not parsec"


@pytest.mark.parametrize("text", ['{"state": [', "", "[]", "\x00\xff", "null", "altered"])
def test_a_cache_that_cannot_be_read_is_made_again(run, text):
    made = run("float-obsid", spectra={"lrs": "spectra", "medium": "air"})
    known = files.read_stars(made)
    found = spectra.spectrum_files(made, "lrs")
    versions.record(Path("results") / "r", {"galpy": "1.11"})
    caches = "star_list.json", "spectra_lrs.json", "input_check.json", "versions.json"
    for path in (Path("results") / "r" / name for name in caches):
        sound = path.read_text() if path.exists() else ""
        path.write_text(sound.replace("A2", "A3") if text == "altered" else text)
    versions.record(Path("results") / "r", {"galpy": "1.11"})
    inputs.check_inputs(made, [], [], [])
    assert files.read_stars(made) == known and spectra.spectrum_files(made, "lrs") == found


def test_what_a_list_cannot_give_is_said_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("stars.csv").write_text("star,ra,dec,parallax,pmra,pmdec\nA,10,20,1,0,0\n")
    notes = []
    made = {"run": "r", "stars": "stars.csv"}
    config.check_config(made)
    files.read_stars(made, notes)
    assert [note.split(": ")[1] for note in notes] == [
        "no star has a radial velocity",
        "no star has an age",
        "no star has labels (teff, logg, mh)",
    ]
    again = []
    files.read_stars(made, again)
    assert not again


def test_a_catalogue_none_of_whose_clusters_can_be_traced(run, tmp_path):
    (tmp_path / "clusters.csv").write_text("name,ra,dec,pmra,pmdec,rv\nA,10,9,1,1,\n")
    keys = {"catalogue": "clusters.csv", "literature_hosts": False}
    made = run("gaia-names", clusters=keys)
    said = refused(clusters.check_clusters, made, ["clusters.csv"])
    assert said.startswith("clusters.catalogue: none of the 1 clusters has an orbit: 1 no distance")


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("runaways.spectra.fits_files.LARGEST", 2**20)
    (tmp_path / "a.fits.gz").write_bytes(gzip.compress(b"SIMPLE" + bytes(2**22)))
    with pytest.raises(SpectrumRefused, match=r"a.fits.gz: holds more than 1 MB") as error:
        read_lamost(tmp_path / "a.fits.gz")
    assert error.value.code == "damaged"
    with pytest.raises(InputError, match="b.csv.gz: holds more than 1 MB"):
        (tmp_path / "b.csv.gz").write_bytes(gzip.compress(bytes(2**22)))
        unpacked(tmp_path / "b.csv.gz", 2**20)


@pytest.mark.parametrize("extension", [False, True])
def test_a_header_that_takes_minutes_to_read_is_refused(tmp_path, extension):
    table = fits.BinTableHDU(Table({"ra": [1.0]}))
    header = table.header if extension else fits.Header()
    hdus = fits.HDUList([fits.PrimaryHDU(header=None if extension else header), table])
    hdus.writeto(tmp_path / "sound.fits")
    content = (tmp_path / "sound.fits").read_bytes()
    at = content.index(b"END" + b" " * 77, content.index(b"XTENSION") if extension else 0)
    cards = b"COMMENT".ljust(80) * (36 * 600)
    (tmp_path / "s.fits").write_bytes(content[:at] + cards + content[at:])
    assert refused(star_list.read, tmp_path / "s.fits").endswith("of more than 20000 cards")
    with pytest.raises(SpectrumRefused, match="of more than 20000 cards"):
        read_lamost(tmp_path / "s.fits")


def test_a_folder_of_tlusty_files_is_looked_at_before_any_job(run, tmp_path):
    (tmp_path / "grid").mkdir()
    spectrum, continuum = (tmp_path / "grid" / f"BG15000g400v2.vis.{n}" for n in (7, 17))
    spectrum.write_text("  3200.000  1.234D+07\n")
    made = run("gaia-names", labels={"grid": "grid"})

    def said():
        return refused(inputs.check_inputs, made, [], spectra.grid_files(made), [])

    assert said() == f"labels.grid: grid/{spectrum.name}: no continuum {continuum.name} beside it"
    continuum.write_text("<html>\n")
    assert said() == f"labels.grid: grid/{continuum.name}: line 1 is not two numbers: '<html>'"
    continuum.write_text("3200 2.1e7\n")
    inputs.check_inputs(made, [], spectra.grid_files(made), [])
    made["labels"]["microturbulence"] = "10 km/s"
    assert said() == "labels.grid: grid: no *.vis.7 model with v_turb = 10 km/s"

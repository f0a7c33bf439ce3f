"""Exports: every format gives back values, units, types and descriptions, and its stamps."""

import re
import subprocess
import warnings

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.io import fits, votable
from astropy.io.votable.ucd import parse_ucd
from astropy.table import Table

from runaways import tables
from runaways.products import cds, export, latex, references, vo
from runaways.stars import star_list


@pytest.fixture(scope="module")
def catalogue(any_catalogue):
    return any_catalogue


@pytest.fixture(scope="module")
def exported(catalogue, tmp_path_factory):
    """Files of all formats."""
    folder = tmp_path_factory.mktemp("exports")
    for suffix in (".ecsv", ".parquet", ".vot", ".fits", ".mrt"):
        export.write(catalogue, folder / f"catalogue{suffix}")
    vo.add_votable(folder / "catalogue.parquet", catalogue)
    cds.write_folder(catalogue, folder / "cds" / "ReadMe")
    return folder


def _read(folder, kind):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*log\\(cm.s.*|.*'dex'.*")  # astropy knows no such unit
        if kind == "cds":
            readme = str(folder / "cds" / "ReadMe")
            return Table.read(folder / "cds" / "catalogue.dat", readme=readme, format="ascii.cds")
        path = folder / f"catalogue{kind}"
        return Table.read(path, format=tables.FORMATS[kind])


def _words(text):
    """A description without the range that CDS puts before it, and without breaks of lines."""
    return re.sub(r"\s+", "", re.sub(r"^(\[[^]]*\])?\??\s*", "", text or ""))


@pytest.mark.parametrize("kind", [".ecsv", ".parquet", ".vot", ".fits", ".mrt", "cds"])
def test_every_format_gives_back_what_was_written(catalogue, exported, kind):
    back = _read(exported, kind)
    assert back.colnames == catalogue.colnames and len(back) == 45
    header = fits.getheader(exported / "catalogue.fits", "CATALOGUE")
    for i, name in enumerate(catalogue.colnames, 1):
        was, now = catalogue[name], back[name]
        said = header[f"TCOMM{i}"] if kind == ".fits" else now.description
        if name == "source_id" and kind in (".vot", ".fits"):
            continue  # below
        assert _words(said) == _words(was.description), name
        if was.dtype.kind == "f":
            assert now.dtype.kind == "f", name
            unit = {"log(cm.s**-2)": "dex(cm / s2)"}.get(str(now.unit), str(now.unit))
            assert now.unit == was.unit or unit == str(was.unit), name
            values = np.ma.filled(np.ma.asarray(now, float), np.nan)
            rounded = kind in (".mrt", "cds")
            np.testing.assert_allclose(values, was, rtol=6e-7 if rounded else 0, err_msg=name)
        elif was.dtype.kind == "b" and kind in (".mrt", "cds"):
            assert [text == "True" for text in now.tolist()] == was.tolist(), name
        else:
            texts = np.ma.filled(np.ma.asarray(now), "" if now.dtype.kind in "US" else None)
            assert [_text(v) for v in texts.tolist()] == [_text(v) for v in was.tolist()], name


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("kind", [".vot", ".fits"])
def test_ids_are_integers_and_missing_where_no_source_can_have_them(catalogue, exported, kind):
    ids = _read(exported, kind)["source_id"]
    assert ids.dtype.kind == "i" and ids.dtype.itemsize == 8
    printed = catalogue["source_id"].tolist()
    # the paper prints one of 20 digits, beyond 2^63
    assert [i for i, text in enumerate(printed) if int(text) >= 2**63] == [2]
    assert np.flatnonzero(ids.mask).tolist() == [2]
    assert [str(i) for i in ids[~ids.mask].tolist()] == [t for t in printed if int(t) < 2**63]


def test_votable_has_frames_ucds_and_stamps(catalogue, exported):
    file = votable.parse(exported / "catalogue.vot", verify="ignore")
    resource, table = file.resources[0], file.get_first_table()
    assert [(c.system, c.epoch) for c in resource.coordinate_systems] == [("ICRS", "J2016.0")]
    clock = resource.time_systems[0]
    assert (clock.timescale, clock.refposition) == ("TCB", "BARYCENTER")
    assert [(p.name, p.value, p.ref) for p in table.params] == [("ref_epoch", 2016.0, clock.ID)]
    fields = {field.name: field for field in table.fields}
    assert fields["ra"].ref == resource.coordinate_systems[0].ID
    assert fields["rv_error"].ucd == "stat.error;spect.dopplerVeloc.opt"
    infos = {info.name: info.value for info in table.infos}
    assert infos["stand_in"] == "SSE" and infos["assumed_errors"] == "rv 8 km/s (45 stars)"


def test_every_ucd_is_in_the_vocabulary():
    schema = tables._schema()
    names = set(schema["columns"])
    for name in schema["tables"]:
        names.update(*(tables.table_schema(name)[part] for part in ("required", "optional")))
    for name in names:
        parse_ucd(tables.column_schema(name)["ucd"], check_controlled_vocabulary=True)


def test_fits_has_ucds_and_stamps(exported):
    with fits.open(exported / "catalogue.fits") as file:
        header = file["CATALOGUE"].header
        assert header["TTYPE3"] == "ra" and header["TUCD3"] == "pos.eq.ra;meta.main"
        text = "".join(header["COMMENT"])
    assert "stand_in: SSE" in text and "assumed_errors: rv 8 km/s (45 stars)" in text


def test_parquet_carries_a_votable(catalogue, exported):
    """VOParquet 1.0, Sect. 2; astropy reads it, and the run's own reader finds nothing amiss."""
    path = exported / "catalogue.parquet"
    footer = pq.read_schema(path).metadata
    assert footer[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    assert b"<DATA" not in footer[b"IVOA.VOTable-Parquet.content"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        back = Table.read(path, format="parquet.votable")
    assert back["rv"].meta["ucd"] == "spect.dopplerVeloc.opt" and back["rv"].unit == u.km / u.s
    assert len(tables.read(path, "catalogue")) == 45


def test_readme_keeps_to_80_columns_and_says_what_is_assumed(exported):
    lines = (exported / "cds" / "ReadMe").read_text().splitlines()
    assert max(map(len, lines)) <= 80 and all(line.isascii() for line in lines)
    assert "Note: assumed_errors: rv 8 km/s (45 stars)" in lines
    text = (exported / "catalogue.mrt").read_text()
    assert "Note: stand_in: SSE" in text
    # AAS: the shortest of the allowed spellings, one word
    units = set(re.findall(r"^ *(?:\d+- *)?\d+ +[AEFI][\d.]+ +(\S+)", text, re.MULTILINE))
    assert {"km/s", "mas/yr", "Msun", "Lsun", "[cm/s2]"} <= units
    assert not any("sol" in unit or "-1" in unit for unit in units)
    widths = {len(line) for line in (exported / "cds" / "catalogue.dat").read_text().splitlines()}
    assert len(widths) == 1


@pytest.mark.parametrize("suffix", [".parquet", ".ecsv", ".vot", ".fits", ".mrt"])
def test_a_catalogue_comes_back_as_a_star_list(catalogue, exported, table_a1, suffix):
    """With columns that no star has a value of, and many that a list does not have."""
    back, problems = star_list.read(exported / f"catalogue{suffix}")
    assert set(problems["severity"]) <= {"warning"} and len(back) == 45
    for name in table_a1.colnames:
        if table_a1[name].dtype.kind == "f" and name in catalogue.colnames:
            np.testing.assert_allclose(back[name], table_a1[name], atol=1e-6, err_msg=name)
    found = back["source_id"].tolist()
    assert found[:2] == table_a1["source_id"].tolist()[:2]
    assert found[2] in ("", table_a1["source_id"][2])


def test_latex_has_a_row_for_each_star_and_its_notes(catalogue):
    text = latex.table_of(catalogue)
    rows = [line for line in text.splitlines() if line.endswith(r"\\") and "$41.4488$" in line]
    assert len(rows) == 1 and rows[0].startswith("LS V+545 & 454303606011095552 & $41.4488$")
    assert text.count(" & I \\\\") + text.count(" & O \\\\") == 45
    assert "assumed errors: rv 8 km/s (45 stars)" in text
    assert len({line.count("&") for line in text.splitlines() if "&" in line}) == 1


def test_references_are_those_of_what_was_used(resources):
    settings = {"orbits": {"potential": "McMillan17"}, "distance": {"method": "edsd"}}
    settings |= {"spectra": {"lrs": "", "mrs": "stand-in"}, "tracks": {"source": "sse"}}
    entries = (resources / "references.bib").read_text()
    text = references.used(entries, settings, ["Hunt & Reffert 2023"])
    keys = re.findall(r"@\w+\{([^,]+),", text)
    for key in ("2017MNRAS.465...76M", "2015PASP..127..994B", "2020ApJS..246....9Z"):
        assert key in keys
    for key in ("2013A&A...549A.137I", "2021AJ....161..147B", "2012MNRAS.427..127B"):
        assert key not in keys
    assert "2023A&A...673A.114H" in keys and "2024A&A...686A..42H" not in keys
    assert "used =" not in text and text.count("{") == text.count("}")


@pytest.mark.debian
def test_votlint_finds_nothing(exported, debian):
    debian("stilts")
    command = ["stilts", "votlint", f"votable={exported / 'catalogue.vot'}"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout + run.stderr == ""

"""The star list: every format and unit is read, every bad value is found with its row."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table

from runaways.inputs.files import InputError
from runaways.stars import gaia_ids, star_list

ROWS = {
    "star": ["A", "B", "C"],
    "ra": [10.0, 20.0, 30.0],
    "dec": [-5.0, 0.0, 5.0],
    "parallax": [1.0, 0.5, 0.25],
    "pmra": [1.5, -2.5, 3.5],
    "pmdec": [0.1, 0.2, 0.3],
}


def _csv(tmp_path, **columns):
    path = tmp_path / "stars.csv"
    Table(ROWS | columns).write(path, format="ascii.csv", overwrite=True)
    return path


def _units():
    table = Table(ROWS)
    table["ra"].unit = table["dec"].unit = u.deg
    table["parallax"].unit = u.mas
    table["pmra"].unit = table["pmdec"].unit = u.mas / u.yr
    return table


@pytest.mark.parametrize("suffix", ["csv", "ecsv", "vot", "fits", "parquet"])
def test_formats_and_units(tmp_path, suffix):
    table = _units()
    if suffix != "csv":
        table["parallax"] = table["parallax"].quantity.to(u.uas)
        table["pmra"] = table["pmra"].quantity.to(u.arcsec / u.yr)
    path = tmp_path / f"stars.{suffix}"
    how = {"format": "votable", "tabledata_format": "binary2"} if suffix == "vot" else {}
    table.write(path, **how)
    stars, problems = star_list.read(path)
    assert stars["star"].tolist() == ["A", "B", "C"] and len(problems) == 0
    for name in ("ra", "dec", "parallax", "pmra", "pmdec"):
        assert np.allclose(stars[name], ROWS[name]), name
    assert set(stars["status"]) == {"ok"}


def _problem(path, severity):
    stars, problems = star_list.read(path)
    assert problems["severity"].tolist() == [severity], problems
    return stars, problems[0]


@pytest.mark.parametrize(
    "column, values, expected",
    [
        ("ra", ["10", "ten", "30"], "a number"),
        ("ra", [10, 400.0, 30], "less than 360 deg"),
        ("dec", [0, -91.0, 0], "at least -90 deg"),
        ("parallax_error", [0.1, 0.0, 0.1], "more than 0 mas"),
        ("pmra_error", [0.1, -0.1, 0.1], "more than 0 mas / yr"),
        ("rv", [0, "inf", 0], "at most 2000 km / s"),
        ("star", ["A", "A", "C"], "a name not used in row 1"),
        ("star", ["A", "HD/7", "C"], "a name of letters, digits and + - _ ."),
        ("inside_grid_published", ["I", "maybe", "O"], "I or O, true or false"),
    ],
)
def test_an_impossible_value_is_found_with_row_and_column(tmp_path, column, values, expected):
    path = _csv(tmp_path, **{column: values})
    stars, problem = _problem(path, "stop") if column != "rv" else _first(path)
    assert problem["row"] == 2 and problem["column"] == column
    assert problem["expected"].startswith(expected)
    assert stars["status"].tolist() == ["ok", "failed", "ok"]
    with pytest.raises(InputError, match=rf"stars.csv: row 2 \(.*\), column {column}"):
        star_list.refuse(star_list.read(path)[1], path)


def _first(path):
    stars, problems = star_list.read(path)
    return stars, problems[0]


@pytest.mark.parametrize("value", ["", "NaN", "null"])
def test_a_missing_value_fails_its_star_and_no_other(tmp_path, value):
    path = _csv(tmp_path, parallax=["1.0", value, "0.25"])
    stars, problem = _problem(path, "failed")
    assert problem["row"] == 2 and problem["column"] == "parallax"
    assert stars["reason"].tolist() == ["", "parallax: missing, expected a value", ""]
    star_list.refuse(star_list.read(path)[1], path)


def test_a_parallax_that_cannot_be_inverted_fails_its_star(tmp_path):
    stars, problem = _problem(_csv(tmp_path, parallax=[1.0, -0.3, 0.25]), "failed")
    assert "-0.3 mas, expected more than 0 mas to invert" in stars["reason"][1]
    given = _csv(tmp_path, parallax=[1.0, -0.3, 0.25], distance=[1.0, 2.0, 4.0])
    stars, problems = star_list.read(given, distance_method="given")
    assert len(problems) == 0


def test_a_list_that_cannot_be_used_is_one_line(tmp_path):
    table = _units()
    table["parallax"].unit = u.kpc
    table.write(tmp_path / "unit.ecsv")
    Table({k: v for k, v in ROWS.items() if k != "pmra"}).write(tmp_path / "column.csv")
    Table(ROWS)[:0].write(tmp_path / "empty.csv")
    (tmp_path / "damaged.fits").write_bytes(b"SIMPLE  =   T")
    cases = {
        "unit.ecsv": "column 'parallax' is in kpc, expected mas",
        "column.csv": "column 'pmra' is missing",
        "empty.csv": "there is no star in it",
        "damaged.fits": "cannot be read as FITS",
        "none.csv": "there is no such file",
        "stars.xlsx": "a table is one of .csv",
    }
    for name, message in cases.items():
        with pytest.raises(InputError) as error:
            star_list.read(tmp_path / name)
        assert message in str(error.value) and name in str(error.value)
        assert "\n" not in str(error.value)


def test_gaia_ids_are_pixels(table_a1):
    """Five of the 45 printed ids are not their stars'; science: Gaia DR3 data model."""
    separation = gaia_ids.id_separation(table_a1["source_id"], table_a1["ra"], table_a1["dec"])
    bad = ~(separation < star_list.PIXEL_TOLERANCE)
    assert table_a1["ra"][bad].tolist() == [87.9204, 106.4899, 19.5998, 102.2387, 117.6444]


def test_ids_of_any_length_stay_to_the_letter(table_a1):
    assert "34432325628164281216" in table_a1["source_id"]


def test_a_hash_follows_its_row_alone(tmp_path):
    before = star_list.row_hashes(star_list.read(_csv(tmp_path))[0])
    after = star_list.row_hashes(star_list.read(_csv(tmp_path, pmra=[1.5, -2.5, 3.6]))[0])
    assert [before[star] == after[star] for star in "ABC"] == [True, True, False]

from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table

from runaways.clusters.catalogues import openngc, read_clusters
from runaways.clusters.cluster_list import COLUMNS, assess, designation, empty, numbers
from runaways.clusters.merging import merge

ROOT = Path(__file__).parents[3]


def row(table, name):
    return table[np.flatnonzero(table["name"] == name)[0]]


@pytest.fixture(scope="module")
def hunt(data):
    return read_clusters(data / "clusters" / "HUNT2023.csv")


# Hunt & Reffert 2023 through VizieR
@pytest.mark.parametrize(
    "name, expected",
    [
        (
            "IC 1311",
            {"ra": 302.69844, "dec": 41.18227, "pmra": -3.32510, "pmdec": -5.08442}
            | {"distance": 6.6177, "distance_lower": 6.5295, "distance_upper": 6.7084}
            | {"rv": -61.446, "rv_error": 0.811, "log_age": 8.983, "n_rv": 17}
            | {"log_age_lower": 8.786, "log_age_upper": 9.210},
        ),
        (
            "NGC 2236",
            {"ra": 97.41121, "dec": 6.83146, "pmra": -0.78209, "pmdec": 0.01630}
            | {"distance": 2.5462, "distance_lower": 2.5342, "distance_upper": 2.5582}
            | {"rv": 59.296, "rv_error": 0.806, "log_age": 8.931}
            | {"log_age_lower": 8.806, "log_age_upper": 9.096},
        ),
    ],
)
def test_hunt_and_reffert_rows(hunt, name, expected):
    found = row(hunt, name)
    for column, value in expected.items():
        assert found[column] == pytest.approx(value, abs=6e-4), column
    assert hunt["distance"].unit == u.kpc
    assert name in found["all_names"].split(",")


@pytest.mark.parametrize("suffix", [".fits", ".vot", ".ecsv", ".parquet"])
def test_other_formats_and_units(hunt, data, tmp_path, suffix):
    raw = Table.read(data / "clusters" / "HUNT2023.csv")[:300]
    path = tmp_path / f"clusters{suffix}"
    if suffix == ".parquet":
        raw.to_pandas().to_parquet(path)
    else:
        for column in ("dist16", "dist50", "dist84"):
            raw[column] = (raw[column] / 1000).astype(float)
            raw[column].unit = u.kpc
        how = {"format": "votable", "tabledata_format": "binary2"} if suffix == ".vot" else {}
        raw.write(path, **how)
    read = read_clusters(path)
    for column in hunt.colnames:
        if hunt[column].dtype.kind == "f":
            np.testing.assert_allclose(read[column], hunt[column][:300], rtol=1e-14)
        else:
            assert list(read[column]) == list(hunt[column][:300]), column


def test_hunt_and_reffert_counts(hunt):
    assessed = assess(hunt)
    assert len(hunt) == 6806
    assert assessed["usable"].sum() == 5469
    assert assessed.meta["excluded"] == {"no radial velocity": 6806 - 5469}
    cut = assess(hunt, cst_min=5, cmd_class_min=0.5, kinds={"o"})
    # counted in the file with the field's cut: CST > 5, CMDCl50 > 0.5, Type o, RV known
    assert cut["usable"].sum() == 3426
    assert all(bool(reason) != usable for reason, usable in zip(cut["reason"], cut["usable"]))


@pytest.mark.parametrize("year, rows, with_rv", [(2019, 53, 0), (2020, 570, 0), (2022, 628, 170)])
def test_castro_ginard(data, year, rows, with_rv):
    table = assess(read_clusters(data / "clusters" / f"CASTRO{year}.csv"))
    assert len(table) == rows
    assert table["usable"].sum() == with_rv
    assert table.meta["excluded"]["no radial velocity"] == rows - with_rv
    assert set(table["catalogue"]) == {f"Castro-Ginard {year}"}
    if year == 2022:
        ubc1004 = row(table, "UBC1004")
        assert ubc1004["rv_error"] == pytest.approx(2.12 / np.sqrt(2))
        assert (ubc1004["distance"], ubc1004["log_age"]) == (2.436, 8.497)
        assert "rv" in row(table, "UBC1002")["unknown_errors"]  # one star: no dispersion
    else:
        assert set(table["distance_source"]) <= {"parallax", ""}
        assert np.isnan(table["log_age"]).all()


def test_openngc_is_a_labelled_stand_in():
    table = assess(openngc())
    assert "stand_in" in table.meta
    ic1311 = row(table, "IC 1311")
    # OpenNGC: RA 20:10:47.82, Dec +41:10:26.2, parallax 0.124 mas, RV -63
    assert ic1311["ra"] == pytest.approx(15 * (20 + 10 / 60 + 47.82 / 3600), abs=1e-4)
    assert ic1311["dec"] == pytest.approx(41 + 10 / 60 + 26.2 / 3600, abs=1e-4)
    assert ic1311["distance"] == pytest.approx(1 / 0.124)
    assert ic1311["unknown_errors"] == "pmra,pmdec,distance,rv"
    assert row(table, "NGC 2236")["usable"]
    assert (table["kind"] == "o").all()
    # 305 of its open clusters have parallax, proper motion and RV, 20 of those with nebulosity
    assert table["usable"].sum() == 325


def generic(**columns):
    base = {"name": ["A 1"], "ra": [10.0], "dec": [20.0], "pmra": [1.0], "pmdec": [2.0]}
    return Table(base | columns)


def test_a_table_with_our_columns(tmp_path):
    table = generic(distance=[500.0], rv=[12.0], mh=[-0.2])
    table["distance"].unit = u.pc
    table.write(tmp_path / "mine.ecsv")
    read = assess(read_clusters(tmp_path / "mine.ecsv"))
    assert list(read.colnames[: len(COLUMNS)]) == list(COLUMNS)
    assert read["distance"][0] == 0.5 and read["mh"][0] == -0.2
    assert read["catalogue"][0] == "mine"
    assert read["usable"].all()


@pytest.mark.parametrize(
    "columns, reason",
    [
        ({"rv": [1.0]}, "no distance"),
        ({"distance": [1.0]}, "no radial velocity"),
        ({"rv": [1.0], "parallax": [-0.1]}, "no distance: parallax not positive or below 5 sigma"),
        (
            {"rv": [1.0], "parallax": [0.1], "parallax_error": [0.03]},
            "no distance: parallax not positive or below 5 sigma",
        ),
        ({"distance": [1.0], "rv": [1.0], "cst": [4.0]}, "cst not above 5"),
        ({"distance": [1.0], "rv": [1.0], "kind": ["m"]}, "kind not one of o"),
    ],
)
def test_reasons_to_keep_a_cluster_out(tmp_path, columns, reason):
    generic(**columns).write(tmp_path / "mine.csv")
    table = assess(read_clusters(tmp_path / "mine.csv"), cst_min=5, cmd_class_min=0.5, kinds=["o"])
    assert (table["usable"][0], table["reason"][0]) == (False, reason)
    assert table.meta["excluded"] == {reason: 1}


def test_bad_files_say_what_is_wrong(tmp_path):
    path = tmp_path / "bad.csv"
    Table({"x": [1], "y": [2]}).write(path)
    with pytest.raises(ValueError, match="bad.csv.*no known cluster catalogue"):
        read_clusters(path)
    Table({"name": ["a"], "ra": [1.0], "dec": [2.0], "pmra": [0.0]}).write(path, overwrite=True)
    with pytest.raises(ValueError, match="bad.csv: column 'pmdec' is missing"):
        read_clusters(path)
    table = generic()
    table.add_row(["a_1", 10, 20, 1, 2])
    table.write(path, overwrite=True)
    with pytest.raises(ValueError, match="bad.csv, rows 1 and 2: cluster 'a_1' twice"):
        read_clusters(path)
    generic(rv=["fast"]).write(path, overwrite=True)
    with pytest.raises(ValueError, match="bad.csv: row 1, column rv: fast, expected a number"):
        read_clusters(path)


def test_a_single_star_has_no_rv_error(tmp_path):
    raw = Table({"Cluster": ["UBC_1", "UBC_2"], "RA_ICRS": [1.0, 2.0], "DE_ICRS": [0.0, 1.0]})
    for column in ("plx", "pmRA", "pmDE"):
        raw[column] = [1.0, 1.0]
    raw["RV"], raw["s_RV"], raw["NmembRV"] = ["  3.5", " "], ["  ", " "], [1, 0]
    raw.write(tmp_path / "castro.csv")
    table = read_clusters(tmp_path / "castro.csv")
    assert set(table["catalogue"]) == {"Castro-Ginard 2022"}
    assert table["rv"][0] == 3.5 and np.isnan(table["rv"][1])
    assert np.isnan(table["rv_error"]).all() and list(table["n_rv"]) == [1, 0]


def test_blanks_are_unknown():
    column = Table({"a": ["1.5", " ", "nan", "--"]})["a"]
    np.testing.assert_array_equal(numbers(column), [1.5, np.nan, np.nan, np.nan])


@pytest.mark.parametrize("name", ["NGC_2236", "NGC2236", "ngc 2236", "NGC 02236"])
def test_designations(name):
    assert designation(name) == designation("NGC 2236")


def test_designations_keep_clusters_apart():
    assert len({designation(n) for n in ("UBC 10", "UBC 100", "UBC 10a", "Berkeley 10")}) == 4


def catalogue(label, names, **columns):
    table = empty(len(names), label)
    table["name"][:] = names
    table["ra"], table["dec"] = 10.0 * np.arange(1, len(names) + 1), 5.0
    for column, values in columns.items():
        table[column][:] = values
    return table


def test_the_better_value_wins():
    one = catalogue(
        "one", ["NGC 1", "X 2"], pmra=1.0, pmra_error=0.2, pmdec_error=0.2, pmdec=0.0,
        rv=[10.0, 20.0], n_rv=[1, 3], rv_error=[0.1, 0.2], distance=[1.0, 2.0],
        distance_source="parallax", radius=[4.0, np.nan], log_age=[8.0, 8.0],
    )  # fmt: skip
    two = catalogue(
        "two", ["NGC_1", "X2"], pmra=1.1, pmra_error=0.1, pmdec_error=0.1, pmdec=0.0,
        rv=[11.0, 21.0], n_rv=[17, 3], rv_error=[0.9, 0.1], distance=[1.1, 2.2],
        distance_lower=[1.0, np.nan], distance_upper=[1.2, np.nan],
        distance_source="catalogue", radius=[5.0, 6.0], log_age=[8.1, np.nan],
        log_age_lower=[8.0, np.nan], log_age_upper=[8.2, np.nan],
    )  # fmt: skip
    merged = merge([one, two])
    assert list(merged["name"]) == ["NGC_1", "X2"]  # of the better astrometry
    assert list(merged["pmra"]) == [1.1, 1.1]
    assert list(merged["rv"]) == [11.0, 21.0]  # 17 stars beat 1; at 3 each the smaller error
    assert list(merged["rv_from"]) == ["two", "two"]
    assert list(merged["distance"]) == [1.1, 2.2]
    assert list(merged["log_age"]) == [8.1, 8.0]  # bounds beat none; one beats nothing
    assert list(merged["age_from"]) == ["two", "one"]
    assert list(merged["radius"]) == [4.0, 6.0]
    assert list(merged["catalogue"]) == ["one + two"] * 2
    assert merged.meta["listed"] == {"one": 2, "two": 2}


def test_neither_order_matters():
    one = catalogue("one", ["A 1", "B 1", "C 1"], pmra=1.0, rv=[1.0, np.nan, 3.0])
    two = catalogue("two", ["A1", "b_1", "D 1"], pmra=1.0, rv=[1.5, 2.5, np.nan])
    expected = merge([one, two])
    for tables in ([two, one], [one[::-1], two[[1, 2, 0]]]):
        merged = merge(tables)
        for column in expected.colnames:
            np.testing.assert_array_equal(merged[column], expected[column])


def test_aliases_merge_only_what_is_one_cluster():
    one = catalogue("one", ["NGC 1", "NGC 2", "NGC 3"], pmra=1.0)
    one["all_names"][:] = ["Theia 5,Cr 1", "Theia 5", "Cr 3"]
    two = catalogue("two", ["Cr 1", "Theia 5", "Cr 3"], pmra=1.0)
    two["ra"] = [10.0, 20.0, 90.0]  # the last is another Cr 3, far away
    merged = merge([one, two])
    together = {name for name, label in merged["name", "catalogue"].iterrows() if "+" in label}
    assert together == {"Cr 1"} or together == {"NGC 1"}
    assert len(merged) == 5


def test_two_clusters_of_one_catalogue_never_merge():
    one = catalogue("one", ["NGC 1", "NGC 2"], pmra=1.0)
    one["ra"] = 10.0
    two = catalogue("two", ["NGC 1"], pmra=1.0)
    two["all_names"][:] = "NGC 2"
    two["ra"] = 10.0
    merged = merge([one, two])
    assert len(merged) == 2
    assert merged.meta["ambiguous"] == ["NGC 2"]


def test_stated_metallicities_join_their_clusters():
    """A table of facts adds what it has and changes nothing else."""
    facts = read_clusters(ROOT / "resources" / "cluster_metallicities.ecsv")
    alone, merged = (assess(merge(tables)) for tables in ([openngc()], [openngc(), facts]))
    assert len(merged) == len(alone) and "stand_in" in merged.meta
    for name, mh in (("IC 1311", -0.30), ("NGC 2236", -0.19)):
        one, other = row(merged, name), row(alone, name)
        assert one["mh"] == mh and np.isnan(other["mh"]) and one["usable"]
        assert [one[c] for c in ("ra", "pmra", "rv")] == [other[c] for c in ("ra", "pmra", "rv")]


def test_real_catalogues_merge(hunt, data):
    tables = [hunt] + [
        read_clusters(data / "clusters" / f"CASTRO{year}.csv") for year in (2019, 2020, 2022)
    ]
    merged = merge(tables + [openngc()])
    ic1311 = row(merged, "IC 1311")
    assert ic1311["catalogue"] == "Hunt & Reffert 2023 + OpenNGC"
    assert (ic1311["rv"], ic1311["n_rv"]) == (pytest.approx(-61.44614), 17)
    assert sum(merged.meta["listed"].values()) == 6806 + 53 + 570 + 628 + 730
    # every catalogue's row is in exactly one cluster
    parts = [part for label in merged["catalogue"] for part in label.split(" + ")]
    assert {p: parts.count(p) for p in set(parts)} == merged.meta["listed"]
    assert assess(merged)["usable"].sum() > assess(hunt)["usable"].sum()

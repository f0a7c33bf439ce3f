"""Tables: nothing is written that the schema does not know."""

import re
import subprocess
import sys

import numpy as np
import pytest
import yaml
from astropy import units as u
from astropy.table import MaskedColumn, Table

from runaways import tables


def _velocities(n=3):
    schema = tables.table_schema("velocities")
    out = Table({"star": [f"S{i}" for i in range(n)]})
    for name in schema["required"][1:]:
        text = tables.column_schema(name)["dtype"] == "str"
        out[name] = ["list"] * n if text else np.arange(n, dtype=float)
    return out


@pytest.mark.parametrize("suffix", ["parquet", "ecsv"])
def test_units_and_stamps_survive(tmp_path, suffix):
    path = tmp_path / f"v.{suffix}"
    tables.write(_velocities(), path, "velocities", run="test", code="abc")
    back = Table.read(path)
    assert back["v_sp"].unit == u.km / u.s and back["distance"].unit == u.kpc
    assert np.array_equal(back["v_sp"], [0, 1, 2])
    assert "abc" in str(dict(back.meta))


def test_parquet_comes_back_as_astropy_reads_it(tmp_path, any_catalogue):
    """Texts beyond ASCII, empty ones, NaN and -0, every type; and a table without a row."""
    odd = any_catalogue.copy()
    odd["reason"] = ['é\U0001f31f: "quoted"\n', "", "it's"] * (len(odd) // 3)
    odd["birth_x"][:3] = [np.nan, -0.0, np.inf]
    odd = tables.conform(odd, "catalogue")
    for i, table in enumerate((odd, odd[:0])):
        path = tmp_path / f"{i}.parquet"
        tables.write(table, path, "catalogue", run="test", n=3, many=["a", 1.5])
        ours, theirs = tables.read(path, "catalogue"), Table.read(path)
        assert ours.colnames == theirs.colnames == table.colnames
        assert ours.meta == {k: v for k, v in theirs.meta.items() if k != "content"}
        assert (ours.meta["n"], ours.meta["many"]) == (3, ["a", 1.5])
        for name in table.colnames:
            for column in (ours[name], theirs[name]):
                np.testing.assert_array_equal(column, table[name])
                assert column.unit == table[name].unit and column.meta == table[name].meta
                assert column.description == table[name].description
                assert column.dtype.kind == table[name].dtype.kind


@pytest.mark.parametrize("n", [0, 1, 7, 45])
def test_text_is_astropys_however_many_rows_at_once(tmp_path, monkeypatch, any_catalogue, n):
    odd = any_catalogue.copy()
    odd["reason"] = ['é\U0001f31f: "quoted"\n# x\n', "", "it's"] * (len(odd) // 3)
    odd["rv"] = MaskedColumn(odd["rv"], mask=np.arange(len(odd)) % 4 == 1)
    odd = odd[:n]
    odd.write(tmp_path / "theirs.ecsv", format="ascii.ecsv")
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(tables, "HASHED", ())  # no line of ours in the header
    tables.save(odd, tmp_path / "ours.ecsv")
    assert (tmp_path / "ours.ecsv").read_bytes() == (tmp_path / "theirs.ecsv").read_bytes()


def test_a_linked_file_is_replaced_and_not_written_through(tmp_path):
    """`make whatif` runs jobs among links to the products of a run."""
    kept, linked = tmp_path / "kept.parquet", tmp_path / "linked.parquet"
    tables.write(_velocities(), kept, "velocities")
    before = kept.read_bytes()
    for link in (linked.symlink_to, linked.hardlink_to):
        link(kept)
        tables.write(_velocities(2), linked, "velocities")
        assert kept.read_bytes() == before and len(tables.read(linked)) == 2
        linked.unlink()


def test_single_precision_is_all_that_is_lost(tmp_path):
    rng = np.random.default_rng(1)
    columns = ("look_back_time", "x_ejection", "y_ejection", "z_ejection", "v_ejection", "delay")
    sites = Table({name: rng.normal(size=1000) * 1e3 for name in columns})
    sites["star"], sites["source_of_ejection"], sites["source_kind"] = "S", "NGC 1980", "cluster"
    tables.write(sites, tmp_path / "s.parquet", "ejection_sites")
    back = tables.read(tmp_path / "s.parquet", "ejection_sites")
    for name in columns:
        np.testing.assert_allclose(back[name], sites[name], rtol=2**-24)
    # 6 columns x 1000 x 4 bytes are 24 kB; all 53 bits of them would be 48
    assert (tmp_path / "s.parquet").stat().st_size < 30_000


def test_half_precision_is_eleven_bits(tmp_path):
    chances = 10.0 ** np.random.default_rng(2).uniform(-12, 0, 1000)
    table = Table({"star": ["S"] * 1000, "cluster": [f"C{i}" for i in range(1000)]})
    table["radius"], table["p_chance"], table["p_chance_disk"] = 20.0, chances, 0.0
    tables.write(table, tmp_path / "c.parquet", "chance_encounters")
    back = tables.read(tmp_path / "c.parquet")
    np.testing.assert_allclose(back["p_chance"], chances, rtol=2**-11)
    assert back["cluster"].tolist() == table["cluster"].tolist()
    assert not back["p_chance_disk"].any()


def test_reading_and_writing_load_no_pandas(tmp_path):
    """Half a second of every job that reads a table."""
    tables.write(_velocities(), tmp_path / "v.parquet", "velocities")
    code = "import sys; from runaways import tables; t = tables.read('v.parquet'); "
    code += "tables.write(t, 'w.parquet', 'velocities'); sys.exit('pandas' in sys.modules)"
    environment = {"PYTHONPATH": str(tables.SCHEMA.parents[1])}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)


def test_values_in_another_unit_are_converted(tmp_path):
    table = _velocities()
    table["distance"] = [1000.0, 2000.0, 3000.0] * u.pc
    tables.write(table, tmp_path / "v.parquet", "velocities")
    assert tables.read(tmp_path / "v.parquet", "velocities")["distance"].tolist() == [1, 2, 3]


def test_what_does_not_match_is_refused(tmp_path):
    path = tmp_path / "v.parquet"
    lacking, unknown, twice, typed = (_velocities() for _ in range(4))
    lacking.remove_column("v_sp")
    unknown["speed"] = [1, 2, 3]
    twice["star"] = ["S0", "S0", "S1"]
    typed["v_sp"] = ["fast", "slow", "slow"]
    cases = [(lacking, "v_sp"), (unknown, "speed"), (twice, "not unique"), (typed, "v_sp")]
    for table, message in cases:
        with pytest.raises(tables.TableError, match=message):
            tables.write(table, path, "velocities")
    assert not path.exists()


def test_what_is_masked_is_unknown(tmp_path):
    table = _velocities()
    table["v_sp"] = MaskedColumn([1.0, 2.0, 3.0], mask=[False, True, False])
    assert np.array_equal(tables.column(table, "v_sp"), [1, np.nan, 3], equal_nan=True)
    assert np.isnan(tables.column(table, "no_such")).all()
    tables.write(table, tmp_path / "v.parquet", "velocities")
    back = tables.read(tmp_path / "v.parquet", "velocities")["v_sp"]
    assert np.array_equal(back, [1, np.nan, 3], equal_nan=True)
    failed = Table({"star": ["S0"], "reason": MaskedColumn(["hidden"], mask=[True])})
    assert tables.conform(failed, "failed")["reason"].tolist() == [""]


def test_parts_of_another_run_are_not_gathered(tmp_path):
    for i, code in enumerate("aab"):
        table = _velocities(1)
        table["star"] = [f"S{i}"]
        tables.write(table, tmp_path / f"{i}.parquet", "velocities", code=code)
    paths = [tmp_path / f"{i}.parquet" for i in range(3)]
    assert tables.gather(paths[:2], "velocities", code="a")["star"].tolist() == ["S0", "S1"]
    with pytest.raises(tables.TableError, match=r"2.parquet: made with another code"):
        tables.gather(paths, "velocities", code="a")
    with pytest.raises(tables.TableError, match="holds 'velocities', expected 'disk'"):
        tables.read(paths[0], "disk")


def test_every_column_has_unit_description_and_ucd():
    schema = yaml.safe_load(tables.SCHEMA.read_text())
    for name in schema["tables"]:
        table = tables.table_schema(name)
        for column in table["required"] + table["optional"]:
            entry = tables.column_schema(column)
            assert entry["dtype"] in tables.KINDS and entry["description"] and entry["ucd"]
            if "unit" in entry:
                u.Unit(entry["unit"])


def test_no_column_is_written_down_in_vain():
    schema = yaml.safe_load(tables.SCHEMA.read_text())
    used = set()
    for name in schema["tables"]:
        table = tables.table_schema(name)
        for column in table["required"] + table["optional"]:
            used |= {column} | {column.removesuffix(suffix) for suffix in tables.DERIVED}
    assert set(schema["columns"]) <= used


def test_no_column_is_written_down_twice():
    """YAML would keep the last one without a word."""
    text = tables.SCHEMA.read_text()
    names = re.findall(r"^  (\w+):", text[: text.index("\ntables:")], flags=re.MULTILINE)
    assert len(names) == len(set(names))

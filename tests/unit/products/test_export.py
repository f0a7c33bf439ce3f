"""Exports: what a format cannot hold is left out or put elsewhere, never lost in silence."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table

from runaways import tables
from runaways.products import export
from runaways.stars import star_list


@pytest.fixture
def exported(tmp_path):
    """A table written and read back in the format of a suffix."""
    table = Table({"v_sp": [0.1234567, np.nan] * u.km / u.s, "mh": [0.1, 0.2] * u.dex})
    table["is_runaway"] = [True, False]
    table.meta |= {"code": "abc", "versions": "numpy=1"}
    for name in table.colnames:
        table[name].description = name

    def back(suffix):
        path = tmp_path / f"table{suffix}"
        tables.save(export.prepared(table, suffix), path)
        assert table.meta["code"] == "abc" and table["v_sp"][0] == 0.1234567  # left as it was
        return Table.read(path, format=tables.FORMATS[suffix])

    return back


@pytest.mark.parametrize("suffix", [".parquet", ".ecsv", ".vot", ".fits"])
def test_numbers_units_and_stamps_survive(exported, suffix):
    table = exported(suffix)
    assert table["v_sp"].unit == u.km / u.s and table["v_sp"][0] == 0.1234567
    assert table["is_runaway"].tolist() == [True, False]
    assert "abc" in str(dict(table.meta)) and "numpy=1" in str(dict(table.meta))


def test_mrt_is_rounded_and_blank_where_unknown(exported):
    table = exported(".mrt")
    assert table["v_sp"][0] == 0.123457 and table["v_sp"].mask.tolist() == [False, True]
    assert table["v_sp"].unit == u.km / u.s and table["mh"].unit is None
    assert table["mh"].description == "mh [dex]"
    assert table["is_runaway"].tolist() == ["True", "False"]


@pytest.mark.parametrize("suffix", [".parquet", ".ecsv", ".vot", ".fits", ".mrt"])
def test_a_catalogue_comes_back_as_a_star_list(table_a1, tmp_path, suffix):
    """With a column that no star has a value of, and some that a list does not have."""
    table = table_a1.copy()
    table.meta.clear()
    table["age_error"] = np.nan
    table["v_sp"] = 12.5
    table["is_runaway"] = True
    path = tmp_path / f"catalogue{suffix}"
    tables.save(export.prepared(table, suffix), path)
    back, problems = star_list.read(path)
    assert set(problems["severity"]) == {"warning"} and len(back) == 45
    for name in table_a1.colnames:
        if table_a1[name].dtype.kind == "f":
            np.testing.assert_allclose(back[name], table_a1[name], atol=1e-6, err_msg=name)
        elif name not in ("status", "reason"):
            assert back[name].tolist() == table_a1[name].tolist(), name

"""Exports: what a format cannot hold is left out or put elsewhere, never lost in silence."""

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table

from runaways import tables
from runaways.products import export


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

"""How wide an instrument makes a line."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.spectra.instruments import INSTRUMENTS
from runaways.spectra.line_spread import LineSpread, line_spread_of, read_line_spreads


def test_lamost_has_one_width_in_each_camera():
    """LRS: R = 1800 at 5500 A, so 1309 at 4000 A; MRS: 7500 at 5163 and 6593 A."""
    lrs, mrs = INSTRUMENTS["lrs"].line_spread, INSTRUMENTS["mrs"].line_spread
    assert 5500.0 / lrs(5500.0) == pytest.approx(1800.0)
    assert 4000.0 / lrs(4000.0) == pytest.approx(1309.1, abs=0.1)
    for wave in (5163.0, 6593.0):
        assert wave / mrs(wave) == pytest.approx(7500.0)
    assert mrs(5300.0) == mrs(5000.0) != mrs(6400.0)
    assert lrs.stated(4500.0) and not lrs.stated(6563.0) and mrs.stated(6563.0)
    np.testing.assert_allclose(mrs.distance(np.array([5163.0, 6593.0, 6700.0])),
                               [0.0, 0.0, np.log(6700 / 6593)])  # fmt: skip


def test_one_resolving_power():
    spread = LineSpread.of_resolution(2000.0)
    assert spread(4000.0) == pytest.approx(2.0) and spread(6000.0) == pytest.approx(3.0)
    # 299792.458 / 2000 / sqrt(8 ln 2)
    assert spread.sigma(4000.0) == pytest.approx(63.655, abs=1e-3)


def test_a_table_knows_fibres(tmp_path):
    path = tmp_path / "widths.ecsv"
    others = [1, 1, 0, 1]
    Table({"arm": ["lrs", "lrs", "lrs", "mrs"], "wave": [5000.0, 4000.0, 4500.0, 5163.0],
           "fwhm": [2.8, 2.6, 3.5, 0.7], "spectrograph": np.ma.array([1, 1, 3, 1], mask=others),
           "fibre": np.ma.array([1, 1, 232, 1], mask=others)}).write(path)  # fmt: skip
    table = read_line_spreads(path)
    assert line_spread_of(table, "lrs", {"spectrograph": 2.0, "fibre": 5.0})(4500.0) == 2.7
    assert line_spread_of(table, "lrs", {"spectrograph": 3.0, "fibre": 232.0})(4500.0) == 3.5
    assert line_spread_of(table[:3], "mrs", {}) is None


def test_a_bad_table_is_named(tmp_path):
    path = tmp_path / "widths.csv"
    path.write_text("arm,wave\nlrs,5000\n")
    with pytest.raises(ValueError, match="widths.csv: no column 'fwhm'"):
        read_line_spreads(path)
    path.write_text("arm,wave,fwhm\nlrs,5000,2.8\nlrs,6000,0\n")
    with pytest.raises(ValueError, match="row 2"):
        read_line_spreads(path)

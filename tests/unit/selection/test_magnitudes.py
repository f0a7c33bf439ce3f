"""G from a table beside the list: by position, and never in place of the list's own."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.inputs.files import InputError
from runaways.selection import magnitudes

ARCSEC = 1 / 3600


def test_a_star_takes_the_magnitude_of_the_nearest_entry(tmp_path):
    path = tmp_path / "fetched.csv"
    rows = ["source_id,ra,dec,phot_g_mean_mag", f"1,10,{ARCSEC},12.5", "2,10,0.1,9", "3,20,0,8"]
    path.write_text("\n".join(rows))
    known = magnitudes.read_magnitudes(path)
    stars = Table({"ra": [10.0, 20.0, 30.0], "dec": [0.0, 3 * ARCSEC, 0.0]})
    found = magnitudes.with_others(stars, known)
    # the second is 3 arcsec off
    assert found[0] == 12.5 and np.isnan(found[1:]).all()
    stars["phot_g_mean_mag"] = [11.0, np.nan, 7.0]
    assert magnitudes.with_others(stars, known)[[0, 2]].tolist() == [11.0, 7.0]
    assert magnitudes.with_others(stars, None)[0] == 11.0


def test_a_table_without_magnitudes_is_refused(tmp_path):
    path = tmp_path / "fetched.csv"
    path.write_text("ra,dec\n10,0\n")
    with pytest.raises(InputError, match="phot_g_mean_mag"):
        magnitudes.read_magnitudes(path)

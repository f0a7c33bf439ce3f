"""Cross-match: moving stars, awkward places, ids."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, Table

from runaways.selection.matches import match_catalogues, match_ids, match_positions


def test_barnards_star_is_found_only_with_its_motion():
    # Gaia DR3 at 2016.0 and the position at 2000.0 of SIMBAD
    star = Table(dict(ra=[269.448503], dec=[4.739420], pmra=[-801.551], pmdec=[10362.394]))
    at_2000 = Table(dict(ra=[269.452082], dec=[4.693365]))
    found = match_positions(star, at_2000, 1.0, 2016.0, 2000.0)
    assert found["row"][0] == 0 and found["separation"][0] < 0.2
    del star["pmra"]
    assert match_positions(star, at_2000, 1.0, 2016.0, 2000.0)["row"][0] == -1


def test_entries_move_where_stars_do_not():
    entry = Table(dict(ra=[10.0], dec=[0.0], pmra=[0.0], pmdec=[500.0]))
    star = Table(dict(ra=[10.0], dec=[8.0 / 3600]))
    found = match_positions(star, entry, 0.5, 2016.0, 2000.0)
    assert found["separation"][0] == pytest.approx(0, abs=1e-6)


def test_epochs_may_differ_from_entry_to_entry():
    star = Table(dict(ra=[10.0], dec=[0.0], pmra=[0.0], pmdec=[1000.0]))
    entries = Table(dict(ra=[10.0] * 3, dec=np.array([-1.2, -10.0, 0.9]) / 3600))
    found = match_positions(star, entries, 1.0, 2016.0, np.array([2015.0, 2006.0, 2016.0]))
    assert found["row"][0] == 1 and found["n_within"][0] == 3


def test_separations_are_astropys_everywhere():
    """Across RA 0, at the poles and elsewhere."""
    rng = np.random.default_rng(0)
    ra = np.r_[0.00001, 359.9999, 123.0, 10.0, rng.uniform(0, 360, 200)]
    dec = np.r_[0.0, 20.0, 89.9999, -89.9999, rng.uniform(-90, 90, 200)]
    entries = SkyCoord(ra, dec, unit="deg").directional_offset_by(
        rng.uniform(0, 360, len(ra)) * u.deg, rng.uniform(0, 4, len(ra)) * u.arcsec
    )
    stars = Table(dict(ra=ra, dec=dec))
    there = Table(dict(ra=entries.ra.deg, dec=entries.dec.deg))
    theirs = SkyCoord(ra, dec, unit="deg").separation(entries).arcsec
    found = match_positions(stars, there, 3.0, 2016.0, 2016.0)
    near = theirs < 3
    assert near.sum() > 100
    assert (found["row"][near] == np.flatnonzero(near)).all()
    assert np.asarray(found["separation"][near]) == pytest.approx(theirs[near], abs=1e-5)


def test_stars_without_a_place_match_nothing():
    stars = Table(dict(ra=[np.nan, 10.0], dec=[0.0, 0.0]))
    found = match_positions(stars, Table(dict(ra=[10.0], dec=[0.0])), 1.0, 2016.0, 2000.0)
    assert list(found["row"]) == [-1, 0]
    assert np.isnan(found["separation"][0])
    empty = match_positions(stars, Table(dict(ra=[1.0], dec=[0.0]))[:0], 1.0, 2016.0, 2000.0)
    assert (empty["row"] == -1).all()


def test_ids_as_integers_and_text():
    ids = MaskedColumn([454303606011095552, 0, -1, 7, 9], mask=[0, 0, 0, 1, 0])
    assert list(match_ids(ids, ["9", " 454303606011095552", "9"])) == [1, -1, -1, -1, 0]
    # one apart, and the same number as floats
    assert list(match_ids([454303606011095552], [454303606011095553])) == [-1]
    with pytest.raises(ValueError, match="floating-point"):
        match_ids([454303606011095552.0], [454303606011095553])


def test_ids_and_positions_and_their_disagreements():
    """Ids 11 to 15: at another's place; near; without id there; nowhere; far, but in the second."""
    right = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    stars = Table(dict(source_id=[11, 12, 13, 14, 15, 16], ra=right, dec=[0.0] * 6))
    first = Table(dict(source_id=[90, 11, 12, 15, 16]))
    first["ra"], first["dec"] = (
        [10.0, 10.0, 20.0, 50.0, 60.0],
        np.array([0, 204, 0.3, 99, 99]) / 3600,
    )
    second = Table(dict(ra=[30.0, 10.0, 50.0], dec=[0.5 / 3600, 0.0, 0.0]))
    found = match_catalogues(stars, [("A", first, 2016.0), ("B", second, 2000.0)], radius=1.0)
    assert list(found["catalogue"]) == ["A", "A", "B", "", "B", "A"]
    by = ["position", "source_id", "position", "", "position", "source_id"]
    assert list(found["matched_by"]) == by
    assert list(found["is_match"]) == [True, True, True, False, True, False]
    assert found["row"][0] == 0 and found["separation"][0] == pytest.approx(0)
    assert "beyond the radius" in found["note"][0] and "beyond the radius" in found["note"][5]
    assert found["separation"][5] == pytest.approx(99)
    assert found["separation"][2] == pytest.approx(0.5)
    with pytest.raises(ValueError, match="catalogue C: needs columns"):
        match_catalogues(stars, [("C", Table(dict(x=[1])), 2000.0)], radius=1.0)


def test_real_bhb_stars_are_found_again(data):
    """The SEGUE BHB catalogue moved to Gaia's epoch and matched back at its own."""
    bhb = Table.read(data / "bhb" / "bhb_final_pm.csv", format="ascii.csv")
    moving = np.isfinite(bhb["pmra"]) & np.isfinite(bhb["pmdec"])
    bhb = bhb[moving][:2000]
    stars = bhb["pmra", "pmdec"]
    stars["dec"] = bhb["dec"] + 16 * bhb["pmdec"] / 3.6e6
    stars["ra"] = bhb["ra"] + 16 * bhb["pmra"] / 3.6e6 / np.cos(np.radians(bhb["dec"]))
    entries = bhb["ra", "dec"]
    found = match_positions(stars, entries, 0.01, 2016.0, 2000.0)
    assert (found["row"] == np.arange(len(bhb))).mean() > 0.999
    still = match_positions(stars["ra", "dec"], entries, 0.01, 2016.0, 2000.0)
    assert (still["row"] >= 0).mean() < 0.1

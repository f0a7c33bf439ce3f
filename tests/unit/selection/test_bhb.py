"""Catalogues of contaminants: by their own column names, ids to the last digit, real ones."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.inputs.files import InputError
from runaways.selection.bhb import match_contaminants, read_contaminants


def test_columns_are_known_by_vizier_names_and_ids_keep_their_digits(tmp_path):
    path = tmp_path / "bhb.csv"
    path.write_text("Source,RA_ICRS,DE_ICRS,pmRA\n454303606011095553,10.5,-3.25,\n,11,4,2.5\n")
    found = read_contaminants(path)
    assert found.colnames == ["ra", "dec", "pmra", "source_id"]
    assert list(found["source_id"]) == ["454303606011095553", ""]
    assert found["ra"][0] == 10.5 and np.isnan(found["pmra"][0]) and found["pmra"][1] == 2.5
    forms = {"fits": {"format": "fits"}, "ecsv": {"format": "ascii.ecsv"}}
    forms["vot"] = {"format": "votable", "tabledata_format": "binary2"}
    for suffix, form in forms.items():
        Table.read(path, format="ascii.csv").write(tmp_path / f"bhb.{suffix}", **form)
        same = read_contaminants(tmp_path / f"bhb.{suffix}")
        assert same["source_id"][0] == "454303606011095553" and same["dec"][1] == 4.0


def test_a_catalogue_without_positions_is_refused(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("name,ra\nx,1\n")
    with pytest.raises(InputError, match="names.csv: column 'dec' is missing"):
        read_contaminants(path)


def test_none_of_the_papers_45_is_a_known_bhb_star(table_a1, data):
    """The paper dropped its one before Table A.1; planted among them it is found."""
    bhb = read_contaminants(data / "bhb" / "bhb_final_pm.csv")
    found = match_contaminants(table_a1, [("Barbosa 2022", bhb, 2000.0)], 2.0)
    assert len(bhb) > 5000 and not found["is_bhb"].any()
    moving = np.flatnonzero(np.isfinite(bhb["pmra"] + bhb["pmdec"]))[:1]
    planted = Table({"star": ["x"], "source_id": [""]})
    for name in ("ra", "dec", "pmra", "pmdec"):
        planted[name] = bhb[name][moving]
    found = match_contaminants(planted, [("Barbosa 2022", bhb, 2016.0)], 2.0)
    assert found["is_bhb"][0] and found["bhb_separation"][0] < 1e-4
    assert found["bhb_catalogue"][0] == "Barbosa 2022" and found["bhb_matched_by"][0] == "position"


def test_a_far_entry_of_the_same_id_is_noted_and_no_veto():
    stars = Table({"star": ["a"], "source_id": ["7"], "ra": [10.0], "dec": [0.0]})
    entry = Table({"source_id": ["7"], "ra": [10.1], "dec": [0.0]})
    found = match_contaminants(stars, [("A", entry, 2016.0)], 2.0)
    assert not found["is_bhb"][0] and found["bhb_separation"][0] == pytest.approx(360)
    assert "beyond the radius" in found["bhb_note"][0]
    nothing = match_contaminants(stars, [], 2.0)
    assert not nothing["is_bhb"][0] and nothing["bhb_catalogue"][0] == ""

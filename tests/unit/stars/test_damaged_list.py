"""The damaged list is damaged where it says, and nowhere else."""

import numpy as np
import pandas as pd

from damaged_list import REASONS, WORDS, assert_reported, sound_list, write_damaged_list
from runaways.stars import star_list


def test_damage_is_where_reported(tmp_path):
    path = tmp_path / "stars.csv"
    report = write_damaged_list(path, n=20_000, seed=3)
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert len(text) == 20_000 and len(report) == 200
    assert report["row"].is_unique
    assert dict(report["reason"].value_counts()) == {reason: 40 for reason in REASONS}
    lines = path.read_text().splitlines()
    for _, damage in report.iterrows():
        cell = text.loc[damage["row"], damage["column"]]
        assert lines[damage["line"] - 1].startswith(text.loc[damage["row"], "star"] + ",")
        if damage["reason"] == "text in number":
            assert cell in WORDS
        elif damage["reason"] == "not a number":
            assert cell in ("", "NaN")
        elif damage["reason"] == "duplicated id":
            assert cell == text.loc[int(damage["detail"]), "source_id"]
            assert int(damage["detail"]) < damage["row"]
        elif damage["reason"] == "ra beyond 360":
            assert 360 <= float(cell) < 720
        else:
            value = float(cell)
            limits = dict(parallax=value > 768.5, rv=abs(value) >= 4000, teff=value < 40)
            assert limits[damage["column"]]
    sound = np.setdiff1d(np.arange(20_000), report["row"])
    expected = sound_list(20_000, 3)
    written = text.loc[sound].replace("", "nan").astype(expected.dtypes)
    pd.testing.assert_frame_equal(written, expected.loc[sound])


def test_every_damaged_row_is_reported(tmp_path):
    path = tmp_path / "stars.csv"
    damage = write_damaged_list(path, n=20_000, seed=4)
    assert_reported(*star_list.read(path, "edsd"), damage)

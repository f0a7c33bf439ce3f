"""Isochrones by a form, from a server on this machine that fails as archives do."""

import json
from pathlib import Path

import pytest

import archives
from runaways.masses_ages.parsec import read_parsec
from scripts.fetch import tracks
from scripts.fetch.asking import AGENT, FetchError

CASE = Path(__file__).parents[2] / "cases" / "cmd-3.2" / "isochrones.dat"
QUICK = {"metallicities": (-0.5, 0.0), "pause": 0.0, "patience": 0.3}


def _isochrones(mh):
    """Isochrones of a metallicity in the layout of CMD 3.7."""
    lines = CASE.read_text().replace("CMD 3.2", "CMD 3.7").replace("Zini Age", "Zini MH logAge")
    for age, log_age in (("1e+07", "7.0"), ("3.16228e+07", "7.5")):
        lines = lines.replace(f" {age} ", f" {mh:.5f} {log_age} ")
    return lines


@pytest.fixture
def cmd():
    with archives.serving(archives.Cmd, isochrones=_isochrones) as server:
        yield server


def test_a_file_for_each_metallicity(cmd, tmp_path):
    folder = tmp_path / "parsec"
    said = tracks.fetch_tracks(folder, cmd.url, **QUICK)
    assert f"tracks: {{source: parsec, files: [{folder}/]}}" in said[0]
    files = sorted(folder.glob("*.dat"))
    assert [path.name for path in files] == ["mh+0.00.dat", "mh-0.50.dat"]
    assert set(read_parsec(files)["mh"]) == {-0.5, 0.0}
    assert [form["isoc_metlow"] for form in cmd.asked] == ["-0.5", "0"] and cmd.agents == {AGENT}
    assert cmd.asked[0]["track_parsec"] == "parsec_CAF09_v1.2S"
    record = json.loads((folder / "mh+0.00.dat.json").read_text())
    assert record["query"] == tracks.FORM | {"isoc_metlow": "0"} and record["url"] == cmd.url
    tracks.fetch_tracks(folder, cmd.url, **QUICK)
    assert len(cmd.asked) == 2
    files[0].write_text("damaged")
    tracks.fetch_tracks(folder, cmd.url, **QUICK)
    assert len(cmd.asked) == 3 and set(read_parsec(files)["mh"]) == {-0.5, 0.0}


@pytest.mark.parametrize(
    "fault, words",
    [
        ("time-out", "nothing that can be used came in 3 tries"),
        ("half", "nothing that can be used came in 3 tries"),
        ("HTML", "nothing that can be used came in 3 tries (no isochrones: '<html><body>We are"),
        ("503", "nothing that can be used came in 3 tries"),
        ("short", "[M/H] 0: line 43: 7 values where the header names 11: cut short?"),
        ("empty", "[M/H] 0: no isochrone in it"),
        ("changed", "[M/H] 0: line 4: no column logTe among"),
        ("other", "asked for [M/H] 0, got 0.2: the form has changed"),
        ("refused", "refused the form: Error: [M/H] is out of range"),
    ],
)
def test_a_fault_is_a_line_and_the_same_command_goes_on(cmd, tmp_path, fault, words):
    cmd.faults = ["", fault, fault, fault]
    with pytest.raises(FetchError) as error:
        tracks.fetch_tracks(tmp_path, cmd.url, **QUICK)
    assert words in str(error.value) and cmd.url in str(error.value)
    assert "\n" not in str(error.value)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["mh-0.50.dat", "mh-0.50.dat.json"]
    cmd.faults, before = [], len(cmd.asked)
    tracks.fetch_tracks(tmp_path, cmd.url, **QUICK)
    assert len(cmd.asked) - before == 1 and cmd.asked[-1]["isoc_metlow"] == "0"
    assert len(list(tmp_path.glob("*.dat"))) == 2

"""Archives of spectra, from a server on this machine that fails as archives do."""

import json

import pytest

import archives
from runaways.emulators import tlusty
from scripts.fetch import grid
from scripts.fetch.asking import AGENT, FetchError

QUICK = {"pause": 0.0, "patience": 0.3}
NAMES = ["BGvispec_v2", "BLvispec_v2"]
TEXT = "  3200.0 1.0D-3\n  4340.0 9.0D-4\n  9900.0 1.0D-3\n"


def _models(name):
    """Two models, of which the second has altered abundances, and what is no model."""
    stems = [f"{name[:2]}15000g400v2", f"{name[:2]}16000g300v2CN"]
    files = {f"{stem}.vis.{kind}": TEXT for stem in stems for kind in (7, 17)}
    return files | {f"{stems[0]}.uv.7": TEXT, "README": "not a model\n", "../away.vis.7": TEXT}


@pytest.fixture
def archive(monkeypatch):
    monkeypatch.setattr(grid, "GRIDS", {"bstar2006": (NAMES, 2.0)})
    with archives.serving(archives.Tlusty, models=_models) as server:
        yield server


def test_archives_are_unpacked_and_not_fetched_twice(archive, tmp_path):
    folder = tmp_path / "tlusty"
    said = grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert said == [f"{folder}: 4 models; labels: {{grid: {folder}/}}"]
    models = tlusty.list_tlusty_models(folder)
    assert [path.name for path in models] == ["BG15000g400v2.vis.7", "BL15000g400v2.vis.7"]
    assert sorted(path.name for path in (folder / "BGvispec_v2").iterdir()) == sorted(
        name for name in _models("BGvispec_v2") if ".vis." in name and "/" not in name
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tlusty", "tlusty.parts"]
    parts = sorted(path.name for path in (tmp_path / "tlusty.parts").iterdir())
    assert parts == ["BGvispec_v2.json", "BLvispec_v2.json"] and archive.agents == {AGENT}
    record = json.loads((tmp_path / "tlusty.parts" / parts[0]).read_text())
    assert record["url"] == f"{archive.url}/BGvispec_v2.tar" and len(record["files"]) == 4
    grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert len(archive.asked) == 2
    models[1].write_text("damaged")
    grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert archive.asked[2:] == [("BLvispec_v2", 0)] and models[1].read_text() == TEXT


@pytest.mark.parametrize(
    "fault, words",
    [
        ("time-out", "nothing that can be used came in 3 tries"),
        ("HTML", "nothing that can be used came in 3 tries (a page of HTML in place of"),
        ("503", "nothing that can be used came in 3 tries"),
        ("empty", "(BLvispec_v2.tar: no *.vis.7 model with v_turb = 2 km/s)"),
        ("changed", "BL15000g400v2.vis.7: line 1 is not two numbers: '3200.0"),
    ],
)
def test_a_fault_is_a_line_and_the_same_command_goes_on(archive, tmp_path, fault, words):
    folder = tmp_path / "tlusty"
    archive.faults = ["", fault, fault, fault]
    with pytest.raises(FetchError) as error:
        grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert words in str(error.value) and f"{archive.url}/BLvispec_v2.tar" in str(error.value)
    assert "\n" not in str(error.value)
    assert [path.name for path in folder.iterdir()] == ["BGvispec_v2"]
    archive.faults, before = [], len(archive.asked)
    grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert archive.asked[before:] == [("BLvispec_v2", 0)]
    assert len(tlusty.list_tlusty_models(folder)) == 2


def test_half_an_archive_is_gone_on_with_behind_what_came(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "BLOCK", 1000)
    folder = tmp_path / "tlusty"
    archive.faults = ["", "half", "503", "half"]
    with pytest.raises(FetchError, match="nothing that can be used came in 3 tries"):
        grid.fetch_grid(folder, url=archive.url, **QUICK)
    came = (tmp_path / "tlusty.parts" / "BLvispec_v2.tar").stat().st_size
    whole = len(archives.archive_of("BLvispec_v2", _models("BLvispec_v2")))
    assert whole / 2 < came < whole
    grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert archive.asked[-1] == ("BLvispec_v2", came)
    assert len(tlusty.list_tlusty_models(folder)) == 2


@pytest.mark.parametrize("place", [0, 522])
def test_a_damaged_archive_is_thrown_away_and_named(archive, tmp_path, place):
    """Where a tar has its first header, and within the first packed file."""
    folder, name = tmp_path / "tlusty", "BGvispec_v2"
    (tmp_path / "tlusty.parts").mkdir()
    content = bytearray(archives.archive_of(name, _models(name)))
    content[place : place + 20] = b"\0\1" * 10
    path = tmp_path / "tlusty.parts" / f"{name}.tar"
    path.write_bytes(content)
    with pytest.raises(FetchError, match="give the same command again to fetch it anew"):
        grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert not path.exists() and not list(folder.iterdir())
    grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert (folder / name).is_dir()


def test_a_whole_archive_that_was_not_unpacked_is_not_fetched_again(archive, tmp_path):
    folder, name = tmp_path / "tlusty", "BGvispec_v2"
    (tmp_path / "tlusty.parts").mkdir()
    whole = archives.archive_of(name, _models(name))
    (tmp_path / "tlusty.parts" / f"{name}.tar").write_bytes(whole)
    grid.fetch_grid(folder, url=archive.url, **QUICK)
    assert archive.asked[0] == (name, len(whole)) and (folder / name).is_dir()

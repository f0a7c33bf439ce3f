"""A package of another version: it is said, and re-runs what imports it where that is wanted."""

import pytest

import caches
from contract import hashes, versions
from project import SCRIPTS

OLD = {"galpy": "1.11.0", "numpy": "2.0.0"}
NEW = OLD | {"galpy": "1.12.0"}


def test_the_start_of_a_run_is_kept(tmp_path):
    folder = tmp_path / "results" / "run"
    assert versions.changed(folder, NEW) == {}
    versions.record(folder, OLD)
    versions.record(folder, NEW | {"scipy": "1.16.0"})
    assert caches.load(folder / "versions.json") == OLD | {"scipy": "1.16.0"}
    assert versions.changed(folder, NEW) == {"galpy": ["1.11.0", "1.12.0"]}
    assert versions.changed(folder, OLD) == versions.changed(folder, {}) == {}
    assert [path.name for path in folder.iterdir()] == ["versions.json"]


def test_a_run_without_a_record_has_that_of_its_run_yaml(tmp_path):
    (tmp_path / "run.yaml").write_text("packages: {galpy: 1.11.0, numpy: 2.0.0}\n")
    assert versions.changed(tmp_path, NEW) == {"galpy": ["1.11.0", "1.12.0"]}
    versions.record(tmp_path, NEW)
    assert versions.changed(tmp_path, NEW) == {"galpy": ["1.11.0", "1.12.0"]}


@pytest.mark.parametrize("rerun, what", [(False, "is kept"), (True, "runs again")])
def test_a_change_is_one_line(rerun, what):
    line = versions.note({"galpy": ["1.11.0", "1.12.0"]}, rerun)
    assert "galpy 1.11.0, now 1.12.0" in line and what in line and "\n" not in line
    assert versions.note({}, rerun) == ""


def test_a_new_galpy_reruns_what_imports_it():
    changes = {"galpy": ["1.11.0", "1.12.0"]}
    rerun = {s for s in SCRIPTS if versions.code(s, changes) != hashes.code(s)}
    importer = hashes.WORKFLOW / "runaways" / "orbits" / "potentials.py"
    assert rerun == {s for s in SCRIPTS if importer in hashes.modules_of(s)}
    assert {"orbits/trace_orbit", "clusters/trace_clusters"} <= rerun
    assert not {s for s in rerun if s.startswith(("spectra", "labels", "masses_ages"))}
    assert all(versions.code(s, {}) == hashes.code(s) for s in SCRIPTS)
    again = {"galpy": ["1.11.0", "1.12.1"]}
    assert all(versions.code(s, again) != versions.code(s, changes) for s in rerun)


def test_packages_have_versions():
    assert set(versions.installed()) == set(versions.PACKAGES.values())

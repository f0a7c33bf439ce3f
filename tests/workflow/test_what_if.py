"""What if: it says what a run with other settings would give, and writes nothing."""

import hashlib
import os
import subprocess
import sys

import pytest
from astropy.table import Table

from scripts import what_if


def _state(folder):
    """Every file of the results: its time, and what is in it."""
    return {
        str(path): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _ask(project, text):
    config = project.write_config()
    command = [sys.executable, "-m", "scripts.what_if", config.name, text]
    env = {**os.environ, "PYTHONPATH": "workflow", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, env=env)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def _classes(project):
    table = Table.read(project.folder / "results" / "tiny" / "catalogue.parquet")
    return {(str(row["star"]), name): str(row[name]) for row in table for name in what_if.CLASSES}


def test_it_says_what_a_run_would_give_and_writes_nothing(project):
    before, results = _classes(project), project.folder / "results"
    state = _state(results)
    said = _ask(project, "disk.half_height=0.01 kpc; selection.v_sp_min=300 km/s")
    assert _state(results) == state
    project.config = what_if.changed(
        project.config, "disk.half_height=0.01 kpc; selection.v_sp_min=300 km/s"
    )
    would = project.jobs()
    for rule, n in would.items():
        assert f"  {n:5d}  {rule}\n" in said
    run = project.snakemake("--", "results/tiny/catalogue.parquet")
    # the last words of a run
    assert "\n4 stars: " in run and "Read results/tiny/origins.html" in run
    assert "Without a full result 1: 1 parallax: missing" in run
    after = _classes(project)
    changes = {
        f"  {star}  {name}: {before[star, name] or 'none'} -> {after[star, name] or 'none'}"
        for star, name in before
        if before[star, name] != after[star, name]
    }
    assert len(changes) >= 3
    assert {line for line in said.splitlines() if "->" in line} == changes


def test_what_traces_orbits_again_is_said_to_take_longer(project):
    said = _ask(project, "orbits.draws=96")
    assert "cannot be said in seconds" in said and "draw_birthplaces" in said and "->" not in said


def test_settings_are_changed_by_their_path():
    settings = {"run": "a", "disk": {"half_height": "0.5 kpc"}}
    other = what_if.changed(settings, "disk.half_height=0.3 kpc; clusters.fdr=0.1")
    assert other["disk"] == {"half_height": "0.3 kpc"} and other["clusters"] == {"fdr": 0.1}
    assert settings == {"run": "a", "disk": {"half_height": "0.5 kpc"}}
    with pytest.raises(ValueError, match="expected section.key=value"):
        what_if.changed(settings, "disk.half_height")
    with pytest.raises(ValueError, match="run is a value, not a section"):
        what_if.changed(settings, "run.name=b")

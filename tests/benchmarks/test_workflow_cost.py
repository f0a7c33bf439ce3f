"""The default run, each star's jobs its own, beside the same work in one process.

Run with ``pytest -s tests/benchmarks/test_workflow_cost.py --benchmark-only``; a quarter of an hour
on two cores.
"""

import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml

from project import ROOT, Project

ONE_PROCESS = Path(__file__).with_name("one_process.py")
# jobs of a star, that a run has 45 of
PER_STAR = {"trace_orbit", "draw_birthplaces", "classify_disk", "match_clusters", "fit_ejection"}
PER_STAR |= {"fetch_spectra", "measure_spectrum", "classify_subtype", "fit_labels"}
PER_STAR |= {"predict_masses_ages", "draw_ages"}


def _of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _costs(folder):
    """CPU seconds of each job by its rule: the last line of its log."""
    cpu = {}
    for path in folder.rglob("logs/**/*.log"):
        rule = path.relative_to(folder / "logs").parts[0].removesuffix(".log")
        for seconds in re.findall(r"cost: ([\d.]+) CPU s", path.read_text()):
            cpu.setdefault(rule, []).append(float(seconds))
    return cpu


def test_default_run_against_one_process(benchmark, tmp_path, compared):
    project = Project(tmp_path / "project")
    project.config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    results = project.folder / "results" / project.config["run"]
    before = _of_children()
    text = benchmark.pedantic(lambda: project.snakemake("-p"), rounds=1)
    snakemake = _of_children() - before
    cpu = _costs(results)
    whole = snakemake + sum(map(sum, cpu.values()))
    star = sum(np.mean(seconds) for rule, seconds in cpu.items() if rule in PER_STAR)
    before = _of_children()
    project.snakemake("-n")
    again = _of_children() - before

    commands = tmp_path / "commands"
    found = re.findall(r"Shell command: (python -m .*)", text)
    commands.write_text("\n".join(found) + "\n")
    assert len(found) > 400
    kept = {path for path in results.glob("*.json")}
    for path in results.rglob("*"):
        if path.is_file() and path not in kept and "logs" not in path.parts:
            path.unlink()
    shutil.rmtree(project.folder / ".snakemake")
    command = [sys.executable, ONE_PROCESS, commands]
    one = float(subprocess.check_output(command, cwd=project.folder, text=True))

    costly = sorted(cpu, key=lambda rule: -sum(cpu[rule]))[:12]
    print("\nCPU s:", ", ".join(f"{rule} {sum(cpu[rule]):.0f}" for rule in costly))
    print(f"Snakemake itself {snakemake:.0f}; a dry run of the finished one {again:.1f}")
    compared("the jobs of a star", star)
    compared("a dry run with nothing to be done", again)
    compared("the default run", whole, "one process", one)

"""A survey from list to report with all clusters of Hunt & Reffert 2023: what a star costs.

Run with ``pytest -s tests/benchmarks/test_survey_run.py --benchmark-only``: 450 stars, a quarter of
an hour on two cores; RUNAWAYS_SURVEY_STARS=4500 takes hours.
"""

import os
import re

import numpy as np
import pytest
from astropy.table import Table

from mock_survey import SIGMA, mock_survey
from project import Project
from runaways.selection.maxwellian import falls_to

N = int(os.environ.get("RUNAWAYS_SURVEY_STARS", 450))
ALL, TAIL, DRAWS = 4500, 0.1, 1024


@pytest.fixture
def survey(tmp_path, data):
    """Any N of 4500 stars: the same sky, whatever N."""
    survey = mock_survey(ALL, TAIL, 100, bhb_fraction=0.02, birthplaces=True)
    some = np.sort(np.random.default_rng(0).permutation(ALL)[:N])
    stars, truth = survey.stars[some], survey.truth[some]
    project = Project(tmp_path / "survey")
    stars.write(project.folder / "mock_stars.ecsv", format="ascii.ecsv", delimiter=",")
    project.config |= {"run": "survey", "stars": "mock_stars.ecsv", "figures": {}}
    project.config |= {"stars_per_job": 100, "spectra": {"lrs": "", "mrs": ""}}
    project.config["orbits"] = {"draws": DRAWS, "draws_per_chunk": DRAWS}
    project.config["distance"] = {"method": "edsd", "edsd_length": "1 kpc"}
    project.config["selection"] = {"fit": "one_percent"}
    project.config["clusters"] = {"catalogue": [str(data / "clusters" / "HUNT2023.csv")]}
    project.config.pop("labels")
    return stars, truth, project


def _costs(folder):
    """Of every rule: CPU time [s] and the largest memory of a job [MB]: last lines of the logs."""
    cpu, memory = {}, {}
    for path in folder.rglob("logs/**/*.log"):
        rule = path.relative_to(folder / "logs").parts[0].removesuffix(".log")
        for seconds, megabytes in re.findall(r"cost: ([\d.]+) CPU s, (\d+) MB", path.read_text()):
            cpu[rule] = cpu.get(rule, 0.0) + float(seconds)
            memory[rule] = max(memory.get(rule, 0), int(megabytes))
    return dict(sorted(cpu.items(), key=lambda item: -item[1])), memory


def test_from_list_to_report(benchmark, survey, compared):
    stars, truth, project = survey
    benchmark.pedantic(project.snakemake, rounds=1)
    folder = project.folder / "results" / "survey"
    cpu, memory = _costs(folder)
    kept = [path for path in (folder / "stars").rglob("*") if path.is_file()]
    disk = sum(path.stat().st_size for path in kept)
    print(f"\n{N} stars, {DRAWS} draws each; CPU s and largest job:")
    print(", ".join(f"{rule} {cpu[rule]:.0f} s {memory[rule]} MB" for rule in cpu))
    print(f"kept of a star: {disk / N / 1000:.0f} kB in {len(kept) / N:.2f} files")
    compared(f"a star of {N}, with clusters", sum(cpu.values()) / N)

    found = Table.read(folder / "catalogue.parquet")
    for fit in Table.read(folder / "velocity_fits.ecsv"):
        dimensions = 3 if fit["velocity"] == "space" else 2
        ratios = fit["sigma"] / SIGMA, fit["threshold"] / (SIGMA * falls_to(0.01, dimensions))
        print(
            f"{fit['velocity']}, errors {fit['errors']}: sigma {ratios[0]:.3f} of truth,", end=" "
        )
        print(f"threshold {fit['threshold']:.2f} km/s, {ratios[1]:.3f} of truth")
    chosen, kicked = np.asarray(found["is_runaway"]), np.asarray(truth["is_runaway"])
    purity, completeness = np.mean(kicked[chosen]), np.mean(chosen[kicked])
    print(f"kicked stars: completeness {completeness:.3f}, purity {purity:.3f}")
    traced = np.asarray(found["status"] == "ok")
    for axis in "xyz":
        lower, upper = found[f"birth_{axis}_lower"], found[f"birth_{axis}_upper"]
        inside = (lower < truth[f"birth_{axis}"]) & (truth[f"birth_{axis}"] < upper)
        print(f"birth_{axis}: 68 % interval covers {np.mean(inside[traced]):.3f} of {traced.sum()}")
    assert len(found) == N and list(found["star"]) == list(stars["star"])

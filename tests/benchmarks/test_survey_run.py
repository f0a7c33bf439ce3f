"""A survey of 4432 stars from list to catalogue in one run, and what is recovered of it.

Run with ``pytest -s tests/benchmarks/test_survey_run.py --benchmark-only``; minutes on two cores.
"""

import re
import time

import numpy as np
import pytest
from astropy.table import Table

from mock_survey import SIGMA, mock_survey
from project import Project
from runaways.selection.maxwellian import falls_to

N, TAIL, DRAWS = 4432, 0.1, 128


@pytest.fixture
def survey(tmp_path):
    survey = mock_survey(N, TAIL, 100, bhb_fraction=0.02, birthplaces=True)
    project = Project(tmp_path / "survey")
    survey.stars.write(project.folder / "mock_stars.ecsv", format="ascii.ecsv", delimiter=",")
    project.config |= {"run": "survey", "stars": "mock_stars.ecsv", "figures": {}}
    project.config["stars_per_job"] = 100
    project.config["orbits"] = {"draws": DRAWS, "draws_per_chunk": DRAWS}
    project.config["distance"] = {"method": "edsd", "edsd_length": "1 kpc"}
    project.config["selection"] = {"fit": "one_percent"}
    return survey, project


def _costs(folder):
    """CPU time of every rule [s], and the largest memory of a job [MB]: last lines of the logs."""
    cpu, memory = {}, 0.0
    for path in folder.rglob("logs/**/*.log"):
        rule = path.relative_to(folder / "logs").parts[0].removesuffix(".log")
        for seconds, megabytes in re.findall(r"cost: ([\d.]+) CPU s, (\d+) MB", path.read_text()):
            cpu[rule] = cpu.get(rule, 0.0) + float(seconds)
            memory = max(memory, float(megabytes))
    return dict(sorted(cpu.items(), key=lambda item: -item[1])), memory


def test_from_list_to_catalogue(benchmark, survey):
    survey, project = survey
    start = time.time()
    benchmark.pedantic(project.snakemake, rounds=1)
    wall = time.time() - start
    folder = project.folder / "results" / "survey"
    cpu, memory = _costs(folder)
    print(
        f"\n{N} stars, {DRAWS} draws each: {wall:.0f} s on two cores, largest job {memory:.0f} MB"
    )
    print("CPU seconds:", ", ".join(f"{rule} {seconds:.0f}" for rule, seconds in cpu.items()))
    found, truth = Table.read(folder / "catalogue.parquet"), survey.truth
    fits = Table.read(folder / "velocity_fits.ecsv")
    for fit in fits:
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
    assert len(found) == N and list(found["star"]) == list(survey.stars["star"])

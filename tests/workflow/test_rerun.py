"""Partial re-execution: what is run again is what has changed, and nothing else."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

import caches
from contract import hashes, lock
from project import SCRIPTS

CATALOGUE = "results/tiny/catalogue.ecsv"
ORBITS = {"trace_orbit", "draw_birthplaces"}
SEARCH = {"trace_clusters", "match_clusters", "match_pair"}


def test_nothing_touched_nothing_run(project):
    assert project.jobs() == {}


def test_a_run_asks_for_all_that_it_makes(project):
    """Or a job that failed would leave a hole that no later run fills."""
    text = project.snakemake("-n", "--forcerun", "all")
    asked = set(re.search(r"rule all:\n    input: (.*)", text)[1].split(", "))
    results = project.folder / "results" / "tiny"
    made = {path for path in results.rglob("*") if path.is_file() and path.suffix != ".json"}
    made = {str(path.relative_to(project.folder)) for path in made if path.name != ".lock"}
    left_out = {path for path in made - asked if str(Path(path).parent) not in asked}
    # logs, parts that were joined, and what is made on demand
    kinds = {Path(path).parts[2:3] + Path(path).parts[-2:-1] for path in left_out}
    assert {kind for kind in kinds if kind[0] != "logs"} == {
        ("models", "emulator_lrs"), ("models", "emulator_mrs"), ("stars", "NGC_2236")
    }  # fmt: skip
    for name in ("horizon", "disk"):
        (results / "stars" / "J024547+543241" / f"{name}.parquet").unlink()
    jobs = project.jobs()
    assert jobs["trace_orbit"] == jobs["classify_disk"] == 1


def test_a_threshold_reruns_no_orbit(project):
    project.config["disk"] = {"half_height": "0.4 kpc"}
    jobs = project.jobs()
    assert not ORBITS & set(jobs) and "measure_velocities" not in jobs
    assert jobs["classify_disk"] == 4 and jobs["tabulate_catalogue"] == 1
    project.snakemake(CATALOGUE)
    assert project.jobs(CATALOGUE) == {}


def test_a_threshold_of_clusters_reruns_verdicts_only(project):
    project.config["clusters"] |= {"radius": "8 pc", "fdr": 0.1}
    jobs = project.jobs()
    assert not (ORBITS | SEARCH | {"classify_disk", "fetch_clusters"}) & set(jobs)
    assert jobs["tabulate_encounters"] == 1 and jobs["tabulate_catalogue"] == 1
    assert jobs["plot_encounters"] == 1 and jobs["plot_pairs"] == 1


def test_another_catalogue_reruns_clusters_only(project):
    (project.folder / "mine.csv").write_text("name,ra,dec,pmra,pmdec,distance,rv\nA,9,9,1,1,1,1\n")
    project.config["clusters"] |= {"catalogue": ["openngc", "mine.csv"]}
    jobs = project.jobs()
    assert not (ORBITS | {"classify_disk", "predict_masses_ages"}) & set(jobs)
    assert jobs["fetch_clusters"] == jobs["trace_clusters"] == 1 and jobs["match_clusters"] == 4


def test_more_draws_keep_the_old(project):
    project.config["orbits"]["draws"] = 96
    assert project.jobs()["draw_birthplaces"] == 4  # one more chunk for each star
    assert not {"trace_orbit", "trace_clusters"} & set(project.jobs())
    old = {
        path: path.stat().st_mtime_ns
        for path in (project.folder / "results").rglob("birthplaces/*.parquet")
    }
    project.snakemake(CATALOGUE)
    assert len(old) == 8 and all(path.stat().st_mtime_ns == t for path, t in old.items())
    catalogue = project.product("catalogue.ecsv").decode()
    assert re.search(r"\b96\b", catalogue)


def test_an_assumed_error_reruns_orbits(project):
    project.config["errors"] = {"age": "10 %"}
    jobs = project.jobs()
    assert jobs["draw_birthplaces"] == 8 and jobs["trace_orbit"] == 4


def test_order_spelling_and_comments_change_nothing(project):
    # values written another way, a comment and a new date in every module, another time limit
    project.config["orbits"] = dict(reversed(list(project.config["orbits"].items())))
    project.config["disk"] = {"half_height": "0.50 kpc"}
    for path in (project.folder / "workflow").rglob("*.py"):
        path.write_text(path.read_text() + "\n# a comment\n")
    for path in (project.folder / "rules").glob("*.smk"):
        os.utime(path)
    common = project.folder / "rules" / "project.smk"
    common.write_text(common.read_text().replace("TIME_LIMIT = 6", "TIME_LIMIT = 7"))
    assert "TIME_LIMIT = 7" in common.read_text() and project.jobs() == {}


@pytest.mark.parametrize(
    "module",
    [
        "orbits/disk",
        "orbits/integration",
        "stars/velocities",
        "products/scoreboard",
        "encounters/verdicts",
    ],
)
def test_an_edited_module_reruns_exactly_its_importers(project, module):
    path = project.folder / "workflow" / "runaways" / f"{module}.py"
    path.write_text(path.read_text() + "\nEDITED = 1\n")
    edited = hashes.WORKFLOW / "runaways" / f"{module}.py"
    importers = {Path(s).stem for s in SCRIPTS if edited in hashes.modules_of(s)}
    text = project.snakemake("-n")
    reasons = re.findall(r"rule (\w+):\n(?:    .*\n)*?    reason: (.*)", text)
    changed = {rule for rule, reason in reasons if "Params have changed" in reason}
    follow = {rule for rule, reason in reasons if "Params have changed" not in reason}
    assert changed and changed <= importers
    # an importer that is not among the changed runs because of what runs before it
    assert importers & {rule for rule, _ in reasons} <= changed | follow
    first = {"orbits/disk": {"classify_disk"}, "orbits/integration": {"tabulate_potential"}}
    assert changed >= first.get(module, set())
    assert module != "orbits/integration" or changed | follow >= ORBITS


def test_a_new_star_leaves_the_others_alone(project):
    path = project.folder / "tests" / "config" / "tiny_stars.csv"
    row = next(line for line in path.read_text().splitlines() if line.startswith("J0350"))
    path.write_text(path.read_text() + row.replace("J035041+571042", "twin") + "\n")
    jobs = project.jobs()
    assert jobs["draw_birthplaces"] == 2 and jobs["trace_orbit"] == 1
    assert jobs["match_clusters"] == 1 and "trace_clusters" not in jobs


def test_killed_and_in_another_layout_it_gives_the_same_bits(finished, modelled):
    """Half chunks, two stars in a job; killed in mid-run, it goes on on one core.

    That jobs as processes of their own give the same bits is seen on SLURM, that the models made
    again do in `test_anywhere`.
    """
    modelled.config["orbits"]["draws_per_chunk"] = 16
    modelled.config["stars_per_job"] = 2
    products = ("catalogue.ecsv", "catalogue.parquet", "catalogue.fits", "scoreboard.ecsv")
    products += ("failed.ecsv", "audit.ecsv", "labels.ecsv", "encounters.ecsv", "ejections.ecsv")
    products += ("best_clusters.parquet",)
    targets = [f"results/tiny/{product}" for product in products]
    run = subprocess.Popen(
        modelled.command(*targets),
        cwd=modelled.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    births = modelled.folder / "results" / "tiny" / "stars"
    deadline = time.time() + 120
    while len(list(births.glob("*/birthplaces/*.parquet"))) < 2 and time.time() < deadline:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    subprocess.run(["pkill", "-9", "-f", str(modelled.folder)], check=False)
    run.wait()
    before = len(list(births.glob("*/disk.parquet")))
    modelled.snakemake(*targets, cores=1)
    assert before < 2
    for product in products:
        assert modelled.product(product) == finished.product(product), product


def test_two_runs_in_one_folder_are_refused(project):
    holder = lock.hold(project.folder / "results" / "tiny")
    (project.folder / "results" / "tiny" / "catalogue.ecsv").unlink()
    text = project.snakemake(succeed=False)
    assert "another snakemake is at work here" in text
    holder.close()
    project.snakemake(CATALOGUE)


def test_a_new_version_is_said_and_reruns_on_demand(project):
    path = project.folder / "results" / "tiny" / "versions.json"
    caches.keep(path, caches.load(path) | {"galpy": "1.0"})
    assert "the run began with galpy 1.0, now " in project.snakemake("-n")
    assert project.jobs() == {"tabulate_run": 1, "export_crate": 1}
    project.config["rerun_on_new_versions"] = True
    jobs = project.jobs()
    assert ORBITS | SEARCH - {"match_pair"} <= set(jobs)
    assert not {"predict_masses_ages", "fit_labels", "measure_spectrum"} & set(jobs)

"""The workflow on a real SLURM: two nodes on this machine, two of its jobs killed at work."""

import os
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from project import Project

pytestmark = pytest.mark.slurm

HERE = Path(__file__).parent
PROFILE = ["--workflow-profile", "profiles/slurm"]
# what the profile says of a cluster without accounting; and no long waits for small jobs
PROFILE += ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2"]
PRODUCTS = ("catalogue.ecsv", "catalogue.fits", "scoreboard.ecsv", "failed.ecsv")
TARGETS = [f"results/tiny/{product}" for product in PRODUCTS]
PATIENCE = 600  # s, for what would otherwise hang


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A SLURM with two nodes, started and stopped here."""
    if os.geteuid() != 0:
        pytest.skip("SLURM's daemons need root")
    if not (shutil.which("slurmctld") or shutil.which("apt-get")):
        pytest.skip("there is neither slurmctld nor an apt-get to install it with")
    folder = tmp_path_factory.mktemp("slurm")
    subprocess.run([HERE / "start.sh", folder], check=True, timeout=PATIENCE)
    yield folder
    subprocess.run([HERE / "stop.sh", folder], check=True, timeout=PATIENCE)


@pytest.fixture(scope="module")
def through_slurm(cluster, tmp_path_factory):
    """A tiny run through SLURM, and the two of its jobs that were killed."""
    project = Project(tmp_path_factory.mktemp("through_slurm"))
    project.config["stars_per_job"] = 4  # fewer jobs: each costs 3 s of CPU before it begins
    log = project.folder / "snakemake.log"
    with open(log, "w") as out:
        run = subprocess.Popen(
            project.command(*PROFILE, "--", *TARGETS, cores=None),
            cwd=project.folder,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        killed = kill_one_of_each(
            run,
            # as the kernel does when memory runs out: the work is gone, its job fails
            draw_birthplaces=("FAILED", lambda job: ["--signal=KILL", f"{job}.0"]),
            trace_orbit=("CANCELLED", lambda job: [job]),
        )
        code = run.wait(PATIENCE)
    finally:
        run.kill()
        print(log.read_text())  # pytest shows it where something fails
    assert code == 0
    return project, killed


def test_products_are_the_same_bit_for_bit(finished, through_slurm):
    project, _ = through_slurm
    for product in PRODUCTS:
        assert project.product(product) == finished.product(product), product


def test_killed_jobs_are_run_again_once_and_no_other(through_slurm):
    _, killed = through_slurm
    jobs = {row[0]: row[1:] for row in squeue("--states=all", "--format=%A|%T|%k|%m")}
    assert {job: jobs[job][0] for job in killed} == killed
    others = {job: row for job, row in jobs.items() if job not in killed}
    assert {state for state, _, _ in others.values()} == {"COMPLETED"}
    # each job of the workflow came to its end in one SLURM job; the second try asks for more
    ended = Counter(what for _, what, _ in others.values())
    assert set(ended.values()) == {1}
    again = {what for _, what, memory in others.values() if memory == "3000M"}
    assert again == {jobs[job][1] for job in killed}
    assert {memory for _, _, memory in jobs.values()} == {"1500M", "3000M"}


def test_every_node_had_work(through_slurm):
    assert {node for (node,) in squeue("--states=all", "--format=%N")} == {"n1", "n2"}


def test_nothing_is_left_to_do(through_slurm):
    project, _ = through_slurm
    assert project.jobs(*TARGETS) == {}
    assert squeue("--format=%A") == []


def squeue(*options):
    rows = subprocess.check_output(["squeue", "--noheader", *options], text=True, timeout=60)
    return [row.split("|") for row in rows.splitlines()]


def kill_one_of_each(run, **rules):
    """One job of each rule is killed at work, in whatever order they come; by job.

    A signal is lost on a step that has no process yet, so it is sent until the job ends. Of a rule
    whose job came to its end all the same the next one is killed.
    """
    killed, hit = {}, {}
    end = time.monotonic() + PATIENCE
    while rules and run.poll() is None and time.monotonic() < end:
        steps = {step for (step,) in squeue("--steps", "--format=%i")}
        for job, state, what in squeue("--states=all", "--format=%A|%T|%k"):
            rule = next((rule for rule in rules if what.startswith(f"rule_{rule}_")), None)
            if rule is None or hit.get(rule, job) != job:
                continue
            if state == "RUNNING" and f"{job}.0" in steps:
                hit[rule] = job
                subprocess.run(["scancel", "--quiet", *rules[rule][1](job)])
            elif rule in hit and state not in ("RUNNING", "COMPLETING"):
                del hit[rule]
                if state != "COMPLETED":
                    killed[job], _ = rules.pop(rule)
        time.sleep(0.2)
    if rules:
        pytest.fail(f"no job was killed at work of: {', '.join(rules)}")
    return killed

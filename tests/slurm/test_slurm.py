"""The workflow on a real SLURM with two nodes: its jobs, a node and the controller are killed."""

import os
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from signal import SIGINT, SIGTERM

import psutil
import pytest

from project import Project

pytestmark = pytest.mark.slurm

HERE = Path(__file__).parent
PROFILE = ["--workflow-profile", "profiles/slurm"]
# what the profile says of a cluster without accounting; and no long waits for small jobs
PROFILE += ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2"]
PRODUCTS = ("catalogue.ecsv", "catalogue.fits", "scoreboard.ecsv", "failed.ecsv")
TARGETS = [f"results/tiny/{product}" for product in PRODUCTS]
# a job on a node and one here: what a run is told to end at; each with its product
HALTED = {
    "masses_ages/fetch_tracks": "results/tiny/models/tracks.parquet",
    "stars/check_stars": "results/tiny/stars.parquet",
}
PATIENCE = 600  # s, for what would otherwise hang
# s until commands of SLURM have given up on a controller, and Snakemake has failed to ask for jobs
AWAY = 15


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
    """A tiny run through SLURM, the two of its jobs that were killed, and those of a lost node."""
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
        restart_controller(run, cluster)
        lost = lose_node(run, cluster, "n2")
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
    return project, killed, lost


def test_products_are_the_same_bit_for_bit(finished, through_slurm):
    project, _, _ = through_slurm
    for product in PRODUCTS:
        assert project.product(product) == finished.product(product), product


def test_killed_jobs_are_run_again_once_and_no_other(through_slurm):
    _, killed, _ = through_slurm
    jobs = {row[0]: row[1:] for row in squeue("--states=all", "--format=%A|%T|%k|%m")}
    assert {job: jobs[job][0] for job in killed} == killed
    others = {job: row for job, row in jobs.items() if job not in killed}
    assert {state for state, _, _ in others.values()} == {"COMPLETED"}
    # each job of the workflow came to its end in one SLURM job; the second try asks for more
    ended = Counter(what for _, what, _ in others.values())
    assert set(ended.values()) == {1}
    asked = {what: int(memory.removesuffix("M")) for _, what, memory in others.values()}
    for job in killed:
        _, what, memory = jobs[job]
        assert f"{asked.pop(what) // 2}M" == memory
    assert max(asked.values()) < 3000


def test_the_job_of_a_lost_node_began_again_on_the_next(through_slurm):
    _, _, lost = through_slurm
    begun = squeue("--states=all", "--Format=JobID:|,RestartCnt:|")
    assert lost and {job for job, times, _ in begun if int(times)} == lost


def test_every_node_had_work(through_slurm):
    assert {node for (node,) in squeue("--states=all", "--format=%N")} == {"n1", "n2"}


def test_nothing_is_left_to_do(through_slurm):
    project, _, _ = through_slurm
    assert project.jobs(*TARGETS) == {}
    assert squeue("--format=%A") == []


def test_a_run_that_is_told_to_end_ends_with_its_jobs(cluster, fresh):
    """One at work on a node, one here; the next run makes what they would have made."""
    halt = "(p := __import__('pathlib').Path)('halt').exists() and "
    halt += "(p('{0}').touch(), __import__('time').sleep(100))\n"
    scripts = [Path(f"workflow/scripts/{name}.py") for name in HALTED]
    for script in scripts:
        path = fresh.folder / script
        head, main, rest = path.read_text().partition("def main():\n")
        path.write_text(f"{head}{main}    {halt.format(script.stem)}{rest}")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = fresh.command(*PROFILE, "--", *HALTED.values(), cores=None)
    at_work = [fresh.folder / script.stem for script in scripts]
    (fresh.folder / "halt").touch()
    for end in (SIGTERM, SIGINT):
        run = subprocess.Popen(command, cwd=fresh.folder, **quiet)
        wait_until(lambda: all(path.exists() for path in at_work), run)
        started = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(end)
        deadline = time.monotonic() + 10
        run.wait(10)
        _, alive = psutil.wait_procs(started, deadline - time.monotonic())
        while squeue() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert started and not alive and squeue() == [], end
        for path in at_work:
            path.unlink()
    (fresh.folder / "halt").unlink()
    subprocess.run(command, cwd=fresh.folder, check=True, timeout=PATIENCE, **quiet)
    assert all((fresh.folder / product).exists() for product in HALTED.values())


def squeue(*options):
    rows = subprocess.check_output(["squeue", "--noheader", *options], text=True, timeout=60)
    return [row.split("|") for row in rows.splitlines()]


def wait_until(happens, run):
    """What a condition gives, as soon as it is true."""
    end = time.monotonic() + PATIENCE
    while not (found := happens()):
        assert run.poll() is None and time.monotonic() < end
        time.sleep(0.2)
    return found


def begun(*options):
    """Jobs that are running, once each of them is at work."""
    steps = {step for (step,) in squeue("--steps", "--format=%i", *options)}
    jobs = {job for (job,) in squeue("--states=RUNNING", "--format=%A", *options)}
    return jobs if all(f"{job}.0" in steps for job in jobs) else set()


def restart_controller(run, cluster):
    """The controller is stopped while jobs are at work, and is away for a while."""
    wait_until(begun, run)
    controller = psutil.Process(int((cluster / "run" / "slurmctld.pid").read_text()))
    controller.terminate()  # killed, it would forget what it has not written down yet
    controller.wait(PATIENCE)
    time.sleep(AWAY)
    subprocess.run(["slurmctld", "-f", cluster / "slurm.conf"], check=True)


def lose_node(run, cluster, node):
    """All processes on a node are killed while jobs are at work there; these jobs."""
    jobs = wait_until(lambda: begun(f"--nodelist={node}"), run)
    titles = {f"slurmstepd: [{job}." for job in jobs}
    steps = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(title in " ".join(process.info["cmdline"] or []) for title in titles)
    ]
    daemon = psutil.Process(int((cluster / "run" / f"slurmd-{node}.pid").read_text()))
    for process in [daemon, *steps, *(p for step in steps for p in step.children(recursive=True))]:
        process.kill()
    # what the controller does by itself after SlurmdTimeout
    down = ["scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=lost"]
    subprocess.run(down, check=True)
    shutil.rmtree(cluster / "spool" / node)
    (cluster / "spool" / node).mkdir()
    subprocess.run(["slurmd", "-f", cluster / "slurm.conf", "-N", node], check=True)
    return jobs


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

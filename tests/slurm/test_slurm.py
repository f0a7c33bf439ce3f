"""The workflow on a real SLURM with two nodes: jobs, a node, the controller, the run are ended."""

import os
import re
import shutil
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from project import ROOT, Project

pytestmark = pytest.mark.slurm

HERE = Path(__file__).parent
PROFILE = ["--workflow-profile", "profiles/slurm"]
# what the profile says of a cluster without accounting; and no long waits for small jobs
PROFILE += ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1"]
PRODUCTS = ("catalogue.ecsv", "catalogue.fits", "scoreboard.ecsv", "failed.ecsv")
TARGETS = [f"results/tiny/{product}" for product in PRODUCTS]
PATIENCE = 600  # s, for what would otherwise hang
# said when jobs were asked for in vain, some 10 s after the controller went
AWAY = "(MinJobAge=None;"
# of a job on a node and of one here; of four more on nodes
HALTED = [f"results/tiny/{name}" for name in ("models/tracks.parquet", "stars.parquet")]
MORE = [f"results/tiny/models/{name}" for name in ("potential.npz", "binary_companions.parquet")]
MORE.append("results/tiny/models/grid_lrs.h5")
JOB = ROOT / "workflow" / "scripts" / "job.py"
# a job that has begun to write says where it is at work, and sleeps
HALT = """
    if os.path.exists("halt"):
        for path in sys.argv:
            if path.startswith("results/") and not os.path.exists(path):
                open(path, "w").write("half a product")
        open("on_a_node" if "SLURM_JOB_ID" in os.environ else "here", "w")
        time.sleep(100)
"""
# what sbatch does first: two are at it at a time, so others are in line; in the second case the
# first job is submitted at once and the others when the run has been told to end
SLOW = "[ -e away ] || sleep 1"
SLOWER = "trap '' TERM; mkdir first || { touch sbatch.$$; until [ -e told ]; do sleep 0.1; done; }"


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
    # fewer jobs: each costs 3 s of CPU before it begins
    project.config["stars_per_job"] = 4
    project.config["orbits"]["draws_per_chunk"] = project.config["orbits"]["draws"]
    with started(project, *TARGETS, slow={"sbatch": SLOW}) as (run, log):
        restart_controller(run, cluster, log)
        lost = lose_node(run, cluster, "n2")
        killed = kill_one_of_each(
            run,
            # as the kernel does when memory runs out: the work is gone, its job fails
            draw_birthplaces=("FAILED", lambda job: ["--signal=KILL", f"{job}.0"]),
            trace_orbit=("CANCELLED", lambda job: [job]),
        )
        assert run.wait(PATIENCE) == 0
    return project, killed, lost


def test_products_are_the_same_bit_for_bit(finished, through_slurm):
    project, _, _ = through_slurm
    for product in PRODUCTS:
        assert project.product(product) == finished.product(product), product


def test_killed_jobs_are_run_again_once_and_no_other(through_slurm):
    _, killed, _ = through_slurm
    jobs = {row[0]: row[1:] for row in squeue("--states=all", "--format=%A|%T|%k|%m|%l")}
    assert {job: jobs[job][0] for job in killed} == killed
    others = {job: row for job, row in jobs.items() if job not in killed}
    assert {state for state, *_ in others.values()} == {"COMPLETED"}
    # each job of the workflow came to its end in one SLURM job; the second try asks for more
    ended = Counter(what for _, what, *_ in others.values())
    assert set(ended.values()) == {1}
    asked = {what: (amount(memory), amount(limit)) for _, what, memory, limit in others.values()}
    for job in killed:
        _, what, memory, limit = jobs[job]
        assert asked.pop(what) == (2 * amount(memory), 2 * amount(limit))
    assert max(memory for memory, _ in asked.values()) < 3000


def test_the_job_of_a_lost_node_began_again_on_the_next(through_slurm):
    _, _, lost = through_slurm
    begun = squeue("--states=all", "--Format=JobID:|,RestartCnt:|")
    assert lost and {job for job, times, _ in begun if int(times)} == lost


def test_every_node_had_work(through_slurm):
    assert {node for (node,) in squeue("--states=all", "--format=%N")} == {"n1", "n2"}


def test_nothing_is_left_to_do(through_slurm):
    project, _, _ = through_slurm
    assert project.jobs(*TARGETS) == {}
    assert squeue() == []


@pytest.fixture
def halting(fresh):
    """The workflow without results, whose jobs halt in the middle of what they write."""
    head, end, rest = JOB.read_text().partition("    return parser.parse_args()\n")
    (fresh.folder / JOB.relative_to(ROOT)).write_text(f"{head}{HALT}{end}{rest}")
    (fresh.folder / "halt").touch()
    return fresh


def test_a_run_that_is_told_to_end_ends_with_its_jobs(cluster, halting):
    """At work on a node and here, being submitted to a slow SLURM, and in line."""
    folder = halting.folder
    slow = {"sbatch": SLOWER, "scancel": "sleep 0.5"}
    with started(halting, *HALTED, *MORE, slow=slow) as (run, log):
        wait_until(lambda: at_work(folder) and len(list(folder.glob("sbatch.*"))) == 2, run)
        processes = psutil.Process(run.pid).children(recursive=True)
        run.terminate()
        deadline = time.monotonic() + 10
        time.sleep(1)
        (folder / "told").touch()
        run.wait(10)
        assert_gone(processes, deadline)
    # the three that were submitted, and no more
    assert squeue("--states=all", f"--name={run_name(log)}", "--format=%T") == [["CANCELLED"]] * 3


def test_a_run_that_was_killed_is_gone_on_with(cluster, halting, finished):
    """As docs/slurm.md has it; what its jobs have left half written is made again."""
    with started(halting, *HALTED) as (run, log):
        wait_until(lambda: at_work(halting.folder), run)
        processes = psutil.Process(run.pid).children(recursive=True)
        run.kill()
        run.wait()
        subprocess.run(["scancel", "--name", run_name(log)], check=True)
        assert_gone(processes, time.monotonic() + 10)
    shutil.copy(JOB, halting.folder / JOB.relative_to(ROOT))
    with started(halting, *HALTED) as (run, _):
        assert run.wait(PATIENCE) == 0
    for product in HALTED:
        assert (halting.folder / product).read_bytes() == (finished.folder / product).read_bytes()


@contextmanager
def started(project, *targets, slow=None):
    """A run through SLURM and its log; what some of SLURM's commands do first."""
    log = project.folder / "snakemake.log"
    commands = project.folder / "slow"
    commands.mkdir(exist_ok=True)
    for name, first in (slow or {}).items():
        text = f'#!/bin/sh\n{first}\nPATH=${{PATH#*:}}\nexec {name} "$@"\n'
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    with open(log, "w") as out:
        run = subprocess.Popen(
            project.command(*PROFILE, "--", *targets, cores=None),
            cwd=project.folder,
            env={**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield run, log
    finally:
        run.kill()
        print(log.read_text())  # pytest shows it where something fails


def run_name(log):
    """Of all jobs of a run."""
    return re.search(r"SLURM run ID: (\S+)", log.read_text())[1]


def at_work(folder):
    return all((folder / where).exists() for where in ("here", "on_a_node"))


def assert_gone(processes, deadline):
    """Processes have ended by then, and every job of SLURM."""
    _, alive = psutil.wait_procs(processes, deadline - time.monotonic())
    while squeue() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes and not alive and squeue() == []


def squeue(*options):
    rows = subprocess.check_output(["squeue", "--noheader", *options], text=True, timeout=60)
    return [row.split("|") for row in rows.splitlines()]


def amount(asked):
    """Whole MB or hours, as squeue gives them: 1500M, 1:00:00."""
    return int(re.match(r"\d+", asked)[0])


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


def restart_controller(run, cluster, log):
    """The controller is stopped while jobs are at work, and away until that was felt."""
    # with jobs in line, which are to be submitted when the controller is away
    wait_until(lambda: squeue() and suspended(run), run)
    wait_until(lambda: not submissions(), run)
    wait_until(begun, run)
    controller = psutil.Process(int((cluster / "run" / "slurmctld.pid").read_text()))
    # killed, it forgets what was submitted in the last 5 s (SAVE_MAX_WAIT), and drains the node of
    # a job that began in them: measured; with all written down it is as with SIGTERM
    controller.terminate()
    controller.wait(PATIENCE)
    (log.parent / "away").touch()
    psutil.Process(run.pid).resume()
    wait_until(lambda: AWAY in log.read_text(), run)
    subprocess.run(["slurmctld", "-f", cluster / "slurm.conf"], check=True)


def suspended(run):
    """Whether a run is, which is only done while both of its threads are at a submission.

    Between being told that SLURM answers and the submission one would lose a try.
    """
    process = psutil.Process(run.pid)
    process.suspend()
    if len(submissions()) == 2:
        return True
    process.resume()
    return False


def submissions():
    """Commands of SLURM that submit a job."""
    commands = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return [words for words in commands if "sbatch" in {Path(word).name for word in words[:2]}]


def lose_node(run, cluster, node):
    """All processes on a node are killed while jobs are at work there; these jobs."""
    jobs = wait_until(lambda: drained(node), run)
    titles = {f"slurmstepd: [{job}." for job in jobs}
    steps = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(title in " ".join(process.info["cmdline"] or []) for title in titles)
    ]
    daemon = psutil.Process(int((cluster / "run" / f"slurmd-{node}.pid").read_text()))
    killed = [daemon, *steps, *(p for step in steps for p in step.children(recursive=True))]
    for process in killed:
        process.kill()
    psutil.wait_procs(killed, PATIENCE)
    # what the controller does by itself after SlurmdTimeout
    update(node, "DOWN")
    update(node, "UNDRAIN")
    shutil.rmtree(cluster / "spool" / node)
    (cluster / "spool" / node).mkdir()
    subprocess.run(["slurmd", "-f", cluster / "slurm.conf", "-N", node], check=True)
    return jobs


def drained(node):
    """Jobs at work on a node, where there are any; it then gets no more."""
    update(node, "DRAIN")
    jobs = begun(f"--nodelist={node}")
    if not jobs:
        update(node, "RESUME")
    return jobs


def update(node, state):
    command = ["scontrol", "update", f"NodeName={node}", f"State={state}", "Reason=lost"]
    subprocess.run(command, check=True)


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

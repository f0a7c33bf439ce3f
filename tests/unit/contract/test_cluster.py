"""Jobs on SLURM, by an executor that does what the real one does when SLURM does not answer."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from contract import cluster, ending

PROFILES = Path(__file__).parents[3] / "profiles"
SETTINGS = SimpleNamespace(executor_settings=SimpleNamespace(init_seconds_before_status_checks=10))


class Executor:
    """As of snakemake-executor-plugin-slurm: jobs whose state it could not ask for are dropped."""

    workflow, run_uuid = SETTINGS, "runaways_1"

    def __init__(self, states=None):
        self.states, self.submitted, self.done = states, [], []
        self.next_seconds_between_status_checks = 180
        self._job_submission_executor = ThreadPoolExecutor(1)

    async def check_active_jobs(self, jobs):
        for job in jobs if self.states else ():
            if self.states[job.name] == "COMPLETED":
                self.report_job_success(job)
            elif self.states[job.name] == "FAILED":
                self.report_job_error(job, msg="failed")
            else:
                yield job

    def report_job_success(self, job):
        self.done.append(job.name)

    def report_job_error(self, job, msg):
        self.done.append(job.name)

    def run_job(self, job):
        self.submitted.append(job)


def checked(executor, jobs):
    async def kept():
        return [job.name async for job in executor.check_active_jobs(jobs)]

    return asyncio.run(kept())


@pytest.fixture
def jobs():
    return [SimpleNamespace(name=name) for name in "abc"]


@pytest.fixture
def commands(monkeypatch):
    """Commands given to SLURM; it answers from the third on."""
    given = []

    def run(*command):
        given.append(command)
        return len(given) > 2

    monkeypatch.setattr(cluster, "_run", run)
    monkeypatch.setattr(cluster, "AGAIN", 0.01)
    monkeypatch.setattr(ending, "end_jobs", lambda: given.append("local jobs"))
    return given


def test_jobs_stay_known_while_slurm_does_not_answer(jobs):
    executor = Executor()
    cluster.look_after(executor)
    assert checked(executor, jobs) == ["a", "b", "c"]
    executor.states = {"a": "COMPLETED", "b": "RUNNING", "c": "FAILED"}
    assert checked(executor, jobs) == ["b"] and executor.done == ["a", "c"]
    assert executor.next_seconds_between_status_checks == 10


def test_a_submission_waits_until_slurm_answers(jobs, commands):
    executor = Executor()
    cluster.look_after(executor)
    executor.run_job(jobs[0])
    assert commands == [("scontrol", "ping")] * 3 and executor.submitted == [jobs[0]]


def test_a_run_that_ends_cancels_its_jobs_and_submits_no_more(jobs, commands):
    executor = Executor()
    cluster.look_after(executor)
    executor.cancel()
    assert commands == [("scancel", "--name", "runaways_1"), "local jobs"]
    executor.run_job(jobs[0])
    assert executor.submitted == []
    with pytest.raises(RuntimeError):
        executor._job_submission_executor.submit(executor.run_job, jobs[0])


def test_a_run_on_slurm_has_all_that_one_here_has():
    """Its profile replaces the other: keep-going, rerun-incomplete and nolock stand in both."""
    here, slurm = (
        yaml.safe_load((PROFILES / name / "config.v8+.yaml").read_text())
        for name in ("default", "slurm")
    )
    assert here.items() <= slurm.items()


def test_stars_should_share_jobs_that_cost_more_to_start_than_to_work(tmp_path):
    for i in range(3):
        log = tmp_path / "trace_orbit" / f"{i}.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(f"an earlier try\ncost: 99.00 CPU s, 440 MB\ncost: {i}.50 CPU s, 440 MB\n")
    # 1.5 s of work each, by the logs; 3 s to start: 40 of them leave 5 % of start-up
    said = cluster.advice(9000, 1, ["trace_orbit"] * 9000, 100, tmp_path)
    assert said.startswith("9000 stars, 1 in a job: 9000 jobs, 8 h of CPU time to start them")
    assert said.endswith("and 4 h to work. With stars_per_job: 40 it is 4 h in all")
    # no more than leave a job for each that runs at a time
    assert "stars_per_job: 10 " in cluster.advice(1000, 1, ["trace_orbit"] * 1000, 100, tmp_path)
    assert cluster.advice(45, 1, ["trace_orbit"] * 45, 100, tmp_path) is None
    # 40 stars in a job leave little to gain
    assert cluster.advice(9000, 40, ["fit_labels"] * 225, 100, tmp_path) is None

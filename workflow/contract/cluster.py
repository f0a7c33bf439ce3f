"""Jobs on SLURM: while it does not answer, when a run is told to end, and how many stars to one."""

import re
import subprocess
import threading
from collections import Counter
from itertools import islice

from snakemake.logging import logger

from contract import ending, progress

PATIENCE = 60  # s; assumed: a controller that has not answered by then is away
AGAIN = 5  # s between two questions whether it is back
START = 3.0  # CPU s of a job before its work: Snakemake starts twice, measured
SMALL = 0.05  # share of its work that the start of a job may cost
LOOKED_AT = 20  # logs of a rule


def look_after(executor):
    """See to it that no job is forgotten, loses a try or is left at work.

    - Where SLURM does not answer, the executor drops the jobs that it has asked for, and waits for
      ever: they stay.
    - Where it does not answer, a submission fails, and uses up one of the job's retries: it waits.
    - It looks at jobs less and less often, down to every three minutes: it keeps its first pace.
    - Told to end, it cancels the jobs it knows, submits those in line, and sleeps until it would
      look again: all of this run are cancelled, the rest is left.

    Parameters
    ----------
    executor : snakemake_executor_plugin_slurm.Executor
    """
    settled, ended = {}, threading.Event()
    check, submit = executor.check_active_jobs, executor.run_job

    def noting(report):
        def note(job, *args, **kwargs):
            settled[id(job)] = job  # kept, so that no other has its number
            return report(job, *args, **kwargs)

        return note

    async def check_all(jobs):
        async for _ in check(jobs):
            pass
        for job in jobs:
            if id(job) not in settled:
                yield job
        settled.clear()
        executor.next_seconds_between_status_checks = pace

    def run_job(job):
        while not ended.is_set() and not _answers():
            logger.warning("SLURM does not answer: what is to be submitted waits")
            ended.wait(AGAIN)
        if not ended.is_set():
            submit(job)

    def cancel():
        ended.set()
        executor._job_submission_executor.shutdown()  # once no job is being submitted
        if not _run("scancel", "--name", executor.run_uuid):
            logger.error(f"SLURM does not answer: once it does, scancel --name {executor.run_uuid}")
        ending.end_jobs()  # those of local rules

    pace = executor.workflow.executor_settings.init_seconds_before_status_checks
    executor.report_job_success = noting(executor.report_job_success)
    executor.report_job_error = noting(executor.report_job_error)
    executor.check_active_jobs, executor.run_job, executor.cancel = check_all, run_job, cancel


def _answers():
    return _run("scontrol", "ping")


def _run(*command):
    """Whether a command of SLURM succeeds in time."""
    try:
        return subprocess.run(command, capture_output=True, timeout=PATIENCE).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def advice(stars, stars_per_job, rules, slots, logs):
    """How many stars should share a job, where starting jobs costs more than their work.

    Never so many that there are fewer jobs than run at a time.

    Parameters
    ----------
    stars : int
        How many there are.
    stars_per_job : int
    rules : list of str
        Of each job of stars that is to run.
    slots : int
        Jobs at a time.
    logs : Path
        Where earlier jobs have written what they cost.

    Returns
    -------
    str or None
    """
    work = 0.0  # CPU s
    for rule, jobs in Counter(rules).items():
        costs = list(_costs(logs / rule))
        mean = sum(costs) / len(costs) if costs else progress.SECONDS.get(rule, progress.OTHERS)
        work += jobs * mean * (1 if costs else stars_per_job)
    start = START * len(rules)
    enough = start * stars_per_job / (SMALL * work) if work else 0
    better = int(min(enough, stars / slots))
    better -= better % 10 ** (len(str(better)) - 1)  # a round number
    if start < work or better < 2 * stars_per_job:
        return None
    then = work + start * stars_per_job / better
    return (
        f"{stars} stars, {stars_per_job} in a job: {len(rules)} jobs, "
        f"{progress.duration(start)} of CPU time to start them and {progress.duration(work)} to "
        f"work. With stars_per_job: {better} it is {progress.duration(then)} in all"
    )


def _costs(folder):
    """CPU s of some jobs of a rule, by the last lines of their logs."""
    for path in islice(folder.rglob("*.log"), LOOKED_AT):
        if found := re.findall(r"cost: ([\d.]+) CPU s", path.read_text(errors="replace")):
            yield float(found[-1])

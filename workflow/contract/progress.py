"""What a run prints while it runs: counts by stage and the time left, not every job's files.

A job of the report waits for a thousand files, and Snakemake names each of them twice. The log
file in .snakemake/log has it all still; so has the console with --verbose or --printshellcmds.
"""

import logging
import time
from collections import Counter

from snakemake_interface_logger_plugins.common import LogEvent

EVERY = 10.0  # s between two lines
# s of a job, rounded, measured in the paper's run on two cores; their ratios alone are used
SECONDS = {
    "evolve_binaries": 29,
    "export_report": 27,
    "train_forests": 20,
    "fetch_tracks": 8,
    "train_emulator": 3,
    "fetch_grid": 2,
    "fit_labels": 2,
    "fit_ejection": 1,
}
OTHERS = 0.5  # s
ENOUGH = 0.05  # share of the work; before it nothing is said of the time left
_UNSAID = {LogEvent.JOB_INFO, LogEvent.GROUP_INFO, LogEvent.JOB_STARTED, LogEvent.PROGRESS}
_UNSAID_TEXTS = ("Select jobs to execute", "Removing temporary output")


class Progress(logging.Filter):
    """Counts the jobs that finish, says so now and then, and holds back what is said of each.

    Parameters
    ----------
    jobs : dict
        (stage, rule) of each job of the run by its number.
    say : callable
        Takes a line of text.
    clock : callable
        Seconds that pass.
    """

    def __init__(self, jobs, say, clock=time.monotonic):
        super().__init__()
        self.waiting, self.say, self.clock = dict(jobs), say, clock
        self.total = Counter(stage for stage, _ in jobs.values())
        self.done = Counter()
        self.work = self.left = sum(SECONDS.get(rule, OTHERS) for _, rule in jobs.values())
        self.began = self.said = clock()

    def filter(self, record):
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_FINISHED:
            self._count(record.job_id)
            return False
        return event not in _UNSAID and not str(record.msg).startswith(_UNSAID_TEXTS)

    def _count(self, job):
        if job not in self.waiting:
            return
        stage, rule = self.waiting.pop(job)
        self.done[stage] += 1
        self.left -= SECONDS.get(rule, OTHERS)
        now = self.clock()
        if not self.waiting or now - self.said >= EVERY:
            self.said = now
            self.say(self._line(now - self.began))

    def _line(self, elapsed):
        jobs = f"{self.done.total()} of {self.total.total()} jobs"
        if not self.waiting:
            return f"{jobs} in {duration(elapsed)}"
        begun = [
            f"{stage} {self.done[stage]}/{n}"
            for stage, n in self.total.items()
            if 0 < self.done[stage] < n
        ]
        done = 1 - self.left / self.work
        left = [f"about {duration(elapsed * (1 - done) / done)} left"] if done >= ENOUGH else []
        return ", ".join([jobs, *left, *begun])


def duration(seconds):
    """A time as text, in a unit that leaves no more than three digits."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def show(logger, jobs):
    """Say how far a run is in place of what Snakemake says of each job, on its console alone."""
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":  # none where a plugin writes to the console
            handler.addFilter(Progress(jobs, logger.info))

"""A run that is told to end ends at once, and its jobs with it."""

import signal
import threading
import time

import psutil

AGAIN = 0.2  # s; a job may be about to start when the others are ended


def on_signals(*kept, jobs):
    """End with SIGTERM, as with an interrupt, where Snakemake waits for the jobs at work.

    What these have begun to write stays marked as incomplete: the next run makes it again.

    Parameters
    ----------
    *kept : subprocess.Popen
        Processes of this one that are no jobs.
    jobs : bool
        Whether other processes of this one are jobs; those of a cluster are not, and its executor
        ends them: `contract.cluster`.
    """

    def end(*_):
        if jobs:
            end_jobs(*kept)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def end_jobs(*kept):
    """End what this process has started, but for some, until it ends itself."""
    kept = {process.pid for process in kept}
    threading.Thread(target=_end_jobs, args=[kept], daemon=True).start()


def _end_jobs(kept):
    while True:
        for child in psutil.Process().children():
            if child.pid not in kept:
                _end(child)
        time.sleep(AGAIN)


def _end(job):
    try:
        for process in [*job.children(recursive=True), job]:
            process.terminate()
    except psutil.NoSuchProcess:
        pass  # it has just ended

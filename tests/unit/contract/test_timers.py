"""Timers of the scheduler: none is added by jobs that end, and none is missed."""

import threading
from types import SimpleNamespace

from snakemake.scheduling.job_scheduler import JobScheduler

from contract import timers


def test_timers_do_not_multiply():
    scheduler = SimpleNamespace(_open_jobs=threading.Semaphore(0))
    timers.one_at_a_time(scheduler)
    for _ in range(3):  # one after another, however many passes set one
        for _ in range(20):
            scheduler._schedule_reevalutation(0.05)
        assert scheduler._open_jobs.acquire(timeout=5)
        assert not scheduler._open_jobs.acquire(timeout=0.2)


def test_snakemake_sets_its_timers_there():
    used = JobScheduler.schedule.__code__.co_names
    assert "_schedule_reevalutation" in used and "_open_jobs" in used

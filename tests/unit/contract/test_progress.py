"""What a run prints while it runs."""

import logging

from snakemake_interface_logger_plugins.common import LogEvent

from contract.progress import Progress


def _record(text="", **more):
    return logging.makeLogRecord({"msg": text, **more})


def test_counts_by_stage_and_time_left_in_place_of_every_job():
    now, said = [0.0], []
    jobs = {n: ("orbits", "trace_orbit") for n in range(6)} | {9: ("report", "plot_it")}
    progress = Progress(jobs, said.append, clock=lambda: now[0])
    for second, job in ((5, 0), (12, 1), (14, 2), (24, 9), (30, 3), (31, 4), (32, 5)):
        now[0] = second
        assert not progress.filter(_record(event=LogEvent.JOB_FINISHED, job_id=job))
    # jobs of equal cost: 2 of 7 took 12 s, then 4 of 7 took 24 s; a stage that is done is unsaid
    assert said == [
        "2 of 7 jobs, about 30 s left, orbits 2/6",
        "4 of 7 jobs, about 18 s left, orbits 3/6",
        "7 of 7 jobs in 32 s",
    ]


def test_a_long_job_counts_for_more():
    now, said = [0.0], []
    jobs = {1: ("orbits", "trace_orbit"), 2: ("orbits", "trace_orbit"), 3: ("labels", "fit_labels")}
    jobs |= {4: ("report", "export_report")}
    progress = Progress(jobs, said.append, clock=lambda: now[0])
    for second, job in ((10, 1), (20, 3)):
        now[0] = second
        progress.filter(_record(event=LogEvent.JOB_FINISHED, job_id=job))
    # 0.5 of 30 s say nothing of the pace yet; then 2.5 of 30 s took 20 s
    assert said == ["1 of 4 jobs, orbits 1/2", "2 of 4 jobs, about 4 min left, orbits 1/2"]


def test_errors_and_words_stay():
    progress = Progress({}, print)
    for event in (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR, LogEvent.RUN_INFO, LogEvent.SHELLCMD):
        assert progress.filter(_record(event=event))
    assert progress.filter(_record("45 stars: 2 from one known cluster."))
    assert not progress.filter(_record("Select jobs to execute..."))
    assert not progress.filter(_record(event=LogEvent.JOB_INFO))

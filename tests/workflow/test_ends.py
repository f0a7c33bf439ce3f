"""A run that is told to end, or is killed, ends within seconds, and its jobs with it."""

import subprocess
import time
from signal import SIGINT, SIGKILL, SIGTERM

import psutil
import pytest

STARS = ("J024547+543241", "J035041+571042", "J092133+500556", "no-parallax")
PRODUCTS = [f"results/tiny/stars/{star}/disk.parquet" for star in STARS]
# a job that has written the first of its three products says so, and sleeps
HALT = "__import__('pathlib').Path('at_work').touch(); __import__('time').sleep(100)"
SECOND = "    tables.write(vstack(curves)"


@pytest.mark.parametrize(
    "end, server", [(SIGTERM, True), (SIGTERM, False), (SIGINT, True), (SIGKILL, False)]
)
def test_a_run_ends_with_its_jobs(modelled, end, server):
    script = modelled.folder / "workflow" / "scripts" / "orbits" / "trace_orbit.py"
    first, second, rest = script.read_text().partition(SECOND)
    script.write_text(f"{first}    {HALT}\n{second}{rest}")
    modelled.config |= {"job_server": server}
    modelled.config["orbits"]["age"] = "published"  # or ages would be drawn first
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run = subprocess.Popen(modelled.command(*PRODUCTS), cwd=modelled.folder, **quiet)
    deadline = time.monotonic() + 120
    while not (modelled.folder / "at_work").exists():
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    started = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(end)
    deadline = time.monotonic() + 10
    run.wait(10)
    psutil.wait_procs(started, deadline - time.monotonic())
    assert started and not any(process.is_running() for process in started)

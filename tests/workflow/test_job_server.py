"""Jobs as forks of one process: the same as processes of their own, however either side ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from project import ROOT
from scripts import job_server

CLIENT = ROOT / "workflow" / "scripts" / "job_client.py"
STARS = ("J024547+543241", "J035041+571042", "J092133+500556", "no-parallax")
SLEEP = "import os, time; print(os.getpid(), flush=True); time.sleep(100)"


def job(code, **options):
    """Start a job that runs some code."""
    command = [sys.executable, "-I", "-S", CLIENT, "-m", "execute", code]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | options
    return subprocess.Popen(command, **options)


def ends(pid):
    """Whether a process ends within some seconds."""
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a module that runs its argument."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "execute.py").write_text("import sys\n\nexec(sys.argv[1])\n")
    return folder


@pytest.fixture(scope="module")
def server(folder):
    with contextlib.chdir(folder):
        server = job_server.start(folder / "logs" / "job_server.log")
    yield server
    server.stdin.close()
    assert server.wait(30) == 0 and not os.path.exists(os.environ.pop(job_server.ADDRESS))


def test_a_job_has_its_folder_environment_and_libraries(server, tmp_path):
    code = "import os, sys; print(os.getcwd(), os.environ['ONE'], 'sklearn.svm' in sys.modules)"
    run = job(code, cwd=tmp_path, env={**os.environ, "ONE": "1"})
    assert run.communicate()[0].startswith(f"{tmp_path} 1 True")
    assert run.returncode == 0


def test_its_exit_status_and_traceback_are_its_own(server):
    run = job("import sys; sys.exit(3)")
    run.communicate()
    assert run.returncode == 3
    run = job("import sys; sys.exit('no such star')")
    assert "no such star" in run.communicate()[0] and run.returncode == 1
    run = job("nothing")
    assert "NameError" in run.communicate()[0] and run.returncode == 1


def test_a_killed_job_is_a_failed_one(server):
    run = job(SLEEP)
    os.kill(int(run.stdout.readline()), signal.SIGKILL)
    assert "was killed" in run.communicate()[0] and run.returncode == 137


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_job_ends_with_its_client(server, end):
    run = job(SLEEP)
    pid = int(run.stdout.readline())
    run.send_signal(end)
    run.wait(10)
    assert ends(pid)


def test_without_a_server_a_job_is_a_process(folder):
    path = os.path.dirname(sys.executable) + ":" + os.environ["PATH"]
    env = {**os.environ, "PATH": path, job_server.ADDRESS: str(folder / "none")}
    run = job("import sys; print('sklearn.svm' in sys.modules)", cwd=folder, env=env)
    assert run.communicate()[0].startswith("False") and run.returncode == 0


def test_a_server_ends_with_its_run(tmp_path):
    code = "from pathlib import Path; from scripts import job_server; "
    code += f"print(job_server.start(Path({str(tmp_path / 'log')!r})).pid, flush=True); input()"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    run = subprocess.Popen([sys.executable, "-c", code], env=env, text=True, **pipes)
    pid = int(run.stdout.readline())
    run.kill()
    run.wait()
    assert ends(pid)


def test_a_run_goes_on_without_its_server(project):
    """Killed in mid-run: the jobs that follow are processes of their own."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    products = [f"results/tiny/stars/{star}/disk.parquet" for star in STARS]
    made = [project.folder / product for product in products]
    for path in [*made, *(birth for one in made for birth in one.parent.glob("birthplaces/*"))]:
        path.unlink()
    log = project.folder / "results/tiny/logs/job_server.log"
    log.unlink()
    run = subprocess.Popen(project.command(*products), cwd=project.folder, **quiet)
    while not (log.exists() and "ready" in log.read_text()):
        assert run.poll() is None
        time.sleep(0.1)
    os.kill(int(log.read_text().split()[-1]), signal.SIGKILL)
    assert run.wait() == 0 and all(path.exists() for path in made)

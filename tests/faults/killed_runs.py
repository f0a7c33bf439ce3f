"""Kill the jobs of a run and the run itself, and fill its disk, and see that it ends the same.

Run as ``PYTHONPATH=workflow:tests python tests/faults/killed_runs.py [FOLDER] [RULE ...]``: makes
the tiny run once undisturbed (or takes the one in FOLDER) and once disturbed, where the first job
of every rule, or of those named, is killed at a moment of its work; sometimes with the server of
jobs, sometimes Snakemake itself is, and the run begun again. For a rule of each stage the disk is
full first. Prints a table. A fault is a product that differs from that of the undisturbed run.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil

from project import Project

# where the disk is full once: a rule of each stage
FULL = """
check_stars fetch_spectra gather_grid train_emulator classify_subtype fit_labels train_forests
draw_birthplaces trace_clusters match_clusters fit_ejection classify_origins tabulate_catalogue
plot_figure_8
""".split()
# what is killed, in turn; without a server each job is a process of its own
KILLED = ["job"] * 6 + ["server"] + ["job"] * 3 + ["snakemake"]
LOOK = 0.02  # s
# what is no product: logs, and what was found before a job
LEFT_OUT = ("logs/", ".lock", ".json", ".tmp")
SEED = 1


class Disturbed:
    """A run whose jobs are killed, as they come to work."""

    def __init__(self, project, lengths, rules=()):
        self.project, self.lengths, self.rules = project, lengths, rules
        self.results = project.folder / "results"
        self.rng = np.random.default_rng(SEED)
        self.done = {}  # (rule, what was done to it): moment in s after its beginning
        self.run = self.log = None

    def start(self):
        self.log = open(self.project.folder / "snakemake.log", "a")  # noqa: SIM115
        options = ["--retries", "3", "--rerun-incomplete"]
        self.run = subprocess.Popen(
            self.project.command(*options, cores=1),
            cwd=self.project.folder,
            stdout=self.log,
            stderr=self.log,
        )

    def to_the_end(self):
        """Disturb it until it is finished; whether it finished as it should."""
        self.start()
        seen = set()
        while self.run.poll() is None:
            for rule, job in self._jobs():
                if job.pid not in seen:
                    seen.add(job.pid)
                    self._disturb(rule, job)
            time.sleep(LOOK)
        return self.run.returncode == 0

    def _jobs(self):
        """Rule and process of what is at work: of a job of the server that is the server's."""
        children = _children(self.run)
        for child, words in children:
            names = [word for word in words if word.startswith("scripts.")]
            if not names or "scripts.job_server" in names:
                continue
            served = any("job_client" in word for word in words)
            for job in self._served(children) if served else [child]:
                yield names[0].split(".")[-1], job

    @staticmethod
    def _served(children):
        servers = [child for child, words in children if "scripts.job_server" in words]
        try:
            return [job for server in servers for job in server.children()]
        except psutil.NoSuchProcess:
            return []

    def _disturb(self, rule, job):
        if self.rules and rule not in self.rules:
            return
        if rule in FULL and (rule, "disk full") not in self.done:
            self._fill(job)
            self._note(rule, "disk full", 0.0)
            return
        if any(named == rule and how != "disk full" for named, how in self.done):
            return
        what = KILLED[sum(how != "disk full" for _, how in self.done) % len(KILLED)]
        moment = self.rng.uniform(0, self.lengths.get(rule, 0.1))
        try:
            job.wait(moment)
            return  # it was sooner: the next of its rule, if there is one
        except psutil.TimeoutExpired:
            pass
        try:
            if what == "job":
                _kill(job)
            elif what == "server":
                children = _children(self.run)
                _kill(job, *(c for c, words in children if "scripts.job_server" in words))
            else:
                self.run.kill()
                self.run.wait()
                job.wait(10)  # it ends by itself
                self.start()
        except psutil.NoSuchProcess:
            return
        self._note(rule, what, moment)

    def _fill(self, job):
        """A disk without room while a job is at work, or files that may not grow without root."""
        try:
            job.suspend()
            with full(self.results, job):
                job.resume()
                job.wait(600)
        except psutil.NoSuchProcess:
            pass

    def unfelt(self):
        """What was done without a job failing of it: a product was there already, perhaps."""
        log = (self.project.folder / "snakemake.log").read_text(errors="replace")
        failed = Counter(re.findall(r"Error in rule (\w+):", log))
        done = Counter(rule for rule, what in self.done if what != "snakemake")
        return [rule for rule in done if failed[rule] < done[rule]]

    def _note(self, rule, what, moment):
        self.done[rule, what] = moment
        print(f"{rule:22} {what:10} {moment:6.2f} s", flush=True)


def _children(run):
    """Processes that a run has started, and their command lines."""
    found = []
    for child in psutil.Process(run.pid).children():
        try:
            found.append((child, child.cmdline()))
        except psutil.NoSuchProcess:
            pass  # it has just ended
    return found


def _kill(*processes):
    for process in processes:
        for each in [*process.children(recursive=True), process]:
            each.kill()


class full:  # noqa: N801 - a context manager
    """No room on a disk of its own; elsewhere a limit to the size of the job's files."""

    def __init__(self, folder, job):
        self.ballast, self.job = folder / "ballast", job
        self.own_disk = os.path.ismount(folder)

    def __enter__(self):
        if not self.own_disk:
            self.job.rlimit(psutil.RLIMIT_FSIZE, (1, 1))
            return
        with open(self.ballast, "wb", buffering=0) as file:
            for size in (2**20, 2**12):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def __exit__(self, *_):
        self.ballast.unlink(missing_ok=True)


def lengths(results):
    """Shortest CPU time of a job of each rule, from its log; s."""
    found = {}
    for log in Path(results).rglob("logs/**/*.log"):
        rule = log.relative_to(results).parts[2].removesuffix(".log")
        last = log.read_text(errors="replace").rstrip().rpartition("cost: ")[2].split(" CPU s")
        if len(last) == 2:
            found[rule] = min(found.get(rule, 1e9), float(last[0]))
    return found


def products(results):
    """Content of every product of a run, by its name."""
    files = (path for path in sorted(Path(results).rglob("*")) if path.is_file())
    named = {str(path.relative_to(results)): path for path in files}
    return {
        name: path.read_bytes()
        for name, path in named.items()
        if not any(part in name for part in LEFT_OUT)
    }


def differing(ours, theirs):
    """Names of products of one run that are others, or none, in another."""
    return sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )


def mount(folder):
    """A disk of its own in memory; False where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", folder]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


@contextmanager
def read_only(folder):
    """Nothing can be written in a folder; whether that could be brought about."""
    bound = subprocess.run(["mount", "--bind", folder, folder], stderr=subprocess.DEVNULL)
    if bound.returncode:
        yield False
        return
    try:
        remount = ["mount", "-o", "remount,ro,bind", folder]
        yield subprocess.run(remount, stderr=subprocess.DEVNULL).returncode == 0
    finally:
        subprocess.run(["umount", folder], check=True)


def main():
    folder, rules = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(folder or Path(temporary) / "undisturbed")
        if not base.exists():
            Project(base).snakemake(cores=1)
        sound = base / "results"
        disturbed = Disturbed(Project(Path(temporary) / "disturbed"), lengths(sound), rules)
        disturbed.results.mkdir()
        mounted = mount(disturbed.results)
        try:
            finished = disturbed.to_the_end()
            differ = differing(products(disturbed.results), products(sound))
            unfelt = disturbed.unfelt()
        finally:
            if mounted:
                subprocess.run(["umount", disturbed.results], check=True)
    counts = Counter(what for _, what in disturbed.done)
    print(", ".join(f"{n} {what}" for what, n in sorted(counts.items())), end="; ")
    print("not felt:", *unfelt or ["none"], end="; ")
    print("finished" if finished else "NOT FINISHED", end="; ")
    print(f"{len(differ)} products differ; {time.monotonic() - began:.0f} s")
    print(*differ[:40], sep="\n")
    return not finished or bool(differ)


if __name__ == "__main__":
    sys.exit(main())

"""A run of the real workflow in a folder of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "config" / "tiny.yaml"
# a script is a file that a rule names: "orbits/trace_orbit"
RULES = "".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))
SCRIPTS = sorted(set(re.findall(r'\bcode\("(\w+/\w+)"\)', RULES)))

# what runs `python -m snakemake` in a fork of itself for each line it is told: importing it takes
# longer than most of the runs of a test
FORKS = """
import json, os, runpy, sys
import snakemake.cli

for line in sys.stdin:
    folder, words, environment = json.loads(line)
    if os.fork():
        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
        continue
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate((os.devnull, "said.out", "said.err")):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["snakemake", *words]
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
"""


def _environment():
    return {**os.environ, "MPLBACKEND": "Agg"}


@cache
def _server():
    command = [sys.executable, "-c", FORKS]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Project:
    """A copy of the workflow that a test may edit and run."""

    def __init__(self, folder):
        self.folder = folder
        names = "Snakefile CITATION.cff rules workflow envs config profiles resources tests/config"
        for name in names.split():
            source, target = ROOT / name, folder / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            target.parent.mkdir(parents=True, exist_ok=True)
            copy(source, target)
        self.config = yaml.safe_load(TINY.read_text())

    @classmethod
    def of(cls, folder):
        """The project in a folder where there is one, with the configuration of the tiny run."""
        project = cls.__new__(cls)
        project.folder, project.config = folder, yaml.safe_load(TINY.read_text())
        return project

    def write_config(self):
        path = self.folder / "my.yaml"
        path.write_text(yaml.safe_dump(self.config))
        return path

    def command(self, *options, cores=2):
        self.write_config()
        command = [sys.executable, "-m", "snakemake", "--configfile", "my.yaml"]
        return [*command, *(["--cores", str(cores)] if cores else []), *options]

    def snakemake(self, *options, cores=2, succeed=True):
        """Run snakemake; its standard error and output as text."""
        status, text = self._run(self.command(*options, cores=cores))
        assert (status == 0) == succeed, text[-4000:]
        return text

    def _run(self, command):
        """Exit status of a command in this folder, and what it said."""
        run = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env=_environment()
        )
        return run.returncode, run.stdout + run.stderr

    def jobs(self, *targets):
        """Rules that a run would execute now, with the number of their jobs."""
        text = self.snakemake("-n", "--quiet", "rules", "--", *targets)
        if "Nothing to be done" in text:
            return {}
        lines = text.split("-  -------\n")[-1] if "-  -------\n" in text else text
        found = [line.split() for line in lines.splitlines()]
        counts = {line[0]: int(line[1]) for line in found if len(line) == 2 and line[1].isdigit()}
        return {rule: n for rule, n in counts.items() if rule not in ("total", "all")}

    def product(self, name):
        return (self.folder / "results" / self.config["run"] / name).read_bytes()


class Forked(Project):
    """A project whose `snakemake` is a fork of a process that has imported it."""

    def _run(self, command):
        server, words = _server(), command[3:]  # what follows python -m snakemake
        request = json.dumps([str(self.folder), words, _environment()])
        print(request, file=server.stdin, flush=True)
        status = int(server.stdout.readline())
        said = (self.folder / name for name in ("said.out", "said.err"))
        return status, "".join(path.read_text() for path in said)

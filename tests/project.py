"""A run of the real workflow in a folder of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "config" / "tiny.yaml"
# a script is a file that a rule names: "orbits/trace_orbit"
RULES = "".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))
SCRIPTS = sorted(set(re.findall(r'\bcode\("(\w+/\w+)"\)', RULES)))


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
        run = subprocess.run(
            self.command(*options, cores=cores),
            cwd=self.folder,
            capture_output=True,
            text=True,
            env={**os.environ, "MPLBACKEND": "Agg"},
        )
        text = run.stdout + run.stderr
        assert (run.returncode == 0) == succeed, text[-4000:]
        return text

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

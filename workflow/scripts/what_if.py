"""What if: which rules would run with other settings, and which stars would change class.

``python -m scripts.what_if my.yaml "disk.half_height=0.3 kpc; disk.confined_min=0.6"``

Snakemake says what would run. Where that is quick, as for every threshold, the jobs up to the
catalogue run here, by their own scripts and commands, in one process and in a folder for temporary
files, so that what comes out is what a run would give; no file of the results is written.
"""

import argparse
import logging
import os
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import yaml

# rules whose jobs take well below a second, by the last lines of their logs
QUICK = """check_distances classify_disk classify_origins fit_selection match_bhb tabulate_catalogue
tabulate_encounters""".split()
# columns of the catalogue that put a star into a class
CLASSES = """status is_runaway above_v_sp above_v_tan passes_quality is_bhb distance_check
orbit_class better_than_null orbit_class_check better_than_null_check cluster_verdict origin
ejection_verdict""".split()
SHOWN = 60  # stars
JOB = re.compile(r"^(?:local)?rule (\w+):$")


@dataclass
class Job:
    """One job of a dry run: its rule, files, and the command of its script as words."""

    rule: str
    inputs: list
    outputs: list
    command: list


def changed(settings, text):
    """Settings with some of them changed.

    Parameters
    ----------
    settings : dict
        A configuration as it is written.
    text : str
        ``section.key=value``, several separated by semicolons.

    Returns
    -------
    dict
        Another one.

    Raises
    ------
    ValueError
        Where a part is no such setting.
    """
    out = yaml.safe_load(yaml.safe_dump(settings))
    for part in filter(None, map(str.strip, text.split(";"))):
        key, equals, value = part.partition("=")
        *sections, last = key.strip().split(".")
        if not equals or not last:
            raise ValueError(f'{part!r}: expected section.key=value, "disk.half_height=0.3 kpc"')
        place = out
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise ValueError(f"{key.strip()}: {section} is a value, not a section")
        place[last] = yaml.safe_load(value)
    return out


def jobs(text):
    """The jobs of a dry run.

    Parameters
    ----------
    text : str
        What ``snakemake -n -p`` says.

    Returns
    -------
    list of Job
    """
    found = []
    for line in text.splitlines():
        if match := JOB.match(line):
            found.append(Job(match[1], [], [], []))
        elif found and line.startswith("    input: "):
            found[-1].inputs = line.removeprefix("    input: ").split(", ")
        elif found and line.startswith("    output: "):
            found[-1].outputs = line.removeprefix("    output: ").split(", ")
        elif found and line.startswith("Shell command: python -m "):
            words = shlex.split(line.removeprefix("Shell command: python -m "))
            found[-1].command = words[: words.index(">")]
    return found


def leading_to(target, some):
    """The jobs that a file needs, each behind those whose files it reads.

    Parameters
    ----------
    target : str
    some : list of Job

    Returns
    -------
    list of Job
        None of them where no job makes the file.
    """
    makes = {path: i for i, job in enumerate(some) for path in job.outputs}
    needs, queue = {}, [makes[target]] if target in makes else []
    while queue:
        i = queue.pop()
        if i not in needs:
            needs[i] = {makes[path] for path in some[i].inputs if path in makes}
            queue += needs[i]
    return [some[i] for i in TopologicalSorter(needs).static_order()]


def rehearse(some, folder):
    """Run jobs in another folder, where links stand for all that they do not write.

    Parameters
    ----------
    some : list of Job
        In order; paths are relative to the working directory.
    folder : Path
        An empty one.
    """
    here = Path.cwd()
    made = {path for job in some for path in job.outputs}
    for job in some:
        for path in set(job.inputs) - made:
            _link(here / path, folder / path)
        for path in map(folder.joinpath, job.outputs):
            path.unlink(missing_ok=True)  # a link: what it leads to stays
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.parent.resolve().is_relative_to(folder.resolve()):
                raise RuntimeError(f"{path} would be written to the results")
    os.chdir(folder)
    for job in some:
        sys.argv = job.command
        # scripts set up the log for a process of their own
        runpy.run_module(job.command[0], run_name="__main__", alter_sys=True)


def _link(real, path):
    if not os.path.lexists(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(real)


def differences(before, after):
    """Stars whose class changes.

    Parameters
    ----------
    before, after : Table
        Tables ``catalogue`` of the same stars in the same order.

    Returns
    -------
    list of (str, str, str, str)
        Star, column, class before, class after.
    """
    return [
        (str(old["star"]), name, str(old[name]), str(new[name]))
        for old, new in zip(before, after, strict=True)
        for name in CLASSES
        if old[name] != new[name]
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", help="the configuration of a finished run")
    parser.add_argument("set", help='such as "disk.half_height=0.3 kpc", several by semicolons')
    args = parser.parse_args()
    settings = yaml.safe_load(Path(args.config).read_text())
    try:
        other = changed(settings, args.set)
    except ValueError as error:
        sys.exit(f"what if: {error}")
    if other.get("run") != settings.get("run"):
        sys.exit("what if: another run has no results to compare with")
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(_answer(settings, other, Path(folder)))


def _answer(settings, other, folder):
    config = folder / "what_if.yaml"
    config.write_text(yaml.safe_dump(other))
    dry = _dry_run(config)
    if dry.returncode:
        said = [line for line in (dry.stdout + dry.stderr).splitlines() if line.strip()]
        return "what if: " + "\n".join(said[-5:])
    would = jobs(dry.stdout)
    if not would:
        print("Nothing would run, no star changes.")
        return 0
    print(f"{len(would)} jobs would run:")
    for rule, n in Counter(job.rule for job in would).most_common():
        print(f"  {n:5d}  {rule}")
    catalogue = Path("results", settings["run"], "catalogue.parquet")
    ahead = leading_to(str(catalogue), would)
    slow = Counter(job.rule for job in ahead if job.rule not in QUICK)
    if slow:
        named = ", ".join(f"{rule} ({n})" for rule, n in slow.most_common())
        print(f"Which stars change cannot be said in seconds: {named} would run.")
        return 0
    if not ahead:
        print("No star changes class: the catalogue stays as it is.")
        return 0
    _say_changes(Path.cwd() / catalogue, ahead, folder / "rehearsal")
    return 0


def _dry_run(config):
    command = [sys.executable, "-m", "snakemake", "--configfile", str(config)]
    command += ["-n", "-p", "--cores", "1"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as run:
        # what the jobs need is imported in the meantime
        for name in ("runaways.products.catalogue", "runaways.tables"):
            import_module(name)
        said = run.communicate()
    return subprocess.CompletedProcess(command, run.returncode, *said)


def _say_changes(catalogue, some, folder):
    from runaways import tables

    warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.ERROR)  # before the scripts do
    before = tables.read(catalogue, "catalogue")
    folder.mkdir()
    here = Path.cwd()
    rehearse(some, folder)
    after = tables.read(catalogue.relative_to(here), "catalogue")
    os.chdir(here)
    found = differences(before, after)
    stars = list(dict.fromkeys(star for star, *_ in found))
    print(f"{len(stars)} of {len(after)} stars would change class:")
    for star, name, old, new in found[:SHOWN]:
        print(f"  {star}  {name}: {old or 'none'} -> {new or 'none'}")
    if len(found) > SHOWN:
        print(f"  and {len(found) - SHOWN} more changes")


if __name__ == "__main__":
    main()

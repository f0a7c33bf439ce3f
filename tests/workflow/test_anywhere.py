"""From any folder, by any road, under any name; and nothing in a configuration runs a command."""

import os
import re
import shutil
import subprocess
import sys

import h5py
import pytest
import yaml

from contract import lock
from faults.mutations import isochrones
from project import ROOT, TINY, Project
from runaways.stars.distance_prior import PRIOR_PIXELS

BAIT = "a $(touch X) `touch X`;touch X 'é\" &#?*%20"  # no file may be called X after any test
HOME = "https://github.com/me/runaway-origins"
# what `snakedeploy deploy-workflow {HOME} FOLDER --tag v1` (0.17) writes into workflow/Snakefile
DEPLOYED = """
from snakemake.utils import min_version


min_version("6.10.0")


configfile: "config/config.yaml"


module runaway_origins:
    snakefile:
        github("me/runaway-origins", path="workflow/Snakefile", tag="v1")
    config:
        config


use rule * from runaway_origins
"""


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "mein Ordner é"
    folder.mkdir()
    return folder


def snakemake(folder, *options, succeed=True):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *options]
    # the checkout must stay as it is
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    text = run.stdout + run.stderr
    assert (run.returncode == 0) == succeed, text[-4000:]
    return text


def files_in(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_checkout_elsewhere_runs_untouched(finished, elsewhere, tmp_path):
    """The clone in a folder of any name, results in another; then the same as a module."""
    clone = Project(tmp_path / BAIT).folder
    before = files_in(clone)
    shutil.copy(TINY, elsewhere / "my tiny.yaml")
    (elsewhere / "tests" / "config").mkdir(parents=True)
    shutil.copy(TINY.with_name("tiny_stars.csv"), elsewhere / "tests" / "config")
    mine = ["--configfile", "my tiny.yaml"]
    products = ("catalogue.ecsv", "catalogue.parquet", "encounters.ecsv", "scoreboard.ecsv")
    targets = [f"results/tiny/{product}" for product in (*products, "run.yaml")]
    entry = ["-s", clone / "Snakefile", "-d", elsewhere]
    # the finished run had two cores: the same bits on one
    snakemake(tmp_path, *entry, "--cores", "1", "--configfile", TINY, "--", *targets)
    assert files_in(clone) == before and not list(tmp_path.rglob("X"))
    for product in products:
        made = (elsewhere / "results" / "tiny" / product).read_bytes()
        assert made == finished.product(product), product
    module = f"module runaways:\n    snakefile: {str(clone / 'Snakefile')!r}\n    config: config\n"
    (elsewhere / "Snakefile").write_text(f"{module}\nuse rule * from runaways\n")
    assert "Nothing to be done" in snakemake(elsewhere, "-n", *mine, "--", *targets)
    (elsewhere / "results" / "tiny" / "run.yaml").unlink()
    with lock.hold(elsewhere / "results" / "tiny"):
        refused = snakemake(elsewhere, *mine, "--", "results/tiny/run.yaml", succeed=False)
    assert "another snakemake is at work here" in refused
    snakemake(elsewhere, *mine, "--", "results/tiny/run.yaml")
    entry = ["-s", clone / "workflow" / "Snakefile", "-d", elsewhere]
    assert "Nothing to be done" in snakemake(elsewhere, "-n", *entry, *mine, "--", *targets)


def test_the_shipped_configuration_from_elsewhere(elsewhere):
    text = snakemake(elsewhere, "-s", ROOT / "Snakefile", "-n", "--quiet", "rules")
    assert re.search(r"trace_orbit +45\n", text)
    assert [path.name for path in (elsewhere / "results").iterdir()] == ["paper"]


def test_a_deployed_folder_runs(tmp_path, monkeypatch):
    """As `snakedeploy` makes it: Snakemake reads single files out of a git repository."""
    source = Project(tmp_path / "source").folder
    git = ["git", "-C", source, "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"], ["tag", "v1"]):
        subprocess.run([*git, *command], check=True)
    for name, value in (
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", f"url.file://{source}.insteadOf"),
        ("GIT_CONFIG_VALUE_0", HOME),
        ("XDG_CACHE_HOME", str(tmp_path / "cache")),
    ):
        monkeypatch.setenv(name, value)
    folder = tmp_path / "deployed é"
    for name in ("config", "profiles"):
        shutil.copytree(source / name, folder / name)
    (folder / "workflow").mkdir()
    (folder / "workflow" / "Snakefile").write_text(DEPLOYED)
    assert re.search(r"trace_orbit +45\n", snakemake(folder, "-n", "--quiet", "rules"))
    config = yaml.safe_load(TINY.read_text())
    config["orbits"]["age"] = "published"  # or models would be trained first
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    orbit = "results/tiny/stars/J035041+571042/orbit.png"
    snakemake(folder, orbit)
    assert (folder / orbit).stat().st_size


@pytest.fixture
def baited(elsewhere):
    """A configuration with a command in everything that may have one, and each file there."""
    folder = elsewhere / BAIT
    folder.mkdir()
    rows = TINY.with_name("tiny_stars.csv").read_text()
    clusters = "name,ra,dec,pmra,pmdec,distance,rv\n$(X)é,10,41,1,1,0.5,3\n"
    texts = {"stars.csv": rows, "clusters.csv": clusters, "paper.yaml": "{}"}
    texts["prior.csv"] = "healpix,GGDrlen,GGDalpha,GGDbeta,EDSDrlen\n"
    texts["prior.csv"] += "".join(f"{pixel},1,1,1,1\n" for pixel in range(PRIOR_PIXELS))
    texts["g.csv"] = "ra,dec,phot_g_mean_mag\n1,1,9\n"
    texts |= {"bhb.csv": "ra,dec\n1,1\n", "lte.csv": "ra,dec,teff,logg,mh\n1,1,9000,4,0\n"}
    texts["tracks/a.dat"] = isochrones().decode()
    texts |= {"lrs/J024547+543241.txt": "4000 1\n", "mrs/J024547+543241.txt": "6600 1\n"}
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    with h5py.File(folder / "grid.h5", "w") as grid:
        for name in ("wave", "flux", "labels"):
            grid[name] = [1.0]
    path = {name: f"{BAIT}/{name}" for name in [*texts, "grid.h5", "lrs", "mrs", "tracks"]}
    return elsewhere, yaml.safe_load(TINY.read_text()) | {
        "stars": path["stars.csv"],
        "distance": {"prior": path["prior.csv"]},
        "bhb": {"catalogues": [{"file": path["bhb.csv"], "epoch": 2000}]},
        "spectra": {"lrs": path["lrs"], "mrs": path["mrs"], "medium": "air"},
        "labels": {"grid": path["grid.h5"], "lte_catalogue": path["lte.csv"]},
        "tracks": {"source": "parsec", "files": [path["tracks"]]},
        "clusters": {"catalogue": [path["clusters.csv"]]},
        "figures": {
            "figure_1": path["g.csv"],
            "figure_7": {"star": "J024547+543241", "cluster": "$(X)é"},
        },
        "paper": path["paper.yaml"],
    }


def test_nothing_in_a_configuration_runs_a_command(baited):
    """Every command of a dry run, with `python` that does nothing."""
    folder, config = baited
    (folder / "my.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    text = snakemake(folder, "-s", ROOT / "Snakefile", "-n", "-p", "--configfile", "my.yaml")
    commands = re.findall(r"Shell command: (python .*)", text)
    assert len(commands) > 40 and sum("touch X" in command for command in commands) > 20
    assert any("pairs/$(X)é/" in command for command in commands)
    pwd = 'set -eu; python() { for last; do :; done; test -n "$last"; }\n'
    quiet = [re.sub(r" > \S+ 2>&1$| > '[^']*' 2>&1$", "", command) for command in commands]
    assert not any(">" in command for command in quiet)
    run = subprocess.run(["bash", "-c", pwd + "\n".join(quiet)], cwd=folder, capture_output=True)
    assert run.returncode == 0 and run.stderr == b""
    assert not list(folder.rglob("X"))


def test_make_run_takes_any_configuration(tmp_path):
    (tmp_path / "my dir").mkdir()
    (tmp_path / "my dir" / "it's my conf.yaml").write_text('stars: a.csv\nrun: "mine"  # my own\n')
    (tmp_path / "requirements.lock").touch()
    stub = tmp_path / ".venv" / "bin" / "snakemake"
    stub.parent.mkdir(parents=True)
    stub.write_text('#!/bin/sh\nfor word; do echo "$word" >> said; done\n')
    stub.chmod(0o755)
    (tmp_path / ".venv" / "done").touch()
    name = "my dir/it's my conf.yaml"
    make = ["make", "-s", "-f", ROOT / "Makefile", "run", f"CONFIG={name}"]
    subprocess.run(make, cwd=tmp_path, check=True)
    said = (tmp_path / "said").read_text().splitlines()
    assert said.count(name) == 2 and said[-1] == "results/mine/report.html"

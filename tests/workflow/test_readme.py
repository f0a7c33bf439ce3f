"""What the README and the pages of `docs` show is what there is."""

import os
import re
import subprocess
import sys

import pytest
import yaml
from jsonschema import Draft202012Validator

import columns_page
import rule_graph
from contract.config import CONFIG_SCHEMA

ROOT = rule_graph.ROOT
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# what the Python of the README leaves behind, said by the installed library
SAYING = """
import runaways
print(runaways.__file__)
print(orbit["look_back_time"][-1], orbit["x"].unit, seen.rv_error, subtype.subtype, subtype.reason)
print(fit.values["teff"], fit.errors["teff"], fit.reason)
"""


def test_picture_of_stages():
    assert rule_graph.in_readme() == rule_graph.graph(), "python tests/rule_graph.py"
    drawn = set(re.findall(r"\w+", rule_graph.graph())) - {"flowchart", "LR"}
    assert drawn == set(rule_graph.stages().values())


def test_names_of_columns():
    assert columns_page.in_page() == columns_page.names_table(), "python tests/columns_page.py"


def test_an_arrow_that_follows_is_not_drawn():
    edges = {("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d")}
    assert rule_graph.reduced(edges) == {"a": ["b"], "b": ["c"], "c": ["d"]}


def test_the_readme_stays_short():
    assert len(README.splitlines()) <= 120


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if target.startswith("http"):
            continue
        name, _, heading = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE) if heading else []
        anchors = [re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings]
        assert not heading or heading in anchors, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_configurations_are_valid(page):
    """Each of the YAML blocks, by the schema; the files they name are not there."""
    schema = yaml.safe_load(CONFIG_SCHEMA.read_text())
    for block in re.findall(r"^ *```yaml\n(.*?)```", page.read_text(), re.DOTALL | re.MULTILINE):
        config = {"run": "mine", "stars": "my_stars.csv"} | yaml.safe_load(block)
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(config)]
        assert errors == [], block


def test_a_newcomers_list_runs(fresh):
    """The two files of `Your own stars`, copied to the letter."""
    csv, config = re.search(r"```csv\n(.*?)```.*?```yaml\n(.*?)```", README, re.DOTALL).groups()
    unindent = [re.sub("^ {3}", "", text, flags=re.MULTILINE) for text in (csv, config)]
    (fresh.folder / "my_stars.csv").write_text(unindent[0])
    small = {"draws": 32, "draws_per_chunk": 32}
    fresh.config = yaml.safe_load(unindent[1]) | {"orbits": small}
    fresh.config |= {"origins": {"binaries": {"number": 1500}}}
    fresh.snakemake()
    fresh.snakemake("results/mine/stars/HD1/orbit.pdf")
    assert b"HD2" in fresh.product("catalogue.ecsv") and fresh.product("stars/HD1/orbit.pdf")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Python of an empty environment into which the library was installed from a wheel."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    quickly = ["--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "wheel", *quickly, "--no-build-isolation", "-w", folder / "wheels", ROOT], check=True
    )
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = (folder / "wheels").glob("*.whl")
    subprocess.run([*pip, "--python", python, "install", *quickly, wheel], check=True)
    # what it depends on is that of this environment; a .pth in there, such as ours, is not read
    (packages,) = (folder / "venv" / "lib").glob("*/site-packages")
    others = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "others.pth").write_text("\n".join(others))
    return python


def test_python_of_the_readme_runs(installed, finished, tmp_path):
    """To the letter, outside the tree, with the tiny run in place of the paper's."""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "paper").symlink_to(finished.folder / "results" / "tiny")
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [installed, "-c", code + SAYING]
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-4000:]
    where, star, labels = run.stdout.splitlines()
    assert where.startswith(str(installed.parents[1]))
    age, unit, rv_error, subtype = star.split()
    assert (age, unit) == ("12.4", "kpc") and 0 < float(rv_error) < 10 and subtype.startswith("B")
    teff, teff_error = map(float, labels.split())
    # put in: 25621 K; the tiny run's emulator knows 40 models, and says what that costs
    assert abs(teff - 25621) < teff_error < 2000


def test_the_wheel_has_what_the_library_reads(installed):
    code = """
from pathlib import Path
from runaways import layout, tables
from runaways.figures import style
from runaways.orbits import potentials
from runaways.subtypes import standard_widths
assert len(standard_widths.mk_standards().names) > 10 and tables.table_schema("catalogue")
for module, name in ((style, "paper.mplstyle"), (potentials, ".galpyrc")):
    assert Path(module.__file__).with_name(name).is_file(), name
"""
    subprocess.run([installed, "-c", code], check=True, cwd=installed.parent)

"""No stage imports one above it: the contract that `make lint` checks does see what breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def _lint(folder):
    command = [sys.executable, "-c", LINTER, "--no-cache", ROOT / "pyproject.toml"]
    env = os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"}
    run = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


@pytest.fixture
def copy(tmp_path):
    """A copy of the library and of what uses it."""
    return shutil.copytree(ROOT / "workflow", tmp_path / "workflow")


def test_layers_hold(copy):
    code, said = _lint(copy)
    assert code == 0 and "2 kept, 0 broken" in said, said


@pytest.mark.parametrize(
    "module, line",
    [
        ("orbits/disk.py", "from runaways.products import catalogue"),  # upwards
        ("stars/draws.py", "from runaways.spectra import wavelengths"),  # across
        ("frames.py", "import scripts.job"),  # out of the library
    ],
)
def test_an_import_that_breaks_them_is_found(copy, module, line):
    path = copy / "runaways" / module
    path.write_text(path.read_text() + line + "\n")
    code, said = _lint(copy)
    name = "runaways." + module.removesuffix(".py").replace("/", ".")
    assert code == 1 and f"{name} -> {line.split()[1]}" in said, said


def test_a_module_without_a_layer_is_found(copy):
    (copy / "runaways" / "helpers.py").write_text('"""Directly under the library."""\n')
    code, said = _lint(copy)
    assert code == 1 and "helpers" in said, said

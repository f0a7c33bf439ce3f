"""Some of the damaged files of `make faults`: read rightly or refused, never a traceback.

In processes of their own: after thousands of damaged files in one, CPython 3.11.7 was seen to end
with a segmentation fault, later and in sound code.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_damaged_files_are_read_rightly_or_refused_in_one_line():
    script = [sys.executable, ROOT / "tests" / "faults" / "mutations.py", "162", "1"]
    run = subprocess.run(
        script, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "workflow")}
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    assert "162 files" in run.stdout and ", 0 dealt with wrongly" in run.stdout


def test_properties_of_the_readers_hold():
    tests = ROOT / "tests" / "unit" / "inputs" / "test_properties.py"
    # hypothesis has a plugin of its own; xdist's workers hand on their variables
    mine = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", tests],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**mine, "READER_EXAMPLES": "50"},
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "15 passed" in run.stdout

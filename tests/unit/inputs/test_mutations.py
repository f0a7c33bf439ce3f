"""Some of the damaged files of `make faults`: read rightly or refused, never a traceback."""

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

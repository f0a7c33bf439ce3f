"""What benchmarks find, ours beside a peer on the same work, in ``results/benchmarks.ecsv``."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table

from project import ROOT

ROWS = []
PACKAGES = ("numpy", "numba", "galpy", "gala", "scikit-learn", "astropy", "snakemake")


@pytest.fixture
def compared():
    """Adds a row: the work, what ours costs, and a peer with what it costs, both in `unit`."""

    def add(work, ours, peer="", theirs=np.nan, unit=u.s):
        scale = (1 * unit).to_value(u.s)
        ROWS.append((work, peer, ours * scale, theirs * scale, theirs / ours))
        beside = f"; {peer} {theirs:.4g} {unit}, ratio {theirs / ours:.3g}" if peer else ""
        print(f"\n{work}: {ours:.4g} {unit} of CPU{beside}")

    return add


def pytest_sessionfinish():
    if not ROWS:
        return
    table = Table(rows=ROWS, names=("work", "peer", "ours", "theirs", "ratio"))
    for name in ("ours", "theirs"):
        table[name].unit = u.s
    table.meta["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, {_processor()}"
    table.meta["python"] = platform.python_version()
    table.meta["versions"] = {name: _version(name) for name in PACKAGES}
    path = ROOT / "results" / "benchmarks.ecsv"
    path.parent.mkdir(exist_ok=True)
    table.write(path, format="ascii.ecsv", overwrite=True)
    print(f"\nwritten: {path}")


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processor():
    with open("/proc/cpuinfo") as lines:
        return next((li.split(":")[1].strip() for li in lines if "model name" in li), "unknown")

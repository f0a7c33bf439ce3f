"""Fixtures shared by all tests."""

import fcntl
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.table import Table

from project import Forked, Project
from runaways import tables
from runaways.emulators import slam, training_grid
from runaways.frames import Frame
from runaways.orbits import potentials
from runaways.spectra import instruments, spectral_grid
from runaways.stars import distance_prior, measurements, star_list
from runaways.synthesis import stand_ins

ROOT = Path(__file__).parents[1]
# What is made once in memory: tests that use it share a process when they run on all cores
GRIDS = {"instrument_grids", "emulators_krr", "small_grid"}


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if not _asked_for(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    for item in items:
        if GRIDS & set(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group("grids"))


def _asked_for(item):
    """Whether the variables that ask for a measurement of minutes are set."""
    names = [name for mark in item.iter_markers("asked_for") for name in mark.args]
    return all(int(os.environ.get(name, "0")) for name in names)


@pytest.fixture(scope="session")
def data():
    """Folder of real files of others, which the project may not ship."""
    folder = Path(os.environ.get("RUNAWAYS_DATA", ROOT / ".." / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real files: RUNAWAYS_DATA is {folder}")
    return folder


@pytest.fixture(scope="session")
def frame():
    """The paper's frame: Sect. 3.4, with z_sun of Bennett & Bovy 2019."""
    return Frame(r0=8.5, v_circ=220.0, v_sun=(11.10, 12.24, 7.25), z_sun=0.0208)


@pytest.fixture(scope="session")
def pot(frame):
    return potentials.potential("MWPotential2014", frame, rescale=True)


@pytest.fixture(scope="session")
def in_lanes(pot):
    """The same potential with its table of forces."""
    from runaways.orbits import engines  # numba: only where it is used

    return replace(pot, table=engines.tabulated(pot))


@pytest.fixture(scope="session")
def table_a1():
    """Table A.1 as printed, checked."""
    stars, _ = star_list.read(ROOT / "resources" / "guo2025_table_a1.ecsv")
    return stars


@pytest.fixture(scope="session")
def assumed():
    """The assumed errors of the paper's run."""
    mas_yr = u.mas / u.yr
    return {
        "parallax": 0.03 * u.mas,
        "distance": 10 * u.percent,
        "pmra": 0.03 * mas_yr,
        "pmdec": 0.03 * mas_yr,
        "rv": 8 * u.km / u.s,
        "age": 30 * u.percent,
        "teff": 1642 * u.K,
        "logg": 0.25 * u.dex,
        "mh": 0.2 * u.dex,
        "vsini": 42 * u.km / u.s,
    }


@pytest.fixture(scope="session")
def prior(data):
    """The published prior of geometric distances."""
    return distance_prior.read_prior(data / "distances" / "prior_summary.csv")


@pytest.fixture(scope="session")
def measured(table_a1, frame, assumed):
    """Table A.1 with every measurement and error that an orbit needs."""
    return measurements.complete(table_a1, frame, assumed)


@pytest.fixture(scope="session")
def any_catalogue(table_a1):
    """A catalogue of the paper's stars with every column, and whatever a format may stumble on."""
    rng = np.random.default_rng(1)
    schema = tables.table_schema("catalogue")
    out, n = Table(), len(table_a1)
    lists = tables.table_schema("star_list")["optional"]
    for name in schema["required"] + schema["optional"]:
        kind = tables.column_schema(name)["dtype"]
        if name in table_a1.colnames:
            out[name] = table_a1[name]
        elif kind == "float64" and name in lists:
            out[name] = rng.uniform(1, 2, n)
        elif kind == "float64":
            out[name] = rng.normal(size=n) * 10.0 ** rng.integers(-9, 6, n)
        elif kind == "int64":
            out[name] = np.arange(n) - 3
        else:
            out[name] = rng.random(n) > 0.5 if kind == "bool" else np.full(n, "")
    out["p_tail"] = np.nan
    out["parallax_error"][1:3] = np.nan
    out["ejection_why"] = np.array(["1.5 Myr ago, at R = 8 kpc", ""])[np.arange(n) % 2]
    stamps = {"run": "paper", "stand_in": "SSE", "assumed_errors": "rv 8 km/s (45 stars)"}
    return tables.conform(Table(out, meta=stamps | {"table": "catalogue"}), "catalogue")


@pytest.fixture(scope="session")
def resources():
    return ROOT / "resources"


@pytest.fixture(scope="session")
def instrument_grids():
    """The stand-in grid for both emulators, without the last 20 of the default run's models."""
    labels = stand_ins.stand_in_labels(380)
    fine = stand_ins.synthesise_grid(labels, workers=os.cpu_count())
    return {
        name: training_grid.at_instrument(fine, arm)
        for name, arm in instruments.INSTRUMENTS.items()
    }


@pytest.fixture(scope="session")
def emulators_krr(instrument_grids):
    return {name: slam.train_krr(grid) for name, grid in instrument_grids.items()}


@pytest.fixture(scope="session")
def small_grid(instrument_grids):
    """Some models and pixels about H gamma and He I 4471, for what is slow."""
    grid = instrument_grids["lrs"]
    pixels = (grid.wave > 4300.0) & (grid.wave < 4500.0)
    return spectral_grid.SpectralGrid(
        grid.wave[pixels], grid.flux[:90][:, pixels], grid.labels[:90], grid.meta
    )


@pytest.fixture(scope="session")
def debian():
    """What makes sure that a program of Debian is there."""

    def install(program, *packages):
        if shutil.which(program):
            return
        apt = "apt-get update -q && apt-get install -qy --no-install-recommends"
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = " ".join(packages or (program,))
        subprocess.run(f"{apt} {packages}", shell=True, check=True, env=quiet)

    return install


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A finished tiny run, made once for all processes; tests work on copies of it.

    Where RUNAWAYS_FINISHED is set it is that folder's, so that suites one after another share it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    folder = Path(os.environ.get("RUNAWAYS_FINISHED", folder))
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = Project(folder.with_name("unfinished"))
            unfinished.snakemake()
            unfinished.folder.rename(folder)
    return Project.of(folder)


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished run."""
    shutil.copytree(finished.folder, tmp_path / "run", symlinks=True)
    return Forked.of(tmp_path / "run")


@pytest.fixture
def modelled(project):
    """The models of the finished run, which know of no star, and none of its other results."""
    for path in (project.folder / "results" / "tiny").iterdir():
        if path.is_dir() and path.name != "models":
            shutil.rmtree(path)
        elif path.is_file() and path.name != "code.json":
            path.unlink()
    return project


@pytest.fixture
def fresh(tmp_path):
    """The workflow without results."""
    return Forked(tmp_path / "fresh")

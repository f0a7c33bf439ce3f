"""A small Galaxy with mock clusters, for the posterior of ejections."""

import pytest

from mock_sky import disk_of_clusters
from runaways.ejections.galaxy import Galaxy
from runaways.ejections.sources import trace_clusters
from runaways.frames import Frame
from runaways.orbits import potentials


@pytest.fixture(scope="session")
def galaxy():
    """McMillan 2017's Sun (2017MNRAS.465...76M), in Bovy's potential; 60 Myr back."""
    frame = Frame(r0=8.2, v_circ=233.0, v_sun=(11.1, 12.24, 7.25), z_sun=0.0208)
    return Galaxy(potentials.potential("MWPotential2014", frame, rescale=True), look_back_max=60.0)


@pytest.fixture(scope="session")
def table(galaxy):
    """Forty mock clusters, the first without a radial velocity, the last without an orbit."""
    table = disk_of_clusters(42, galaxy.frame, seed=4)
    table["rv"][0], table["reason"][0], table["usable"][0] = float("nan"), "no radial velocity", 0
    table["distance"][-1], table["reason"][-1] = float("nan"), "no distance"
    table["group"] = ""
    table["group"] = ["pair" if row in (3, 4) else "" for row in range(len(table))]
    return table


@pytest.fixture(scope="session")
def sources(table, galaxy):
    return trace_clusters(table, galaxy)


@pytest.fixture
def star():
    """A star as Gaia and LAMOST measure it."""
    row = {"star": "one", "ra": 80.0, "dec": 30.0, "parallax": 1.2, "parallax_error": 0.03}
    row |= {"pmra": 8.0, "pmra_error": 0.03, "pmdec": -9.0, "pmdec_error": 0.03}
    return row | {"rv": 40.0, "rv_error": 5.0, "age": 12.0, "age_error": 4.0}

"""Cost of the posterior of an ejection on Hunt & Reffert 2023."""

import time

import numpy as np
import pytest
from astropy.table import Table

from runaways.clusters.catalogues import read_clusters
from runaways.clusters.cluster_list import assess
from runaways.ejections.galaxy import Galaxy
from runaways.ejections.mocks import plant
from runaways.ejections.pairs import explain_pair
from runaways.ejections.posterior import explain_all
from runaways.ejections.sources import trace_clusters
from runaways.ejections.surveys import Survey
from runaways.frames import Frame
from runaways.orbits import potentials

STARS = 10


@pytest.fixture(scope="module")
def galaxy():
    frame = Frame(r0=8.2, v_circ=233.0, v_sun=(11.1, 12.24, 7.25), z_sun=0.0208)
    galaxy = Galaxy(
        potentials.potential("MWPotential2014", frame, rescale=True), look_back_max=400.0
    )
    # what is made once for all stars
    assert galaxy.rotation(8.2) > 0 and len(galaxy.ages.age) and len(galaxy.speeds.u)
    return galaxy


@pytest.fixture(scope="module")
def sources(data, galaxy):
    path = data / "clusters" / "HUNT2023.csv"
    table = read_clusters(path)
    table["members"] = np.asarray(Table.read(path)["N"], float)
    start = time.process_time()
    sources = trace_clusters(assess(table, cst_min=3), galaxy)
    print(f"\n{len(sources)} clusters traced once: {time.process_time() - start:.1f} CPU s")
    return sources


@pytest.mark.parametrize(
    "name, relative, limit", [("Gaia's errors", 0.0, 1), ("parallaxes good to 20 %", 0.2, 10)]
)
def test_cost_of_a_star(benchmark, name, relative, limit, galaxy, sources, compared):
    stars = plant(galaxy, sources, STARS, 1, Survey(), {"cluster": 0.3, "field": 0.7})
    stars["parallax_error"] = np.maximum(stars["parallax_error"], relative * stars["parallax"])
    start = time.process_time()
    benchmark.pedantic(explain_all, (stars, galaxy, sources, 1), rounds=1)
    cost = (time.process_time() - start) / STARS
    compared(f"ejection of a star, {name} (at most {limit} s wanted)", cost)


def test_cost_of_a_pair(benchmark, galaxy, sources, compared):
    one, two = plant(galaxy, sources, 2, 2, Survey(), {"cluster": 1.0})
    start = time.process_time()
    options = {"second": two, "cluster": str(sources.name[0])}
    benchmark.pedantic(explain_pair, (one, galaxy, sources, 1), options, rounds=1)
    compared("ejection of a pair (at most 3 s wanted)", time.process_time() - start)

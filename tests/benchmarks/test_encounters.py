"""The encounter search at the paper's size, beside trying every pair."""

import resource
import time

import numpy as np
import pytest

from mock_sky import draw_paths, observe
from runaways.clusters.catalogues import read_clusters
from runaways.clusters.cluster_list import assess
from runaways.clusters.cluster_orbits import trace_clusters
from runaways.encounters import kernels
from runaways.encounters.approaches import closest_approaches, find_encounters

# 10, 30, 50, 70 and 90 % of the ages of Table A.1 of Guo et al. 2025; each stands for 9 stars
AGES = (7.2, 55.0, 93.5, 257.0, 425.6)  # Myr
STARS, DRAWS = 45, 1000
BRUTE_CLUSTERS = 12


@pytest.fixture(scope="module")
def stars(in_lanes):
    """Runaways within a kpc of the Sun, 60 km/s, with errors as assumed for the paper's."""
    rng, pot = np.random.default_rng(1), in_lanes
    paths = []
    for age in AGES:
        offset, kick = rng.normal(0, 0.5, 3) * (1, 1, 0.2), rng.normal(size=3)
        velocity = np.array([0.0, 220.0, 0.0]) + 60 * kick / np.linalg.norm(kick)
        seen = observe(np.array([[8.5], [0], [0]]) + offset[:, None], velocity[:, None], pot.frame)
        drawn = draw_paths(seen, (0.05, 0.03, 8.0), age, 0.3, DRAWS, pot, rng, n_times=257)
        paths.append([a[0] for a in drawn])
    return paths


def _search(stars, orbits):
    return [find_encounters(*star, orbits) for star in stars]


def test_search_against_every_pair(benchmark, data, stars, in_lanes, compared):
    kernels.compiled()
    clusters = assess(read_clusters(data / "clusters" / "HUNT2023.csv"))
    oldest = max(star[0].max() for star in stars)
    start = time.process_time()
    orbits = trace_clusters(clusters, in_lanes, t_max=oldest, seed=1)
    traced = time.process_time() - start

    start = time.process_time()
    found = benchmark.pedantic(_search, (stars, orbits), rounds=1)
    searched = (time.process_time() - start) * STARS / len(AGES)

    some = np.random.default_rng(0).choice(orbits.name, BRUTE_CLUSTERS, replace=False)
    start = time.process_time()
    for star, ours in zip(stars, found):
        for name in some:
            brute = closest_approaches(*star, orbits, name)
            brute = brute[brute["separation"] < ours.search_radius]
            own = ours.hits[ours.hits["cluster"] == name]
            for column in brute.colnames:
                np.testing.assert_array_equal(own[column], brute[column])
    every = (time.process_time() - start) * STARS / len(AGES) * len(orbits.name) / BRUTE_CLUSTERS

    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    work = f"encounters of {STARS} stars x {DRAWS} draws with {len(orbits.name)} clusters"
    compared(f"{work}, with chance", searched, "every pair, without", every)
    compared(f"orbits of {len(orbits.name)} clusters x {orbits.n_draws} draws", traced)
    print(f"  {orbits.state.nbytes / 1e9:.1f} GB of orbits, {memory:.1f} GB at most")

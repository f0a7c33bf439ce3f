"""Cost of masses and ages: training, prediction, memory and size, for the three models.

Run with ``pytest -s tests/benchmarks/test_masses.py --benchmark-only``; about 150 s of one core.
Each case prints its cost next to that of its peer, the random forest of the default settings.
``peak_memory_mb`` is the peak of the whole run so far: select one case with ``-k`` for its own.
"""

import pickle
import resource

import numpy as np
import pytest

from runaways.masses_ages.forests import hold_out_scores, load_model, make_model, save_model
from runaways.masses_ages.masses import label_draws, masses_and_ages
from runaways.masses_ages.parsec import read_parsec
from runaways.masses_ages.sse import evolve_sse
from runaways.masses_ages.tracks import LABELS, hold_out, matrix, refine_metallicity, select_grid

# Teff [K], log g, [M/H]: Guo et al. 2025, Sect. 3.2, who state none for [M/H]: assumed
SLAM_ERRORS = np.array([1642.0, 0.25, 0.2])

CASES = {
    "forest": ("forest", {}),
    "forest, 20 trees": ("forest", {"n_estimators": 20}),
    "forest, leaves of 1": ("forest", {"min_samples_leaf": 1}),
    "forest, log targets": ("forest", {"log_targets": True}),
    "extra trees": ("extra_trees", {}),
    "interpolation": ("interpolation", {}),
}
PEER: dict[str, float] = {}  # seconds of the forest at each task, the first case


@pytest.fixture(scope="module")
def parsec(data):
    return read_parsec(sorted((data / "parsec").glob("*/*")))


def grid_of(table):
    return select_grid(refine_metallicity(table, 0.25), mh_min=-1.5)


@pytest.fixture(scope="module")
def grid(parsec):
    return grid_of(parsec)


@pytest.fixture(scope="module")
def split(parsec):
    held = hold_out(parsec, 0.2, seed=1)
    return grid_of(parsec[~held]), select_grid(parsec[held], mh_min=-1.5)


@pytest.fixture(scope="module")
def draws(table_a1):
    """45 stars x 1000 draws of the labels."""
    errors = SLAM_ERRORS
    rng = np.random.default_rng(1)
    labels = matrix(table_a1, LABELS)
    return labels, np.stack(
        [label_draws(star, errors, rng.standard_normal((1000, 3))) for star in labels]
    )


@pytest.fixture(scope="module")
def models(grid):
    """Trained models by case, so that each is trained once."""
    trained = {}

    def model(case):
        if case not in trained:
            kind, settings = CASES[case]
            trained[case] = make_model(kind, **settings).fit(grid)
        return trained[case]

    return model


def report(benchmark, task, case, **info):
    seconds = benchmark.stats.stats.min
    PEER.setdefault(task, seconds)
    benchmark.extra_info.update(info, ratio_to_forest=seconds / PEER[task])
    text = ", ".join(f"{key} {value:.4g}" for key, value in benchmark.extra_info.items())
    print(f"\n{task}, {case}: {seconds:.3g} s, {text}")


@pytest.mark.parametrize("case", CASES)
def test_fit(benchmark, grid, models, split, tmp_path, case):
    kind, settings = CASES[case]
    model = benchmark.pedantic(models, args=(case,), rounds=1)
    path = tmp_path / "model.npz"
    save_model(model, path, {})
    scores = hold_out_scores(make_model(kind, **settings).fit(split[0]), split[1])
    report(
        benchmark,
        "fit",
        case,
        rows=len(grid),
        file_mb=path.stat().st_size / 1e6,
        model_mb=len(pickle.dumps(model)) / 1e6,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        mass_scatter=scores["mass_scatter"],
        mass_scatter_68=scores["mass_scatter_68"],
        age_scatter_dex=scores["age_scatter_dex"],
        age_scatter_68_dex=scores["age_scatter_68_dex"],
        age_scatter_gyr=scores["age_scatter_gyr"],
    )


@pytest.mark.parametrize("case", CASES)
def test_predict_45_stars_1000_draws(benchmark, models, draws, case):
    model = models(case)
    benchmark.pedantic(lambda: masses_and_ages(model, *draws), rounds=2)
    report(benchmark, "predict 45 x 1000", case)


@pytest.mark.parametrize("case", ["forest", "interpolation"])
def test_load(benchmark, models, tmp_path, case):
    path = tmp_path / "model.npz"
    save_model(models(case), path, {})
    benchmark.pedantic(lambda: load_model(path), rounds=2)
    report(benchmark, "load", case)


def test_read_parsec(benchmark, data):
    files = sorted((data / "parsec").glob("*/*"))
    table = benchmark.pedantic(lambda: read_parsec(files), rounds=1)
    report(benchmark, "read PARSEC", "all versions", rows=len(table), files=len(files))


def test_refine_metallicity(benchmark, parsec):
    table = benchmark.pedantic(lambda: refine_metallicity(parsec, 0.25), rounds=1)
    report(benchmark, "fill [M/H]", "0.25 dex", rows=len(table))


def test_evolve_sse(benchmark):
    table = benchmark.pedantic(evolve_sse, rounds=1)
    report(benchmark, "evolve SSE", "defaults", rows=len(table))

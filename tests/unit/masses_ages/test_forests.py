"""The chain of forests and interpolation in the tracks, on model stars with known answers."""

import pickle

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

from runaways.masses_ages.forests import (
    Forest,
    ForestChain,
    hold_out_scores,
    load_model,
    make_model,
    save_model,
)
from runaways.masses_ages.tracks import LABELS, TARGETS, matrix, track_table

MODELS = ("forest", "extra_trees", "interpolation")


def made_up_grid(n_teff=30, n_logg=15, metallicities=(-1.0, -0.5, 0.0, 0.5)):
    """Model stars whose mass and age are powers of the labels, so that all is known."""
    teff, logg, mh = (
        grid.ravel()
        for grid in np.meshgrid(
            np.geomspace(10_000, 30_000, n_teff), np.linspace(3.5, 4.4, n_logg), metallicities
        )
    )
    mass = 3 * (teff / 12_000) ** 1.6 * 10 ** (-0.3 * (logg - 4) + 0.05 * mh)
    age = 300 * mass**-2.2 * 10 ** (-0.8 * (logg - 4))
    return track_table(
        teff=teff,
        logg=logg,
        mh=mh,
        mass=mass,
        mass_initial=mass,
        luminosity=mass**3.5,
        age=age,
        evolutionary_phase=np.ones(len(teff)),
        track=np.arange(len(teff)).astype(str),
        source="made up",
    )


@pytest.fixture(scope="module")
def grid():
    return made_up_grid()


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_returns_what_it_was_shown(grid, kind):
    model = make_model(kind, n_estimators=10, min_samples_leaf=1).fit(grid)
    error = model.predict(matrix(grid, LABELS)) / matrix(grid, TARGETS) - 1
    assert np.abs(np.median(error, axis=0)).max() < 0.01
    assert np.std(error[:, 1]) < 0.03


def test_interpolation_is_exact_on_power_laws(grid):
    """Powers of Teff, 10^log g and 10^[M/H] are straight in the logarithms it interpolates."""
    between = made_up_grid(7, 5, (-0.8, 0.1))
    predicted = make_model("interpolation").fit(grid).predict(matrix(between, LABELS))
    assert predicted == pytest.approx(matrix(between, TARGETS), rel=1e-6)


def test_interpolation_bridges_metallicities_that_do_not_reach_the_star(grid):
    """Stars above 20 000 K at [M/H] = 0 only are still interpolated from -0.5 and +0.5."""
    short = grid[(grid["mh"] != 0.0) | (grid["teff"] < 20_000)]
    star = np.array([[25_000.0, 4.0, 0.0]])
    whole = make_model("interpolation").fit(grid).predict(star)
    assert make_model("interpolation").fit(short).predict(star) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("kind", MODELS)
def test_stars_off_the_grid_get_its_edge(grid, kind):
    model = make_model(kind, n_estimators=5).fit(grid)
    far = model.predict(np.array([[60_000.0, 2.0, 3.0], [-500.0, 9.0, -9.0]]))
    inside = matrix(grid, TARGETS)
    assert np.isfinite(far).all()
    assert (far >= inside.min(axis=0) * 0.999).all()
    assert (far <= inside.max(axis=0) * 1.001).all()


@pytest.mark.parametrize("kind", ["forest", "extra_trees"])
def test_forests_do_not_depend_on_jobs(grid, kind):
    labels = matrix(made_up_grid(11, 9, (-0.7, 0.2)), LABELS)
    one = make_model(kind, n_estimators=12, n_jobs=1).fit(grid).predict(labels)
    two = make_model(kind, n_estimators=12, n_jobs=2).fit(grid).predict(labels)
    assert (one == two).all()


def test_forests_depend_on_the_seed(grid):
    labels = matrix(grid, LABELS)
    first, same, other = (
        make_model("forest", n_estimators=5, seed=seed).fit(grid).predict(labels)
        for seed in (1, 1, 2)
    )
    assert (first == same).all()
    assert (first != other).any()


def test_prediction_does_not_depend_on_its_neighbours(grid):
    """A star alone, or in a batch in another order, gets the same mass and age."""
    labels = matrix(grid, LABELS)[::37]
    for kind in MODELS:
        model = make_model(kind, n_estimators=5).fit(grid)
        batch = model.predict(labels)
        assert (model.predict(labels[::-1])[::-1] == batch).all()
        assert (np.vstack([model.predict(row[None]) for row in labels]) == batch).all()


def test_log_targets_average_logarithms():
    """One leaf: the mean of linear targets, the geometric mean of logarithmic ones."""
    grid = made_up_grid(6, 3)
    linear, log = (
        ForestChain("forest", n_estimators=300, max_depth=1, min_samples_leaf=36, log_targets=how)
        .fit(grid)
        .predict(matrix(grid, LABELS)[:1])[0]
        for how in (False, True)
    )
    targets = matrix(grid, TARGETS)
    assert linear == pytest.approx(targets.mean(axis=0), rel=0.05)
    assert log == pytest.approx(10 ** np.log10(targets).mean(axis=0), rel=0.05)


@pytest.mark.parametrize("kind", MODELS)
def test_a_kept_model_is_the_model(grid, tmp_path, kind):
    model = make_model(kind, n_estimators=5).fit(grid)
    save_model(model, tmp_path / "model.npz", {"seed": 7, "stand_in": "yes"})
    kept, meta = load_model(tmp_path / "model.npz")
    labels = matrix(grid, LABELS)
    assert (kept.predict(labels) == model.predict(labels)).all()
    assert meta == {"seed": 7, "stand_in": "yes"}


class Mark:
    """Something that makes a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_something_else_is_not_a_model_and_runs_no_code(tmp_path):
    mark = Mark(tmp_path / "was_here")
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(mark))
    np.savez(tmp_path / "inside.npz", model=np.array([mark], object))
    np.savez(tmp_path / "other.npz", a=np.ones(2))
    (tmp_path / "text.npz").write_text("hello")
    for name in ("pickle.npz", "inside.npz", "other.npz", "text.npz"):
        with pytest.raises(ValueError, match=f"{name}: damaged or cut short, delete it and run"):
            load_model(tmp_path / name)
    assert not mark.path.exists()


@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesRegressor])
def test_arrays_predict_what_scikit_learn_does(kind):
    """Bit by bit, where leaves hold what single precision can."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(3000, 4)) * [1e4, 1, 0.3, 1e5]
    target = (features[:, 0] * rng.normal(1, 0.2, 3000)).astype(np.float32)
    trained = kind(20, min_samples_leaf=1, bootstrap=False, random_state=2).fit(features, target)
    seen = np.vstack([features, features * rng.normal(1, 1, features.shape), features[:1]])
    seen[-1, [0, 3]] = 3e38, -3e38  # the largest that scikit-learn takes
    assert (Forest.of(trained).predict(seen) == trained.predict(seen)).all()


def test_hold_out_scores_of_a_model_with_known_errors(grid):
    class Off:
        """Masses 3 % high for one half of the stars and 3 % low for the other; ages doubled."""

        def predict(self, labels):
            targets = matrix(grid, TARGETS)
            targets[:, 1] *= np.where(np.arange(len(targets)) % 2, 1.03, 0.97)
            targets[:, 2] *= 2
            return targets

    scores = hold_out_scores(Off(), grid)
    assert scores["n"] == len(grid)
    assert scores["mass_scatter"] == pytest.approx(0.03)
    assert scores["mass_scatter_68"] == pytest.approx(0.03)
    assert scores["age_bias_dex"] == pytest.approx(np.log10(2))
    assert scores["age_scatter_dex"] == pytest.approx(0, abs=1e-9)
    assert scores["age_scatter_gyr"] == pytest.approx(np.std(grid["age"]) / 1000)


def test_errors_name_what_is_wrong(grid):
    with pytest.raises(ValueError, match="expected 'forest', 'extra_trees' or 'interpolation'"):
        make_model("svr")
    with pytest.raises(ValueError, match="the forests are not trained"):
        ForestChain().predict(np.ones((1, 3)))
    for kind in MODELS:
        model = make_model(kind, n_estimators=2).fit(grid)
        with pytest.raises(ValueError, match=r"expected \(n, 3\): teff, logg, mh"):
            model.predict(np.ones((2, 4)))
        with pytest.raises(ValueError, match="row 1: labels .* are not all finite"):
            model.predict(np.array([[12_000, 4, 0], [12_000, np.nan, 0]]))


def test_tracks_on_a_line_cannot_be_interpolated(grid):
    with pytest.raises(ValueError, match="span no area"):
        make_model("interpolation").fit(grid[grid["logg"] == grid["logg"][0]])

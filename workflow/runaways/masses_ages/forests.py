"""Mass and age from Teff, log g and [M/H]: the paper's chain of forests, and its alternatives.

Three models share one interface, `fit(table)` and `predict(labels)`: `ForestChain` with random
forests (the paper's) or with extremely randomised trees, and `TrackInterpolator`, which looks the
answer up in the tracks themselves and is the reference for what a forest loses.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

from runaways.masses_ages.interpolation import TrackInterpolator
from runaways.masses_ages.tracks import LABELS, TARGETS, checked_labels, matrix
from runaways.tables import intact

KINDS = {"forest": "RandomForestRegressor", "extra_trees": "ExtraTreesRegressor"}


@dataclass(frozen=True)
class Forest:
    """A trained forest as arrays, which predict what scikit-learn's does, bit by bit.

    Nodes of a tree stand depth first: the left child of one follows it.

    Parameters
    ----------
    roots : array of int, shape (trees,)
        First node of each tree.
    right : array of int, shape (nodes,)
        Right child, counted from the node; 0 of a leaf.
    feature : array of int, shape (nodes,)
        Which feature a node looks at; 0 of a leaf.
    number : array of float, shape (nodes,)
        A feature up to this goes left; the value of a leaf, in single precision.
    """

    roots: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    number: np.ndarray

    @classmethod
    def of(cls, trained) -> Forest:
        """From a forest of scikit-learn, without what only training needs."""
        trees = [estimator.tree_ for estimator in trained.estimators_]
        parts = []
        for tree in trees:
            nodes = np.arange(tree.node_count)
            leaf = tree.children_left < 0
            if (tree.children_left != nodes + 1)[~leaf].any():
                raise ValueError("a tree's nodes are in another order than depth first")
            value = tree.value[:, 0, 0].astype(np.float32)
            parts.append(
                (
                    np.where(leaf, 0, tree.children_right - nodes).astype(np.int32),
                    np.where(leaf, 0, tree.feature).astype(np.int8),
                    np.where(leaf, value, tree.threshold),
                )
            )
        roots = np.cumsum([0, *(tree.node_count for tree in trees[:-1])])
        return cls(roots, *map(np.concatenate, zip(*parts)))

    def predict(self, features: np.ndarray) -> np.ndarray:
        """The mean of the trees, added up in order.

        Parameters
        ----------
        features : array, shape (n, features)

        Returns
        -------
        array, shape (n,)
        """
        # as scikit-learn does; a feature beyond is larger than any threshold all the same
        with np.errstate(over="ignore"):
            features = features.astype(np.float32)
        rows, total = np.arange(len(features)), np.zeros(len(features))
        for root in self.roots:
            node, step = np.full(len(features), root), np.ones(len(features), bool)
            while step.any():
                right = self.right[node]
                step = right > 0
                left = features[rows, self.feature[node]] <= self.number[node]
                node = node + np.where(left, step, right)
            total += self.number[node]
        return total / len(self.roots)


class ForestChain:
    """Three forests in a chain: luminosity; then mass; then age.

    (Teff, log g, [M/H]) gives the luminosity, these and the luminosity the mass, these and the
    mass the age. Each forest is trained on the true values of the targets before it.

    The result does not depend on the number of jobs: every tree has its own seed, and the trees
    are always averaged in one thread, in order.

    Parameters
    ----------
    kind : {"forest", "extra_trees"}
        Random forests, as in the paper, or extremely randomised trees.
    n_estimators : int
        Trees in each forest.
    min_samples_leaf : int
        Fewest model stars in a leaf.
    max_depth : int or None
        Deepest tree.
    log_targets : bool
        Train on log10 of luminosity, mass and age, so that a forest averages logarithms.
    seed : int
        Seed of the forests.
    n_jobs : int
        Processes to train with.

    References
    ----------
    Guo et al. 2025, section 3.3; Breiman 2001, Machine Learning 45, 5; Geurts et al. 2006, Machine
    Learning 63, 3.
    """

    def __init__(
        self,
        kind: str = "forest",
        *,
        n_estimators: int = 50,
        min_samples_leaf: int = 3,
        max_depth: int | None = None,
        log_targets: bool = False,
        seed: int = 0,
        n_jobs: int = 1,
    ):
        if kind not in KINDS:
            raise ValueError(f"forest of kind {kind!r}: expected one of {', '.join(KINDS)}")
        self.kind = kind
        self.settings = {
            "n_estimators": n_estimators,
            "min_samples_leaf": min_samples_leaf,
            "max_depth": max_depth,
        }
        self.log_targets = log_targets
        self.seed = seed
        self.n_jobs = n_jobs
        self.forests = []

    def fit(self, table: Table) -> ForestChain:
        """Train on the main sequence of tracks.

        Parameters
        ----------
        table : Table
            Tracks cut to the training grid.

        Returns
        -------
        ForestChain
            Itself.
        """
        from sklearn import ensemble  # half a second, and only training needs it

        features = matrix(table, LABELS)
        targets = matrix(table, TARGETS)
        if self.log_targets:
            targets = np.log10(targets)
        self.forests = []
        for i, target in enumerate(targets.T):
            forest = getattr(ensemble, KINDS[self.kind])(
                **self.settings, random_state=self.seed + i, n_jobs=self.n_jobs
            )
            forest.fit(features, target)
            self.forests.append(Forest.of(forest))
            features = np.column_stack([features, target])
        return self

    def predict(self, labels: np.ndarray) -> np.ndarray:
        """Luminosity, mass and age of stars.

        Labels outside the training grid get the value at its nearest edge.

        Parameters
        ----------
        labels : array, shape (n, 3)
            Teff [K], log g [dex of cm/s2] and [M/H] [dex].

        Returns
        -------
        array, shape (n, 3)
            Luminosity [Lsun], mass [Msun] and age [Myr].

        Raises
        ------
        ValueError
            If it is not trained, or labels are missing (not finite) or of another shape.
        """
        if not self.forests:
            raise ValueError("the forests are not trained")
        features = checked_labels(labels)
        for forest in self.forests:
            features = np.column_stack([features, forest.predict(features)])
        targets = features[:, len(LABELS) :]
        return 10**targets if self.log_targets else targets


def make_model(kind: str, **settings) -> ForestChain | TrackInterpolator:
    """The model of one name, untrained.

    Parameters
    ----------
    kind : {"forest", "extra_trees", "interpolation"}
        Which.
    **settings
        Those of `ForestChain`; interpolation ignores them.

    Returns
    -------
    ForestChain or TrackInterpolator
        With `fit(table)` and `predict(labels)`.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    if kind == "interpolation":
        return TrackInterpolator()
    if kind in KINDS:
        return ForestChain(kind, **settings)
    raise ValueError(f"model {kind!r}: expected 'forest', 'extra_trees' or 'interpolation'")


def save_model(model: ForestChain | TrackInterpolator, path: str | Path, meta: dict) -> None:
    """Keep a trained model as plain arrays: reading them runs no code.

    Parameters
    ----------
    model : ForestChain or TrackInterpolator
        Trained model.
    path : str or Path
        File to write, .npz.
    meta : dict
        What it was trained on; comes back from `load_model`.
    """
    if isinstance(model, TrackInterpolator):
        arrays, said = model.arrays(), {}
    else:
        parts = [asdict(forest).items() for forest in model.forests]
        arrays = {f"{name}_{i}": part for i, items in enumerate(parts) for name, part in items}
        said = {"kind": model.kind, "log_targets": model.log_targets}
    np.savez(path, model=json.dumps(said), meta=json.dumps(dict(meta)), **arrays)


def load_model(path: str | Path) -> tuple[ForestChain | TrackInterpolator, dict]:
    """Read a model kept by `save_model`.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    model : ForestChain or TrackInterpolator
    meta : dict
        As given to `save_model`.

    Raises
    ------
    ValueError
        If the file holds no such model, or is damaged.
    """
    with intact(path), np.load(path, allow_pickle=False) as kept:
        said, meta = (json.loads(str(kept[name])) for name in ("model", "meta"))
        arrays = {name: kept[name] for name in kept.files if name not in ("model", "meta")}
    if not said:
        return TrackInterpolator().of_arrays(**arrays), meta
    model = ForestChain(said["kind"], log_targets=said["log_targets"])
    names = Forest.__dataclass_fields__
    for i in range(len(TARGETS)):
        model.forests.append(Forest(*(arrays[f"{name}_{i}"] for name in names)))
    return model, meta


def hold_out_scores(model: ForestChain | TrackInterpolator, table: Table) -> dict[str, float]:
    """How well a model returns the mass and age of tracks it was not trained on.

    Parameters
    ----------
    model : ForestChain or TrackInterpolator
        Trained without the rows of `table`.
    table : Table
        Tracks held out.

    Returns
    -------
    dict
        ``n``; ``mass_scatter`` and ``age_scatter_dex``: standard deviation of the relative error
        in mass and of the error in log10 age; ``mass_scatter_68`` and ``age_scatter_68_dex``: half
        the range from their 15.87 to 84.13 % quantiles; ``mass_bias`` and ``age_bias_dex``: their
        medians; ``age_scatter_gyr``: standard deviation of the error in age [Gyr]. The paper
        states 9 % and 0.44 Gyr.
    """
    predicted = model.predict(matrix(table, LABELS))
    mass = predicted[:, 1] / np.asarray(table["mass"]) - 1
    age = np.log10(predicted[:, 2] / np.asarray(table["age"]))
    gyr = (predicted[:, 2] - np.asarray(table["age"])) / 1000.0
    scores = {"n": len(table)}
    for name, error, unit in (("mass", mass, ""), ("age", age, "_dex")):
        low, median, high = np.quantile(error, [0.1587, 0.5, 0.8413])
        scores[f"{name}_scatter{unit}"] = float(np.std(error))
        scores[f"{name}_scatter_68{unit}"] = float((high - low) / 2)
        scores[f"{name}_bias{unit}"] = float(median)
    scores["age_scatter_gyr"] = float(np.std(gyr))
    return scores

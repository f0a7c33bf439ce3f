"""SLAM: training an emulator, one regression per pixel.

Two engines. ``svr`` is the paper's: an RBF support-vector regression for every wavelength pixel
(Zhang, Liu & Deng 2020ApJS..246....9Z). ``krr`` is kernel ridge regression with the same kernel:
every pixel shares the training labels, so one eigendecomposition serves all pixels and the
leave-one-out error is exact and free. Both give an `emulator.Emulator`.
"""

import json
from dataclasses import replace
from itertools import product

import numpy as np

from runaways.emulators.emulator import Emulator, KernelGroup
from runaways.spectra.spectral_grid import SpectralGrid

# Hyper-parameters that cross-validation may choose from, in units of standardised flux and labels;
# the ranges are assumed. Those of svr are the defaults in the schema, too.
SVR_C = (1.0, 10.0)
SVR_GAMMA = (0.3, 0.5, 1.0)
SVR_EPSILON = (0.02, 0.05)
KRR_GAMMA = (0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6)
KRR_RIDGE = (1e-9, 1e-7, 1e-5, 1e-4, 1e-3)
# Relative weights of log teff, logg, mh in the kernel's distance that kernel ridge may choose from
KRR_WEIGHTS = ((1.0, 1.0, 1.0), (2.0, 1.0, 0.7))
HOLD_OUT_EVERY = 5  # assumed: every fifth model


def _standardise(grid: SpectralGrid, pixels, weights=(1.0, 1.0, 1.0)):
    """Kernel coordinates of the training labels and standardised flux of some pixels."""
    raw = np.column_stack([np.log10(grid.labels[:, 0]), grid.labels[:, 1:]])
    centre, spread = raw.mean(axis=0), raw.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0) / np.asarray(weights)
    flux = grid.flux[:, pixels]
    mean, deviation = flux.mean(axis=0), flux.std(axis=0)
    deviation = np.where(deviation > 1e-12, deviation, 1.0)
    return (raw - centre) / scale, centre, scale, (flux - mean) / deviation, mean, deviation


def _squared_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ((a[:, None, :] - b[None]) ** 2).sum(axis=-1)


def train_krr(
    grid: SpectralGrid,
    pixels: np.ndarray | slice = np.s_[:],
    gammas=KRR_GAMMA,
    ridges=KRR_RIDGE,
    weights=KRR_WEIGHTS,
) -> Emulator:
    """Kernel ridge regression of every pixel, settings by exact leave-one-out.

    Parameters
    ----------
    grid : SpectralGrid
        Training spectra, at the resolution of the data.
    pixels : slice or array of int
        Pixels to train; all by default. The settings are those best for these pixels.
    gammas, ridges, weights : sequences
        Kernel widths, ridges and label weights to choose from.

    Returns
    -------
    Emulator
        ``variance`` is the leave-one-out mean square error; the settings minimise its mean.

    References
    ----------
    Rasmussen & Williams (2006, Gaussian Processes for Machine Learning), eq. 5.12 (leave-one-out).
    """
    best = None
    for label_weights in weights:
        x, centre, scale, y, mean, deviation = _standardise(grid, pixels, label_weights)
        distance = _squared_distance(x, x)
        for gamma in gammas:
            values, vectors = np.linalg.eigh(np.exp(-gamma * distance))
            projected = vectors.T @ y
            for ridge in ridges:
                inverse = 1.0 / (np.maximum(values, 0.0) + ridge)
                dual = (vectors * inverse) @ projected
                left_out = dual / ((vectors**2) @ inverse)[:, None]
                error = float(((left_out * deviation) ** 2).mean())
                if best is None or error < best[0]:
                    best = (error, gamma, ridge, label_weights, x, centre, scale, dual, left_out)
    error, gamma, ridge, label_weights, x, centre, scale, dual, left_out = best
    settings = {"gamma": gamma, "ridge": ridge, "weights": list(label_weights)}
    group = KernelGroup(float(gamma), np.arange(len(mean)), dual * deviation)
    meta = dict(grid.meta, engine="krr", settings=json.dumps(settings))
    residuals = left_out * deviation
    return Emulator(grid.wave[pixels], x, centre, scale, (group,), mean,
                    (residuals**2).mean(axis=0), meta, residuals)  # fmt: skip


def svr_settings(
    grid: SpectralGrid,
    n_pixels: int = 24,
    c=SVR_C,
    gamma=SVR_GAMMA,
    epsilon=SVR_EPSILON,
    folds: int = 3,
) -> dict:
    """One (C, gamma, epsilon) for all pixels, by cross-validation on a spread of pixels.

    Parameters
    ----------
    grid : SpectralGrid
    n_pixels : int
        Pixels tried, evenly spaced among those ordered by their variance, the upper half.
    c, gamma, epsilon : sequence of float
        Values to choose from.
    folds : int
        Every `folds`-th model is left out in turn.

    Returns
    -------
    dict
        C, gamma, epsilon.
    """
    order = np.argsort(grid.flux.var(axis=0))[len(grid.wave) // 2 :]
    pixels = order[np.linspace(0, len(order) - 1, min(n_pixels, len(order))).astype(int)]
    x, _, _, y, _, _ = _standardise(grid, pixels)
    options = [dict(zip(("C", "gamma", "epsilon"), values, strict=True))
               for values in product(c, gamma, epsilon)]  # fmt: skip
    return min(options, key=lambda o: np.mean([_fold_error(x, t, o, folds) for t in y.T]))


def _fold_error(x: np.ndarray, y: np.ndarray, setting: dict, folds: int) -> float:
    """Mean square error of cross-validation, every `folds`-th model left out in turn."""
    from sklearn.svm import SVR

    fold = np.arange(len(y)) % folds
    error = 0.0
    for k in range(folds):
        model = SVR(kernel="rbf", **setting).fit(x[fold != k], y[fold != k])
        error += ((model.predict(x[fold == k]) - y[fold == k]) ** 2).sum()
    return error / len(y)


def fit_pixel_svrs(
    grid: SpectralGrid,
    pixels: np.ndarray | slice = np.s_[:],
    settings: dict | None = None,
    c=SVR_C,
    gamma=SVR_GAMMA,
    epsilon=SVR_EPSILON,
    folds: int = 3,
) -> tuple[list, dict]:
    """The scikit-learn regressions themselves, one per pixel.

    Parameters
    ----------
    grid : SpectralGrid
    pixels : slice or array of int
        The chunk of pixels to train.
    settings : dict, optional
        C, gamma, epsilon for all of them (`svr_settings`). By default each pixel chooses among `c`,
        `gamma`, `epsilon` by cross-validation.
    folds : int
        Of that cross-validation.

    Returns
    -------
    models : list of sklearn.svm.SVR
        In kernel coordinates and standardised flux.
    standard : dict
        The arrays ``x, centre, scale, y, mean, deviation`` of the standardisation.

    References
    ----------
    Zhang, Liu & Deng (2020ApJS..246....9Z), section 2.
    """
    from sklearn.svm import SVR

    keys = ("x", "centre", "scale", "y", "mean", "deviation")
    standard = dict(zip(keys, _standardise(grid, pixels), strict=True))
    x, y = standard["x"], standard["y"]
    options = [dict(zip(("C", "gamma", "epsilon"), values, strict=True))
               for values in product(c, gamma, epsilon)]  # fmt: skip
    models = []
    for target in y.T:
        chosen = settings
        if chosen is None:
            errors = [_fold_error(x, target, option, folds) for option in options]
            chosen = options[int(np.argmin(errors))]
        models.append(SVR(kernel="rbf", **chosen).fit(x, target))
    return models, standard


def train_svr(
    grid: SpectralGrid,
    pixels: np.ndarray | slice = np.s_[:],
    settings: dict | None = None,
    hold_out_every: int = HOLD_OUT_EVERY,
    **choices,
) -> Emulator:
    """Support-vector regression of a chunk of pixels, as one emulator.

    Parameters
    ----------
    grid : SpectralGrid
        Training spectra, at the resolution of the data.
    pixels : slice or array of int
        The chunk; chunks are joined with `join_emulators`, and how they are cut changes nothing.
    settings : dict, optional
        As for `fit_pixel_svrs`.
    hold_out_every : int
        For the model error, the same regressions without every so manieth model are compared with
        the models left out.
    **choices
        ``c, gamma, epsilon, folds`` of `fit_pixel_svrs`.

    Returns
    -------
    Emulator
    """
    from sklearn.svm import SVR

    models, standard = fit_pixel_svrs(grid, pixels, settings, **choices)
    out = np.arange(len(standard["x"])) % hold_out_every == hold_out_every - 1
    residuals = np.empty((out.sum(), len(models)))
    for i, (model, target) in enumerate(zip(models, standard["y"].T, strict=True)):
        short = SVR(**model.get_params()).fit(standard["x"][~out], target[~out])
        residuals[:, i] = short.predict(standard["x"][out]) - target[out]
    meta = dict(grid.meta, engine="svr", settings=json.dumps(settings or "per pixel"))
    # pixel by pixel, so that how chunks are cut does not change the rounding
    variance = np.array([(pixel**2).mean() for pixel in residuals.T])
    emulator = stack_svrs(models, standard, grid.wave[pixels], variance, meta)
    return replace(emulator, residuals=residuals * standard["deviation"])


def stack_svrs(models: list, standard: dict, wave: np.ndarray, variance, meta: dict) -> Emulator:
    """Put fitted per-pixel regressions into one emulator: dual coefficients grouped by gamma.

    Parameters
    ----------
    models : list of sklearn.svm.SVR
        From `fit_pixel_svrs`, as is `standard`.
    wave : array_like, shape (n_wave,)
        Vacuum wavelengths [A].
    variance : array_like, shape (n_wave,)
        Hold-out mean square error of the standardised flux.
    meta : dict

    Returns
    -------
    Emulator
        Gives the same flux as the regressions, to rounding.
    """
    deviation = standard["deviation"]
    gammas = np.array([model.gamma for model in models])
    groups = []
    for gamma in np.unique(gammas):
        pixels = np.flatnonzero(gammas == gamma)
        weights = np.zeros((len(standard["x"]), len(pixels)))
        for column, pixel in enumerate(pixels):
            weights[models[pixel].support_, column] = models[pixel].dual_coef_[0]
        groups.append(KernelGroup(float(gamma), pixels, weights * deviation[pixels]))
    intercept = np.array([model.intercept_[0] for model in models])
    return Emulator(np.asarray(wave), standard["x"], standard["centre"], standard["scale"],
                    tuple(groups), standard["mean"] + intercept * deviation,
                    np.asarray(variance) * deviation**2, meta)  # fmt: skip

"""Speed of the label fit and of training beside their peers, in one run.

pytest tests/benchmarks/test_slam.py --benchmark-only -s
"""

import time

import numpy as np
import pytest
from scipy.optimize import least_squares
from threadpoolctl import threadpool_limits

from runaways.emulators import slam, tlusty
from runaways.labels.fit import FitSettings, fit_labels
from runaways.spectra import instruments
from runaways.spectra.spectral_grid import SpectralGrid, convolve_grid
from runaways.synthesis import stand_ins

SETTINGS = {"C": 10.0, "gamma": 0.5, "epsilon": 0.05}
N_STARS = 4


@pytest.fixture(autouse=True)
def one_core():
    """Both sides on one core, as the jobs run: idle BLAS threads would count as CPU time."""
    with threadpool_limits(1):
        yield


def _seconds(function):
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


@pytest.fixture(scope="module")
def paper_svrs(instrument_grids):
    """One scikit-learn regression per LRS pixel, and the same as an emulator."""
    grid = instrument_grids["lrs"]
    models, standard = slam.fit_pixel_svrs(grid, settings=SETTINGS)
    variance = np.full(len(grid.wave), 1e-6)
    return models, standard, slam.stack_svrs(models, standard, grid.wave, variance, grid.meta)


def _peer(models, standard, emulator, flux, ivar):
    """Per-pixel SVR.predict inside least_squares with finite differences, as astroslam does."""
    total = 1.0 / (1.0 / ivar + emulator.variance)

    def residual(x):
        model = np.array([m.predict(x[None])[0] for m in models])
        return (flux - model * standard["deviation"] - standard["mean"]) * np.sqrt(total)

    training = emulator.training_flux
    start = emulator.nodes[np.argmin(((training - flux) ** 2 * total).sum(axis=1))]
    low, high = emulator.nodes.min(axis=0), emulator.nodes.max(axis=0)
    margin = 1e-6 * (high - low)
    fit = least_squares(residual, np.clip(start, low + margin, high - margin), bounds=(low, high),
                        loss="soft_l1", xtol=1e-10, ftol=1e-12, gtol=1e-12)  # fmt: skip
    raw = fit.x * emulator.scale + emulator.centre
    return np.array([10.0 ** raw[0], raw[1], raw[2]])


def test_fit_against_looped_svrs(paper_svrs, benchmark, compared):
    models, standard, emulator = paper_svrs
    rng = np.random.default_rng(80)
    low, high = [11000.0, 3.3, -1.0], [26000.0, 4.3, 0.4]
    truth = rng.uniform(low, high, size=(N_STARS, 3))
    spectra = emulator.flux(truth) + rng.normal(size=(N_STARS, len(emulator.wave))) / 80.0
    ivar = np.full(len(emulator.wave), 6400.0)

    def fast(flux):
        settings = FitSettings("spline", fixed={"vsini": 0.0}, edge=0.0, bands=())
        fit = fit_labels(emulator, emulator.wave, flux, ivar, settings)
        return np.array([fit.values[name] for name in ("teff", "logg", "mh")])

    fast(spectra[0])  # the training spectra are computed once per emulator
    ours = [_seconds(lambda f=flux: fast(f)) for flux in spectra]
    theirs = [_seconds(lambda f=flux: _peer(*paper_svrs, f, ivar)) for flux in spectra]
    difference = np.abs(np.array([a[0] - b[0] for a, b in zip(ours, theirs, strict=True)]))
    assert difference[:, 0].max() < 0.1 and difference[:, 1:].max() < 1e-4
    per_star = [sum(t for _, t in each) / N_STARS for each in (ours, theirs)]
    size = f"{len(emulator.wave)} pixels, {len(emulator.nodes)} models"
    compared(f"labels of a star, {size}", per_star[0], "loop over SVR.predict", per_star[1])
    print(f"  largest difference {difference[:, 0].max():.1e} K, {difference[:, 1:].max():.1e} dex")
    benchmark(fast, spectra[0])


def _compare(name, train, test_labels, test_flux):
    """Training time per pixel and error on models not trained on, of both engines."""
    krr, krr_time = _seconds(lambda: slam.train_krr(train))
    chosen, choice_time = _seconds(lambda: slam.svr_settings(train))
    svr, svr_time = _seconds(lambda: slam.train_svr(train, settings=chosen))
    print(f"\n{name}: {train.flux.shape[0]} models, {train.flux.shape[1]} pixels")
    for engine, emulator, seconds in (("krr", krr, krr_time), ("svr", svr, svr_time + choice_time)):
        error = np.sqrt(((emulator.flux(test_labels) - test_flux) ** 2).mean())
        stated, per_pixel = np.sqrt(emulator.variance.mean()), 1e3 * seconds / len(train.wave)
        print(f"  {engine}: {seconds:7.2f} CPU s to train ({per_pixel:6.2f} ms/pixel), "
              f"flux rms {error:.1e}, stated {stated:.1e}")  # fmt: skip


def test_engines_on_the_stand_in(instrument_grids, benchmark):
    grid = instrument_grids["lrs"]
    pixels = np.arange(0, len(grid.wave), 8)
    some = SpectralGrid(grid.wave[pixels], grid.flux[:, pixels], grid.labels, grid.meta)
    labels, lrs = stand_ins.stand_in_labels(400)[380:], instruments.INSTRUMENTS["lrs"]
    unseen = convolve_grid(stand_ins.synthesise_grid(labels), lrs.resolution, lrs.windows, lrs.step)
    _compare("stand-in, every 8th LRS pixel", some, labels, unseen.flux[:, pixels])
    benchmark(slam.train_krr, some)


def test_engines_on_bstar2006(data, benchmark):
    fine = tlusty.read_msg_grid(data / "tlusty" / "msg" / "sg-HeI-6678.h5")
    inside = np.flatnonzero((fine.labels[:, 0] > 15500) & (fine.labels[:, 0] < 29500)
                            & (fine.labels[:, 1] > 3.1) & (fine.labels[:, 1] < 4.6))  # fmt: skip
    held_out = np.random.default_rng(1).choice(inside, 15, replace=False)
    grid = convolve_grid(fine, 7500.0, [(6660.2, 6699.7)], 14.0)
    kept = np.setdiff1d(np.arange(len(fine.labels)), held_out)
    train = SpectralGrid(grid.wave, grid.flux[kept], grid.labels[kept], grid.meta)
    _compare("BSTAR2006, He I 6678 at MRS", train, grid.labels[held_out], grid.flux[held_out])
    benchmark(slam.train_krr, train)


def test_one_stand_in_star(emulators_krr, benchmark):
    """Both spectra of one star, joint continuum, four starts in v sin i."""
    pair = stand_ins.stand_in_pair((15841.0, 3.6, -0.8, 158.0), 0.0, 80.0, 1)

    def fit():
        for name, spectrum in zip(("lrs", "mrs"), pair, strict=True):
            fit_labels(emulators_krr[name], spectrum["wave"], spectrum["flux"], spectrum["ivar"])

    _, seconds = _seconds(fit)
    print(f"\none star, LRS and MRS: {seconds:.2f} CPU s")
    benchmark(fit)

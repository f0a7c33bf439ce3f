"""Engines and emulators: the same numbers as the regressions they are made of."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge

from runaways.emulators import slam
from runaways.emulators.emulator import join_emulators, read_emulator, write_emulator
from runaways.spectra.spectral_grid import SpectralGrid, convolve_grid

SETTINGS = {"C": 10.0, "gamma": 0.5, "epsilon": 0.05}
INSIDE = np.array([[14000.0, 3.9, -0.2], [21000.0, 3.6, -0.7], [11000.0, 4.2, 0.1]])


@pytest.fixture(scope="module")
def svr(small_grid):
    models, standard = slam.fit_pixel_svrs(small_grid, settings=SETTINGS)
    emulator = slam.stack_svrs(models, standard, small_grid.wave, np.ones(len(models)), {})
    return models, standard, emulator


def test_stacked_svrs_equal_scikit_learn(svr):
    models, standard, emulator = svr
    x = emulator.coordinates(INSIDE)
    looped = np.column_stack([m.predict(x) for m in models])
    looped = looped * standard["deviation"] + standard["mean"]
    np.testing.assert_allclose(emulator.flux(INSIDE), looped, atol=1e-10)


def test_svrs_with_a_gamma_of_their_own_are_grouped(small_grid):
    models, standard = slam.fit_pixel_svrs(
        small_grid, np.s_[:12], c=(1.0, 10.0), gamma=(0.1, 1.0), epsilon=(0.05,)
    )
    emulator = slam.stack_svrs(models, standard, small_grid.wave[:12], np.ones(12), {})
    assert len(emulator.groups) == len({m.gamma for m in models})
    x = emulator.coordinates(INSIDE)
    looped = np.column_stack([m.predict(x) for m in models])
    looped = looped * standard["deviation"] + standard["mean"]
    np.testing.assert_allclose(emulator.flux(INSIDE), looped, atol=1e-10)
    flux, jacobian = emulator.flux_and_jacobian(INSIDE[0])
    np.testing.assert_allclose(flux, looped[0], atol=1e-10)
    assert jacobian.shape == (3, 12) and np.all(np.isfinite(jacobian))


@pytest.mark.parametrize("engine", ["svr", "krr"])
def test_jacobian_is_the_derivative_of_the_flux(svr, emulators_krr, engine):
    emulator = svr[2] if engine == "svr" else emulators_krr["lrs"]
    for label in INSIDE:
        flux, jacobian = emulator.flux_and_jacobian(label)
        np.testing.assert_allclose(flux, emulator.flux(label), atol=1e-12)
        for i, h in enumerate((1.0, 1e-4, 1e-4)):
            step = np.zeros(3)
            step[i] = h
            central = (emulator.flux(label + step) - emulator.flux(label - step)) / (2.0 * h)
            np.testing.assert_allclose(jacobian[i], central, atol=1e-6 * np.abs(central).max())


def test_chunks_of_pixels_change_nothing(small_grid):
    whole = slam.train_svr(small_grid, settings=SETTINGS)
    cuts = [np.s_[:50], np.s_[50:51], np.s_[51:]]
    joined = join_emulators([slam.train_svr(small_grid, cut, settings=SETTINGS) for cut in cuts])
    np.testing.assert_array_equal(joined.wave, whole.wave)
    np.testing.assert_array_equal(joined.variance, whole.variance)
    np.testing.assert_allclose(joined.flux(INSIDE), whole.flux(INSIDE), atol=1e-14)


def test_chunks_of_other_models_are_refused(small_grid):
    fewer = SpectralGrid(small_grid.wave, small_grid.flux[:40], small_grid.labels[:40])
    chunks = [slam.train_krr(small_grid, np.s_[:20]), slam.train_krr(fewer, np.s_[20:])]
    with pytest.raises(ValueError, match="different models"):
        join_emulators(chunks)


def test_kernel_ridge_and_its_leave_one_out_error(small_grid):
    """Against scikit-learn: the fit itself, and the error by really leaving models out."""
    emulator = slam.train_krr(small_grid, gammas=(0.2,), ridges=(1e-5,), weights=((1, 1, 1),))
    x, mean = emulator.nodes, small_grid.flux.mean(axis=0)
    y = small_grid.flux - mean
    peer = KernelRidge(alpha=1e-5, kernel="rbf", gamma=0.2).fit(x, y)
    np.testing.assert_allclose(
        emulator.flux(INSIDE) - mean, peer.predict(emulator.coordinates(INSIDE)), atol=1e-6
    )
    left_out = np.empty_like(y)
    for i in range(len(x)):
        rest = np.arange(len(x)) != i
        peer = KernelRidge(alpha=1e-5, kernel="rbf", gamma=0.2).fit(x[rest], y[rest])
        left_out[i] = peer.predict(x[i : i + 1])[0] - y[i]
    np.testing.assert_allclose(emulator.variance, (left_out**2).mean(axis=0), rtol=1e-3)


def test_hold_out_error_exceeds_the_training_error(small_grid):
    emulator = slam.train_svr(small_grid, settings=SETTINGS)
    training = ((emulator.flux(small_grid.labels) - small_grid.flux) ** 2).mean(axis=0)
    assert np.mean(emulator.variance) > 2.0 * np.mean(training)


def test_settings_for_all_pixels_are_the_best_of_those_offered(small_grid):
    chosen = slam.svr_settings(small_grid, n_pixels=6, c=(1e-4, 10.0), gamma=(0.5,))
    assert chosen["C"] == 10.0 and set(chosen) == {"C", "gamma", "epsilon"}


def test_files_keep_everything(svr, emulators_krr, tmp_path):
    for emulator in (svr[2], emulators_krr["mrs"]):
        path = tmp_path / "emulator.npz"
        write_emulator(path, emulator)
        back = read_emulator(path)
        np.testing.assert_array_equal(back.flux(INSIDE), emulator.flux(INSIDE))
        np.testing.assert_array_equal(back.variance, emulator.variance)
        assert {k: str(v) for k, v in back.meta.items()} == {
            k: str(v) for k, v in emulator.meta.items()
        }
    np.savez(tmp_path / "other.npz", gammas=[1.0], names=["a"])
    with pytest.raises(ValueError, match="not an emulator"):
        read_emulator(tmp_path / "other.npz")


def test_stand_in_is_carried_into_the_emulator(emulators_krr):
    for emulator in emulators_krr.values():
        assert "not for publication" in emulator.meta["stand_in"]


def test_extrapolation_is_known(emulators_krr):
    emulator = emulators_krr["lrs"]
    outside = [[8000.0, 4.0, 0.0], [15000.0, 5.2, 0.0], [15000.0, 4.0, 1.5], [30000.0, 2.6, 0.0]]
    assert emulator.extrapolated(outside).all()
    assert not emulator.extrapolated(INSIDE).any()


def test_a_constant_label_is_no_extrapolation(data):
    from runaways.emulators import tlusty

    grid = tlusty.read_msg_grid(data / "tlusty" / "msg" / "sg-HeI-6678.h5")
    grid = convolve_grid(grid, 7500.0, [(6660.2, 6699.7)], 14.0)
    emulator = slam.train_krr(grid)
    assert not emulator.extrapolated([20000.0, 4.0, 0.0])[0]
    assert emulator.extrapolated([30000.0, 2.2, 0.0])[0]  # beyond the Eddington edge of the grid

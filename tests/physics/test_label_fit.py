"""Labels from spectra: planted truths, noise, gaps, and everything a spectrum can do wrong."""

import os

import numpy as np
import pytest

from runaways.emulators import slam, tlusty
from runaways.labels.continuum import JointContinuum, continuum_basis
from runaways.labels.fit import PARAMETERS, FitSettings, band_mask, fit_labels
from runaways.labels.model import SpectralModel
from runaways.spectra import instruments, spectral_grid
from runaways.spectra.broadening import broaden, instrument_sigma
from runaways.spectra.line_spread import LineSpread
from runaways.spectra.wavelengths import C_KMS, velocity_grid
from runaways.synthesis import stand_ins

N_STARS, SNR = 24, 80.0


def _stars():
    """Over the range of the published table: 9.5 to 28 kK, log g 2.9 to 4.3, [M/H] -1.3 to 0.6."""
    rng = np.random.default_rng(20251120)
    teff = 9600.0 * (28000.0 / 9600.0) ** rng.random(N_STARS)
    low = np.maximum(2.9, stand_ins.lowest_logg(teff) + 0.25)
    logg = low + (4.3 - low) * rng.random(N_STARS)
    return np.column_stack(
        [teff, logg, rng.uniform(-1.3, 0.6, N_STARS), rng.uniform(0.0, 160.0, N_STARS)]
    )


def _fit(emulator, spectrum, rv=0.0, **settings):
    wave = np.asarray(spectrum["wave"]) / (1.0 + rv / C_KMS)
    settings = FitSettings(shifted_by=rv, **settings)
    return fit_labels(emulator, wave, spectrum["flux"], spectrum["ivar"], settings)


@pytest.fixture(scope="module")
def closed_loop(emulators_krr):
    """Truth and fits of stars synthesised directly, not emulated, with an unknown response."""
    truth, fits = _stars(), []
    for i, star in enumerate(truth):
        rv = np.random.default_rng([1, i]).uniform(-300.0, 300.0)
        pair = stand_ins.stand_in_pair(star, rv, SNR, [11, i])
        arms = zip(("lrs", "mrs"), pair, strict=True)
        fits.append({name: _fit(emulators_krr[name], spectrum, rv) for name, spectrum in arms})
    return truth, fits


def _values(fits, arm):
    return np.array([[fit[arm].values[name] for name in PARAMETERS[:4]] for fit in fits])


def test_closed_loop_accuracy(closed_loop):
    """S/N 80, joint continuum: teff 3 %, log g 0.1, [M/H] 0.1 (LRS), v sin i 15 km/s (MRS), rms."""
    truth, fits = closed_loop
    error = _values(fits, "lrs") - truth
    error[:, 0] /= truth[:, 0]
    error[:, 3] = (_values(fits, "mrs") - truth)[:, 3]
    rms, bias = np.sqrt((error**2).mean(axis=0)), error.mean(axis=0)
    assert np.all(rms < [0.03, 0.1, 0.1, 15.0]), rms
    assert np.all(np.abs(bias) < 0.5 * rms), (bias, rms)


def test_errors_are_what_the_scatter_is(closed_loop):
    truth, fits = closed_loop
    for arm in ("lrs", "mrs"):
        stated = np.array([[f[arm].errors[n] for n in PARAMETERS[:3]] for f in fits])
        pull = (_values(fits, arm) - truth)[:, :3] / stated
        spread = np.sqrt((pull**2).mean(axis=0))
        assert np.all((spread > 0.6) & (spread < 1.5)), (arm, spread)


def test_no_star_is_stuck_on_a_shared_value(closed_loop):
    for arm in ("lrs", "mrs"):
        values = _values(closed_loop[1], arm)[:, :3]
        for column in values.T:
            assert len(np.unique(np.round(column, 6))) == N_STARS


def test_chi_square_says_the_model_fits(closed_loop):
    for fit in closed_loop[1]:
        for arm in fit.values():
            assert 0.8 < arm.chi2 / arm.n_pixels < 1.25 and not arm.reason


@pytest.fixture(scope="module")
def one_star(emulators_krr):
    """A star of known labels in LRS and MRS without noise but with realistic inverse variance."""
    labels = (16000.0, 3.9, -0.4, 70.0)
    pair = stand_ins.stand_in_pair(labels, 0.0, SNR, 5)
    return labels, dict(zip(("lrs", "mrs"), pair, strict=True))


def test_a_smooth_response_changes_no_label(emulators_krr, one_star):
    spectrum = one_star[1]["lrs"].copy()
    before = _fit(emulators_krr["lrs"], spectrum)
    response = 40.0 * (np.asarray(spectrum["wave"]) / 4500.0) ** -2.5
    spectrum["flux"] *= response
    spectrum["ivar"] /= response**2
    after = _fit(emulators_krr["lrs"], spectrum)
    for name in ("teff", "logg", "mh"):
        assert abs(after.values[name] - before.values[name]) < 0.2 * before.errors[name]
    np.testing.assert_allclose(after.errors["teff"], before.errors["teff"], rtol=0.1)
    used = after.used
    ratio = after.continuum[used] / before.continuum[used] / response[used]
    np.testing.assert_allclose(ratio, 1.0, atol=0.01)


def test_wild_pixels_and_gaps_are_survived(emulators_krr, one_star):
    labels, spectra = one_star
    spectrum = spectra["lrs"].copy()
    rng = np.random.default_rng(3)
    hit = rng.choice(len(spectrum), 60, replace=False)
    spectrum["flux"][hit[:20]] *= 3.0  # cosmic rays that nobody flagged
    spectrum["flux"][hit[20:40]] = np.nan
    spectrum["ivar"][hit[40:]] = 0.0
    spectrum["flux"][hit[40:]] = -1e9
    fit = _fit(emulators_krr["lrs"], spectrum)
    assert fit.reason == "" and not fit.used[hit[20:]].any()
    for name, value in zip(("teff", "logg", "mh"), labels, strict=False):
        assert abs(fit.values[name] - value) < 4.0 * fit.errors[name]


def test_interstellar_bands_are_not_looked_at(emulators_krr, one_star):
    """A 4428 band at rest in the observer's frame, in a star of +150 km/s."""
    labels = one_star[0]
    spectrum, _ = stand_ins.stand_in_pair(labels, 150.0, SNR, 5)
    clean = _fit(emulators_krr["lrs"], spectrum, 150.0)
    observed = np.asarray(spectrum["wave"])
    spectrum["flux"] *= 1.0 - 0.2 * (np.abs(observed - 4429.3) < 20.0)
    dirty = _fit(emulators_krr["lrs"], spectrum, 150.0)
    assert dirty.values == clean.values
    mask = band_mask(observed / (1.0 + 150.0 / C_KMS), rv=150.0)
    assert mask.any() and np.abs(observed[mask] - 4429.3).min() < 1.0
    unmasked = _fit(emulators_krr["lrs"], spectrum, 150.0, bands=())
    assert unmasked.values["teff"] != clean.values["teff"]


def test_residual_velocity_is_found(emulators_krr, one_star):
    spectrum = one_star[1]["mrs"]
    fit = _fit(emulators_krr["mrs"], spectrum, rv=-25.0, rv_max=60.0)  # shifted wrongly on purpose
    assert fit.values["rv"] == pytest.approx(25.0, abs=4.0 * fit.errors["rv"])
    assert fit.errors["rv"] < 3.0


def test_low_signal_grows_the_errors_and_crashes_nothing(emulators_krr):
    labels = (14000.0, 3.8, -0.3, 60.0)
    stated = []
    for snr in (80.0, 20.0, 7.0, 2.0):
        pair = stand_ins.stand_in_pair(labels, 0.0, snr, 8)
        for name, spectrum in zip(("lrs", "mrs"), pair, strict=True):
            fit = _fit(emulators_krr[name], spectrum)
            assert np.isfinite(fit.values["teff"])
            if name == "lrs":
                stated.append(fit.errors["teff"])
    assert np.all(np.diff(stated) > 0)


def test_slow_rotation_is_a_limit_and_fast_is_not(emulators_krr):
    for vsini, limit in ((0.0, True), (3.0, True), (120.0, False)):
        pair = stand_ins.stand_in_pair((18000.0, 4.0, -0.3, vsini), 0.0, SNR, 4)
        fit = _fit(emulators_krr["mrs"], pair[1])
        assert fit.vsini_is_limit == limit, (vsini, fit.values)
        assert fit.vsini_limit > vsini and fit.vsini_lower <= fit.values["vsini"] <= fit.vsini_upper


def test_a_width_unlike_the_stated_one_is_no_rotation(emulators_krr):
    """A non-rotator seen at R = 1600 and 1800: with the old model, R = 1800, 68 and 0 km/s."""
    for resolution in (1600.0, 1800.0, 2000.0):
        spreads = {"lrs": LineSpread.of_resolution(resolution)}
        seen, _ = stand_ins.stand_in_pair((13000.0, 3.9, -0.1, 0.0), 0.0, SNR, 4, None, spreads)
        fit = _fit(emulators_krr["lrs"], seen)
        assert fit.vsini_is_limit and fit.vsini_lower == 0.0, (resolution, fit.values)


def test_rotation_is_recovered_over_resolutions(emulators_krr):
    """Planted resolutions as the prior has them: 68 % intervals; RUNAWAYS_LONG for a coverage."""
    n = int(os.environ.get("RUNAWAYS_LONG", 8))
    rng = np.random.default_rng(1800)
    covered = []
    for i in range(n):
        width = 5500.0 / 1800.0 * rng.normal(1.0, 0.1)
        spreads = {"lrs": LineSpread(np.array([5500.0]), np.array([width]))}
        star = (rng.uniform(12000.0, 24000.0), 4.0, -0.2, (100.0, 200.0)[i % 2])
        fit = _fit(emulators_krr["lrs"], stand_ins.stand_in_pair(star, 0, SNR, i, None, spreads)[0])
        covered.append(fit.vsini_lower <= star[3] <= fit.vsini_upper)
        assert abs(fit.values["vsini"] - star[3]) < 4.0 * fit.errors["vsini"]
    # four binomial sigmas about 68 %
    assert abs(np.mean(covered) - 0.68) < 4.0 * np.sqrt(0.68 * 0.32 / n)


def test_macroturbulence_is_not_rotation(emulators_krr):
    """A giant of 35 km/s and v sin i = 20 in MRS: taken for rotation alone, 66 +- 2 km/s."""
    star = (16000.0, 3.4, -0.2, 20.0)
    pair = stand_ins.stand_in_pair(star, 0.0, SNR, 4, macroturbulence=35.0)
    fit = _fit(emulators_krr["mrs"], pair[1])
    assert fit.vsini_lower <= 20.0 <= fit.vsini_upper < 70.0
    alone = _fit(emulators_krr["mrs"], pair[1], luminosity_class=None, resolution_error=0.0)
    assert alone.vsini_lower > 50.0


def test_held_parameters_are_held(emulators_krr, one_star):
    fit = _fit(emulators_krr["lrs"], one_star[1]["lrs"], fixed={"vsini": 70.0, "mh": -0.4})
    assert (fit.values["vsini"], fit.values["mh"]) == (70.0, -0.4)
    assert np.isnan(fit.errors["mh"]) and np.isfinite(fit.errors["teff"])
    free = _fit(emulators_krr["lrs"], one_star[1]["lrs"])
    assert fit.errors["logg"] < free.errors["logg"]


def test_outside_the_grid_is_flagged(emulators_krr):
    pair = stand_ins.stand_in_pair((32500.0, 4.2, 0.0, 50.0), 0.0, SNR, 4)
    assert _fit(emulators_krr["lrs"], pair[0]).extrapolated  # the grid ends at 31 000 K


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda s: s["ivar"].__setitem__(slice(None), 0.0), "only 0 usable pixels"),
        (lambda s: s["flux"].__setitem__(slice(None), np.nan), "only 0 usable pixels"),
        (lambda s: s["wave"].__setitem__(slice(None), s["wave"] + 4000), "usable pixels"),
        (lambda s: s["flux"].__setitem__(slice(None), -s["flux"]), "median flux"),
    ],
)
def test_hopeless_spectra_have_a_reason(emulators_krr, one_star, spoil, said):
    spectrum = one_star[1]["lrs"].copy()
    spoil(spectrum)
    fit = _fit(emulators_krr["lrs"], spectrum)
    assert said in fit.reason and np.isnan(fit.values["teff"]) and not fit.used.any()


def test_no_lines_at_all_does_not_crash(emulators_krr, one_star):
    spectrum = one_star[1]["lrs"].copy()
    spectrum["flux"] = 1.0
    assert np.isfinite(_fit(emulators_krr["lrs"], spectrum).chi2)


def test_wrong_calls_are_refused(emulators_krr):
    wave = np.linspace(4000, 4500, 100)
    with pytest.raises(ValueError, match="mode"):
        FitSettings(mode="median")
    with pytest.raises(ValueError, match="cannot fix 'age'"):
        FitSettings(fixed={"age": 1.0})
    with pytest.raises(ValueError, match="lengths"):
        fit_labels(emulators_krr["lrs"], wave, wave[:-1], wave)


def test_spline_mode_with_models_treated_alike(instrument_grids, one_star):
    """Data and models divided by the power law through two of their own points."""

    def normalise(wave, flux):
        ends = np.searchsorted(wave, [4050.0, 5150.0])
        return flux / np.exp(np.interp(np.log(wave), np.log(wave[ends]), np.log(flux[ends])))

    grid = instrument_grids["lrs"]
    blue = spectral_grid.segments(grid.wave)[0]
    # of no instrument: the spectrum is as sharp as the grid
    grid = spectral_grid.SpectralGrid(grid.wave[blue], grid.flux[:, blue], grid.labels, {})
    emulator = slam.train_krr(spectral_grid.renormalise_grid(grid, normalise))
    truth = np.array([15000.0, 3.8, -0.3])
    exact = slam.train_krr(grid).flux(truth)
    inside = (grid.wave > 4050.0) & (grid.wave < 5150.0)  # np.interp does not extrapolate
    flux = normalise(grid.wave, exact * (grid.wave / 4500.0) ** -3)
    settings = FitSettings("spline", fixed={"vsini": 0.0})
    fit = fit_labels(emulator, grid.wave, flux, np.where(inside, 1e4, 0.0), settings)
    # what is left is interpolation: a hundredth of the errors at S/N 100 (120 K, 0.02, 0.04 dex)
    found = [fit.values[name] for name in ("teff", "logg", "mh")]
    assert np.all(np.abs(np.array(found) - truth) < [1.2, 2e-4, 4e-4])
    np.testing.assert_array_equal(fit.continuum[fit.used], 1.0)


def test_model_derivatives(emulators_krr, one_star):
    """All five, by central differences, on the data's own pixels."""
    wave = np.asarray(one_star[1]["mrs"]["wave"])
    model = SpectralModel(emulators_krr["mrs"], wave)
    point, steps = np.array([16000.0, 3.9, -0.4, 55.0, 8.0]), (2.0, 1e-3, 1e-3, 0.01, 0.01)
    flux, jacobian = model.evaluate(point[:3], point[3], point[4])
    np.testing.assert_allclose(flux, model.flux(point[:3], point[3], point[4])[0], atol=1e-12)
    for i, h in enumerate(steps):
        up, down = point.copy(), point.copy()
        up[i] += h
        down[i] -= h
        span = up[3] ** 2 - down[3] ** 2 if i == 3 else 2.0 * h
        difference = model.evaluate(up[:3], up[3], up[4])[0]
        difference = (difference - model.evaluate(down[:3], down[3], down[4])[0]) / span
        scale = np.abs(difference).max()
        np.testing.assert_allclose(jacobian[i] / scale, difference / scale, atol=1e-4)


def test_derivatives_of_the_nuisances(emulators_krr, one_star):
    """Width of the line-spread function, its trend, macroturbulence, by central differences."""
    wave = np.asarray(one_star[1]["lrs"]["wave"])
    spread = instruments.INSTRUMENTS["lrs"].line_spread
    model = SpectralModel(emulators_krr["lrs"], wave, line_spread=spread)
    labels, at = (16000.0, 3.9, -0.4), np.array([1.05, 0.95, 0.3, 400.0])
    _, jacobian = model.evaluate(labels, 50.0, nuisances=at)
    for i, h in enumerate((1e-3, 1e-3, 1e-3, 1.0)):
        step = h * (np.arange(4) == i)
        ends = [model.evaluate(labels, 50.0, nuisances=at + sign * step)[0] for sign in (1, -1)]
        difference = (ends[0] - ends[1]) / (2.0 * h)
        scale = np.abs(difference).max()
        np.testing.assert_allclose(jacobian[5 + i] / scale, difference / scale, atol=1e-3)
    assert model.stated.tolist() == [True, False]


def test_the_line_spread_function_is_that_of_the_spectrum(emulators_krr):
    """Emulator and fit against synthesis and direct convolution, without noise."""
    labels = (16000.0, 3.9, -0.4)
    seen = stand_ins.stand_in_pair((*labels, 0.0), 0.0, 1e6, 5)[0]
    spread = instruments.INSTRUMENTS["lrs"].line_spread
    model = SpectralModel(emulators_krr["lrs"], np.asarray(seen["wave"]), line_spread=spread)
    flat = np.asarray(seen["flux"]) / model.flux(labels)[0]
    # what is left is the planted response: smooth over the lines
    for low, high in ((4461.0, 4485.0), (4911.0, 4935.0)):
        part = (seen["wave"] > low) & (seen["wave"] < high)
        line = np.polynomial.Polynomial.fit(seen["wave"][part], flat[part], 1)
        assert np.abs(flat[part] / line(seen["wave"][part]) - 1).max() < 3e-3


def test_rotation_derivative_lives_at_rest(emulators_krr, one_star):
    model = SpectralModel(emulators_krr["mrs"], np.asarray(one_star[1]["mrs"]["wave"]))
    _, jacobian = model.evaluate((16000.0, 3.9, -0.4), 0.0)
    broader = model.flux((16000.0, 3.9, -0.4), 2.0)[0] - model.flux((16000.0, 3.9, -0.4), 0.0)[0]
    scale = np.abs(broader).max()
    np.testing.assert_allclose(jacobian[3] * 4.0 / scale, broader / scale, atol=0.01)


def test_projected_derivatives_ignore_the_continuum():
    wave = np.linspace(4000.0, 4600.0, 400)
    basis = continuum_basis(wave, np.zeros(400, dtype=int), 120.0)
    np.testing.assert_allclose(basis.sum(axis=1), 1.0)
    model = 1.0 - 0.4 * np.exp(-0.5 * ((wave - 4340.0) / 8.0) ** 2)
    weight = np.random.default_rng(0).uniform(0.5, 2.0, 400)
    flux = model * (basis @ np.linspace(1.0, 2.0, basis.shape[1]))
    joint = JointContinuum(flux, basis)
    level, parts = joint.solve(model, weight)
    np.testing.assert_allclose(model * level, flux, rtol=1e-7)
    free = model * (basis @ np.random.default_rng(1).normal(size=basis.shape[1]))
    np.testing.assert_allclose(joint.project(free[None], parts), 0.0, atol=1e-7)


def _bstar_grid(data, held_out):
    """The BSTAR2006 cut-out at MRS resolution without some models, and those models as they are."""
    fine = tlusty.read_msg_grid(data / "tlusty" / "msg" / "sg-HeI-6678.h5")
    kept = np.setdiff1d(np.arange(len(fine.labels)), held_out)
    part = spectral_grid.SpectralGrid(fine.wave, fine.flux[kept], fine.labels[kept], fine.meta)
    return fine, spectral_grid.convolve_grid(part, 7500.0, [(6660.2, 6699.7)], 14.0)


def test_rotation_of_real_models_is_recovered_within_its_errors(data):
    """BSTAR2006 He I 6678 at MRS resolution and S/N 50: 68 % intervals, 4 x 50 realisations.

    The models rotated are not among those the emulator was trained on.
    """
    rng = np.random.default_rng(6678)
    labels = tlusty.read_msg_grid(data / "tlusty" / "msg" / "sg-HeI-6678.h5").labels
    inside = np.flatnonzero((labels[:, 0] > 16500) & (labels[:, 0] < 28500)
                            & (labels[:, 1] > 3.2) & (labels[:, 1] < 4.6))  # fmt: skip
    held_out = rng.choice(inside, 10, replace=False)
    fine, grid = _bstar_grid(data, held_out)
    emulator = slam.train_krr(grid)
    pixels = velocity_grid(6661.0, 6699.0, instruments.MRS_PIXEL)
    sigma = instrument_sigma(7500.0, fine.meta["resolution"])
    covered = []
    for vsini in (20.0, 50.0, 100.0, 200.0):
        found = []
        for i in range(50):
            noise = np.random.default_rng([6678, int(vsini), i])
            model = broaden(fine.wave, fine.flux[held_out[i % 10]], vsini=vsini, sigma=sigma)
            flux = np.interp(pixels, fine.wave, model)
            flux = flux * (1.0 + 0.05 * noise.normal() * (pixels - 6680.0) / 20.0)
            flux = flux + noise.normal(size=len(pixels)) / 50.0
            settings = FitSettings(continuum_spacing=40.0, edge=1.0)
            fit = fit_labels(emulator, pixels, flux, np.full(len(pixels), 2500.0), settings)
            covered.append(fit.vsini_lower <= vsini <= fit.vsini_upper)
            found.append((fit.values["vsini"], fit.errors["vsini"]))
        values, errors = np.array(found).T
        # the mean is right within the error of a mean of 50, and the stated errors are the scatter
        assert abs(values.mean() - vsini) < 4.0 * errors.mean() / np.sqrt(50)
        assert 0.6 < values.std() / np.median(errors) < 1.5
    assert 0.63 <= np.mean(covered) <= 0.73, np.mean(covered)

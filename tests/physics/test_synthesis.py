"""The stand-in synthesiser against theory, published numbers and the trends of B stars."""

import numpy as np
import pytest
from scipy.special import expn, voigt_profile

from runaways.spectra.wavelengths import air_to_vacuum, vacuum_to_air, velocity_grid
from runaways.synthesis import atmospheres, kernels, line_formation
from runaways.synthesis.atomic_data import BALMER, line_list
from runaways.synthesis.hydrogen_profiles import balmer_profile, holtsmark_profile

# Equivalent widths [A] of the project's first synthesiser at log g = 4, solar [M/H]: teff, H gamma,
# He I 4471, Mg II 4481
FIRST_SYNTHESISER = np.array([
    [31400, 2.8, 0.62, 0.09], [26000, 4.0, 0.88, 0.14], [20600, 5.4, 1.12, 0.21],
    [17000, 6.9, 0.98, 0.26], [15700, 7.5, 0.82, 0.29], [14000, 8.6, 0.58, 0.32],
    [12500, 10.2, 0.39, 0.37], [10700, 13.8, 0.23, 0.43],
])  # fmt: skip
# Equivalent widths [A] of MK dwarfs (Gray & Corbally 2014AJ....147...80G standards): rough teff,
# He I 4471, Mg II 4481
DWARFS = {26000: (1.10, 0.10), 20600: (1.27, 0.15), 15700: (0.80, 0.20), 12500: (0.31, 0.28)}
WAVE = velocity_grid(4270.0, 4500.0, 5.0)


def _width(flux, first, last):
    air = vacuum_to_air(WAVE)
    inside = (air > first) & (air < last)
    return np.trapezoid(1.0 - flux[inside], air[inside])


@pytest.fixture(scope="module")
def sequence():
    return {int(t): line_formation.synthesise(t, 4.0, 0.0, WAVE) for t in FIRST_SYNTHESISER[:, 0]}


def test_equivalent_widths_against_the_first_synthesiser(sequence):
    """Independent line broadening and line data: 10 to 25 % is what LTE codes differ by."""
    for teff, gamma, he1, mg2 in FIRST_SYNTHESISER:
        flux = sequence[int(teff)]
        hydrogen = line_formation.synthesise(teff, 4.0, 0.0, WAVE, elements=("H",))
        assert _width(hydrogen, 4290.0, 4390.0) == pytest.approx(gamma, rel=0.12)
        assert _width(flux, 4460.0, 4478.5) == pytest.approx(he1, rel=0.25)
        assert _width(flux, 4478.5, 4484.5) == pytest.approx(mg2, rel=0.15)


def test_real_dwarfs_have_such_lines(sequence):
    """LTE He I and the hot end of Mg II are known to be off by tens of per cent, not by factors."""
    for teff, (he1, mg2) in DWARFS.items():
        assert 0.65 < _width(sequence[teff], 4460.0, 4478.5) / he1 < 1.5
        assert 0.9 < _width(sequence[teff], 4478.5, 4484.5) / mg2 < 1.8


def test_trends_of_spectral_type(sequence):
    """Liu et al. 2019: Balmer and Mg II grow to B9, He I peaks at B2 V, He I/Mg II falls."""
    teffs = sorted(sequence, reverse=True)
    gamma = [_width(sequence[t], 4300, 4380) for t in teffs]
    he1 = [_width(sequence[t], 4460, 4478.5) for t in teffs]
    mg2 = [_width(sequence[t], 4478.5, 4484.5) for t in teffs]
    assert np.all(np.diff(gamma) > 0) and np.all(np.diff(mg2) > 0)
    assert teffs[int(np.argmax(he1))] == 20600
    assert np.all(np.diff(np.divide(he1, mg2)[2:]) < 0)


def test_balmer_wings_fall_with_gravity_and_metals_grow_with_metallicity():
    by_gravity = [_width(line_formation.synthesise(15000, g, 0.0, WAVE), 4300, 4380)
                  for g in (3.0, 3.5, 4.0)]  # fmt: skip
    assert np.all(np.diff(by_gravity) > 1.0)
    by_metals = [_width(line_formation.synthesise(12000, 4.0, m, WAVE), 4478.5, 4484.5)
                 for m in (-1.4, -0.7, 0.0, 0.7)]  # fmt: skip
    assert np.all(np.diff(by_metals) > 0.04)


@pytest.mark.parametrize("air", [4340.463, 4471.48, 4387.93])
def test_lines_are_where_they_are_in_vacuum(sequence, air):
    near = np.abs(WAVE - float(air_to_vacuum(air))) < 1.0
    core = WAVE[near][np.argmin(sequence[17000][near])]
    assert core == pytest.approx(float(air_to_vacuum(air)), abs=0.12)


def test_flux_is_between_zero_and_the_continuum(sequence):
    for flux in sequence.values():
        assert flux.min() > 0.0 and flux.max() < 1.001
    bare = line_formation.synthesise(15000, 4, 0, WAVE, elements=())
    np.testing.assert_allclose(bare, 1.0, atol=1e-4)


def test_the_window_does_not_matter():
    whole = line_formation.synthesise(14000, 4.0, 0.0, WAVE)
    part = WAVE[1000:2400]
    again = line_formation.synthesise(14000, 4.0, 0.0, part)
    np.testing.assert_allclose(again, whole[1000:2400], atol=2e-4)


@pytest.mark.parametrize("teff, logg", [(8000, 4.0), (35000, 4.0), (15000, 2.0)])
def test_outside_its_range_it_refuses(teff, logg):
    with pytest.raises(ValueError, match="covers"):
        line_formation.synthesise(teff, logg, 0.0, WAVE)


def test_exponential_integral_fit():
    x = np.concatenate([[0.0], np.geomspace(1e-5, 40.0, 300)])
    fit = np.polynomial.polynomial.polyval(x, kernels.E4_TOP)
    fit = fit / np.polynomial.polynomial.polyval(x, kernels.E4_BOTTOM) * np.exp(-x)
    np.testing.assert_allclose(fit, expn(4, x), rtol=2e-4)


def test_line_cores_are_voigt_profiles():
    """Doppler widths of 0.03 to 0.3 A, from no damping to more than thermal motion."""
    wave = velocity_grid(4495.0, 4505.0, 0.5)
    width = np.array([[0.03, 0.1, 0.3]] * 3)
    half_width = width * np.array([[1e-5], [1e-2], [2.0]])
    for line in range(3):
        total, one = np.zeros((len(wave), 3)), np.s_[line : line + 1]
        whole = np.array([[0, 0, len(wave), len(wave)]])
        kernels.add_lines(total, wave, np.array([4500.0]), whole, width[one], half_width[one],
                          np.ones((1, 3)))  # fmt: skip
        voigt = voigt_profile(wave[:, None] - 4500.0, width[line] / np.sqrt(2.0), half_width[line])
        np.testing.assert_allclose(total, voigt, atol=1e-11, rtol=1e-9)


def test_a_linear_source_function_gives_the_eddington_barbier_flux():
    """S = a + b tau has F/2 = a/2 + b/3 exactly."""
    depth = np.concatenate([[1e-8], np.geomspace(1e-5, 50.0, 200)])[None]
    flux = kernels.emergent_flux(2.0 + 3.0 * depth, depth)
    assert flux[0] == pytest.approx(1.0 + 1.0, rel=3e-4)


def test_isothermal_atmosphere_thermalises():
    depth = np.geomspace(1e-6, 1e3, 90)[:, None]
    planck, albedo = np.full_like(depth, 2.0), np.full_like(depth, 0.9)
    mean = line_formation._mean_intensity(planck, albedo, depth)
    # J(0)/B = sqrt(eps)/(1 + sqrt(eps)) in the Eddington approximation (Mihalas 1978, eq. 6-24)
    root = np.sqrt(0.1)
    assert mean[0, 0] / 2.0 == pytest.approx(root / (1.0 + root), rel=0.02)
    assert mean[-1, 0] == pytest.approx(2.0)


def test_holtsmark_profile_has_area_one_and_the_right_wing():
    beta = np.geomspace(1e-4, 1e5, 400000)
    assert 2.0 * np.trapezoid(holtsmark_profile(beta), beta) == pytest.approx(1.0, abs=2e-3)
    assert holtsmark_profile(1e4) == pytest.approx(1.5 * 1e4**-2.5, rel=0.02)


@pytest.mark.parametrize("electrons", [1e11, 1e13, 1e14, 1e15])
@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_balmer_profiles_have_area_one(n, electrons):
    wave0 = float(air_to_vacuum(BALMER[n][0]))
    wave = velocity_grid(wave0 - 200.0, wave0 + 200.0, 5.0)
    profile = balmer_profile(wave, n, wave0, [15000.0], [electrons], [wave0 * 16.0 / 3e5])[:, 0]
    assert np.trapezoid(profile, wave) == pytest.approx(1.0, abs=0.04)
    assert profile.min() > 0.0 and wave[np.argmax(profile)] == pytest.approx(wave0, abs=0.1)


def test_balmer_wing_doubles_the_ions_far_out():
    """Where all electrons act statically the wing is twice the Holtsmark wing (Griem 1960)."""
    wave0 = float(air_to_vacuum(BALMER[4][0]))
    wave = velocity_grid(wave0 - 240.0, wave0 + 240.0, 10.0)
    profile = balmer_profile(wave, 4, wave0, [10000.0], [1e16], [0.3])[:, 0]
    beta = 230.0 / (1.25e-9 * 1e16 ** (2 / 3) * 0.01772)
    static = holtsmark_profile(beta) / (1.25e-9 * 1e16 ** (2 / 3) * 0.01772)
    assert 1.5 < np.interp(wave0 + 230.0, wave, profile) / static < 2.1


def test_ions_and_charge_balance():
    temperature = np.array([6000.0, 10000.0, 20000.0, 40000.0])
    electrons, hydrogen = atmospheres.equation_of_state(temperature, np.full(4, 1e3))
    for element in ("H", "He", "Si", "Fe"):
        total = atmospheres.ion_fractions(element, temperature, electrons).sum(axis=0)
        np.testing.assert_allclose(total, 1.0)
    particles = 1e3 / (atmospheres.K_B * temperature)
    np.testing.assert_allclose(electrons + 1.1 * hydrogen, particles, rtol=1e-6)
    assert electrons[0] / hydrogen[0] < 0.05  # neutral
    assert electrons[2] / hydrogen[2] == pytest.approx(1.1, abs=0.02)  # H II and He II
    assert electrons[3] / hydrogen[3] == pytest.approx(1.2, abs=0.02)  # H II and He III


def test_hydrostatic_equilibrium_at_depth():
    """Without radiation pressure P(tau) would be g times the column; with it, a little less."""
    model = atmospheres.model_atmosphere(15000.0, 4.0)
    total = model.electrons + 1.1 * model.hydrogen
    pressure = total * atmospheres.K_B * model.temperature
    rho = model.hydrogen * atmospheres.MASS_PER_H
    kappa = model.opacity / rho
    slope = np.gradient(np.log(pressure), np.log(model.tau)) * pressure / model.tau
    push = atmospheres.SIGMA_SB * 15000.0**4 / atmospheres.C_LIGHT
    inner = slice(8, -4)
    np.testing.assert_allclose(slope[inner] * kappa[inner], 1e4 - kappa[inner] * push, rtol=0.03)


def test_temperature_is_the_effective_one_near_two_thirds():
    for teff in (10000.0, 15000.0, 25000.0):
        assert atmospheres.temperature_law(2.0 / 3.0, teff)[()] == pytest.approx(teff, rel=0.06)


def test_too_hot_or_cool_atmospheres_are_refused():
    with pytest.raises(ValueError, match="outside"):
        atmospheres.model_atmosphere(40000.0, 4.0)


def test_line_list_is_sane():
    lines = line_list()
    assert len(lines) > 200 and np.all(np.diff(lines["wave"]) >= 0)
    assert np.all((lines["log_gf"] > -3.5) & (lines["log_gf"] < 1.3))
    for line in lines:
        levels = atmospheres.IONS[str(line["element"])]
        binding = levels[int(line["charge"])][0]
        assert line["energy"] < binding and line["energy"] + 12398.4 / line["wave"] < binding + 1.5
    strongest = lines[(lines["element"] == "Mg") & (np.abs(lines["wave"] - 4482.38) < 0.02)]
    assert strongest["log_gf"].max() == 0.740  # Mg II 4481.126, Gaia-ESO line list

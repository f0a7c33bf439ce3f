"""The posterior of mass and age: against integrals that are known, and with what it refuses."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.masses_ages import posterior
from runaways.masses_ages.model_stars import ModelStars
from runaways.stars import photometry

FLAT = posterior.Priors(
    imf_slope=0.0, look_back=1e5, mh_mean=0.0, mh_sigma=1e3, list_teff=1.0, list_slope=0.0
)


def grid(n=60_000, seed=1):
    """Model stars even in labels, so that a posterior with flat priors is the likelihood."""
    rng = np.random.default_rng(seed)
    teff, logg, mh = rng.uniform([10_000, 3, -1], [20_000, 5, 1], (n, 3)).T
    age = np.sort(rng.uniform(1, 100, n))
    one = np.ones(n)
    names = dict(teff=teff, logg=logg, mh=mh, luminosity=10 ** (4.5 - logg), mass=teff / 3000)
    widths = dict(mass_width=one, age_width=0.01 * one, mh_width=one)
    return ModelStars(**names, age=age, mass_initial=teff / 3000, phase=one, **widths)


STAR = {"teff": 15_000.0, "logg": 4.0, "mh": 0.0}
STAR |= {"teff_error": 800.0, "logg_error": 0.2, "mh_error": 0.2}


def test_flat_priors_give_back_the_likelihood():
    models = grid()
    found = posterior.explain(models, FLAT.weights(models), STAR)
    low, middle, high = found.quantiles("logg")
    assert middle == pytest.approx(4.0, abs=0.01)
    assert (high - low) / 2 == pytest.approx(0.2, rel=0.05)
    assert np.array(found.quantiles("mass")) * 3000 == pytest.approx(
        [14_200, 15_000, 15_800], rel=0.005
    )
    assert found.weights.sum() == pytest.approx(1)


def test_correlated_labels():
    """Corr 0.8 of Teff and log g is what the posterior of the two has."""
    models = grid(200_000)
    found = posterior.explain(models, FLAT.weights(models), STAR | {"teff_logg_corr": 0.8})
    both = [found.values("teff"), found.values("logg")]
    covariance = np.cov(both, aweights=found.weights)
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert correlation == pytest.approx(0.8, abs=0.02)


def test_mass_function_and_age_weigh_as_stated():
    models = grid()
    steep = posterior.Priors(2.35, 50.0, 0.0, 0.5, 12_000.0, 10.0)
    ratio = steep.weights(models) / FLAT.weights(models)
    here = models.age < 49.9
    hot = here & (models.teff > 12_000)
    expected = models.mass**-2.35 * np.exp(-0.5 * (models.mh / 0.5) ** 2)
    assert ratio[hot] == pytest.approx(expected[hot], rel=1e-6)
    cool = here & ~hot
    fallen = expected * (models.teff / 12_000) ** 10
    assert ratio[cool] == pytest.approx(fallen[cool], rel=1e-6)
    assert (ratio[models.age > 50.1] == 0).all()


def test_the_luminosity_of_a_parallax():
    """Luminosity from 5 % in parallax and 0.1 mag: 0.4 (0.1 + 0.1086) dex in quadrature."""
    models = grid(200_000)
    distance, teff, luminosity = 0.5, 15_000.0, 10**0.5
    magnitude = float(photometry.absolute_magnitude(luminosity, teff))
    star = STAR | {"teff_error": 50.0, "logg_error": 5.0, "ag": 0.3, "ag_error": 0.0}
    star |= {"parallax": 1 / distance, "parallax_error": 0.05 / distance}
    star["phot_g_mean_mag"] = magnitude + 5 * np.log10(distance) + 10 + 0.3
    found = posterior.explain(models, FLAT.weights(models), star)
    low, middle, high = np.log10(found.quantiles("luminosity"))
    assert (high - low) / 2 == pytest.approx(np.hypot(0.04, 2 * 0.05 / np.log(10)), rel=0.1)
    # the prior of the distance, d^3 per ln d, takes 3 sigma^2 = 0.0075 of ln d
    assert middle == pytest.approx(0.5 + 2 * 0.0075 / np.log(10), abs=0.015)


def test_draws_are_of_the_posterior_and_of_mass_and_age_together():
    models = grid()
    found = posterior.explain(models, FLAT.weights(models), STAR)
    u = (np.arange(4096) + 0.5) / 4096
    mass, age = found.draw(u)
    assert np.quantile(mass, [0.16, 0.5, 0.84]) == pytest.approx(found.quantiles("mass"), rel=0.02)
    assert (np.diff(age) >= 0).all()  # a later deviate is a later age: Sobol points stay even
    pairs = set(zip(models.mass.tolist(), models.age.tolist()))
    assert set(zip(mass.tolist(), age.tolist())) <= pairs


def test_labels_that_are_not_there():
    models = grid(1000)
    for name in ("teff", "logg_error"):
        assert posterior.explain(models, FLAT.weights(models), STAR | {name: np.nan}) is None
    table = posterior.summarise(models, FLAT.weights(models), Table([STAR | {"mh": np.nan}]))
    assert np.isnan(table["mass_posterior"][0]) and table["masses_from"][0] == ""


def test_far_from_every_model_star_is_said():
    models = grid(20_000)
    off = posterior.explain(models, FLAT.weights(models), STAR | {"logg": 6.0})
    assert off.chi2 == pytest.approx((1.0 / 0.2) ** 2, rel=0.05)
    near = posterior.explain(models, FLAT.weights(models), STAR)
    assert near.chi2 < 0.1


def test_correlations_of_a_fit_are_diluted_by_external_errors():
    """Half of the error of Teff and all of that of log g are the fit's: 0.6 becomes 0.3."""
    corr = {"teff_logg_corr": 0.6, "teff_mh_corr": 0.2, "logg_mh_corr": -0.4}
    other = dict.fromkeys(corr, 0.9)
    fit = {"teff": 15_000.0, "teff_error": 400.0, "logg_error": 0.2, "mh_error": 0.1}
    fits = Table([{"star": "a"} | fit | {"teff": 9.0} | other, {"star": "a"} | fit | corr])
    stars = Table([{"star": "a"} | STAR, {"star": "b"} | STAR])
    out = posterior.with_fit_correlations(stars, fits)
    assert list(out["teff_logg_corr"]) == pytest.approx([0.3, np.nan], nan_ok=True)
    assert out["teff_mh_corr"][0] == pytest.approx(0.05)
    assert out["logg_mh_corr"][0] == pytest.approx(-0.2)

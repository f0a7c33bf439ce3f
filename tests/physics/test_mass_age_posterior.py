"""Masses and ages by the posterior on a mock population: intervals hold what they say."""

import os

import numpy as np
import pytest

from runaways.masses_ages import model_stars, posterior
from runaways.masses_ages.parsec import read_parsec
from runaways.stars import photometry

# Guo et al. 2025, Sect. 3.2, who state none for [M/H]: assumed
ERRORS = {"teff": 1642.0, "logg": 0.25, "mh": 0.2}
BINS = (0, 5, 15, 50, 150, 4000)  # Myr, of the predicted age
PRIORS = posterior.Priors(2.35, 10_000.0, 0.0, 0.5, 11_500.0, 25.0)
N_STARS = int(os.environ.get("RUNAWAYS_MOCK_STARS", 200))
MASSIVE = 1.5  # stars are planted as M^1.5 times their number, so that the young ones are not few


@pytest.fixture(scope="module")
def models(data):
    return model_stars.model_stars(read_parsec(sorted((data / "parsec").glob("*/*"))))


def population(models, rng):
    """B stars of a Salpeter mass function and constant star formation: rows, and their weights."""
    number = models.mass_initial.astype(float) ** -2.35 * models.mass_width * models.age_width
    number *= models.mh_width * np.exp(-0.5 * (models.mh / 0.2) ** 2) * (models.age < 10_000)
    number *= (models.teff > 10_500) & (models.teff < 31_000)
    planted = number * models.mass_initial**MASSIVE
    rows = rng.choice(len(models), N_STARS, p=planted / planted.sum())
    return rows, models.mass_initial[rows] ** -MASSIVE


def observed(models, row, rng, parallax_error=None):
    star = {f"{name}_error": error for name, error in ERRORS.items()}
    for name, error in ERRORS.items():
        star[name] = float(getattr(models, name)[row]) + error * rng.standard_normal()
    if parallax_error:
        distance, extinction = rng.uniform(0.3, 3), rng.uniform(0, 1)
        true = 1 / distance
        error = parallax_error * true
        star |= {"parallax": true + error * rng.standard_normal(), "parallax_error": error}
        magnitude = photometry.absolute_magnitude(models.luminosity[row], models.teff[row])
        star["phot_g_mean_mag"] = float(magnitude) + 5 * np.log10(distance) + 10 + extinction
        star["phot_g_mean_mag"] += photometry.MAGNITUDE_ERROR * rng.standard_normal()
        star |= {"ag": extinction + 0.05 * rng.standard_normal(), "ag_error": 0.05}
    return star


def median(values, weights):
    return np.quantile(values, 0.5, weights=weights, method="inverted_cdf")


@pytest.mark.parametrize("parallax_error, widest", [(None, 0.40), (0.05, 0.35)])
def test_intervals_in_bins_of_predicted_age(models, parallax_error, widest):
    rng = np.random.default_rng(12)
    prior = PRIORS.weights(models)
    rows, weights = population(models, rng)
    found = np.array(
        [
            np.log10(posterior.explain(models, prior, star).quantiles("age"))
            for star in (observed(models, row, rng, parallax_error) for row in rows)
        ]
    )
    low, middle, high = found.T
    truth = np.log10(models.age[rows])
    held = (low <= truth) & (truth <= high)
    assert np.average((high - low) / 2, weights=weights) < widest
    for start, end in zip(BINS[:-1], BINS[1:]):
        here = (10**middle >= start) & (10**middle < end)
        n = weights[here].sum() ** 2 / (weights[here] ** 2).sum() if here.any() else 0
        if n < 10:
            continue
        share = np.average(held[here], weights=weights[here])
        off = median(middle[here], weights[here]) - median(truth[here], weights[here])
        print(f"{start}-{end} Myr: n {here.sum()} ({n:.0f}), {share:.2f}, {off:+.3f} dex")
        # what is asked, 0.63 to 0.75 and 0.12 dex, and two of its errors from so few stars
        error = np.sqrt(0.683 * 0.317 / n)
        assert 0.63 - 2 * error < share < 0.75 + 2 * error
        assert abs(off) < 0.12 + 2 * 0.35 / np.sqrt(n)

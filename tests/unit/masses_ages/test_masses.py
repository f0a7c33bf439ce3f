"""Draws of labels and what becomes of them."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table
from scipy.stats import norm

from runaways.masses_ages.masses import (
    as_columns,
    label_draws,
    mass_age_correlation,
    masses_and_ages,
    summarise,
)

LABELS = np.array([16_000.0, 4.0, -0.3])
ERRORS = np.array([1642.0, 0.25, 0.2])


class PowerLaw:
    """mass = Teff / 4000, age = 10^(10 - 2 log g): what comes out of a draw is known."""

    def predict(self, labels):
        return np.column_stack(
            [labels[:, 0] / 100, labels[:, 0] / 4000, 10 ** (10 - 2 * labels[:, 1])]
        )


def test_a_draw_is_a_function_of_its_own_deviates():
    deviates = np.random.default_rng(1).standard_normal((100, 3))
    draws = label_draws(LABELS, ERRORS, deviates)
    assert (label_draws(LABELS, ERRORS, deviates[:40]) == draws[:40]).all()
    assert (label_draws(LABELS, ERRORS, deviates[7:8]) == draws[7]).all()
    assert draws == pytest.approx(LABELS + ERRORS * deviates)


def test_uniform_deviates_give_the_same_gaussian():
    deviates = np.random.default_rng(2).standard_normal((50, 3))
    draws = label_draws(LABELS, ERRORS, norm.cdf(deviates), kind="uniform")
    assert draws == pytest.approx(label_draws(LABELS, ERRORS, deviates))


def test_no_error_no_scatter():
    deviates = np.random.default_rng(3).standard_normal((5, 3))
    assert (label_draws(LABELS, np.zeros(3), deviates) == LABELS).all()


@pytest.mark.parametrize(
    ("labels", "deviates", "kind", "message"),
    [
        (LABELS[:2], np.zeros((4, 3)), "normal", r"expected \(3,\), \(3,\) and \(n_draws, 3\)"),
        (LABELS, np.zeros((4, 2)), "normal", r"expected \(3,\), \(3,\) and \(n_draws, 3\)"),
        (LABELS, np.zeros((4, 3)), "uniform", "between 0 and 1, ends excluded"),
        (LABELS, np.zeros((4, 3)), "cauchy", "expected 'normal' or 'uniform'"),
    ],
)
def test_draws_refuse_what_they_cannot_use(labels, deviates, kind, message):
    with pytest.raises(ValueError, match=message):
        label_draws(labels, ERRORS, deviates, kind)


def test_quantiles_of_a_known_distribution():
    rng = np.random.default_rng(4)
    draws = label_draws(LABELS, ERRORS, rng.standard_normal((200_000, 3)))[None]
    summary, targets = masses_and_ages(PowerLaw(), LABELS[None], draws)
    star = summary[0]
    assert star["mass"] == pytest.approx(4.0)
    assert star["mass_lower"] == pytest.approx(4.0 - 1642 / 4000, rel=0.003)
    assert star["mass_upper"] == pytest.approx(4.0 + 1642 / 4000, rel=0.003)
    assert star["age"] == pytest.approx(100.0)
    assert star["age_lower"] == pytest.approx(100 * 10**-0.5, rel=0.02)
    assert star["age_upper"] == pytest.approx(100 * 10**0.5, rel=0.02)
    assert abs(star["mass_age_correlation"]) < 0.01
    assert targets.shape == (1, 200_000, 3)
    assert summary["age"].unit == u.Myr


def test_correlation_of_draws_on_a_power_law_is_minus_one():
    mass = np.random.default_rng(5).lognormal(1.0, 0.3, (3, 400))
    targets = np.stack([mass**3.5, mass, 300 * mass**-2.5], axis=-1)
    assert mass_age_correlation(targets) == pytest.approx([-1, -1, -1])
    assert np.isnan(mass_age_correlation(np.ones((1, 10, 3)))).all()


def test_a_star_without_labels_is_kept_and_blank():
    labels = np.array([LABELS, [np.nan, 4.0, 0.0]])
    draws = np.stack([np.tile(row, (10, 1)) for row in labels])
    summary, targets = masses_and_ages(PowerLaw(), labels, draws)
    assert len(summary) == 2
    assert summary["mass"][0] == pytest.approx(4.0)
    assert np.isnan(summary["mass"][1]) and np.isnan(summary["age_upper"][1])
    assert np.isnan(targets[1]).all()


def test_stars_do_not_feel_each_other():
    rng = np.random.default_rng(6)
    labels = LABELS + rng.normal(0, [500, 0.1, 0.1], (4, 3))
    draws = np.stack([label_draws(x, ERRORS, rng.standard_normal((30, 3))) for x in labels])
    together, _ = masses_and_ages(PowerLaw(), labels, draws)
    alone, _ = masses_and_ages(PowerLaw(), labels[2:3], draws[2:3])
    assert list(together[2]) == list(alone[0])


def test_summary_has_the_columns_of_the_contract():
    summary = summarise(np.ones((2, 3)), np.ones((2, 5, 3)))
    assert {"mass", "age", "luminosity", "mass_lower", "mass_upper", "age_median"} <= set(
        summary.colnames
    )


def test_a_star_like_no_model_star_has_no_predicted_age():
    found = {"tracks_chi2": [1.0, 50.0, np.nan]}
    for name in ("mass", "age"):
        found |= {f"{name}_posterior{end}": [1.0, 2.0, np.nan] for end in ("", "_lower", "_upper")}
    out = as_columns(Table(found), None)
    assert out["age_predicted"] == pytest.approx([1.0, np.nan, np.nan], nan_ok=True)
    assert out["age_posterior"] == pytest.approx([1.0, 2.0, np.nan], nan_ok=True)

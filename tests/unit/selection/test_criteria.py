"""Criteria, probabilities against a closed form, gates."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from scipy.stats import ncx2

from runaways.frames import Frame
from runaways.selection.criteria import (
    component_covariance,
    quality_gates,
    runaway_probability,
    select,
)
from runaways.selection.maxwellian import MaxwellianFit
from runaways.stars.velocities import (
    peculiar_components,
    peculiar_velocity,
    peculiar_velocity_errors,
)

FRAME = Frame(r0=8.5, v_circ=220.0, v_sun=(11.1, 12.24, 7.25), z_sun=0.0208)


def stars(n, seed=0):
    rng = np.random.default_rng(seed)
    return dict(
        ra=rng.uniform(0, 360, n),
        dec=rng.uniform(-89, 89, n),
        distance=rng.uniform(0.1, 6, n),
        pmra=rng.normal(0, 5, n),
        pmdec=rng.normal(0, 5, n),
        rv=rng.normal(0, 50, n),
    )


def test_components_have_the_speeds_of_the_formulae():
    list_ = stars(500)
    v_tan, v_rad, _ = peculiar_velocity(**list_, frame=FRAME)
    v_l, v_b, v_r = peculiar_components(**list_, frame=FRAME)
    assert np.hypot(v_l, v_b) == pytest.approx(v_tan, abs=1e-6)
    assert v_r == pytest.approx(v_rad, abs=1e-6)


def test_no_rv_leaves_the_tangential_route():
    list_ = stars(3) | dict(rv=np.array([10.0, np.nan, 10.0]))
    components = peculiar_components(**list_, frame=FRAME)
    assert np.isnan(components[2, 1]) and np.isfinite(components[:2]).all()
    errors = dict(distance=np.full(3, 0.1), pmra=np.full(3, 0.1), pmdec=np.full(3, 0.1))
    covariance = component_covariance(**list_, errors=errors | dict(rv=np.full(3, 5)), frame=FRAME)
    assert np.isfinite(covariance[:2, :2]).all()


def test_covariance_is_that_of_draws():
    list_ = {name: value[:1] for name, value in stars(1, seed=7).items()}
    errors = dict(distance=0.02 * list_["distance"], pmra=0.1, pmdec=0.15, rv=6.0)
    rng = np.random.default_rng(1)
    many = {name: np.repeat(value, 200_000) for name, value in list_.items()}
    for name, error in errors.items():
        many[name] = many[name] + error * rng.normal(size=200_000)
    drawn = np.cov(peculiar_components(**many, frame=FRAME))
    errors = {name: np.atleast_1d(error) for name, error in errors.items()}
    linear = component_covariance(**list_, errors=errors, frame=FRAME)[:, :, 0]
    assert linear == pytest.approx(drawn, rel=0.03, abs=0.01 * np.diag(drawn).max())


def test_covariance_has_the_errors_of_the_formulae():
    """Along the velocity it is what `peculiar_velocity_errors` says of the speed."""
    list_ = stars(300, seed=9)
    errors = {name: np.full(300, e) for name, e in dict(pmra=0.02, pmdec=0.03, rv=3.0).items()}
    errors["distance"] = 0.01 * list_["distance"]
    _, _, theirs = peculiar_velocity_errors(**list_, errors=errors, frame=FRAME)
    velocity = peculiar_components(**list_, frame=FRAME)
    covariance = component_covariance(**list_, errors=errors, frame=FRAME)
    along = np.einsum("in,ijn,jn->n", velocity, covariance, velocity) / (velocity**2).sum(axis=0)
    # slow stars are not linear within their errors
    fast = np.hypot(velocity[0], velocity[1]) > 40
    assert np.sqrt(along)[fast] == pytest.approx(theirs[fast], rel=0.01)


def test_either_criterion_selects():
    nan = np.nan
    table = select([50, 40, nan, nan, nan], [20, 35, 35, 30, nan], 43.0, 33.0)
    assert list(table["is_runaway"]) == [True, True, True, False, False]
    assert list(table["above_v_sp"]) == [True, False, False, False, False]
    routes = [route.split()[0] for route in table["selection_route"]]
    assert routes == ["space", "space", "tangential", "tangential", "none:"]


def test_counts_of_the_union():
    # 229 and 480 with 162 in both make 547 (Guo et al. 2024)
    v_sp = np.r_[np.full(162, 50.0), np.full(67, 50.0), np.full(318, 10.0), np.full(100, 10.0)]
    v_tan = np.r_[np.full(162, 40.0), np.full(67, 10.0), np.full(318, 40.0), np.full(100, 10.0)]
    table = select(v_sp, v_tan, 43.0, 33.0)
    assert (table["above_v_sp"].sum(), table["above_v_tan"].sum()) == (229, 480)
    assert table["is_runaway"].sum() == 547


def test_probability_equals_the_normal_closed_form():
    """A normal core seen with normal errors leaves a normal posterior: noncentral chi-square."""
    sigma, error, line = 11.0, 9.0, 25.0
    fit = MaxwellianFit(3, sigma, 0.1, 0.0, np.nan, np.nan, 100)
    rng = np.random.default_rng(2)
    seen = np.array([[0, 0, 0], [20.0, 0, 0], [25.0, 10, 0], [40, 5, 5]])
    draws = seen[:, :, None] + error * rng.normal(size=(4, 3, 200_000))
    v_sp, v_tan = np.sqrt((draws**2).sum(axis=1)), np.zeros((4, 200_000))
    table = runaway_probability(v_sp, v_tan, np.ones_like(v_sp), line, 1e9, fit, None)
    shrink = sigma**2 / (sigma**2 + error**2)
    variance = shrink * error**2
    centre = (shrink * seen) ** 2
    expected = ncx2.sf(line**2 / variance, 3, centre.sum(axis=1) / variance)
    expected[0] = ncx2.sf(line**2 / variance, 3, 1e-9)
    assert np.asarray(table["p_runaway"]) == pytest.approx(expected, abs=0.01)
    assert (table["p_tail"] == 0).all()
    # without the population the same stars look more like runaways
    flat = runaway_probability(v_sp, v_tan, np.ones_like(v_sp), line, 1e9)
    assert (flat["p_runaway"] > table["p_runaway"]).all()
    assert np.isnan(flat["p_tail"]).all()


def test_far_draws_count_by_their_volume():
    """At one distance twice the other the same proper motions span four times the velocities."""
    fit = MaxwellianFit(2, 1e6, 1.0, 0.0, np.nan, np.nan, 100)  # no preference of velocity
    v_tan = np.array([[10.0, 10.0, 50.0]])
    none = np.full((1, 3), np.nan)
    table = runaway_probability(none, v_tan, np.array([[1.0, 1.0, 2.0]]), 43, 33, None, fit)
    assert table["p_runaway"][0] == pytest.approx(4 / 6)


def test_unknown_velocities_have_no_probability():
    none = np.full((2, 5), np.nan)
    assert np.isnan(runaway_probability(none, none, none, 43, 33)["p_runaway"]).all()


def test_failed_gates_are_listed():
    list_ = Table(
        dict(ruwe=[1.0, 1.6, np.nan], parallax=[1.0, 0.1, 1.0], parallax_error=[0.05] * 3)
    )
    list_["snr"] = MaskedColumn([50.0, 5.0, 50.0], mask=[False, False, True])
    table = quality_gates(list_, ruwe_max=1.4, parallax_over_error_min=5, snr_min=10)
    assert list(table["failed_gates"]) == ["", "ruwe parallax_over_error snr", ""]
    assert list(table["unknown_gates"]) == ["", "", "ruwe snr"]
    assert list(table["passes_quality"]) == [True, False, True]
    assert quality_gates(list_)["passes_quality"].all()

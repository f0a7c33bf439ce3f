"""Thresholds by every definition, and draws that are those of the birthplaces."""

import numpy as np
import pytest

from runaways.selection import population
from runaways.selection.maxwellian import MaxwellianFit
from runaways.stars import draws
from runaways.stars.velocities import peculiar_velocity

FITS = {
    (velocity, errors): MaxwellianFit(k, sigma, 0.1, 0.1, 5.0, 0.5, 4432)
    for velocity, k in (("space", 3), ("tangential", 2))
    for errors, sigma in (("taken_out", 10.0), ("left_in", 11.0))
}


@pytest.mark.parametrize(
    "definition, errors, space, tangential",
    [
        ("none", "taken_out", 43.0, 33.0),
        # 3.9085 and 3.5716 sigma; 43 km/s is a sigma of 11.00 (Guo et al. 2024)
        ("one_percent", "left_in", 42.99, 39.29),
        ("one_percent", "taken_out", 39.085, 35.716),
        ("three_sigma", "taken_out", 30.0, 30.0),
        # 99.73 % of a chi distribution of 3 and of 2 degrees of freedom
        ("quantile", "taken_out", 37.63, 34.39),
    ],
)
def test_thresholds(definition, errors, space, tangential):
    lines = population.thresholds(FITS, definition, errors, (43.0, 33.0))
    found = lines["space"][0], lines["tangential"][0]
    assert found == pytest.approx((space, tangential), abs=0.01)


def test_fits_keep_in_their_table():
    table = population.fit_table(FITS)
    back = {(row["velocity"], row["errors"]): population.fit_of(row) for row in table}
    assert back == FITS
    nothing = population.fit_table({})
    assert len(nothing) == 0 and set(nothing.colnames) == set(table.colnames)


def test_draws_are_those_of_the_birthplaces(measured, frame, monkeypatch):
    """By seed, star and number: whatever the other stars and however many are held at once."""
    v_sp, v_tan, distance = population.speed_draws(measured[:3], frame, 2025, "sobol", 64)
    sample = draws.draw(draws.unit_cube(2025, measured["star"][1], 0, 64, "sobol"), measured[1])
    place = (np.full(64, measured[name][1]) for name in ("ra", "dec"))
    moving = (sample[name] for name in ("distance", "pmra", "pmdec", "rv"))
    assert np.array_equal(peculiar_velocity(*place, *moving, frame)[2], v_sp[1])
    lines = population.thresholds({}, "none", "taken_out", (43.0, 33.0))
    settings = lines, {}, frame, 2025, "sobol", 64
    whole = population.probabilities(measured, *settings)
    monkeypatch.setattr(population, "CHUNK", 7)
    parts = population.probabilities(measured, *settings)
    assert np.array_equal(whole["p_runaway"], parts["p_runaway"])
    assert whole["p_runaway"][0] == np.mean((v_sp[0] > 43) | (v_tan[0] > 33))


def test_impossible_correlations_leave_one_star_without_a_probability(measured, frame):
    stars = measured[:2].copy()
    for name, value in zip(("parallax_pmra", "parallax_pmdec", "pmra_pmdec"), (0.9, 0.9, -0.9)):
        stars[f"{name}_corr"][0] = value
    lines = population.thresholds({}, "none", "taken_out", (43.0, 33.0))
    found = population.probabilities(stars, lines, {}, frame, 1, "sobol", 32)
    assert np.isnan(found["p_runaway"][0]) and np.isfinite(found["p_runaway"][1])

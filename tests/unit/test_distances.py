"""Distances: closed forms, brute force, and what must not matter."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from runaways.distances import (
    QUANTILES,
    bailer_jones,
    draw_distance,
    edsd,
    edsd_mode,
    given,
    inverse_parallax,
    measure_distance,
)

# L [kpc], alpha, beta of HEALPix pixels 0, 5000 and 6000: steep, steep and gentle priors
PRIORS = [
    (2.46577536898538e-09, 0.190598387285447, 7.10289808688375),
    (1.2, 1.0, 2.0),
    (4.0, 3.2, 0.4),
]
STARS = [(1.0, 0.03), (-0.3, 0.02), (-0.3, 0.3), (0.1, 0.1), (5.0, 0.5), (20.0, 0.02), (-3.0, 0.05)]


def brute_force(q, parallax, error, length, alpha, beta):
    """Quantiles by summing a million cells."""
    s = np.linspace(np.log(1e-3), np.log(1e5), 1_000_001)
    density = (beta + 1) * s - (np.exp(s) / length) ** alpha
    density -= 0.5 * ((parallax - np.exp(-s)) / error) ** 2
    total = np.cumsum(np.exp(density - density.max()))
    return np.exp(np.interp(q, total / total[-1], s))


@pytest.mark.parametrize("prior", PRIORS)
def test_quantiles_equal_brute_force(prior):
    q = np.array([0.001, *QUANTILES, 0.999])
    for parallax, error in STARS:
        ours = bailer_jones(q, [parallax], [error], *prior)[0]
        assert ours == pytest.approx(brute_force(q, parallax, error, *prior), rel=1e-3)


def test_negative_parallax_has_finite_rising_quantiles():
    for error in (0.01, 0.03, 0.3):
        lower, median, upper = edsd(QUANTILES, [-0.3], [error], 1.0)[0]
        assert 0 < lower < median < upper < np.inf


def test_edsd_mode_is_where_the_posterior_peaks():
    parallax = np.array([2.0, 1.0, 0.2, 0.05, -0.3, -0.3, 0.5])
    error = np.array([0.02, 0.1, 0.1, 0.1, 0.3, 0.05, 0.5])
    for length in (0.3, 1.35):
        mode = edsd_mode(parallax, error, length)
        # the density in r from the quantile function itself: dq / dr, at its largest
        q = np.linspace(0.0005, 0.9995, 200_001)
        r = edsd(q, parallax, error, length)
        width = r[:, 400:] - r[:, :-400]
        narrowest = width.argmin(axis=1)[:, None]
        peak = np.take_along_axis(r, narrowest + 200, axis=1)[:, 0]
        assert mode == pytest.approx(peak, rel=0.02)


def test_edsd_mode_limits():
    # without data the prior's 2 L, with a sharp parallax its inverse
    assert edsd_mode(0.5, 1e4, 1.35) == pytest.approx(2 * 1.35, rel=1e-6)
    assert edsd_mode(2.0, 1e-4, 1.35) == pytest.approx(0.5, rel=1e-6)


def test_inverse_parallax_is_normal_in_parallax():
    u = np.array([0.1587, 0.5, 0.8413])
    drawn = inverse_parallax(u, [0.5, -0.1], [0.02, 0.02])
    assert 1 / drawn[0] == pytest.approx([0.52, 0.5, 0.48], abs=1e-4)
    assert np.isnan(drawn[1]).all()
    noisy = inverse_parallax(np.linspace(0.001, 0.999, 99), [0.1], [0.2])
    assert (noisy > 0).all() and (np.diff(noisy) > 0).all()


def test_given_bounds_come_back():
    assert given(QUANTILES, [2.0], [1.8], [2.5])[0] == pytest.approx([1.8, 2.0, 2.5])
    assert np.isnan(given([0.5], [2.0, 2.0, np.nan], [2.1, np.nan, 1], [2.5, 3, 3])).all()


def test_a_draw_depends_on_its_star_and_deviate_alone():
    rng = np.random.default_rng(5)
    n, m = 1100, 7
    u = rng.random((n, m))
    stars = rng.normal(0.4, 0.3, n), rng.uniform(0.01, 0.3, n), rng.uniform(0.3, 2, n)
    whole = edsd(u, *stars)
    order = rng.permutation(n)
    assert np.array_equal(edsd(u[order], *(s[order] for s in stars)), whole[order])
    assert np.array_equal(edsd(u[7:8, 2:5], *(s[7:8] for s in stars)), whole[7:8, 2:5])


def star_list():
    stars = Table()
    stars["ra"], stars["dec"] = [10.0, 20.0, 30.0, 40.0, 50.0], [5.0] * 5
    stars["parallax"] = MaskedColumn([0.5, -0.3, 0.2, 1.0, 0.4], mask=[0, 0, 0, 1, 0])
    stars["parallax_error"] = [0.05, 0.05, np.nan, 0.05, 0.05]
    return stars


def test_missing_distances_say_why():
    by_parallax = measure_distance(star_list(), "inverse_parallax")
    notes = ["", "parallax not positive", "no parallax error", "no parallax", ""]
    assert list(by_parallax["distance_note"]) == notes
    assert by_parallax["distance"][0] == 2.0
    assert by_parallax["distance"].unit == "kpc"
    posterior = measure_distance(star_list(), "edsd", edsd_length=1.0)
    assert list(posterior["distance_note"]) == ["", "", "no parallax error", "no parallax", ""]
    assert np.isfinite(posterior["distance"][1])
    assert (
        list(measure_distance(star_list(), "given")["distance_note"])
        == ["no distance in the list"] * 5
    )


def test_no_stars_no_distances():
    assert draw_distance([0.5], star_list()[:0], "edsd", edsd_length=1.0).shape == (0, 1)


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="'kinematic'"):
        draw_distance([0.5], star_list(), "kinematic")
    with pytest.raises(ValueError, match="'bailer_jones' needs a prior"):
        draw_distance([0.5], star_list(), "bailer_jones")

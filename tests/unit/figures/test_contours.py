"""Contours enclose what they say, on planted distributions."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from runaways.figures import contours

FRACTIONS = (0.95, 0.68)
# Of a two-dimensional Gaussian the ellipse at Mahalanobis radius r holds 1 - exp(-r^2 / 2)
RADII = [(fraction, np.sqrt(-2 * np.log(1 - fraction))) for fraction in FRACTIONS]
MEAN, COVARIANCE = np.array([3.0, -200.0]), np.array([[4.0, 30.0], [30.0, 400.0]])


def gaussian(n, seed):
    return np.random.default_rng(seed).multivariate_normal(MEAN, COVARIANCE, n).T


def paths(found):
    """The contours as matplotlib draws them, the largest fraction first."""
    ax = Figure().add_subplot()
    return ax.contour(found.x, found.y, found.density, levels=found.levels).get_paths()


def share(path, places):
    """Fraction of places within a path, holes left out: crossings counted by even-odd."""
    inside = np.zeros(places.shape[1], bool)
    for ring in path.to_polygons():
        x0, y0 = ring[:-1].T[:, :, None]
        x1, y1 = ring[1:].T[:, :, None]
        x, y = places
        spans = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            left = x < (x1 - x0) * (y - y0) / (y1 - y0) + x0
        inside ^= (np.sum(spans & left, axis=0) % 2).astype(bool)
    return inside.mean()


def arc(n, seed):
    """Draws along half a circle of radius 8, 0.2 thick: what an age error does to a birthplace."""
    rng = np.random.default_rng(seed)
    angle, radius = rng.normal(0, 0.8, n), rng.normal(8, 0.2, n)
    return radius * np.array([np.cos(angle), np.sin(angle)])


def clumps(n, seed):
    rng = np.random.default_rng(seed)
    return np.array([np.where(np.arange(n) % 2, -10, 10), np.zeros(n)]) + rng.normal(0, 1, (2, n))


@pytest.mark.parametrize("plant", [gaussian, arc, clumps])
def test_contours_enclose_their_fractions_of_the_draws(plant):
    draws = plant(2048, 1)
    for path, fraction in zip(paths(contours.enclosing(*draws, FRACTIONS)), FRACTIONS):
        assert share(path, draws) == pytest.approx(fraction, abs=0.002)


@pytest.mark.parametrize("plant", [gaussian, arc, clumps])
def test_contours_enclose_their_fractions_of_what_the_draws_are_from(plant):
    fresh = plant(8000, 2)
    for path, fraction in zip(paths(contours.enclosing(*plant(2048, 1), FRACTIONS)), FRACTIONS):
        assert share(path, fresh) == pytest.approx(fraction, abs=0.03)


def test_contours_of_a_gaussian_are_its_ellipses():
    found = paths(contours.enclosing(*gaussian(4096, 3), FRACTIONS))
    for path, (_, radius) in zip(found, RADII):
        offset = path.vertices - MEAN
        mahalanobis = np.sqrt(np.sum(offset @ np.linalg.inv(COVARIANCE) * offset, axis=1))
        assert np.median(mahalanobis) == pytest.approx(radius, rel=0.05)
        assert np.abs(mahalanobis / radius - 1).max() < 0.2


def test_contours_of_an_arc_stay_thin():
    outer = paths(contours.enclosing(*arc(2048, 4), FRACTIONS))[0]
    radius = np.hypot(*outer.vertices.T)
    assert 7.0 < radius.min() and radius.max() < 9.0


def test_two_clumps_stay_apart():
    outer = paths(contours.enclosing(*clumps(2048, 5), FRACTIONS))[0]
    assert len(outer.to_polygons()) == 2
    assert np.abs(outer.vertices[:, 0]).min() > 5


def test_units_do_not_matter():
    draws = gaussian(512, 6)
    one = paths(contours.enclosing(*draws, FRACTIONS))
    other = paths(contours.enclosing(*(1000 * draws), FRACTIONS))
    for a, b in zip(one, other):
        assert share(a, draws) == share(b, 1000 * draws)


def test_draws_without_extent_have_no_contours():
    assert contours.enclosing(np.full(64, 2.0), np.full(64, 3.0), FRACTIONS) is None
    assert contours.enclosing(np.arange(64.0), np.full(64, 3.0), FRACTIONS) is None
    assert contours.enclosing(np.array([1.0]), np.array([2.0]), FRACTIONS) is None

import numpy as np
import pytest

from runaways.encounters import kernels
from runaways.orbits import cubics


def closest(points, end):
    """Least distances of cubics, control points of shape (4, 3, n), and their places."""
    points = np.moveaxis(np.array(points), -1, 0).copy()
    return np.array([kernels.closest_to_origin(*one) for one in zip(points, end)]).T


def test_closest_approach_of_straight_motion():
    """Impact parameter and time known in closed form."""
    start, step = np.array([[0.03], [0.004], [0.0]]), np.array([[-0.05], [0.0], [0.0]])
    points = (start, start + step / 3, start + 2 * step / 3, start + step)
    distance, where = closest(points, np.ones(1))
    assert distance[0] == pytest.approx(0.004, abs=1e-15)
    assert where[0] == pytest.approx(0.6)
    distance, where = closest(points, np.array([0.5]))
    assert (distance[0], where[0]) == (pytest.approx(np.hypot(0.005, 0.004)), 0.5)


def test_closest_approach_against_dense_sampling():
    rng = np.random.default_rng(1)
    start, step = rng.normal(0, 0.03, (3, 5000)), rng.normal(0, 0.06, (3, 5000))
    kinks = rng.normal(0, 5e-4, (2, 3, 5000))
    points = (start, start + step / 3 + kinks[0], start + 2 * step / 3 + kinks[1], start + step)
    end = rng.random(5000)
    found, _ = closest(points, end)
    dense = np.full(5000, np.inf)
    for fraction in np.linspace(0, 1, 2001):
        dense = np.minimum(dense, cubics.norm(cubics.at(points, fraction * end)[0]))
    assert (found <= dense + 1e-15).all()
    assert (dense - found).max() < 1e-6  # what 2001 places miss

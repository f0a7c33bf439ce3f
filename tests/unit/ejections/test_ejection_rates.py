"""Integrals in closed form against quadrature."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from runaways.ejections.kernels import make_kernels
from runaways.ejections.passages import crossing, inverse_3
from runaways.ejections.rates import cross_layer
from runaways.ejections.stars import read_star


def _covariances(rng, n, k):
    a = rng.normal(size=(n, k, k))
    return a @ a.swapaxes(1, 2) + 0.1 * np.eye(k)


@pytest.mark.parametrize("k", [3, 6])
def test_crossing_is_the_integral_of_the_normal_along_the_line(k):
    rng = np.random.default_rng(2)
    r, w, s = rng.normal(size=(5, k)), rng.normal(size=(5, k)), _covariances(rng, 5, k)
    found = crossing(r, w, s, 0.7)
    u = np.linspace(-0.7, 0.7, 4001)
    for row in range(5):
        density = multivariate_normal(np.zeros(k), s[row]).pdf(r[row] + u[:, None] * w[row])
        assert found["density"][row] == pytest.approx(np.trapezoid(density, u), rel=1e-5)
        assert u[np.argmax(density)] == pytest.approx(found["peak"][row], abs=1e-3)


def test_crossing_far_off_in_time_keeps_its_digits():
    # 40 standard deviations before the segment: a difference of cumulatives would be 0
    r, w, s = np.array([[40.0, 0, 0]]), np.array([[1.0, 0, 0]]), np.eye(3)[None]
    density = crossing(r, w, s, 5.0)["density"][0]
    assert 0 < density < 1e-200


def test_inverse_of_three():
    s = _covariances(np.random.default_rng(3), 8, 3)
    inverse, determinant = inverse_3(s)
    assert inverse == pytest.approx(np.linalg.inv(s), rel=1e-8)
    assert determinant == pytest.approx(np.linalg.det(s), rel=1e-8)


def test_layer_is_crossed_whatever_the_step_of_time(galaxy, star):
    kernels = make_kernels(read_star(star, galaxy.priors), galaxy, seed=1)
    _, density = cross_layer(kernels, galaxy)
    # straight through the layer at a speed of v_z: 1 / |v_z| Myr per kpc, over all time
    fast = np.abs(kernels.v[:, :, 2]).min(axis=0) > 15
    z = kernels.x[..., 2]
    once = (np.diff(np.sign(z), axis=0) != 0).sum(axis=0) == 1
    rows = np.flatnonzero(fast & once & (np.abs(z[[0, -1]]) > 0.3).all(axis=0))
    for row in rows:
        at = np.argmin(np.abs(z[:, row]))
        expected = 977.7922 / abs(kernels.v[at, row, 2])
        assert density[:, row].sum() == pytest.approx(expected, rel=0.1)

"""The model of a spectrum: what smears it."""

import numpy as np
import pytest

from runaways.labels.model import smear


def test_widths_far_apart_are_each_smeared_by_their_own():
    """The convolution written out; beyond 4 sigma there is 6e-5 of a Gaussian."""
    rng = np.random.default_rng(1)
    spectra = 1 + 0.1 * rng.normal(size=(400, 3)).cumsum(axis=0) / 20
    position, sigma = np.linspace(20, 380, 50), np.where(np.arange(50) % 2, 5.0, 200.0)
    out, slope = np.empty((50, 3)), np.empty(50)
    smear(spectra, position, 4.0, sigma, out, slope)
    longer = np.pad(spectra, ((400, 400), (0, 0)), mode="edge")
    pixels = np.arange(-400, 800)
    for i in range(50):
        weight = np.exp(-0.5 * ((pixels - position[i]) * 4.0 / sigma[i]) ** 2)
        assert out[i] == pytest.approx(weight @ longer / weight.sum(), rel=1e-4)
    assert np.isfinite(slope).all()

"""Rotation of B stars as seen from all sides, and what a measured v sin i says."""

import numpy as np
import pytest

from runaways.origins import rotation


def test_projection_is_that_of_inclined_axes():
    # <sin i> = pi/4 for axes in all directions (Chandrasekhar & Munch 1950)
    shares = rotation.projected([200.0], [1.0])
    assert shares.sum() == pytest.approx(1)
    assert shares @ rotation.VSINI == pytest.approx(200 * np.pi / 4, rel=0.01)
    assert shares[rotation.VSINI > 205].sum() == 0
    i = np.arccos(np.random.default_rng(1).random(100_000))
    assert shares[rotation.VSINI < 100].sum() == pytest.approx(
        np.mean(200 * np.sin(i) < 100), abs=0.005
    )


def test_ordinary_stars_are_those_of_dufton():
    # abstract: 25 % of the stars have an equatorial velocity of at most 100 km/s
    below = np.interp(100, rotation.ORDINARY_SPEEDS, rotation.ORDINARY_BELOW)
    assert below == pytest.approx(0.25, abs=0.02)
    spun = rotation.spun_up([450.0, 500.0], [1.0, 1.0], 0.5, 1.0)
    assert spun @ rotation.VSINI > 1.3 * (rotation.ordinary() @ rotation.VSINI)


def test_measured_rotation():
    shares = rotation.ordinary()
    seen = np.arange(0.5, 1200, 1.0)
    density = rotation.likelihood(seen, np.full(len(seen), 30.0), shares)
    nothing = rotation.likelihood([0.0], [30.0], shares)[0]  # what is below 0 is called 0
    assert density.sum() + nothing == pytest.approx(1, abs=1e-3)
    assert rotation.likelihood([np.nan, 50.0], [30.0, np.nan], shares).tolist() == [1, 1]

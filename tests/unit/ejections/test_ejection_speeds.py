"""Speeds of ejection: densities that sum to 1, and what errors leave of them."""

import numpy as np
import pytest

from runaways.ejections.priors import Priors
from runaways.ejections.speeds import BINARY, CHANNELS, DYNAMICAL, FASTEST, Speeds

SPEEDS = Speeds(Priors())


@pytest.mark.parametrize("channel", range(len(CHANNELS)))
@pytest.mark.parametrize("blur", [3.0, 25.0])
def test_density_of_velocities_sums_to_one(channel, blur):
    w = np.linspace(0.25, FASTEST, 20_000)
    total = np.trapezoid(4 * np.pi * w**2 * SPEEDS.density(w, channel, blur), w)
    assert total == pytest.approx(1, abs=0.01)


def test_without_blur_the_density_is_that_of_the_speeds():
    u = np.array([50.5, 100.5, 300.5])
    density = SPEEDS.density(u, DYNAMICAL, 2.0) * 4 * np.pi * u**2
    assert density == pytest.approx(SPEEDS.pdf[DYNAMICAL][u.astype(int)], rel=0.02)


def test_fast_dynamical_ejections_fall_with_the_published_slope():
    # Perets & Subr 2012: N ~ v^(-8/3)
    ratio = SPEEDS.pdf[DYNAMICAL][200] / SPEEDS.pdf[DYNAMICAL][100]
    cut = np.exp(-((200.5 / 700) ** 4) + (100.5 / 700) ** 4)
    assert ratio == pytest.approx((200.5 / 100.5) ** (-8 / 3) * cut, rel=1e-6)


@pytest.mark.parametrize("channel", [DYNAMICAL, BINARY])
def test_true_speeds_are_within_the_intervals_drawn(channel):
    rng, n, blur = np.random.default_rng(1), 3000, 10.0
    truth = np.interp(rng.random(n), np.cumsum(SPEEDS.pdf[channel]), SPEEDS.u)
    direction = rng.normal(size=(n, 3))
    velocity = truth[:, None] * direction / np.linalg.norm(direction, axis=1)[:, None]
    seen = np.linalg.norm(velocity + rng.normal(0, blur, (n, 3)), axis=1)
    draws = [
        SPEEDS.draw_ejection(seen, np.full(n, channel), np.full(n, blur), rng) for _ in range(60)
    ]
    low, high = np.quantile(draws, (0.159, 0.841), axis=0)
    inside = np.mean((truth > low) & (truth < high))
    assert inside == pytest.approx(0.67, abs=0.03)

"""Densities of the two channels against stars that are drawn without them."""

from dataclasses import replace

import numpy as np
import pytest
from astropy.table import Table

from runaways.origins import channels, evidence, fractions, mocks
from runaways.origins.channels import BSS, DES, NEITHER

MODEL = channels.ChannelModel(
    "perets2012", (-1.5, -8 / 3), 80.0, 700.0, 12.0, 10.0, 1.0, (1.0, 50.0), 0.0, (0.5, 1.0)
)
POPULATION = evidence.Population((15.1, 9.7, 8.0), 7.2, 5.0, 43.0, 33.0)


@pytest.fixture(scope="module")
def companions():
    """In place of COSMIC's: slow for the most part, a quarter spun up."""
    rng = np.random.default_rng(1)
    n = 4000
    table = Table({"v_ejection": rng.exponential(20.0, n), "delay": rng.uniform(5, 40, n)})
    table["spun_up"] = rng.random(n) < 0.25
    table["v_critical"] = rng.normal(480, 40, n)
    table["weight"] = rng.uniform(0.2, 1, n)
    return table


@pytest.fixture(scope="module")
def models(companions):
    return {
        DES: channels.dynamical(MODEL, companions),
        BSS: channels.binary(MODEL, companions),
    }


def explained(stars, models):
    kinematic, stayed = evidence.of_speeds(
        stars["v_sp"], stars["v_sp_error"], models, POPULATION, stars["delay"], stars["delay_error"]
    )
    spins = stars["vsini"], stars["vsini_error"]
    return evidence.weigh(kinematic, stayed, *spins, models, POPULATION)


@pytest.mark.parametrize("kind", [DES, BSS, NEITHER])
def test_densities_of_listed_stars_sum_to_one(kind, models):
    v = np.arange(30.5, 1500, 1.0)
    n = len(v)
    kinematic, stayed = evidence.of_speeds(v, np.full(n, 5.0), models, POPULATION)
    nothing = np.full(n, np.nan)
    cut = evidence.Population((15.1, 9.7, 8.0), 7.2, 5.0, 43.0)
    seen = evidence.weigh(kinematic, stayed, nothing, nothing, models, cut)
    density = seen.density[:, [DES, BSS, NEITHER].index(kind)]
    assert density[v > 43].sum() == pytest.approx(1, abs=0.06)


def test_as_many_are_listed_as_of_drawn_velocities():
    rng, n = np.random.default_rng(8), 400_000
    by_speed, of_stayed = POPULATION.listed()

    def share(velocity):
        sight = rng.normal(size=(3, n))
        radial = (velocity * sight).sum(axis=0) / np.sqrt((sight**2).sum(axis=0))
        square = (velocity**2).sum(axis=0)
        return np.mean((square > 43**2) | (square - radial**2 > 33**2))

    for u in (15, 30, 50):
        seen = np.hypot(7.2, 5.0) * rng.normal(size=(3, n)) + np.array([[u], [0], [0]])
        at_u = np.interp(u, channels.SPEEDS, by_speed)
        assert at_u == pytest.approx(share(seen), abs=4 * np.sqrt(at_u / n))
    sigmas = np.hypot([[15.1], [9.7], [8.0]], 5.0)
    drawn = share(sigmas * rng.normal(size=(3, n)))
    assert of_stayed == pytest.approx(drawn, abs=4 * np.sqrt(of_stayed / n))


def test_speeds_fall_as_perets_and_subr():
    """v^-3/2 below 80 km/s, v^-8/3 above (2012ApJ...751..133P, abstract)."""
    speed = channels.dynamical(MODEL, None)[0].speed / np.diff(channels.SPEED_EDGES)
    for low, high, slope in ((30, 60, -1.5), (100, 250, -8 / 3)):
        at = np.interp(np.log([low, high]), np.log(channels.SPEEDS), np.log(speed))
        assert np.diff(at)[0] / np.log(high / low) == pytest.approx(slope, abs=0.05)


def test_two_step_ejections_rotate_and_wait_as_binaries(companions):
    parts = channels.dynamical(replace(MODEL, two_step=0.1), companions)
    assert sum(part.share for part in parts) == pytest.approx(1)
    alone, second = parts[0], parts[1]
    assert np.array_equal(alone.speed, second.speed)
    assert second.delay @ channels.DELAYS > alone.delay @ channels.DELAYS


def test_draws_weighed_anew_are_the_density(models, companions):
    """Draws from a prior times what is seen, weighed for a channel, give what is seen under it."""
    rng = np.random.default_rng(3)
    u = np.exp(rng.uniform(np.log(5), np.log(900), 3_000_000))
    delay = rng.uniform(0, 100, len(u))
    # of a star at 90 +- 6 km/s: draws in proportion to how likely that is, the prior being flat
    likely = np.exp(-0.5 * ((u - 90) / 6) ** 2)
    own = rng.random(len(u)) < likely
    draws = Table({"v_ejection": u[own], "delay": delay[own]})

    def prior(speed, delay):
        return 1 / (speed * np.log(900 / 5) * 100)

    found = evidence.of_ejections(draws, prior, models)
    width = np.diff(np.log(channels.SPEED_EDGES)) / np.log(900 / 5)
    whole = np.sum(np.exp(-0.5 * ((channels.SPEEDS - 90) / 6) ** 2) * width)
    for kind, parts in models.items():
        for value, part in zip(found[kind], parts):
            seen = np.exp(-0.5 * ((channels.SPEEDS - 90) / 6) ** 2) @ part.speed
            assert value == pytest.approx(seen / whole, rel=0.06)


def test_shares_and_names_of_a_mixture(models, companions):
    rng = np.random.default_rng(4)
    counts = {DES: 150, BSS: 100}
    stars = mocks.mock_list(counts, MODEL, companions, POPULATION, rng, delay_error=5.0)
    shares = fractions.infer(explained(stars, models))
    low, middle, high = shares.of_des()
    assert abs(middle - 0.6) < high - low
    assert shares.p.sum(axis=1) == pytest.approx(1)
    # as many as they are, and four in five of the named are right
    assert shares.p[:, 0].sum() == pytest.approx(150, abs=250 * (high - low))
    named = shares.p.max(axis=1) >= 0.8
    right = np.array([DES, BSS, NEITHER])[shares.p.argmax(axis=1)] == stars["channel"]
    assert named.sum() > 50 and right[named].mean() > 0.8


def test_stars_that_were_not_ejected(models, companions):
    counts = {DES: 150, BSS: 100, NEITHER: 100}
    rng = np.random.default_rng(6)
    stars = mocks.mock_list(counts, MODEL, companions, POPULATION, rng)
    low, middle, high = fractions.infer(explained(stars, models)).of_neither()
    assert abs(middle - 100 / 350) < high - low < 0.2


@pytest.mark.parametrize("kind, other", [(DES, 1), (BSS, 0)])
def test_pure_lists_name_no_one_of_the_other_channel(kind, other, models, companions):
    stars = mocks.mock_list(
        {kind: 200}, MODEL, companions, POPULATION, np.random.default_rng(5), delay_error=8.0
    )
    shares = fractions.infer(explained(stars, models))
    assert np.mean(shares.p[:, other] >= 0.8) < 0.1


def test_a_star_without_anything_is_left_out(models):
    seen = evidence.Evidence(np.array([[1.0, 0.5, 0.1], [np.nan] * 3]), np.ones(3))
    shares = fractions.infer(seen)
    assert shares.n_stars == 1 and np.isnan(shares.p[1]).all()
    assert fractions.infer(evidence.Evidence(np.empty((0, 3)), np.ones(3))).p.shape == (0, 3)
    # one star of even odds says next to nothing
    even = fractions.infer(evidence.Evidence(np.ones((1, 3)), np.ones(3)), with_neither=False)
    assert even.of_des() == pytest.approx([0.159, 0.5, 0.841], abs=0.01)
    assert even.of_neither().tolist() == [0, 0, 0]

"""Lists of known shares of the two channels, with COSMIC's companions: intervals and names.

RUNAWAYS_MOCK_LISTS=100 is the full measurement, some minutes.
"""

import os
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from runaways.origins import binaries, channels, evidence, fractions, mocks
from runaways.origins.channels import BSS, DES

LISTS = int(os.environ.get("RUNAWAYS_MOCK_LISTS", "20"))
FULL = LISTS >= 100
SHARES, SIZES = ((0.2, 0.5, 0.8), (50, 500)) if FULL else ((0.2, 0.8), (50,))
MODEL = channels.ChannelModel(
    "perets2012", (-1.5, -8 / 3), 80.0, 700.0, 12.0, 10.0, 1.0, (1.0, 50.0), 0.0, (0.5, 1.0)
)
# thresholds and dispersions of the default configuration, errors of a LAMOST list
POPULATION = evidence.Population((15.1, 9.7, 8.0), 7.2, 5.0, 43.0, 33.0)
DELAY_ERROR = 8.0  # Myr


@pytest.fixture(scope="module")
def companions():
    number = 30_000 if FULL else 5000
    made = binaries.BinaryPopulation(
        number, "kroupa01", "renzo19", "sana12", 0.1, 0.0, "disberg2025", 1.0, 2.75, 17.7, 0.05
    )
    return binaries.evolve_binaries(made, 1)


@pytest.fixture(scope="module")
def models(companions):
    return {DES: channels.dynamical(MODEL, companions), BSS: channels.binary(MODEL, companions)}


def recovered(counts, companions, models, rng, speeds_of=MODEL):
    stars = mocks.mock_list(counts, speeds_of, companions, POPULATION, rng, DELAY_ERROR)
    motion = (stars[name] for name in ("v_sp", "v_sp_error"))
    delays = (stars[name] for name in ("delay", "delay_error"))
    kinematic, stayed = evidence.of_speeds(*motion, models, POPULATION, *delays)
    spins = stars["vsini"], stars["vsini_error"]
    seen = evidence.weigh(kinematic, stayed, *spins, models, POPULATION)
    return stars, fractions.infer(seen)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("share", SHARES)
def test_intervals_hold_the_truth_and_names_are_right(share, n, companions, models):
    rng = np.random.default_rng(int(100 * share) + n)
    held = named = right = 0
    for _ in range(LISTS):
        k = rng.binomial(n, share)
        stars, found = recovered({DES: k, BSS: n - k}, companions, models, rng)
        low, _, high = found.of_des()
        held += low <= share <= high
        sure = found.p.max(axis=1) >= 0.8
        named += sure.sum()
        kind = np.array([DES, BSS, "neither"])[found.p.argmax(axis=1)]
        right += (kind == stars["channel"])[sure].sum()
    print(f"share {share}, {n} stars: {held} of {LISTS} intervals, {right} of {named} names right")
    low, high = (60, 76) if FULL else binom.interval(0.99, LISTS, 0.682)
    assert low - 0.5 <= held <= high + 0.5
    assert right >= 0.8 * named


@pytest.mark.parametrize("kind, other", [(DES, 1), (BSS, 0)])
@pytest.mark.parametrize("speeds", ["perets2012", "oh2015"])
def test_pure_lists_are_not_named_wrongly(kind, other, speeds, companions, models):
    """Nor where the speeds of dynamical ejections are not those that are assumed."""
    truth = replace(MODEL, speeds=speeds)
    rng = np.random.default_rng(3)
    wrong = [
        np.mean(recovered({kind: 50}, companions, models, rng, truth)[1].p[:, other] >= 0.8)
        for _ in range(5)
    ]
    print(f"all {kind}, {speeds}: {np.mean(wrong):.3f} named wrongly")
    assert np.mean(wrong) <= 0.1


def test_mu_columbae_is_no_companion_of_a_supernova(models):
    """112 km/s from NGC 1980, 2.4 Myr ago at an age of 3 +- 1 Myr; v sin i of 125 +- 8 km/s."""
    rng = np.random.default_rng(4)
    draws = {"v_ejection": rng.normal(112, 4, 4000), "delay": np.abs(rng.normal(0.6, 1.0, 4000))}

    def flat(speed, delay):
        return np.ones_like(speed)

    found = evidence.of_ejections(draws, flat, models)
    kinematic = {kind: values[None] for kind, values in found.items()}
    spins = [125.0], [8.0]
    seen = evidence.weigh(kinematic, np.zeros(1), *spins, models, POPULATION)
    share = fractions.infer(seen)
    print(f"mu Col: DES over BSS {seen.density[0, 0] / seen.density[0, 1]:.0f}")
    assert share.p[0, 0] > 0.8

"""Injection and recovery: from a mock survey of 4432 stars back to what was put in."""

from functools import cache
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from astropy import units as u

from mock_survey import FRAME, SIGMA, checked, mock_survey
from runaways.selection import population
from runaways.selection.criteria import select
from runaways.selection.distance_check import check_distance
from runaways.selection.maxwellian import falls_to
from runaways.stars import measurements
from runaways.stars.velocities import peculiar_components, peculiar_velocity

N, TAIL, SURVEYS, DRAWS = 4432, 0.1, 10, 64
EDSD_LENGTH = 1.0  # kpc
SPACE, SKY = (population.SPACE, population.TAKEN_OUT), (population.TANGENTIAL, population.TAKEN_OUT)
# A star this many errors from both thresholds is what it seems.
FAR = 2.5
# The survey has errors of its own, but for those of labels that no velocity needs.
ASSUMED = dict.fromkeys(
    "parallax distance pmra pmdec age teff logg mh vsini".split(), 10 * u.percent
)
ASSUMED |= {"rv": 8 * u.km / u.s}


def column(table, name):
    return np.asarray(table[name], float)


@cache
def analysed(seed):
    """A survey, its fits, thresholds and velocities, from what was observed alone."""
    survey = mock_survey(N, TAIL, seed)
    with TemporaryDirectory() as folder:
        stars, _ = checked(survey, folder)
    measured = measurements.complete(stars, FRAME, ASSUMED, "edsd", edsd_length=EDSD_LENGTH)
    fits = population.fit_population(measured, np.ones(N, bool), FRAME)
    lines = population.thresholds(fits, "one_percent", "taken_out", ())
    values = [column(measured, name) for name in population.KINEMATICS]
    v_tan, _, v_sp = peculiar_velocity(*values, FRAME)
    limits = tuple(line for line, _ in lines.values())
    return dict(
        survey=survey,
        measured=measured,
        fits=fits,
        lines=lines,
        limits=limits,
        v_tan=v_tan,
        v_sp=v_sp,
    )


def probabilities(seed, with_population=True):
    """Probabilities of the stars near a threshold, and whether each truly passes a criterion."""
    found = analysed(seed)
    truth, measured, limits = found["survey"].truth, found["measured"], found["limits"]
    near = np.zeros(N, bool)
    error = 4.74 * np.hypot(
        column(measured, "distance") * column(measured, "pmra_error"),
        column(measured, "distance_error") * np.hypot(measured["pmra"], measured["pmdec"]),
    )
    for speed, limit, own in (
        (found["v_sp"], limits[0], np.hypot(error, measured["rv_error"])),
        (found["v_tan"], limits[1], error),
    ):
        near |= np.abs(speed - limit) < FAR * own
    fits = found["fits"] if with_population else {}
    settings = found["lines"], fits, FRAME, seed, "sobol", DRAWS
    table = population.probabilities(measured[near], *settings)
    true_v_sp = np.where(np.isfinite(measured["rv"]), truth["v_sp"], np.nan)
    passes = select(true_v_sp, truth["v_tan"], *limits)["is_runaway"]
    return table, np.asarray(passes)[near], np.asarray(truth["is_runaway"])[near]


@pytest.mark.parametrize("seed", range(6))
def test_sigma_and_threshold_are_found(seed):
    found = analysed(seed)
    for name, dimensions in ((SPACE, 3), (SKY, 2)):
        fit = found["fits"][name]
        threshold, error = fit.threshold()
        print(f"{name[0]} sigma {fit.sigma:.2f} +- {fit.sigma_error:.2f}, 1 % at {threshold:.2f}")
        assert fit.sigma == pytest.approx(SIGMA, rel=0.03)
        assert threshold == pytest.approx(falls_to(0.01, dimensions) * SIGMA, rel=0.05)
        assert error / threshold < 0.03
    assert found["fits"][SPACE].tail_fraction == pytest.approx(TAIL, abs=0.03)


def test_errors_left_in_widen_the_fit():
    """What the fit of the paper does: measurement errors count as dispersion."""
    fits = analysed(0)["fits"]
    assert fits[population.SPACE, population.LEFT_IN].sigma > 1.03 * fits[SPACE].sigma


def test_completeness_and_purity():
    """Against stars that truly pass, and against all that were ever kicked."""
    counts = np.zeros(5)
    for seed in range(SURVEYS):
        found = analysed(seed)
        truth, limits = found["survey"].truth, found["limits"]
        chosen = np.asarray(select(found["v_sp"], found["v_tan"], *limits)["is_runaway"])
        true_v_sp = np.where(np.isfinite(found["measured"]["rv"]), truth["v_sp"], np.nan)
        passes = np.asarray(select(true_v_sp, truth["v_tan"], *limits)["is_runaway"])
        kicked = np.asarray(truth["is_runaway"])
        counts += [
            chosen.sum(),
            passes.sum(),
            (chosen & passes).sum(),
            kicked.sum(),
            (chosen & kicked).sum(),
        ]
    chosen, passes, both, kicked, found = counts
    print(f"fast stars: completeness {both / passes:.3f}, purity {both / chosen:.3f}")
    print(f"kicked stars: completeness {found / kicked:.3f}, purity {found / chosen:.3f}")
    assert both / passes > 0.9 and both / chosen > 0.85
    assert found / chosen > 0.85


def reliability(p, true, edges):
    """Mean probability, share that is true and number of stars of every bin."""
    bins = np.clip(np.digitize(p, edges) - 1, 0, len(edges) - 2)
    return [
        (p[bins == i].mean(), true[bins == i].mean(), np.sum(bins == i))
        for i in range(len(edges) - 1)
    ]


def test_probabilities_are_calibrated():
    """One survey has twenty stars in a middle bin: ten make a curve."""
    p, flat, tail, passes, kicked = [], [], [], [], []
    for seed in range(SURVEYS):
        table, true, thrown = probabilities(seed)
        p.append(table["p_runaway"])
        tail.append(table["p_tail"])
        passes.append(true)
        kicked.append(thrown)
        if seed < 2:
            flat.append(probabilities(seed, with_population=False)[0]["p_runaway"])
    p, passes, tail, kicked = (np.concatenate(x) for x in (p, passes, tail, kicked))
    edges = np.linspace(0, 1, 6)
    for mean, share, n in reliability(p, passes, edges):
        print(f"p_runaway {mean:.3f}: true {share:.3f} of {n}")
        assert n > 100
        assert mean == pytest.approx(share, abs=0.05)
    for mean, share, n in reliability(tail, kicked, edges):
        print(f"p_tail {mean:.3f}: kicked {share:.3f} of {n}")
        assert mean == pytest.approx(share, abs=0.05)
    flat = np.concatenate(flat)
    off = [mean - share for mean, share, _ in reliability(flat, passes[: len(flat)], edges)]
    print("without the population:", np.round(off, 3))
    assert max(off) > 0.1


def test_horizontal_branch_stars_betray_themselves():
    survey = mock_survey(N, TAIL, 30, bhb_fraction=0.05)
    checked = check_distance(survey.stars, 3.0)
    under = np.asarray(checked["distance_check"] == "underluminous")
    bhb = np.asarray(survey.truth["is_bhb"])
    sharp = bhb & (column(survey.stars, "parallax") > 10 * column(survey.stars, "parallax_error"))
    print(f"BHB: {under[bhb].mean():.3f} of {bhb.sum()} found, {under[~bhb].mean():.4f} false")
    print(f"with parallax/error > 10: {under[sharp].mean():.3f} of {sharp.sum()} found")
    assert under[bhb].mean() > 0.6 and under[sharp].mean() > 0.9
    assert under[~bhb].mean() < 0.0027  # 3 sigma


def test_the_mock_is_what_it_says():
    survey = mock_survey(2000, TAIL, 40, birthplaces=True)
    stars, truth = survey.stars, survey.truth
    field = ~truth["is_runaway"]
    assert truth["is_runaway"].sum() == 200
    components = peculiar_components(
        *(column(truth, name) for name in ("ra", "dec", "distance", "pmra", "pmdec", "rv")), FRAME
    )
    assert components[:, field].std(axis=1) == pytest.approx([SIGMA] * 3, rel=0.06)
    for name in ("pmra", "pmdec", "rv"):
        pull = (stars[name] - truth[name]) / stars[f"{name}_error"]
        assert np.nanstd(pull) == pytest.approx(1, rel=0.08)
    # ejected stars pass through their cluster: flown back by the flight time they are in it
    apart = np.sqrt(sum((truth[f"birth_{x}"] - truth[f"cluster_{x}"]) ** 2 for x in "xyz"))
    fresh = (truth["channel"] == "DES") & (truth["age"] - truth["flight_time"] < 0.5)
    # for half a Myr at 200 km/s
    assert fresh.sum() > 3 and (apart[fresh] < 0.1).all()
    assert np.median(np.abs(truth["birth_z"])) < 0.3
    again = mock_survey(2000, TAIL, 40, birthplaces=True)
    assert (again.stars["parallax"] == stars["parallax"]).all()
    assert len(np.unique(stars["source_id"])) == len(stars)

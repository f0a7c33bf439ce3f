"""Runaways with published origins on Hunt & Reffert 2023, and the posterior by brute force."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.clusters.catalogues import read_clusters
from runaways.clusters.cluster_list import assess
from runaways.ejections import passages, rates
from runaways.ejections.galaxy import Galaxy
from runaways.ejections.kernels import make_kernels
from runaways.ejections.pairs import explain_pair
from runaways.ejections.posterior import explain
from runaways.ejections.sources import pick, trace_clusters
from runaways.ejections.speeds import BINARY, DYNAMICAL
from runaways.ejections.stars import read_star
from runaways.frames import Frame, galactocentric, heliocentric
from runaways.orbits import integration, potentials

# A quarter of the kernels, which are many for halo stars: p is good to .01
QUICK = {"power": False, "check": False, "factor": 0.25}
# Orion OB1 in Hunt & Reffert 2023: within 100 pc of NGC 1980, younger than 20 Myr
ORION = ("NGC 1980", "Collinder 69", "Theia 13", "ASCC 21", "UBC 17a", "Sigma Orionis", "NGC 1977")


@pytest.fixture(scope="module")
def galaxy():
    """McMillan 2017's Sun (2017MNRAS.465...76M)."""
    frame = Frame(r0=8.2, v_circ=233.0, v_sun=(11.1, 12.24, 7.25), z_sun=0.0208)
    return Galaxy(potentials.potential("MWPotential2014", frame, rescale=True), look_back_max=400.0)


@pytest.fixture(scope="module")
def sources(data, galaxy):
    """Hunt & Reffert 2023 with the members that it counts."""
    path = data / "clusters" / "HUNT2023.csv"
    table = read_clusters(path)
    table["members"] = np.asarray(Table.read(path)["N"], float)
    return trace_clusters(assess(table, cst_min=3), galaxy)


@pytest.fixture(scope="module")
def known(data):
    """The rows of a file of known stars, by name."""

    def rows(name):
        table = Table.read(data / "known" / name)
        return {str(row["star"]): dict(zip(table.colnames, row)) for row in table}

    return rows


@pytest.mark.parametrize("name", ["AE_Aur", "mu_Col"])
def test_runaways_of_orion_come_from_there(name, known, galaxy, sources):
    # Hoogerwerf et al. 2001 (2001A&A...365...49H): 2.5 Myr ago from the Trapezium, for which
    # NGC 1980 stands in the catalogue
    star = known("stars.csv")[name]
    row, _, _ = explain(star, galaxy, sources, seed=1)
    assert row["cluster"] in ORION
    assert row["p_cluster"] > 0.8
    assert 2.2 < row["t_ejection"] < 2.7
    assert row["p_ejected"] > 0.99 and row["converged"]
    named = explain_pair(star, galaxy, sources, seed=1, cluster="NGC 1980")
    assert named["bayes"] > 50


def test_ae_aur_and_mu_col_left_one_place(known, galaxy, sources):
    stars = known("stars.csv")
    pair = [stars["AE_Aur"], stars["mu_Col"]]
    row = explain_pair(pair[0], galaxy, sources, seed=1, second=pair[1], cluster="NGC 1980")
    assert 2.3 < row["t_ejection"] < 2.7
    assert 200 < row["v_relative"] < 240
    assert row["bayes"] > 100 and row["bayes_cluster"] > 100
    other = explain_pair(pair[0], galaxy, sources, seed=1, second=stars["xi_Per"])
    assert other["bayes"] < 1


def test_a_partner_of_unknown_radial_velocity_is_found(known, galaxy, sources):
    stars = known("stars.csv")
    unknown = stars["mu_Col"] | {"rv": np.nan}
    row = explain_pair(stars["AE_Aur"], galaxy, sources, seed=1, second=unknown)
    assert 2.3 < row["t_ejection"] < 2.7 and 190 < row["v_relative"] < 250
    assert row["bayes"] > 20


@pytest.mark.parametrize("name", ["HIP60350-age45", "HIP60350-age15"])
def test_hip_60350_crossed_the_disk_whatever_its_age(name, known, galaxy, sources):
    row, _, _ = explain(known("halo.csv")[name], galaxy, sources, seed=1, **QUICK)
    assert row["p_field"] > 0.5 and row["verdict"] == "field"
    for quantity in ("t_ejection", "t_plane"):
        assert 10 < row[f"{quantity}_lower"] < row[f"{quantity}_upper"] < 20
    assert 300 < row["v_ejection"] < 500


@pytest.mark.parametrize("name", ["HVS1", "HVS24"])
def test_hypervelocity_stars_come_from_the_centre(name, known, galaxy, sources):
    # Brown et al. 2014 (2014ApJ...787...89B): proper motions of a central origin
    star = known("hvs_brown2014.csv")[name]
    star |= {"distance_error": 0.1 * star["distance"], "pmra_error": 0.03, "pmdec_error": 0.03}
    row, _, _ = explain(star, galaxy, sources, seed=1, **QUICK)
    assert row["verdict"] == "centre" and row["p_unbound"] > 0.5
    assert row["t_ejection"] == pytest.approx(star["flight_time_published"], rel=0.15)


def _drawn(star, galaxy, n, rng):
    own = read_star(star, galaxy.priors)
    theta = own.quantities(rng.normal(size=(4, n)), own.rvs[0])
    ra, dec = np.full(n, own.ra), np.full(n, own.dec)
    return theta, galactocentric(*heliocentric(ra, dec, *theta), galaxy.frame), own


def _brute_force(star, source, galaxy, span, step, n=3000, pairs=40, seed=2):
    """Rate of a cluster by exact orbits of draws of star and cluster, paired at random.

    Returns the rate over the star's mean weight and its statistical error.
    """
    rng = np.random.default_rng(seed)
    theta, today, own = _drawn(star, galaxy, n, rng)
    times = np.concatenate([[0.0], np.arange(*span, step)])
    x, v = integration.trace(*today, np.tile(times, (n, 1)), galaxy.potential)
    at = source.theta + source.sigma * rng.normal(size=(4, n))
    ra, dec = np.full(n, source.ra[0]), np.full(n, source.dec[0])
    today = galactocentric(*heliocentric(ra, dec, *at), galaxy.frame)
    x_c, v_c = integration.trace(*today, np.tile(times, (n, 1)), galaxy.potential)
    like = galaxy.ages.likelihood(own.age, own.age_error)
    per_time = galaxy.ages.rates(like, source.birth)[:, 0]
    sigma, dispersion = source.extent[0], galaxy.priors.cluster_dispersion
    total = np.zeros(n)
    for t in range(1, len(times)):
        segment = np.searchsorted(galaxy.edges, times[t]) - 1
        for _ in range(pairs):
            turn = np.roll(np.arange(n), rng.integers(n))
            apart = ((x[:, t] - x_c[turn, t]) ** 2).sum(axis=1) / sigma**2
            near = np.flatnonzero(apart < 30)
            speed = np.sqrt(((v[near, t] - v_c[turn[near], t]) ** 2).sum(axis=1))
            for c in (DYNAMICAL, BINARY):
                g = galaxy.speeds.density(speed, c, dispersion) * per_time[c, segment]
                total[near] += g * np.exp(-0.5 * apart[near]) * step
    scale = (2 * np.pi) ** -1.5 * sigma**-3 / pairs
    weight = own.weights(theta[0])
    rate = total * scale * weight / weight.mean()
    scale = source.formed[0] * galaxy.priors.ejected_fraction
    return rate.mean() * scale, rate.std() / np.sqrt(n) * scale


CASES = {
    "AE_Aur": ({}, "NGC 1980", (2.2, 2.9)),
    "mu_Col": ({}, "Collinder 69", (2.6, 4.4)),
    "AE_Aur with a parallax good to 10 %": ({"parallax_error": 0.246}, "NGC 1980", (1.9, 3.2)),
}


@pytest.mark.parametrize("case", CASES)
def test_rate_of_a_cluster_is_that_of_brute_force(case, known, galaxy, sources):
    change, cluster, span = CASES[case]
    star = known("stars.csv")[case.split()[0]] | change
    source = pick(sources, [int(np.flatnonzero(sources.name == cluster)[0])])
    # steps of a parsec or two
    brute, error = _brute_force(star, source, galaxy, span, step=0.0125)
    own = read_star(star, galaxy.priors)
    kernels = make_kernels(own, galaxy, seed=1, segments=20)
    like = galaxy.ages.likelihood(own.age, own.age_error)
    found = passages.cluster_passages(kernels, source, galaxy, np.ones((20, 1), bool))
    rate = rates.cluster_rates(found, kernels, source, like, galaxy).sum()
    print(f"{case}: kernels over brute force {rate / brute:.3f} +- {error / brute:.3f}")
    assert rate == pytest.approx(brute, abs=3 * error + 0.05 * brute)


def test_rate_of_the_field_is_that_of_brute_force(known, galaxy):
    star = known("halo.csv")["HIP60350-age45"]
    rng = np.random.default_rng(3)
    n = 6000
    theta, today, own = _drawn(star, galaxy, n, rng)
    times = np.arange(0.0, 30.0, 0.25)
    x, v = integration.trace(*today, np.tile(times, (n, 1)), galaxy.potential)
    sound = np.isfinite(x).all(axis=(1, 2))
    x, v, theta = x[sound], v[sound], theta[:, sound]
    like = galaxy.ages.likelihood(own.age, own.age_error)
    whole = galaxy.ages.rates(like)
    p = galaxy.priors
    layer = np.exp(-0.5 * (x[..., 2] / p.layer_height) ** 2) / np.sqrt(2 * np.pi) / p.layer_height
    speed = np.linalg.norm(v - galaxy.rotating(x), axis=2)
    per_time = np.array([np.interp(times, galaxy.tau, w) for w in whole])
    g = sum(galaxy.speeds.density(speed, c, p.field_dispersion) * per_time[c] for c in (0, 1))
    weight = own.weights(theta[0])
    place = galaxy.surface(np.hypot(x[..., 0], x[..., 1])) * layer
    rate = (g * place * 0.25).sum(axis=1) * weight / weight.mean() * p.ejected_fraction
    error = rate.std() / np.sqrt(len(rate))
    kernels = make_kernels(own, galaxy, seed=1, segments=int(np.sum(galaxy.edges[1:] <= 30)))
    m = len(kernels.x)
    found = rates.field_rates(kernels, galaxy, whole[:, :m], 0 * whole[:, :m])[0].sum()
    print(f"field: kernels over brute force {found / rate.mean():.3f} +- {error / rate.mean():.3f}")
    # the scale of the weights, common to all sources, is good to the spread within a kernel: 1 %
    assert found == pytest.approx(rate.mean(), abs=3 * error + 0.02 * rate.mean())

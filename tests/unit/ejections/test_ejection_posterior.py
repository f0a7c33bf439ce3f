"""The posterior of a star: planted truths, odd stars, and the same bits in any order."""

import numpy as np
import pytest

from mock_sky import throw
from runaways.ejections.pairs import explain_pair, match_bodies
from runaways.ejections.posterior import explain, explain_all
from runaways.ejections.sources import path_of, trace_clusters
from runaways.ejections.surveys import observed
from runaways.ejections.verdicts import verdict, why
from runaways.tables import table_schema

COLUMNS = table_schema("ejections")["required"]

QUICK = {"power": False, "check": False}
THROWN, SPEED = 4.25, 70.0  # Myr ago, km/s


def _star(name, seen, **known):
    values = dict(zip(("ra", "dec", "distance", "pmra", "pmdec", "rv"), (float(q) for q in seen)))
    row = {"star": name, "parallax": 1 / values.pop("distance"), "parallax_error": 0.02}
    return row | values | {"pmra_error": 0.02, "pmdec_error": 0.02, "rv_error": 2.0} | known


@pytest.fixture(scope="module")
def thrown(galaxy, sources):
    """Two stars thrown from the cluster nearest to the Sun of those with a radial velocity."""
    cluster = 1 + int(np.argmin(sources.theta[0, 1:]))
    segment = int(np.searchsorted(galaxy.edges, THROWN)) - 1
    assert galaxy.tau[segment] == THROWN
    x, v = (np.asarray(q[segment, [cluster] * 2], float).T for q in (sources.x, sources.v))
    rng = np.random.default_rng(3)
    today = throw(x, v, SPEED, THROWN, galaxy.potential, rng)
    seen = np.array(observed(*today, galaxy.frame)).T
    stars = [_star(f"thrown {i}", row, age=20.0, age_error=6.0) for i, row in enumerate(seen)]
    return str(sources.name[cluster]), stars


def test_a_star_thrown_from_a_cluster_is_found_there(thrown, galaxy, sources):
    cluster, stars = thrown
    for star in stars:
        row, listed, _ = explain(star, galaxy, sources, seed=1)
        assert row["cluster"] == cluster and row["p_cluster_best"] > 0.5
        assert row["t_ejection"] == pytest.approx(THROWN, abs=0.5)
        assert row["v_ejection"] == pytest.approx(SPEED, abs=8)
        assert row["p_cluster"] + row["p_field"] + row["p_centre"] == pytest.approx(1)
        assert row["p_complex"] >= row["p_cluster_best"]
        assert (
            listed[0]["source_of_ejection"] == cluster
            and listed[0]["p_source"] == row["p_cluster_best"]
        )
        assert 0 < row["p_detectable"] <= 1
        assert f"{cluster} " in row["why"] and "Myr ago" in row["why"]


def test_what_would_show_is_not_lost_with_the_sign_of_the_velocity(thrown, galaxy, sources):
    _, (star, _) = thrown
    other = star | {"rv_alternative": -star["rv"]}
    for seed in (0, 3):
        known, both = (explain(row, galaxy, sources, seed)[0] for row in (star, other))
        # the other sign takes as much from a true origin as from the star itself
        for name in ("p_cluster_best", "p_detectable"):
            odds = [row[name] / (1 - row[name]) for row in (known, both)]
            assert 0.4 < odds[1] / odds[0] < 1


def test_two_stars_thrown_from_one_place_are_a_pair(thrown, galaxy, sources):
    cluster, (one, two) = thrown
    row = explain_pair(one, galaxy, sources, seed=1, second=two, cluster=cluster)
    assert row["t_ejection"] == pytest.approx(THROWN, abs=0.3)
    assert row["bayes"] > 100 and row["bayes_cluster"] > 10
    elsewhere = explain_pair(one, galaxy, sources, seed=1, cluster="NGC 9999")
    assert np.isnan(elsewhere["bayes"]) and "NGC 9999" in elsewhere["reason"]
    alone = explain_pair(one, galaxy, sources, seed=1)
    assert "neither" in alone["reason"]


@pytest.mark.parametrize("together", [False, True])
def test_draws_of_a_named_hypothesis_are_those_of_its_row(thrown, galaxy, sources, together):
    cluster, (one, two) = thrown
    second = two if together else None
    row, drawn = match_bodies(one, galaxy, sources, seed=1, second=second, cluster=cluster)
    assert set(drawn["pair"]) == {row["pair"]}
    low, middle, high = np.quantile(drawn["look_back_time"], [0.159, 0.5, 0.841])
    assert (low, middle, high) == pytest.approx(
        [row[f"t_ejection{end}"] for end in ("_lower", "", "_upper")], abs=0.02
    )
    for name in ("x_ejection", "z_ejection", "v_first", "v_relative"):
        assert np.median(drawn[name]) == pytest.approx(row[name], abs=0.1, nan_ok=True)
    at = path_of(sources, int(np.flatnonzero(sources.name == cluster)[0]), galaxy)
    place = [np.interp(THROWN, at["look_back_time"], at[k]) - row[f"{k}_ejection"] for k in "xyz"]
    assert at["look_back_time"][0] == 0 and np.linalg.norm(place) < 0.03
    assert len(match_bodies(one, galaxy, sources, seed=1, cluster="NGC 9999")[1]) == 0
    assert len(path_of(sources, None, galaxy)) == 0


def test_a_missing_host_near_the_orbit_is_told(thrown, galaxy, sources, table):
    cluster, (star, _) = thrown
    hosts = table[[str(name) == cluster for name in table["name"]]]
    hosts["replaces"], hosts["log_age_upper"] = "", 7.5
    row, *_ = explain(star, galaxy, sources, seed=1, hosts=hosts, **QUICK)
    assert row["hosts_missing"] == "" and "Near its orbit" not in row["why"]
    lacking = trace_clusters(table[[str(name) != cluster for name in table["name"]]], galaxy)
    row, *_ = explain(star, galaxy, lacking, seed=1, hosts=hosts, **QUICK)
    assert row["hosts_missing"].startswith(f"{cluster} (") and " Myr ago, " in row["hosts_missing"]
    assert f"Near its orbit, but not among the clusters: {cluster} (" in row["why"]
    # before it can have been born it was not there
    young = star | {"age": 0.5, "age_error": 0.1}
    near = explain(young, galaxy, lacking, seed=1, hosts=hosts, **QUICK)[0]["hosts_missing"]
    assert not near or float(near.split("(")[1].split()[0]) < 0.8
    unknown = star | {"rv": np.nan}
    assert explain(unknown, galaxy, lacking, seed=1, hosts=hosts, **QUICK)[0]["hosts_missing"] == ""


def test_a_poor_radial_velocity_of_the_cluster_is_told(thrown, galaxy, table):
    cluster, (star, _) = thrown
    poor = table.copy()
    poor["n_rv"][[str(name) == cluster for name in poor["name"]]] = 2
    row, *_ = explain(star, galaxy, trace_clusters(poor, galaxy), seed=1, **QUICK)
    assert f"The radial velocity of {cluster} is from few stars." in row["why"]
    row = row | {"verdict": "cluster"}
    assert "is not known, that of rotation is taken." in why(row, rv_flags="no-rv")
    assert "is from few stars and has a large error." in why(row, rv_flags="few-stars,large-error")
    assert "The radial velocity of" not in why(row, rv_flags="no-error")


def test_a_partner_may_be_a_pulsar(thrown, galaxy, sources):
    _, (one, two) = thrown
    pulsar = two | {"kind": "pulsar", "rv": np.nan, "age": np.nan}
    row = explain_pair(one, galaxy, sources, seed=1, second=pulsar)
    assert row["t_ejection"] == pytest.approx(THROWN, abs=1)
    away = pulsar | {"pmra": -two["pmra"], "pmdec": -two["pmdec"]}
    assert explain_pair(one, galaxy, sources, seed=1, second=away)["bayes"] < 1e-3 * row["bayes"]


def test_the_group_of_a_cluster_shares_its_evidence(thrown, galaxy, table):
    cluster, (star, _) = thrown
    grouped = table.copy()
    grouped["group"] = "one"
    row, _, _ = explain(star, galaxy, trace_clusters(grouped, galaxy), seed=1, power=False)
    assert row["p_complex"] == pytest.approx(row["p_cluster"])


ODD = {
    "no age": {"age": np.nan, "age_error": np.nan},
    "no rv": {"rv": np.nan, "rv_error": np.nan},
    "both signs": {"rv_alternative": -30.0},
    "no proper motion error": {"pmra_error": np.nan},
    "no distance": {"parallax": np.nan},
    "no position": {"ra": np.nan},
    "hyperbolic": {"rv": 900.0, "pmra": 60.0},
    "retrograde": {"parallax": 0.3, "pmra": -30.0, "pmdec": 30.0},
    "far": {"parallax": 0.02, "parallax_error": 0.05},
    "masked age": {"age": np.ma.masked},
    "at the centre": {
        "ra": 266.405,
        "dec": -28.936,
        "parallax": np.nan,
        "distance": 8.2,
        "distance_error": 0.0,
    },
}


@pytest.mark.parametrize("case", ODD)
def test_every_star_has_a_row_and_a_reason_or_a_verdict(case, galaxy, sources, star):
    row, _, _ = explain(star | {"star": case} | ODD[case], galaxy, sources, seed=1)
    assert set(row) == set(COLUMNS)
    assert bool(row["reason"]) == (row["verdict"] == "no result")
    assert row["why"]
    if case in ("no proper motion error", "no distance", "no position"):
        assert np.isnan(row["p_cluster"]) and row["reason"]
    elif not row["reason"]:
        assert row["p_cluster"] + row["p_field"] + row["p_centre"] == pytest.approx(1)
    if case == "no rv":
        assert "radial velocity is not known" in row["why"]
    if case == "hyperbolic":
        assert row["p_unbound"] == 1


def test_results_are_the_same_bits_in_any_order_and_company(galaxy, sources, star):
    names = ("a", "b", "c")
    stars = [star | {"star": name, "rv": 20.0 + i} for i, name in enumerate(names)]
    together, listed, _ = explain_all(stars, galaxy, sources, seed=1)
    back, *_ = explain_all(stars[::-1], galaxy, sources, seed=1)
    for column in COLUMNS:
        np.testing.assert_array_equal(together[column], back[column][::-1])
    alone, _, _ = explain(stars[1], galaxy, sources, seed=1)
    assert alone["p_cluster"] == together["p_cluster"][1]
    assert together["t_ejection"].unit == "Myr" and set(listed["star"]) == set(names)


def test_no_stars_and_no_clusters_are_no_error(galaxy, table, star):
    none = trace_clusters(table[:0], galaxy)
    rows, listed, _ = explain_all([star], galaxy, none, seed=1)
    assert rows["p_cluster"][0] == 0 and rows["cluster"][0] == ""
    empty, *_ = explain_all([], galaxy, none, seed=1)
    assert len(empty) == 0 and empty.colnames == COLUMNS


@pytest.mark.parametrize(
    "word, p",
    [
        ("not ejected", {"p_ejected": 0.4, "p_cluster": 0.9}),
        ("cluster", {"p_cluster_best": 0.6, "p_cluster": 0.9}),
        ("clusters", {"p_cluster_best": 0.3, "p_cluster": 0.6}),
        ("centre", {"p_centre": 0.7}),
        ("field", {"p_field": 0.7}),
        ("open", {"p_field": 0.4, "p_cluster": 0.4}),
    ],
)
def test_verdict_follows_from_the_probabilities(word, p):
    none = dict.fromkeys(("p_cluster", "p_field", "p_centre", "p_cluster_best"), 0.0)
    assert verdict({"p_ejected": 0.9} | none | p) == word

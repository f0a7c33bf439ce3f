import numpy as np
import pytest
from astropy.table import Table, vstack

from mock_sky import disk_of_clusters
from runaways import tables
from runaways.encounters.approaches import Encounters
from runaways.encounters.evidence import PARTS, evidence, evidence_of_all
from runaways.encounters.verdicts import Thresholds, benjamini_hochberg, best_clusters, judge

RADII = 20.0 * 2.0 ** (-np.arange(10) / 2)


@pytest.fixture(scope="module")
def table(frame):
    return disk_of_clusters(4, frame, seed=0)


def met(hits, chances, n_draws=100):
    """Encounters from (cluster, separation of every hit) and p_chance within 10 pc."""
    rows = [
        (name, draw, separation, 5.0, 60.0)
        for name, separations in hits.items()
        for draw, separation in enumerate(separations)
    ]
    chance = Table(
        rows=[(n, r, p * (r / 10) ** 2, 0.1 * p) for n, p in chances.items() for r in RADII]
        or None,
        names=("cluster", "radius", "p_chance", "p_chance_disk"),
        dtype=("U64", float, float, float),
    )
    return Encounters(approaches(rows), chance, n_draws, 20.0)


def approaches(rows):
    names = ("cluster", "draw", "separation", "look_back_time", "relative_velocity")
    return Table(rows=rows or None, names=names, dtype=("U64", int, float, float, float))


def searched(n_stars, n_draws=100):
    rows = [(f"s{i}", n_draws, 0, 20.0) for i in range(n_stars)]
    return Table(rows=rows, names=("star", "n_draws", "n_draws_failed", "age"))


STAR = {"x": 8.5, "y": 0.0, "z": 0.0, "v_sp": 60.0, "age": 20.0, "mh": np.nan, "mh_error": np.nan}


def test_shares_ratio_and_evidence(table, frame):
    hits = {"Mock 0001": [1.0] * 10 + [4.0] * 10 + [9.9] * 20 + [15.0] * 30}
    pairs = evidence(met(hits, {"Mock 0001": 0.01, "Mock 0002": 0.03}), table, STAR, frame)
    assert list(pairs["cluster"]) == ["Mock 0001"]
    pair = pairs[0]
    assert pair["p_encounter"] == pytest.approx(0.40)
    assert pair["p_chance"] == pytest.approx(0.01)
    assert pair["ratio"] == pytest.approx(40)
    assert pair["n_chance"] == pytest.approx(0.04)
    # within 10, 5, 2.5, 1.25 pc: 0.4, 0.2, 0.1, 0.1 of the draws; chance falls with the area
    expected = (0.4 / 0.04 + 0.2 / 0.01 + 0.1 / 0.0025 + 0.1 / 0.000625) / 4
    assert pair["evidence"] == pytest.approx(expected)
    assert pair["p_value"] == pytest.approx(1 / expected)
    assert (pair["closest"], pair["closest_time"]) == (1.0, 5.0)
    assert pair["flight_time"] == 5.0 and pair["ejection_velocity"] == 60.0
    assert pair["flight_over_age"] == pytest.approx(5.0 / 10 ** (table["log_age"][1] - 6))
    assert pair["p_chance_disk"] == pytest.approx(0.001, rel=0.01)


def test_a_larger_cluster_is_met_within_its_own_radius(table, frame):
    large = table.copy()
    large["radius"] = 16.0
    pairs = evidence(met({"Mock 0001": [15.0] * 30}, {"Mock 0001": 0.01}), large, STAR, frame)
    assert pairs["p_encounter"][0] == pytest.approx(0.3)
    assert pairs["p_chance"][0] == pytest.approx(0.01 * 1.6**2)
    large["radius"] = 25.0
    # the search went to 20 pc
    pairs = evidence(met({"Mock 0001": [15.0]}, {"Mock 0001": 0.01}), large, STAR, frame)
    assert pairs["radius"][0] == 20.0


def test_benjamini_hochberg_on_their_own_example():
    """Benjamini & Hochberg 1995, Sect. 4.2: 15 p-values, 4 rejected at 0.05."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    order = np.random.default_rng(0).permutation(15)
    q = np.empty(15)
    q[order] = benjamini_hochberg(np.array(p)[order])
    assert list(q <= 0.05) == [True] * 4 + [False] * 11
    assert q[0] == pytest.approx(0.0015)
    assert (benjamini_hochberg(p, 150) <= 0.05).sum() == 2  # 0.0004 <= 2/150 * 0.05


def verdict_of(
    frame, table, encounters, thresholds=None, n_stars=1, asked=(), elsewhere=None, **star
):
    pairs = evidence(encounters, table, STAR | star, frame, pairs=approaches(list(asked)))
    pairs["star"] = "one"
    pairs = judge(pairs, searched(n_stars), thresholds, elsewhere)
    return pairs["verdict"][0], pairs["why"][0]


def test_verdicts(table, frame):
    near = met({"Mock 0001": [1.0] * 90}, {"Mock 0001": 0.001, "Mock 0002": 0.005})
    assert verdict_of(frame, table, near)[0] == "candidate"
    # the same in a sample of ten thousand stars is nothing special
    assert verdict_of(frame, table, near, n_stars=10_000)[0] == "not better than chance"
    common = met({"Mock 0001": [9.0] * 50}, {"Mock 0001": 0.2, "Mock 0002": 0.8})
    assert verdict_of(frame, table, common)[0] == "not better than chance"
    seldom = met({"Mock 0001": [0.1] * 3}, {"Mock 0001": 1e-6})
    assert verdict_of(frame, table, seldom) == (
        "not better than chance", "P below 0.05: P 0.03, by chance 1e-06, q 1.6e-06"
    )  # fmt: skip
    fast = near
    fast.hits["relative_velocity"][:] = 700.0
    verdict, why = verdict_of(frame, table, fast)
    assert verdict == "impossible"
    assert why == "ejection at 700 km/s (in this frame and potential)"
    verdict, why = verdict_of(frame, table, fast, elsewhere={("one", "Mock 0002")})
    assert verdict == "impossible" and "below 0.01 in every other" in why
    verdict, why = verdict_of(frame, table, fast, elsewhere={("one", "Mock 0001")})
    assert verdict == "not better than chance" and why.endswith("not in every one that was tried")
    slower = Thresholds(ejection_velocity_max=1000)
    assert verdict_of(frame, table, fast, slower)[0] == "candidate"


def test_an_unknown_age_is_said(table, frame):
    ageless = table.copy()
    ageless["log_age"] = np.nan
    near = met({"Mock 0001": [1.0] * 90}, {"Mock 0001": 0.001})
    verdict, why = verdict_of(frame, ageless, near)
    assert verdict == "candidate" and why.endswith("age of the cluster unknown")


def test_abundances_can_exclude(table, frame):
    rich = table.copy()
    rich["mh"], rich["mh_error"] = 0.3, 0.05
    near = met({"Mock 0001": [1.0] * 90}, {"Mock 0001": 0.001})
    assert verdict_of(frame, rich, near, mh=-0.5, mh_error=0.1) == (
        "impossible", "[M/H] differs by 7.2 sigma"
    )  # fmt: skip
    assert verdict_of(frame, rich, near, mh=0.25, mh_error=0.1)[0] == "candidate"
    assert verdict_of(frame, rich, near)[0] == "candidate"  # the star's is unknown


def test_a_pair_out_of_reach_is_impossible(table, frame):
    far = [("Mock 0003", draw, 3000.0 + draw, 1.0, 200.0) for draw in range(100)]
    verdict, why = verdict_of(frame, table, met({}, {}), asked=far, age=1.0, v_sp=1.0)
    assert verdict == "impossible"
    assert why.startswith("no draw comes nearer than 3000 pc; to come from there takes")
    near = [("Mock 0003", draw, 25.0 + draw, 1.0, 200.0) for draw in range(100)]
    assert verdict_of(frame, table, met({}, {}), asked=near, age=1e3) == (
        "not better than chance", "no draw comes within 10 pc"
    )  # fmt: skip


def test_needed_speed(table, frame):
    """A cluster 1 kpc away needs 97.8 km/s to be left 10 Myr ago."""
    place = table[:1].copy()
    place["name"], place["ra"], place["dec"], place["distance"] = "X", 86.4, 28.94, 1.0
    asked = approaches([("X", 0, 900.0, 1.0, 50.0)])
    pairs = evidence(met({}, {}), place, STAR | {"age": 10.0}, frame, pairs=asked)
    assert pairs["needed_speed"][0] == pytest.approx(97.8, abs=0.3)  # the Sun is 0.02 kpc up


def test_best_cluster_of_each_star(table, frame):
    """Impossible pairs come last; who meets nothing, and who has no orbit, has a row as well."""
    hits = {"Mock 0001": [9.0] * 50, "Mock 0002": [2.0] * 50, "Mock 0003": [0.5] * 50}
    pairs = evidence(met(hits, dict.fromkeys(hits, 1e-4)), table, STAR, frame)
    pairs["star"] = "s0"
    pairs["ejection_velocity_lower"][pairs["cluster"] == "Mock 0003"] = 900.0
    stars = searched(3)
    stars["n_draws_failed"][2] = 100
    best = tables.conform(best_clusters(judge(pairs, stars), stars), "best_clusters")
    assert best["star"].tolist() == ["s0", "s1", "s2"]
    assert best["cluster"].tolist() == ["Mock 0002", "", ""]
    assert best["verdict"].tolist() == ["candidate", "no encounter", ""]
    assert best["p_encounter"][:2].tolist() == [0.5, 0.0] and np.isnan(best["p_encounter"][2])


def test_all_stars_of_a_run(table, frame):
    """Each star is held against its own rows, whatever rows come before."""
    one = met({"Mock 0001": [1.0] * 90}, {"Mock 0001": 0.001})
    other = met({"Mock 0002": [2.0] * 20, "Mock 0003": [3.0] * 10}, {"Mock 0003": 0.002})
    hits, chances = [], []
    for name, found in (("s0", one), ("s2", other)):
        for part, rows in ((hits, found.hits), (chances, found.chance)):
            rows = rows.copy()
            rows["star"] = name
            part.append(rows)
    parts = dict(zip(PARTS, (vstack(hits), vstack(chances), searched(3))))
    stars = Table(rows=[{"star": f"s{i}"} | STAR for i in range(3)])
    asked = approaches([("Mock 0000", draw, 500.0, 1.0, 9.0) for draw in range(100)])
    asked["star"] = "s1"
    limits = {"radius": 10.0, "search_radius": 20.0}
    pairs = evidence_of_all(parts, [asked], table, stars, frame, **limits)
    assert list(zip(pairs["star"], pairs["cluster"])) == [
        ("s0", "Mock 0001"), ("s1", "Mock 0000"), ("s2", "Mock 0002"), ("s2", "Mock 0003"),
    ] or pairs["cluster"][2:].tolist() == ["Mock 0003", "Mock 0002"]  # fmt: skip
    alone = evidence(other, table, STAR, frame)
    for name in ("p_encounter", "p_chance", "evidence", "needed_speed"):
        assert pairs[name][pairs["star"] == "s2"].tolist() == alone[name].tolist(), name


def test_a_star_that_meets_nothing(table, frame):
    pairs = evidence(met({}, {}), table, STAR, frame)
    assert len(pairs) == 0
    assert len(judge(pairs, searched(1))) == 0

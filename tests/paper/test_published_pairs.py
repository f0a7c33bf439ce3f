"""The paper's two pairs of a star and a cluster, on the values of Hunt & Reffert 2023."""

import numpy as np
import pytest
from astropy.table import Table, vstack

from runaways import frames
from runaways.clusters.catalogues import read_clusters
from runaways.clusters.cluster_list import assess
from runaways.clusters.cluster_orbits import trace_clusters
from runaways.encounters import evidence, verdicts
from runaways.encounters.approaches import match_pair, match_star
from runaways.orbits import birthplaces, knots
from runaways.products import pair_scores

PAIRS = {"J064903+415853": "IC 1311", "J024547+543241": "NGC 2236"}
DRAWS = 256


@pytest.fixture(scope="module")
def judged(data, measured, frame, pot):
    """Both pairs with their verdict, by star."""
    table = assess(read_clusters(data / "clusters" / "HUNT2023.csv"))
    table = table[np.isin(table["name"], list(PAIRS.values()))]
    orbits = trace_clusters(table, pot, t_max=1000.0, seed=2025)
    parts, asked, facts = {name: [] for name in evidence.PARTS}, [], []
    for star in measured[np.isin(measured["star"], list(PAIRS))]:
        name = str(star["star"])
        _, path = birthplaces.trace_draws(star, pot, 2025, "sobol", 0, DRAWS, 1e3)
        draws = knots.side_by_side(*path)
        for part, rows in zip(evidence.PARTS, match_star(name, draws, orbits)):
            parts[part].append(rows)
        asked.append(match_pair(name, draws, orbits, PAIRS[name])[0])
        kinematics = (star[k] for k in ("ra", "dec", "distance", "pmra", "pmdec", "rv"))
        place, _ = frames.galactocentric(*frames.heliocentric(*kinematics), frame)
        printed = {"J024547+543241": 34.24, "J064903+415853": 53.06}[name]  # V_Sp of Table A.1
        known = dict(zip("xyz", place)) | {"v_sp": printed, "age": star["age"]}
        facts.append({"star": name, "mh": star["mh"], "mh_error": star["mh_error"]} | known)
    parts = {name: vstack(rows) for name, rows in parts.items()}
    limits = {"radius": 10.0, "search_radius": 20.0}
    found = evidence.evidence_of_all(parts, asked, table, Table(rows=facts), frame, **limits)
    found = verdicts.judge(found, parts["encounter_search"])
    own = [PAIRS[star] == cluster for star, cluster in found["star", "cluster"].iterrows()]
    return found[own]


def row(judged, star):
    return judged[np.flatnonzero(judged["star"] == star)[0]]


def test_ngc_2236_is_out_of_reach(judged):
    """About 219 km/s on average over 12.4 Myr, for a star of 34 km/s.

    Both are 2.546 kpc away and 65.2 deg apart on the sky: 2.744 kpc, that is 216 km/s.
    """
    pair = row(judged, "J024547+543241")
    assert pair["needed_speed"] == pytest.approx(219, rel=0.015)
    assert pair["needed_speed"] == pytest.approx(2.744 / 12.4 * 977.79, rel=1e-3)
    assert pair["available_speed"] < 219 / 1.5
    assert pair["p_encounter"] == 0 and pair["closest"] > 1500
    assert pair["verdict"] == "impossible" and "216 km/s" in pair["why"]


def test_ic_1311_in_time_but_nowhere_near(judged):
    """6.6 kpc from the Sun: the age of the star would do, its orbit does not."""
    pair = row(judged, "J064903+415853")
    assert pair["cluster_age"] == pytest.approx(10 ** (8.983 - 6), rel=0.002)
    assert pair["needed_speed"] < pair["available_speed"]
    assert pair["verdict"] != "candidate" and pair["p_encounter"] < 0.01
    assert pair["ejection_velocity"] > 0 or pair["closest"] > 20


def test_the_scoreboard_says_so(judged, table_a1):
    stated = [
        {"ra": 102.2630, "dec": 41.9814, "cluster": "IC 1311", "where": "Sect. 4.2"},
        {"ra": 41.4488, "dec": 54.5447, "cluster": "NGC 2236", "where": "Sect. 4.2"},
        {"ra": 41.4488, "dec": 54.5447, "cluster": "NGC 1", "where": "nowhere"},
    ]
    rows = pair_scores.rows(table_a1, judged, stated)
    assert len(rows) == 7 and not any(rows[i][4] for i in (0, 3, 6))
    said = "\n".join(" ".join(map(str, one)) for one in rows)
    assert "no draw meets; nearest passage of any draw: " in said
    assert "216 needed" in said and "cluster 962 old" in said
    assert "origin of J064903+415853 in IC 1311 (Sect. 4.2)" in said


def test_the_scoreboard_sets_ejections_beside_the_paper(table_a1):
    """IC 1311 not listed, NGC 2236 found: probabilities are those given ejection."""
    catalogue = table_a1["star", "ra", "dec"]
    catalogue["ejection_verdict"], catalogue["ejection_cluster"] = "field".ljust(12), " " * 9
    catalogue["ejection_why"], catalogue["p_detectable"] = "because", np.nan
    catalogue["p_from_disk"] = 0.9
    found = catalogue["star"] == "J024547+543241"
    for name, value in (("verdict", "cluster"), ("cluster", "NGC 2236")):
        catalogue[f"ejection_{name}"][found] = value
    catalogue["ejection_verdict"][~found] = "field"
    catalogue["p_detectable"][found] = 0.3
    rows = [
        ("J024547+543241", "stayed", "stayed", 0.9),
        ("J024547+543241", "NGC 2236", "cluster", 0.8),
    ]
    rows += [("J064903+415853", "field", "field", 0.97)]
    names = ("star", "source_of_ejection", "source_kind", "p_source")
    listed = Table(rows=rows, names=names)
    stated = [
        {"ra": 102.2630, "dec": 41.9814, "cluster": "IC 1311", "where": "Sect. 4.2"},
        {"ra": 41.4488, "dec": 54.5447, "cluster": "NGC 2236", "where": "Sect. 4.2"},
    ]
    no, yes, one, all_ = pair_scores.ejections(catalogue, listed, stated)
    assert no[:3] == (
        "ejection of J064903+415853 (Sect. 4.2)",
        "IC 1311",
        "field; likeliest field, 0.97",
    )
    assert not no[4] and no[5].startswith("p of IC 1311 0.00; because")
    assert yes[4] and yes[2] == "cluster; likeliest NGC 2236, 0.80"
    assert "p of NGC 2236 0.80; a true origin in NGC 2236 would show as 0.30" in yes[5]
    assert one[1:5] == ("2", "1", "0", False) and one[5] == "J024547+543241 from NGC 2236"
    assert all_[2] == "cluster 1, field 44" and all_[4]
    assert pair_scores.ejections(catalogue, listed, []) == []
    absent = pair_scores.ejections(catalogue[found], listed, stated)[0]
    assert absent[2] == "" and not absent[4] and absent[5] == "the list has no star there"

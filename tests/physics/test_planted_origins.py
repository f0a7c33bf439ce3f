"""Planted truths: stars thrown from real clusters are found, stars of the field are not."""

import os

import numpy as np
import pytest
from astropy.table import Table

from mock_sky import draw_paths, measure, observe, throw, with_errors_times
from runaways.clusters.catalogues import read_clusters
from runaways.clusters.cluster_list import assess
from runaways.clusters.cluster_orbits import trace_clusters
from runaways.encounters.approaches import find_encounters
from runaways.encounters.evidence import evidence
from runaways.encounters.verdicts import Thresholds, judge
from runaways.frames import galactocentric, heliocentric

GAIA_LIKE = (0.02, 0.03, 3.0)  # distance, relative; proper motion [mas/yr]; RV [km/s]
THROWN, SPEED = 5.0, 60.0  # Myr ago, km/s
AGE, AGE_ERROR = 8.0, 0.1  # Myr, relative
STAR_DRAWS, CLUSTER_DRAWS = 64, 32
FIELD_STARS = int(os.environ.get("FIELD_STARS", 250))  # 1000 take half a minute more
ONE_STAR = Table({"n_draws": [STAR_DRAWS], "n_draws_failed": [0]})


@pytest.fixture(scope="module")
def table(data):
    """Hunt & Reffert 2023 within 1.5 kpc, with the cut used in the field."""
    table = assess(read_clusters(data / "clusters" / "HUNT2023.csv"), cst_min=5, cmd_class_min=0.5)
    return table[table["usable"] & (table["distance"] < 1.5)]


class Sky:
    """The clusters with their errors scaled, as drawn and as they are in truth."""

    def __init__(self, table, factor, pot):
        self.table, self.pot = with_errors_times(table, factor), pot
        self.errors = tuple(factor * error for error in GAIA_LIKE)
        traced = {"t_max": 15.0, "n_draws": CLUSTER_DRAWS}
        self.orbits = trace_clusters(self.table, pot, seed=1, **traced)
        # the truth is a draw of its own about the catalogue's values
        self.truth = trace_clusters(self.table, pot, seed=2, **traced)

    def sources(self, trials, rng):
        """Clusters old enough to have thrown a star, with an RV from a few stars."""
        t = self.table
        old = (t["log_age_lower"] > 7.1) & (t["n_rv"] >= 3) & (t["distance"] > 0.2)
        return rng.choice(np.asarray(t["name"], str)[old & (t["distance"] < 1.2)], trials)

    def verdicts(self, position, velocity, rng, null="p_chance"):
        """Observe stars, trace their draws, hold each against the clusters: a table per star."""
        frame = self.pot.frame
        seen = measure(observe(position, velocity, frame), self.errors, rng)
        paths = draw_paths(seen, self.errors, AGE, AGE_ERROR, STAR_DRAWS, self.pot, rng)
        today, _ = galactocentric(*heliocentric(*seen), frame)
        for star in range(len(seen[0])):
            found = find_encounters(*(a[star] for a in paths), self.orbits)
            found.chance["p_chance"] = found.chance[null]
            facts = dict(zip("xyz", today[:, star])) | {"v_sp": SPEED, "age": AGE}
            facts |= {"mh": np.nan, "mh_error": np.nan}
            yield judge(evidence(found, self.table, facts, frame), ONE_STAR)

    def thrown(self, trials, rng):
        """Sources, and where stars thrown from them are today."""
        names = self.sources(trials, rng)
        left = [self.truth.trajectory(name, np.array([THROWN]), draw=1) for name in names]
        place, speed = (np.concatenate(part).T for part in zip(*left))
        return names, *throw(place, speed, SPEED, THROWN, self.pot, rng)

    def field(self, trials, rng):
        """Stars within 0.1 kpc of a cluster today, as fast as those thrown, from nowhere."""
        near = [self.orbits.trajectory(n, np.zeros(1)) for n in self.sources(trials, rng)]
        place, speed = (np.concatenate(part).T for part in zip(*near))
        offset, kick = (v / np.sqrt((v**2).sum(axis=0)) for v in rng.normal(size=(2, 3, trials)))
        return place + 0.1 * rng.random(trials) ** (1 / 3) * offset, speed + SPEED * kick


def recovered(sky, trials, seed):
    """p_encounter with the true cluster, whether it is on top, whether it is a candidate."""
    rng = np.random.default_rng(seed)
    names, *today = sky.thrown(trials, rng)
    found = []
    for name, pairs in zip(names, sky.verdicts(*today, rng)):
        own = np.flatnonzero(pairs["cluster"] == name)
        p = pairs["p_encounter"][own[0]] if len(own) else 0.0
        on_top = len(own) > 0 and own[0] == 0
        found.append((p, on_top, on_top and pairs["verdict"][0] == "candidate"))
    return np.array(found, float)


def false_candidates(sky, trials, seed, null="p_chance"):
    """Share of field stars with a candidate, and their mean evidence."""
    rng = np.random.default_rng(seed)
    pairs = list(sky.verdicts(*sky.field(trials, rng), rng, null))
    wrong = np.mean(["candidate" in table["verdict"] for table in pairs])
    return wrong, np.mean([np.sum(table["evidence"]) for table in pairs])


def test_thrown_stars_are_found(table, pot):
    """With errors of a twentieth of Gaia's the true cluster is the top candidate."""
    _, on_top, candidate = recovered(Sky(table, 0.05, pot), trials=100, seed=1).sum(axis=0)
    assert on_top >= 90
    assert candidate >= 90


def test_p_encounter_falls_smoothly_as_errors_grow(table, pot):
    factors = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6]
    p = [recovered(Sky(table, f, pot), trials=20, seed=2)[:, 0].mean() for f in factors]
    falls = -np.diff(p)
    assert (falls > -0.02).all()  # never rises
    assert falls.max() < 0.35  # never drops at once
    assert p[0] > 0.95 and p[-1] < 0.3


def test_field_stars_beside_clusters_are_not_candidates(table, pot):
    wrong, mean_evidence = false_candidates(Sky(table, 1.0, pot), trials=FIELD_STARS, seed=7)
    assert wrong < Thresholds().fdr
    # 1 on average where azimuths tell nothing; these stars were put where clusters are densest
    assert mean_evidence < 3


def test_turning_clusters_all_around_is_no_null(table, pot):
    """Catalogues end some kpc from the Sun, and so do the stars: why the window is narrow."""
    sky = Sky(table, 1.0, pot)
    wrong, mean_evidence = false_candidates(
        sky, trials=FIELD_STARS // 4, seed=7, null="p_chance_disk"
    )
    assert wrong > Thresholds().fdr
    assert mean_evidence > 10

"""Hosts of the literature beside and in place of a catalogue's, and those that cannot be traced."""

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from runaways.clusters import cluster_list, literature
from runaways.clusters.catalogues import openngc, read_clusters
from runaways.frames import galactocentric, heliocentric

HOSTS = Path(__file__).parents[3] / "resources" / "literature_hosts.ecsv"


def row(table, name):
    return table[cluster_list.find(table["name"], name)]


@pytest.fixture(scope="module")
def hosts():
    return literature.read_hosts(HOSTS)


@pytest.fixture(scope="module")
def hunt(data):
    return read_clusters(data / "clusters" / "HUNT2023.csv")


@pytest.fixture(scope="module")
def merged(hunt, hosts):
    return cluster_list.assess(literature.merge([hunt], hosts))


def test_every_value_is_cited(hosts):
    assert len(hosts) == 19 and all(hosts["references"])
    known = np.isfinite(hosts["rv"])
    assert np.isfinite(hosts["rv_error"][known]).all()


def test_off_changes_nothing(hunt):
    alone = literature.merge([hunt])
    assert len(alone) == len(hunt) and not any(alone["replaced"])
    ours = alone[np.argsort(alone["name"])]
    theirs = hunt[np.argsort(hunt["name"])]
    for name in ("ra", "pmra", "rv", "distance", "log_age"):
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_radial_velocities_of_the_double_cluster(merged, hunt):
    """24 km/s apart in Hunt & Reffert 2023, from 6 and 2 stars; 1.8 in Loktin & Popova 2017."""
    for name, rv, error in (("NGC 869", -41.8, 1.57), ("NGC 884", -43.6, 0.94)):
        ours, theirs = row(merged, name), row(hunt, name)
        assert (ours["rv"], ours["rv_error"], ours["rv_from"]) == (rv, error, "literature")
        for kept in ("ra", "dec", "pmra", "pmra_error", "distance", "distance_lower", "radius"):
            assert ours[kept] == theirs[kept], kept
        assert ours["astrometry_from"] == ours["distance_from"] == "Hunt & Reffert 2023"
        assert "Loktin & Popova 2017" in ours["references"]
    assert row(merged, "NGC 884")["replaced"].startswith("rv -43.9 +- 1.6 km/s, 2 stars of Hunt")


def test_what_the_catalogue_lacks_is_there_once(merged, hunt):
    """19 hosts: 13 rows replaced, 1 of them by M 17, and 5 new ones; two of these have an orbit."""
    assert len(merged) == len(hunt) + 5
    assert merged["usable"].sum() == 5469 + 2 - 1 + 1  # M 17's foreground goes, Westerlund 2 comes
    assert row(merged, "ngc1976")["usable"] and row(merged, "Westerlund 2")["usable"]
    m17 = row(merged, "M 17")
    assert m17["distance"] == 1.675 and np.isnan([m17["rv"], m17["log_age"], m17["radius"]]).all()
    assert "606 pc away" in m17["replaced"] and m17["reason"] == "no radial velocity"
    assert cluster_list.find(merged["name"], "NGC 6618") is None


def test_an_age_without_error_keeps_that_of_what_it_replaces(merged, hunt):
    ours, theirs = row(merged, "NGC 6604"), row(hunt, "NGC 6604")
    assert ours["log_age"] == 6.81
    for end in ("lower", "upper"):
        width = theirs[f"log_age_{end}"] - theirs["log_age"]
        assert ours[f"log_age_{end}"] - ours["log_age"] == pytest.approx(width)


def test_a_parallax_tells_no_object_from_another(hosts):
    """NGC 3603 is 13 kpc away by the inverse parallax of OpenNGC."""
    found = row(literature.merge([openngc()], hosts), "NGC 3603")
    assert found["distance"] == pytest.approx(6.77523)
    assert "rv" in found["replaced"] and "away" not in found["replaced"]


def test_flags_of_radial_velocities(hunt):
    """Of 404 clusters younger than 10 Myr, counted in the file."""
    young = cluster_list.assess(hunt[hunt["log_age"] < 7])
    flags = [set(text.split(",")) for text in young["cluster_rv_flags"]]
    counts = {flag: sum(flag in f for f in flags) for flag in ("no-rv", "few-stars", "large-error")}
    assert len(young) == 404 and counts == {"no-rv": 51, "few-stars": 197 - 51, "large-error": 241}
    assert set(cluster_list.assess(openngc())["cluster_rv_flags"]) == {"no-rv", "no-error"}


def test_the_floor_of_radial_velocities(hunt):
    raised = cluster_list.with_rv_floor(hunt, 5.0)
    known = np.isfinite(hunt["rv"])
    assert np.all(raised["rv_error"][known] >= 5 / np.sqrt(hunt["n_rv"][known]) - 1e-12)
    assert np.all(raised["rv_error"][known] >= hunt["rv_error"][known])
    ngc884 = row(raised, "NGC 884")  # two stars
    assert ngc884["rv_error"] == pytest.approx(5 / np.sqrt(2))
    assert row(raised, "NGC 1980")["rv_error"] == row(hunt, "NGC 1980")["rv_error"]
    np.testing.assert_array_equal(cluster_list.with_rv_floor(hunt, 0)["rv_error"], hunt["rv_error"])
    bare = cluster_list.with_rv_floor(openngc(), 5.0)
    assert set(bare["rv_error"][np.isfinite(bare["rv"])]) == {5.0}


def test_a_famous_host_on_the_way_is_named(hosts, merged, frame):
    """A star that left Westerlund 1 some 5 Myr ago, and one that goes round with the Sun."""
    host = row(hosts, "Westerlund 1")
    place, _ = galactocentric(
        *heliocentric(host["ra"], host["dec"], host["distance"], 0, 0, 0), frame
    )
    times = np.linspace(0, 30, 301)
    ring, turn = np.hypot(place[0], place[1]), np.arctan2(place[1], place[0])
    turn = turn - frame.v_circ / ring * times / 977.792
    course = np.array([ring * np.cos(turn), ring * np.sin(turn), place[2] + 0 * times])
    path = course + np.array([[0.03], [0.04], [0.0]]) * (times - 5.0)  # 50 pc in each Myr
    (found,) = literature.hosts_passed(times, path.T, hosts, merged, frame)
    assert found["host"] == "Westerlund 1"
    assert found["look_back_time"] == pytest.approx(5.0, abs=0.2) and found["separation"] < 10
    # beyond its age of 11 Myr it was not there
    late = course + np.array([[0.03], [0.04], [0.0]]) * (times - 25.0)
    assert literature.hosts_passed(times, late.T, hosts, merged, frame) == []
    turn = -frame.v_circ / 8.5 * times / 977.792
    sun = np.array([8.5 * np.cos(turn), 8.5 * np.sin(turn), 0.02 + 0 * times])
    assert literature.hosts_passed(times, sun.T, hosts, merged, frame) == []
    # without the literature M 17 is not the NGC 6618 of the catalogue, Wd 2 has no orbit there
    bare = Table({"name": ["NGC 6618", "Westerlund 2", "NGC 884"]})
    bare["usable"], bare["distance"] = [True, False, True], [0.606, 4.533, 2.293]
    for name, missing in (("M 17", True), ("Westerlund 2", True), ("NGC 884", False)):
        host = row(hosts, name)
        place, _ = galactocentric(
            *heliocentric(host["ra"], host["dec"], host["distance"], 0, 0, 0), frame
        )
        found = literature.hosts_passed(np.zeros(1), place[None], hosts, bare, frame)
        assert (name in [passed["host"] for passed in found]) == missing, name

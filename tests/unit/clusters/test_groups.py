"""Groups: the pieces of one association, and no more."""

import numpy as np
import pytest

from mock_sky import observe
from runaways.clusters import cluster_list, groups
from runaways.clusters.catalogues import read_clusters
from runaways.frames import heliocentric

V_SUN = (11.10, 12.24, 7.25)
ORION = ["NGC 1980", "Collinder 69", "Theia 13", "ASCC 21", "Sigma Orionis", "ASCC 19", "ASCC 20"]
ORION += ["UBC 17a", "Briceno 1", "OCSN 68", "NGC 2068"]


@pytest.fixture(scope="module")
def hunt(data):
    return read_clusters(data / "clusters" / "HUNT2023.csv")


def test_orion_is_one_group_and_not_the_sky(hunt):
    found = groups.find_groups(hunt, V_SUN)
    of = {name: found[cluster_list.find(hunt["name"], name)] for name in ORION}
    assert len(set(of.values())) == 1, of
    names, size = np.unique(found, return_counts=True)
    # 26 clusters of 6806 in Orion, 26 in Sco-Cen, none larger
    assert 20 <= np.sum(found == of["NGC 1980"]) <= 30 and size.max() <= 30
    place, _ = heliocentric(
        *(np.asarray(hunt[c]) for c in ("ra", "dec", "distance", "pmra", "pmdec")),
        np.zeros(len(hunt)),
    )
    for name in names[size > 4]:
        inside = 1000 * np.ptp(place[:, found == name], axis=1)
        assert np.linalg.norm(inside) < 1000, name
    orion = 1000 * np.ptp(place[:, found == of["NGC 1980"]], axis=1)
    assert np.all(orion < 150)
    # h and chi Persei, 27 pc apart; Perseus and Orion are not together
    pair = [found[cluster_list.find(hunt["name"], name)] for name in ("NGC 869", "NGC 884")]
    assert pair[0] == pair[1] != of["NGC 1980"]
    old = hunt["log_age"] > np.log10(groups.MAX_AGE) + 6
    assert np.all(found[old] == np.array(hunt["name"], str)[old])


def _planted(frame, offsets, speeds, age=7.0):
    """Clusters near a place 0.4 kpc towards the anticentre [pc], [km/s]."""
    place = np.array([[frame.r0 + 0.4], [0.0], [0.0]]) + np.array(offsets, float).T / 1000
    speed = np.array([[0.0], [220.0], [0.0]]) + np.array(speeds, float).T
    table = cluster_list.empty(len(offsets), "mock")
    table["name"][:] = [f"M {number}" for number in range(len(offsets))]
    names = ("ra", "dec", "distance", "pmra", "pmdec", "rv")
    for name, values in zip(names, observe(place, speed, frame)):
        table[name] = values
    table["log_age"] = age
    return table


def test_friends_of_friends(frame):
    """A chain of three, one that moves away, one too far, one too old."""
    offsets = [(0, 0, 0), (0, 40, 0), (0, 80, 0), (0, 10, 0), (0, 0, 90), (0, 20, 0)]
    speeds = [(0, 0, 0), (0, 0, 2), (0, 2, 2), (0, 0, 9), (0, 0, 0), (0, 0, 0)]
    table = _planted(frame, offsets, speeds)
    table["log_age"][5] = 8.0
    found = groups.find_groups(table, V_SUN)
    assert found.tolist() == ["M 0", "M 0", "M 0", "M 3", "M 4", "M 5"]
    turned = groups.find_groups(table[::-1], V_SUN)
    assert turned.tolist() == found.tolist()[::-1]


def test_distances_are_no_better_than_their_errors(frame):
    """100 pc along the line of sight are nothing to distances good to 80."""
    table = _planted(frame, [(0, 0, 0), (100, 0, 0)], [(0, 0, 0), (0, 0, 0)])
    assert len(set(groups.find_groups(table, V_SUN))) == 2
    for end, width in (("lower", -0.08), ("upper", 0.08)):
        table[f"distance_{end}"] = table["distance"] + width
    assert len(set(groups.find_groups(table, V_SUN))) == 1


def test_a_catalogue_s_own_group_counts(frame):
    table = _planted(frame, [(0, 0, 0), (0, 10, 0)], [(0, 0, 0), (0, 0, 0)])
    table["group"][1] = "Ori OB1"
    assert groups.find_groups(table, V_SUN).tolist() == ["M 0", "Ori OB1"]
    old = groups.find_groups(_planted(frame, [(0, 0, 0)] * 2, [(0, 0, 0)] * 2, age=8.0), V_SUN)
    assert old.tolist() == ["M 0", "M 1"]

"""The paper's disk origins from Table A.1: Guo et al. 2025, Sect. 4.1, Figs. 4 and 5."""

import numpy as np
import pytest

from runaways.orbits import birthplaces, disk

SETTINGS = {"confined_min": 0.5, "consistent_min": 0.05, "evidence_min": 3.0}


@pytest.fixture(scope="module")
def classes(measured, pot):
    """Disk summary of all 45 stars, 256 draws each."""
    rows = []
    for star in measured:
        births = birthplaces.draw_birthplaces(star, pot, 2025, "sobol", 0, 256, 1000.0)
        rows.append(disk.summarise(star["star"], births, [], (0.5, 0.14), SETTINGS))
    return disk.table(rows)


def test_all_45_stars_are_traced(classes):
    assert len(classes) == 45 and set(classes["status"]) == {"ok"}


def test_29_confined_and_none_outside(classes, table_a1):
    inside = classes[table_a1["inside_grid_published"]]
    assert len(inside) == 39
    assert 26 <= np.sum(inside["orbit_class"] == "disk-confined") <= 29
    assert np.sum(inside["orbit_class"] == "outside-disk") == 0


@pytest.mark.parametrize(
    "ra, published",
    [
        (57.671321, "disk-confined"),
        (41.4488, "disk-confined"),
        (19.5998, "disk-passing"),
        (140.390003, "disk-passing"),
    ],
)
def test_the_four_stars_of_figures_4_and_5(classes, table_a1, ra, published):
    star = np.argmin(np.abs(table_a1["ra"] - ra))
    assert classes["orbit_class"][star] == published

"""In or out of the grid."""

import numpy as np
import pytest

from runaways.masses_ages.coverage import GridDistance, fraction_inside, grid_flags
from runaways.masses_ages.tracks import in_box, track_table


@pytest.fixture(scope="module")
def one_star():
    return track_table(
        teff=[10_000.0],
        logg=[4.0],
        mh=[0.0],
        luminosity=[60.0],
        mass=[2.5],
        age=[300.0],
        mass_initial=[2.5],
        evolutionary_phase=[1],
        track=["a"],
        source="test",
    )


def test_distance_counts_each_label_in_its_scale(one_star):
    distance = GridDistance(one_star, scales=(0.04, 0.1, 0.3))
    labels = np.array(
        [
            [10_000.0, 4.0, 0.0],
            [10_000.0 * 10**0.04, 4.0, 0.0],
            [10_000.0, 3.8, 0.0],
            [10_000.0, 4.0, -0.9],
            [10_000.0 * 10**-0.12, 4.4, 0.0],
            [np.nan, 4.0, 0.0],
        ]
    )
    assert distance(labels) == pytest.approx([0, 1, 2, 3, 5, np.nan], nan_ok=True)
    assert distance(np.array([[-300.0, 4.0, 0.0]]))[0] > 50


def test_box_edges_count_as_inside():
    labels = np.array(
        [[7000.0, 4.52, -0.6], [6999.0, 4.0, 0.0], [9000.0, 4.53, 0.0], [9000.0, 4.0, np.nan]]
    )
    assert in_box(labels).tolist() == [True, False, False, False]


def test_the_flag_is_the_one_asked_for(one_star):
    distance = GridDistance(one_star)
    # In the paper's box but far from any star; next to a star but outside the box.
    labels = np.array([[40_000.0, 1.0, 0.0], [10_000.0, 4.0, 0.0], [np.nan, np.nan, np.nan]])
    by_distance = grid_flags(labels, distance, flag="distance")
    by_box = grid_flags(labels, distance, flag="box")
    assert by_distance["inside_grid"].tolist() == [False, True, False]
    assert by_box["inside_grid"].tolist() == [True, True, False]
    for column in ("inside_box", "inside_reach", "grid_distance"):
        assert np.array_equal(by_box[column], by_distance[column], equal_nan=True)
    with pytest.raises(ValueError, match="expected 'distance' or 'box'"):
        grid_flags(labels, distance, flag="hull")


def test_a_second_age_is_flagged_near_contracting_stars(one_star):
    flags = grid_flags(
        np.array([[10_000.0, 4.0, 0.0], [20_000.0, 4.0, 0.0]]),
        GridDistance(one_star),
        pre_main_sequence=GridDistance(one_star),
    )
    assert flags["age_ambiguous"].tolist() == [True, False]


def test_fraction_of_draws_inside(one_star):
    draws = np.array([[[10_000.0, 4.0, 0.0], [30_000.0, 4.0, 0.0]], [[10_000.0, 4.0, 0.1]] * 2])
    assert fraction_inside(draws, GridDistance(one_star)).tolist() == [0.5, 1.0]

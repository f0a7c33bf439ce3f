"""The table of tracks: cuts, held-out tracks, metallicities filled in."""

import numpy as np
import pytest

from runaways.masses_ages.interpolation import TrackInterpolator
from runaways.masses_ages.parsec import read_parsec
from runaways.masses_ages.phases import MAIN_SEQUENCE
from runaways.masses_ages.tracks import (
    LABELS,
    PAPER_GRID,
    hold_out,
    in_box,
    matrix,
    refine_metallicity,
    select_grid,
    track_table,
)


@pytest.fixture(scope="module")
def parsec(data):
    return read_parsec(sorted((data / "parsec/cmd27_2015").iterdir()))


def one_row(**changes):
    columns = {
        "teff": 10_000.0,
        "logg": 4.0,
        "mh": 0.0,
        "luminosity": 60.0,
        "mass": 2.5,
        "age": 300.0,
        "mass_initial": 2.5,
    } | changes
    return track_table(
        evolutionary_phase=[MAIN_SEQUENCE],
        track=["isochrone +0.00 8.48"],
        source="test",
        **{name: [value] for name, value in columns.items()},
    )


def test_paper_grid_is_the_paper_s():
    assert list(PAPER_GRID.values()) == [7000.0, 49_000.0, 0.55, 4.52, -0.6, 0.6]


@pytest.mark.parametrize(
    "outside",
    [{"teff": 6999.0}, {"teff": 49_001.0}, {"logg": 0.5}, {"logg": 4.6}, {"mh": -0.7}, {"mh": 0.7}],
)
def test_each_cut_cuts(outside):
    assert len(select_grid(one_row())) == 1
    with pytest.raises(ValueError, match="no track left with Teff 7000 to 49000 K, log g 0.55"):
        select_grid(one_row(**outside))


def test_metallicity_limit_is_a_setting():
    assert len(select_grid(one_row(mh=-1.4), mh_min=-1.5)) == 1


def test_grid_holds_the_main_sequence_only(parsec):
    grid = select_grid(parsec, mh_min=-1.5)
    assert set(grid["evolutionary_phase"]) == {MAIN_SEQUENCE}
    assert in_box(matrix(grid, LABELS), PAPER_GRID | {"mh_min": -1.5}).all()
    # B8 and B1 dwarfs: Table A.1 of the paper has 2.8 Msun at 11 600 K and 8.2 to 10 at 25 000 K.
    late = np.abs(grid["teff"] - 12_000) < 200
    early = np.abs(grid["teff"] - 25_000) < 300
    assert 2.0 < np.median(grid["mass"][late]) < 4.0
    assert 8.0 < np.median(grid["mass"][early]) < 14.0


def test_luminosity_gravity_and_mass_agree(parsec):
    """g = G M / R2 and L = 4 pi R2 sigma Teff4, with the Sun at 4.4381 and 5772 K."""
    grid = select_grid(parsec)
    logg = (
        4.4381
        + np.log10(grid["mass"])
        + 4 * np.log10(grid["teff"] / 5772.0)
        - np.log10(grid["luminosity"])
    )
    assert np.abs(grid["logg"] - logg).max() < 0.01


def test_held_out_tracks_are_whole_and_stay_out(parsec):
    held = hold_out(parsec, 0.2, seed=3)
    assert not set(parsec["track"][held]) & set(parsec["track"][~held])
    assert len(set(parsec["track"][held])) == round(0.2 * 83 * 7)


def test_held_out_ages_leave_no_metallicity_of_that_age(parsec):
    held = hold_out(parsec, 0.2, seed=3, by="age")
    ages = np.round(np.log10(parsec["age"]), 2)
    assert not set(ages[held]) & set(ages[~held])
    training = refine_metallicity(parsec[~held], 0.25)
    assert not set(ages[held]) & set(np.round(np.log10(training["age"]), 2))


def test_hold_out_is_a_function_of_the_seed(parsec):
    assert (hold_out(parsec, 0.2, seed=1) == hold_out(parsec, 0.2, seed=1)).all()
    assert (hold_out(parsec, 0.2, seed=1) != hold_out(parsec, 0.2, seed=2)).any()


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_holding_out_all_or_nothing_is_refused(parsec, fraction):
    with pytest.raises(ValueError, match="leaves one side empty"):
        hold_out(parsec, fraction)


def test_metallicities_filled_in_are_where_real_ones_are(parsec):
    """Withhold [M/H] = -0.15 and fill the gap from -0.44 and +0.02: masses within 1 %."""
    withheld = np.abs(parsec["mh"] + 0.153) < 0.01
    filled = refine_metallicity(parsec[~withheld], 0.15)
    made = filled[(filled["mh"] > -0.4) & (filled["mh"] < 0.0)]
    assert np.unique(made["mh"].round(3)) == pytest.approx([-0.326, -0.210, -0.094], abs=0.003)
    truth = select_grid(parsec[withheld], logg_max=4.3)
    truth = truth[(truth["mass"] < 20) & (truth["mass"] > 2.5)]
    ages = []
    for grid in (filled, parsec[~withheld]):
        predicted = TrackInterpolator().fit(select_grid(grid)).predict(matrix(truth, LABELS))
        ages.append(np.std(np.log10(predicted[:, 2] / truth["age"])))
        if grid is filled:
            mass = predicted[:, 1] / np.asarray(truth["mass"]) - 1
            assert np.abs(np.quantile(mass, [0.16, 0.5, 0.84])).max() < 0.01
    assert ages[0] < 0.03
    assert ages[0] < ages[1] / 2  # what the gap cost


def test_gaps_are_no_larger_than_asked_for(parsec):
    for step in (0.1, 0.5):
        filled = refine_metallicity(parsec, step)
        one_age = filled[np.isclose(filled["age"], 100.0)]
        assert np.diff(np.unique(np.round(one_age["mh"], 3))).max() <= step + 0.001


def test_filling_adds_and_changes_nothing(parsec):
    main_sequence = parsec[parsec["evolutionary_phase"] == MAIN_SEQUENCE]
    filled = refine_metallicity(parsec, 0.5)
    assert (filled[: len(main_sequence)]["mass"] == main_sequence["mass"]).all()
    assert all("interpolated in [M/H]" in s for s in set(filled["source"][len(main_sequence) :]))


def test_only_isochrones_can_be_filled_in():
    with pytest.raises(ValueError, match="only isochrones"):
        refine_metallicity(one_row())

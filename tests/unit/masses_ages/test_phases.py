"""The main sequence by shape, against PARSEC's own labels."""

import numpy as np
import pytest

from runaways.masses_ages.parsec import read_parsec
from runaways.masses_ages.phases import MAIN_SEQUENCE, main_sequence_of

HOT = 7000.0  # K, the coolest the paper uses


@pytest.fixture(scope="module")
def labelled_files(data):
    return [
        path
        for version in ("cmd33_2019", "cmd36_2022", "cmd37_2024")
        for path in sorted((data / "parsec" / version).iterdir())
    ]


@pytest.fixture(scope="module")
def by_label(labelled_files):
    return read_parsec(labelled_files, "label")


@pytest.fixture(scope="module")
def by_shape(labelled_files):
    return read_parsec(labelled_files, "shape")


def hot(table):
    return (table["teff"] > HOT) & (table["logg"] < 4.52)


def test_shape_finds_all_that_is_labelled_but_the_hertzsprung_gap(by_label, by_shape):
    labelled = hot(by_label) & (by_label["evolutionary_phase"] == MAIN_SEQUENCE)
    missed = labelled & (by_shape["evolutionary_phase"] != MAIN_SEQUENCE)
    # Label 1 runs on through the Hertzsprung gap near 10 Myr; that is what the shape is to drop.
    gap = (by_label["mass_initial"] > 14) & (by_label["age"] < 13)
    assert 500 < np.sum(missed & gap) < 900
    # Elsewhere the two disagree by the rows next to the end: at most three of one isochrone.
    names, rows = np.unique(by_label["track"][missed & ~gap], return_counts=True)
    assert rows.max() <= 6  # one isochrone can stand in two files
    assert np.sum(missed & ~gap) <= 0.0025 * np.sum(labelled)
    assert by_label["logg"][missed & gap].min() < 1.0
    assert by_shape["logg"][by_shape["evolutionary_phase"] == MAIN_SEQUENCE].min() > 2.9


def test_what_only_the_shape_calls_main_sequence_is_its_edge(by_label, by_shape):
    """Near the zero-age main sequence, or rows of 13 to 20 Msun that are labelled 0 by mistake."""
    extra = (
        hot(by_label)
        & (by_shape["evolutionary_phase"] == MAIN_SEQUENCE)
        & (by_label["evolutionary_phase"] != MAIN_SEQUENCE)
    )
    young = extra & (by_label["mass_initial"] < 4)
    heavy = extra & (by_label["mass_initial"] > 13)
    assert np.sum(extra & ~young & ~heavy) <= 1
    assert by_label["logg"][young].min() > 4.15
    assert np.sum(extra) < 0.12 * np.sum(hot(by_label))


def test_shape_of_unlabelled_files_ends_where_labelled_ones_do(data):
    """CMD 2.7 against CMD 3.6 at one metallicity: the star leaving the main sequence."""
    old = read_parsec([data / "parsec/cmd27_2015/0.010500.dat.gz"])
    new = read_parsec([data / "parsec/cmd36_2022/0_010500.dat.gz"], "label")
    compared = 0
    for log_age in np.arange(7.15, 9.05, 0.05):
        ends = []
        for table in (old, new):
            rows = np.isclose(np.log10(table["age"]) + 6, log_age, atol=0.01)
            rows &= table["evolutionary_phase"] == MAIN_SEQUENCE
            last = table[rows][np.argmax(table["mass_initial"][rows])]
            ends.append((np.log10(last["mass_initial"]), np.log10(last["teff"]), last["logg"]))
        (m1, t1, g1), (m2, t2, g2) = ends
        assert abs(m1 - m2) < 0.003  # 0.7 %: the two sets were computed in different years
        assert abs(t1 - t2) < 0.02
        assert abs(g1 - g2) < 0.06
        compared += 1
    assert compared == 39


def test_no_contracting_star_is_left_on_the_youngest_isochrones(data):
    """At 1 to 3 Myr a star below 2 Msun is far above the main sequence."""
    table = read_parsec(sorted((data / "parsec/cmd27_2015").iterdir()))
    young = (table["age"] < 3) & (table["evolutionary_phase"] == MAIN_SEQUENCE)
    assert table["mass_initial"][young].min() > 2.0
    sequence = young & (table["mass_initial"] < 8)
    assert table["logg"][sequence].min() > 4.1


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="expected 'label', 'trimmed' or 'shape'"):
        main_sequence_of(None, np.ones(3), np.ones(3), np.ones(3), "colour")

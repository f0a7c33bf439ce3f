"""Figures of encounters: nothing overlaps, every pair is shown once, the right separation."""

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from planted_figures import check_texts, planted_orbit, planted_stars, said
from runaways import tables
from runaways.figures import encounters, style

STYLE = Path(style.__file__).with_name("paper.mplstyle")
ASKED = [("J035041+571042", "NGC 869"), ("C", "M 67")]
VERDICTS = ["candidate", "not better than chance", "impossible", "not better than chance"]
NOTES = ["made with a stand-in: clusters of OpenNGC (no errors, no ages) for a catalogue"]
STAR = planted_stars("J024547+543241")[0]


@pytest.fixture(autouse=True)
def paper_style():
    style.use_style(STYLE)


def planted_pairs():
    """Four pairs: a candidate, two that meet, and one that does not."""
    out = Table({"star": ["J024547+543241", "J035041+571042", "B", "C"]})
    out["cluster"], out["verdict"] = ["NGC 2236", "NGC 869", "IC 1311", "M 67"], VERDICTS
    out["p_encounter"], out["p_chance"] = [0.8, 0.02, 0.003, 0.0], [1e-4, 0.01, 2e-3, 0.0]
    out["evidence"] = [9000.0, 2.0, 1.5, 0.0]
    out["q_value"], out["radius"], out["closest"] = [0.005, 1.0, 1.0, 1.0], 10.0, [1, 5, 9, 976.0]
    out["why"] = "P 0.8, by chance 0.0001, q 0.01, age of the cluster unknown"
    return out


def planted_path(ahead=0.0):
    """A cluster on the star's circle of 9 kpc, some rad ahead of it."""
    time = np.arange(0, 61.0)
    angle = ahead - 0.025 * time
    place = [9 * np.cos(angle), 9 * np.sin(angle), 0.3 * np.sin(0.07 * time)]
    columns = [np.full(61, "one"), np.full(61, "NGC 2236"), time, *place, *np.zeros((3, 61))]
    return tables.conform(Table(columns, names=_names("cluster_path")), "cluster_path")


def planted_hits(n=50):
    rng = np.random.default_rng(1)
    columns = [np.full(n, "one"), np.full(n, "NGC 2236"), np.arange(n)]
    columns += [rng.uniform(5, 500, n), rng.uniform(0, 60, n), rng.uniform(10, 90, n)]
    return Table(columns, names=_names("closest_approaches"))


def _names(table):
    return tables.table_schema(table)["required"]


def make(name, frame):
    if name == "encounters":
        return encounters.draw_encounters(planted_pairs(), 45, ASKED, notes=NOTES)
    orbit = planted_orbit("one", branches=2)
    path, hits, found = planted_path(0.2), planted_hits(), planted_pairs()[0]
    if name == "no orbit":
        orbit, hits, found = orbit[:0], hits[:0], None
    if name == "far":
        hits["separation"] += 976.0
    return encounters.draw_pair(STAR, "NGC 2236", orbit, path, hits, found, frame, 10.0, NOTES)


@pytest.mark.parametrize("name", ["pair", "far", "no orbit", "encounters"])
def test_no_text_leaves_the_figure_or_covers_another(frame, name):
    figure = make(name, frame)
    check_texts(figure)
    assert NOTES[0] in said(figure)


def test_files_have_the_journals_width(frame):
    for name, width in (("pair", 180.0), ("encounters", 88.0)):
        assert make(name, frame).get_figwidth() * 25.4 == pytest.approx(width)


def test_every_pair_is_shown_once_or_counted(frame):
    figure = make("encounters", frame)
    (ax,) = figure.axes
    places = [place for line in ax.lines[:3] for place in zip(*line.get_data())]
    pairs = planted_pairs()[:3]
    assert sorted(places) == sorted(zip(pairs["evidence"], pairs["p_encounter"]))
    text = said(figure)
    assert "3 pairs of 45 stars; 1 left out" in text
    for words in ("candidate (1)", "not better than chance (1)", "impossible (1)", "NGC 2236"):
        assert words in text


def test_separation_of_two_on_one_circle():
    """0.2 rad apart at 9 kpc: a chord of 18 sin(0.1) kpc at all times."""
    apart = encounters.separation(planted_orbit("one"), planted_path(0.2))
    np.testing.assert_allclose(apart, 18_000 * np.sin(0.1), rtol=2e-4)


def test_the_verdict_is_in_words(frame):
    assert "candidate, P 0.8, by chance 0.0001" in said(make("pair", frame))
    assert "the star has no orbit" in said(make("no orbit", frame))
    orbit, hits = planted_orbit("one"), planted_hits()
    unmet = encounters.draw_pair(STAR, "M 67", orbit, planted_path(), hits, None, frame, 10.0)
    assert "and M 67: no draw meets, P 0" in said(unmet)
    assert "RA 57.6713, Dec \N{MINUS SIGN}5.2500" in said(unmet)


def test_separations_have_a_panel_only_where_a_draw_comes_near(frame):
    near, far = (make(name, frame) for name in ("pair", "far"))
    assert "separation [pc]" in said(near) and "closest approach" in said(near)
    assert "separation [pc]" not in said(far) and "closest approach" not in said(far)
    for figure in (near, far):
        bars = [ax for ax in figure.axes if ax.get_xlabel().startswith("look-back time of the")]
        # star and cluster, each with its own scale
        assert [bar.get_xlim() for bar in bars] == [(0.0, 40.0)] * 2


def test_an_orbit_of_a_young_cluster_ends_at_its_birth(frame):
    path, hits = planted_path(0.2)[:16], planted_hits()
    figure = encounters.draw_pair(STAR, "A", planted_orbit("one"), path, hits, None, frame, 10.0)
    bar = next(ax for ax in figure.axes if "cluster" in ax.get_xlabel())
    assert bar.get_xlim()[1] == pytest.approx(15.0, abs=0.05)


def test_thresholds_and_the_pairs_asked_for_are_marked(frame):
    figure = make("encounters", frame)
    (ax,) = figure.axes
    straight = {tuple(np.unique(line.get_data()[i])) for line in ax.lines for i in (0, 1)}
    # the first of 45 stars at a false-discovery rate of 0.05
    assert {(900.0,), (0.05,), (1.0,)} <= straight
    (mark,) = [line for line in ax.lines if line.get_marker() == "D"]
    assert mark.get_data() == (2.0, 0.02)
    assert "C, M 67, 976 pc at the nearest" in said(figure)


def test_no_pairs_still_make_a_figure():
    figure = encounters.draw_encounters(planted_pairs()[:0], 0)
    assert "0 pairs of 0 stars" in said(figure)

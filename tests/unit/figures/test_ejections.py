"""Figures of ejections and named pairs: what they say, and that they can be read."""

import numpy as np
import pytest
from matplotlib.text import Text

from planted_figures import (
    PAIRS,
    STYLE,
    check_texts,
    make,
    planted_ejections,
    planted_places,
    said,
)
from runaways.figures import ejections, style

NAMES = ["ejection", "a long why", "no draws", "sources", "no cluster", *PAIRS]
UNITS = ("[kpc]", "[Myr]", "[deg]", "[Myr$^{-1}$]", "[kpc], the disk as it is turned today")


@pytest.fixture(autouse=True)
def paper_style():
    style.use_style(STYLE)


@pytest.mark.parametrize("name", NAMES)
def test_no_text_leaves_the_figure_or_covers_another(frame, name):
    check_texts(make(name, frame))


@pytest.mark.parametrize("name", NAMES)
def test_letters_can_be_read_and_every_axis_has_its_unit(frame, name):
    figure = make(name, frame)
    assert min(t.get_fontsize() for t in figure.findobj(Text) if t.get_text().strip()) >= 6
    labels = [axis.get_label_text() for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    assert len(labels) >= 4 and all(label.endswith(UNITS) for label in labels)


@pytest.mark.parametrize("name", ["ejection", "bodies"])
def test_files_have_the_width_of_a_page(frame, tmp_path, name):
    figure = make(name, frame)
    style.save(figure, [tmp_path / "a.pdf", tmp_path / "a.png"])
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(180)


def test_sources_of_one_star_are_told_apart_without_colour(frame):
    figure = make("ejection", frame)
    text = said(figure)
    for source in ("NGC 884, 0.55", "other clusters, 0.15", "elsewhere, 0.29", "the centre, 0.01"):
        assert source in text
    colours, hatches = zip(*ejections.SOURCES.values())
    assert len(set(colours)) == 4 and len(set(hatches)) >= 3
    density = sum(p.get_height() * p.get_width() for p in figure.axes[2].patches)
    assert density == pytest.approx(1)


def test_a_star_without_draws_says_why(frame):
    figure = make("no draws", frame)
    assert "Ejected from NGC 884" in said(figure)
    assert not any(line.get_xdata().size for ax in figure.axes for line in ax.lines)


def test_every_verdict_is_counted_and_has_its_own_mark(frame):
    text = said(make("sources", frame))
    for verdict in ("one cluster (1)", "a cluster, which is open (1)", "the disk elsewhere (1)"):
        assert verdict in text
    assert "no result (1)" in text and "NGC 884" in text
    markers, _, colours = zip(*ejections.MARKS.values())
    assert len(set(markers)) == len(set(colours)) == len(ejections.MARKS)
    none = said(make("no cluster", frame))
    assert "one cluster" not in none and "NGC" not in none


def test_an_empty_list_still_makes_its_figure(frame, tmp_path):
    stars, clusters = planted_places()
    figure = ejections.draw_sources(planted_ejections()[:0], stars[:0], clusters, frame)
    style.save(figure, [tmp_path / "a.png"])


def test_bodies_are_drawn_from_today_to_where_they_parted(frame):
    figure = make("bodies", frame)
    text = said(figure)
    for name in ("J00", "J01", "NGC 884", "draws of the place"):
        assert name in text
    ends = {line.get_linestyle() for line in figure.axes[0].lines if len(line.get_xdata()) > 9}
    assert len(ends) >= 3
    # as far back as most draws, not to birth 40 Myr ago
    longest = max(np.ptp(line.get_ydata()) for line in figure.axes[0].lines[:3])
    assert longest == pytest.approx(9 * np.sin(0.025 * 9.7), rel=0.1)
    times = [line.get_xdata()[0] for line in figure.axes[2].lines]
    assert times == [8.0, 7.5, 8.5]
    assert "J0537-6910: no nominal orbit" in said(make("a dark body", frame))

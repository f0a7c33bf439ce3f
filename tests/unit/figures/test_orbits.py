"""Figures show what the tables say, say what they leave out, and are the same every time."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.container import ErrorbarContainer
from matplotlib.image import imread
from matplotlib.text import Text

from planted_figures import (
    N_DRAWS,
    STYLE,
    check_texts,
    make,
    planted_births,
    planted_catalogue,
    planted_channels,
    planted_orbit,
    planted_stars,
    said,
    shown,
)
from runaways.figures import origins, style
from runaways.figures.notes import LABELS, ORBIT, notes
from runaways.figures.orbits import LINE_WIDTHS, TIME_COLOURS, draw_orbits

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / "workflow"
MM_PER_POINT = 25.4 / 72


@pytest.fixture(autouse=True)
def paper_style():
    style.use_style(STYLE)


@pytest.mark.parametrize("name", ["pair", "star", "rotation", "channels", "disk", "few draws"])
def test_no_text_leaves_the_figure_or_covers_another(frame, name):
    check_texts(make(name, frame))


@pytest.mark.parametrize("name", ["pair", "star", "rotation", "channels", "disk"])
def test_letters_can_be_read_in_print(frame, name):
    figure = make(name, frame)
    assert min(t.get_fontsize() for t in figure.findobj(Text) if t.get_text().strip()) >= 6


@pytest.mark.parametrize("name", ["pair", "star", "rotation", "channels", "disk"])
def test_every_axis_has_its_quantity_and_unit(frame, name):
    units = 0
    for ax in make(name, frame).axes:
        for axis in (ax.xaxis, ax.yaxis):
            label = axis.get_label_text()
            if len(axis.get_ticklocs()):
                assert label.endswith(("[kpc]", "[Myr]", "[km s$^{-1}$]")) or "fraction" in label
                units += "[" in label
    assert units >= 2


@pytest.mark.parametrize("name, width", [("pair", 180), ("rotation", 88), ("disk", 180)])
def test_files_have_the_journals_width_and_embed_their_fonts(frame, tmp_path, name, width):
    paths = [tmp_path / "a.pdf", tmp_path / "a.png"]
    style.save(make(name, frame), paths, run="planted", code="abc")
    pdf = paths[0].read_bytes()
    box = re.search(rb"/MediaBox \[\s*0 0 ([\d.]+)", pdf)
    assert float(box[1]) * MM_PER_POINT == pytest.approx(width, abs=0.1)
    assert imread(paths[1]).shape[1] == pytest.approx(width / 25.4 * 300, abs=1)
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf
    assert b"CreationDate" not in pdf and b"run: planted; code: abc" in pdf
    assert b"run: planted; code: abc" in paths[1].read_bytes()


MAKE = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[2]]
import planted_figures
from runaways.figures import style
from runaways.frames import Frame
style.use_style(planted_figures.STYLE)
for name in ("star", "rotation", "disk"):
    figure = planted_figures.make(name, Frame(8.5, 220.0, (11.1, 12.24, 7.25), 0.0208))
    style.save(figure, [Path(sys.argv[3]) / f"{name}.{suffix}" for suffix in ("pdf", "png")])
"""


def test_the_same_tables_give_the_same_bytes(tmp_path):
    sums = []
    for hash_seed, config in (("1", "figure.facecolor: red\nfont.size: 20\n"), ("2", "")):
        folder = tmp_path / hash_seed
        folder.mkdir()
        (folder / "matplotlibrc").write_text(config)
        own = {"PYTHONHASHSEED": hash_seed, "MATPLOTLIBRC": str(folder), "DISPLAY": ""}
        own["SOURCE_DATE_EPOCH"] = "1" * int(hash_seed)
        command = [sys.executable, "-c", MAKE, WORKFLOW, ROOT / "tests", folder]
        subprocess.run(command, env=os.environ | own, check=True)
        files = sorted(folder.glob("*.p??"))
        assert len(files) == 6
        sums.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert sums[0] == sums[1]


def test_orbits_run_from_today_to_birth_in_the_colours_of_the_bar(frame):
    orbit = planted_orbit("two", 2)
    births = planted_births("two", orbit)
    figure = draw_orbits(planted_stars("two"), orbit, births, frame, 0.5)
    for ax in figure.axes[:2]:
        first, second = [c for c in ax.collections if isinstance(c, LineCollection)]
        assert first.norm.vmin == 0 and first.norm.vmax == 40.0
        birth = (9 * np.cos(1), -9 * np.sin(1)) if ax is figure.axes[0] else (9, 0.3 * np.sin(2.8))
        assert first.get_segments()[0][0] == pytest.approx((9, 0))
        assert first.get_segments()[-1][-1] == pytest.approx(birth)
        # the other radial velocity: thinner, and dashed
        assert second.get_linewidth()[0] < first.get_linewidth()[0]
        assert 0.4 < len(second.get_segments()) / len(first.get_segments()) < 0.8
    bar = figure.axes[2]
    assert bar.get_ylim() == (0.0, 40.0)


def test_lightness_of_the_time_colours_rises_evenly():
    rgb = TIME_COLOURS(np.linspace(0, 1, 64))[:, :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
    lightness = 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16  # CIE 1976 L*
    steps = np.diff(lightness)
    assert steps.min() > 0.5 * steps.mean() and steps.max() < 2 * steps.mean()
    assert lightness[-1] < 90  # still seen on white


def test_the_disk_is_drawn_at_its_half_height(frame):
    orbit = planted_orbit("one")
    figure = draw_orbits(planted_stars("one"), orbit, planted_births("one", orbit), frame, 0.37)
    lines = {tuple(np.unique(line.get_ydata())) for line in figure.axes[1].lines}
    assert {(-0.37,), (0.37,)} <= lines
    low, high = figure.axes[1].get_ylim()
    assert low < -0.37 and high > 0.37
    assert "disk half height, 0.37 kpc" in said(figure)


def test_the_plane_is_not_distorted(frame):
    ax = make("star", frame).axes[0]
    box = ax.get_window_extent()
    assert np.ptp(ax.get_xlim()) / box.width == pytest.approx(np.ptp(ax.get_ylim()) / box.height)


def test_only_a_centre_in_range_is_named(frame):
    orbit = planted_orbit("one", age=200.0)
    births = planted_births("one", orbit)
    round_it = draw_orbits(planted_stars("one"), orbit, births, frame, 0.5)
    assert "Galactic centre" in said(round_it)
    orbit = planted_orbit("one", age=5.0)
    births = planted_births("one", orbit)
    near = draw_orbits(planted_stars("one"), orbit, births, frame, 0.5)
    assert "Galactic centre" not in said(near) and "Sun" in said(near)


def test_failed_draws_and_failed_stars_are_told(frame):
    orbit = planted_orbit("one")
    births = planted_births("one", orbit, failed=3)
    figure = draw_orbits(planted_stars("one"), orbit, births, frame, 0.5)
    assert f"{N_DRAWS - 3} of {N_DRAWS} draws" in said(figure)
    births = planted_births("one", orbit[:0], failed=N_DRAWS, reason="rv: no value")
    figure = draw_orbits(planted_stars("one"), orbit[:0], births, frame, 0.5)
    assert "rv: no value" in said(figure).replace("\n", " ")
    assert f"0 of {N_DRAWS} draws" in said(figure)


def test_a_failed_branch_is_not_mistaken_for_the_other(frame):
    orbit = planted_orbit("two", 2)
    births = planted_births("two", orbit)
    orbit["x"][orbit["rv_branch"] == 0] = np.nan
    ax = draw_orbits(planted_stars("two"), orbit, births, frame, 0.5).axes[0]
    (only,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert only.get_linewidth()[0] == LINE_WIDTHS[1]
    orbit["x"] = np.nan
    figure = draw_orbits(planted_stars("two"), orbit, births, frame, 0.5)
    assert "nominal orbit failed" in said(figure)


def test_what_nobody_measured_is_written_below_every_figure(frame):
    orbit = planted_orbit("one")
    births = planted_births("one", orbit)
    catalogue = planted_catalogue()
    said_of = {"assumed_errors": "age 30.0 % (2 stars), rv 8.0 km/s (2 stars), teff 9 K (3 stars)"}
    said_of["radial_velocities"] = "2 inferred from printed velocities"
    words = notes(said_of, ORBIT, ["SSE tracks", "", "SSE tracks"])
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in words] == [
        "errors assumed (2 stars): RV 8 km/s, age 30 %",
        "radial velocities: 2 inferred from printed velocities",
        "made with a stand-in: SSE tracks",
    ]
    made = [
        draw_orbits(planted_stars("one"), orbit, births, frame, 0.5, words),
        origins.draw_rotation(catalogue, 126.0, 61.0, notes=words),
        origins.draw_disk_origin(catalogue, 0.5, 0.14, 3.0, notes=words),
    ]
    for figure in made:
        assert set(words) <= {text for text, _ in shown(figure)}
        check_texts(figure)
    nothing = said(make("rotation", frame)) + said(make("star", frame))
    assert "stand-in" not in nothing and "assumed" not in nothing
    assert "(3 stars): Teff" in notes(said_of, LABELS)[0]
    assert notes({}, ORBIT) == []


def test_both_solutions_show_where_they_are_one(frame):
    orbit = planted_orbit("two", 2)
    first = orbit["rv_branch"] == 0
    for name in "xyz":
        orbit[name][~first] = orbit[name][first]
    stars = planted_stars("two")
    figure = draw_orbits(stars, orbit, planted_births("two", orbit), frame, 0.5)
    ax = figure.axes[0]
    under, over = [c for c in ax.collections if isinstance(c, LineCollection)]
    (gap,) = [line for line in ax.lines if line.get_color() == "white"]
    assert under.get_zorder() < gap.get_zorder() < over.get_zorder()
    assert under.get_linewidth()[0] > gap.get_linewidth() > over.get_linewidth()[0]
    stars_of_birth = [line for line in ax.lines if line.get_marker() == "*"]
    sizes = [line.get_markersize() for line in sorted(stars_of_birth, key=lambda s: s.zorder)]
    assert sizes[0] > sizes[1]  # the larger is behind
    text = said(figure).replace("\N{MINUS SIGN}", "-")
    assert "RA 57.6713, Dec -5.2500" in text and "RV +20.0 or -31.0 km" in text


@pytest.mark.parametrize("draw", ["rotation", "channels"])
def test_no_bar_goes_below_zero(frame, draw):
    catalogue = planted_catalogue()
    figure = make(draw, frame)
    (bars,) = [c for c in figure.axes[0].containers if isinstance(c, ErrorbarContainer)]
    places = np.vstack([segment for part in bars[2] for segment in part.get_segments()])
    assert len(places) and places[np.isfinite(places)].min() >= 0
    # planted: an error above the value
    assert (catalogue["vsini_error"] > catalogue["vsini"]).any()


def test_what_decides_nothing_is_grey():
    ax = origins.draw_rotation(planted_catalogue(), 126.0, 61.0).axes[0]
    grey = [c for c in ax.collections if c.get_gid() == "undecided"]
    for place, decides in (((20, 50), 0), ((300, 300), 0), ((20, 300), 1), ((300, 50), 1)):
        inside = any(path.contains_point(place) for c in grey for path in c.get_paths())
        assert inside != decides


def marks(ax):
    """Every star drawn: x, y, class, whether filled."""
    found = []
    for line in ax.lines:
        if line.get_gid() is not None:
            filled = to_rgba(line.get_markerfacecolor()) != to_rgba("white")
            found += [(*place, line.get_gid(), filled) for place in zip(*line.get_data())]
    return sorted(found)


def test_rotation_shows_each_star_once_and_counts_the_rest():
    figure = origins.draw_rotation(planted_catalogue(), 126.0, 61.0)
    assert marks(figure.axes[0]) == [
        (10.0, 70.0, "", True),
        (20.0, 200.0, "outside-disk", True),
        (30.0, 40.0, "disk-confined", True),
        (100.0, 50.0, "disk-confined", True),
        (250.0, 150.0, "disk-passing", False),
    ]
    straight = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert {61.0, 126.0} <= {*np.ravel([line.get_data() for line in straight])}
    assert "5 stars; 1 left out" in said(figure)
    assert "disk-confined (2)" in said(figure) and "no class (1)" in said(figure)
    assert "outside the grid of tracks" in said(figure)


def test_channels_show_each_star_by_its_origin():
    figure = planted_channels()
    # five stars have both, one of them no origin
    assert "DES (1)" in said(figure) and "undecided (3)" in said(figure)
    shown_lines = [line for line in figure.axes[1].lines if len(line.get_xdata()) == 50]
    assert len(shown_lines) == 3
    shapes, colours = zip(*origins.ORIGIN_MARKS.values())
    assert len(set(shapes)) == len(shapes)
    planted_channels(slice(0))  # no star at all


def test_a_list_without_a_grid_flag_has_no_open_symbols():
    catalogue = planted_catalogue()
    catalogue.remove_column("inside_grid_published")
    figure = origins.draw_rotation(catalogue, 126.0, 61.0)
    assert all(filled for *_, filled in marks(figure.axes[0]))
    assert "outside the grid" not in said(figure)


def test_classes_differ_in_shape_and_in_colour():
    shapes, colours = zip(*origins.CLASS_MARKS.values())
    assert len(set(shapes)) == len(set(colours)) == len(origins.CLASS_MARKS)


def test_regions_are_named_where_they_are_and_clear_of_the_stars():
    rng = np.random.default_rng(3)
    n = 400
    many = Table({"star": [str(i) for i in range(n)], "orbit_class": ["disk-confined"] * n})
    many["v_sp"], many["vsini"] = rng.uniform(10, 400, n), rng.uniform(0, 300, n)
    many["v_sp_error"], many["origin"] = 5.0, "undecided"
    figure = origins.draw_rotation(many, 126.0, 61.0)
    ax = figure.axes[0]
    boxes = dict(shown(figure))
    places = ax.transData.transform(np.column_stack([many["vsini"], many["v_sp"]]))
    cross = ax.transData.transform([61.0, 126.0])
    for text, box in boxes.items():
        if text.startswith(("DES", "BSS", "undecided")):
            padded = box.padded(3)
            assert not any(padded.contains(*place) for place in places), text
            assert ("fast," in text) == (box.y0 > cross[1]) or text.startswith("BSS")
    named = {text.split("\n")[0]: box for text, box in boxes.items() if text[:3] in ("DES", "BSS")}
    assert named["DES"].y0 > cross[1] and named["DES"].x0 < cross[0]
    assert named["BSS"].y1 < cross[1] and named["BSS"].x0 > cross[0]


def test_disk_origin_fills_what_beats_chance_and_counts_the_coincident():
    figure = origins.draw_disk_origin(planted_catalogue(), 0.5, 0.14, 3.0)
    heights, chance = figure.axes
    assert [mark[1] for mark in marks(heights)] == [0.2, 0.3, 0.6, 0.8, 2.0]
    assert [mark[2] for mark in marks(chance) if mark[3]] == ["disk-passing"]
    assert "5 stars; 1 left out" in said(figure)
    assert "$\\times$2" in said(figure)  # two stars at 1, 1
    drawn = {tuple(np.unique(line.get_ydata())) for line in heights.lines}
    assert {(0.5,), (0.14,)} <= drawn


def test_the_line_of_evidence_is_where_the_odds_say():
    """2 in 3 draws against 2 in 5 are odds of 2 against 2/3: three times those by chance."""
    figure = origins.draw_disk_origin(planted_catalogue(), 0.5, 0.14, 3.0)
    line = next(line for line in figure.axes[1].lines if line.get_linestyle() == "-.")
    assert np.interp(2 / 5, *line.get_data()) == pytest.approx(2 / 3, abs=1e-3)


def test_an_empty_catalogue_still_makes_its_figures(tmp_path):
    nothing = planted_catalogue()[:0]
    style.save(origins.draw_rotation(nothing, 126.0, 61.0), [tmp_path / "a.png"])
    style.save(origins.draw_disk_origin(nothing, 0.5, 0.14, 3.0), [tmp_path / "b.pdf"])

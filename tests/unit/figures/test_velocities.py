"""Figures of the sample: Fig. 1, the velocity distributions, and the rings of Fig. 8."""

import numpy as np
import pytest
from astropy.table import Table
from matplotlib.text import Text

from planted_figures import STYLE, planted_catalogue, said, shown
from runaways.figures import origins, style, velocities
from runaways.selection import population
from runaways.selection.maxwellian import MaxwellianFit

LINES = {"space": 43.0, "tangential": 39.3}


@pytest.fixture(autouse=True)
def paper_style():
    style.use_style(STYLE)


def planted_sample(n=3000):
    """A core of sigma 11 with a tail; every tenth star without G, some of the horizontal branch."""
    rng = np.random.default_rng(5)
    v = 11 * rng.normal(size=(3, n))
    v[:, : n // 10] *= 6
    out = Table({"star": [f"s{i}" for i in range(n)], "parallax": rng.normal(0.6, 0.3, n)})
    out["parallax_error"] = 0.03
    out["v_sp"], out["v_tan"] = np.sqrt((v**2).sum(axis=0)), np.sqrt((v[:2] ** 2).sum(axis=0))
    out["is_runaway"] = (out["v_sp"] > 43) | (out["v_tan"] > 39.3)
    out["is_bhb"] = np.arange(n) % 50 == 7
    out["passes_quality"] = np.arange(n) % 40 != 3
    out["phot_g_mean_mag"] = np.where(np.arange(n) % 10 == 0, np.nan, rng.uniform(8, 16, n))
    return out


def planted_fits():
    fits = {
        (velocity, errors): MaxwellianFit(k, sigma, 0.1, 0.1, 5.0, 0.5, 3000)
        for velocity, k in (("space", 3), ("tangential", 2))
        for errors, sigma in (("taken_out", 11.0), ("left_in", 12.0))
    }
    return population.fit_table(fits)


def make(name):
    if name == "few without G":
        sample = planted_sample(30)
        sample.remove_column("phot_g_mean_mag")
        return velocities.draw_parallaxes(sample)
    if name == "figure 1":
        return velocities.draw_parallaxes(planted_sample())
    if name == "few with bars":
        return velocities.draw_parallaxes(planted_sample(40))
    if name == "rings":
        return origins.draw_rotation(planted_catalogue(), 126.0, 61.0)
    fits = planted_fits() if name == "velocities" else population.fit_table({})
    return velocities.draw_velocities(planted_sample(), fits, LINES)


NAMES = ["few without G", "figure 1", "few with bars", "velocities", "without fits", "rings"]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_leaves_the_figure_or_covers_another(name):
    figure = make(name)
    boxes = shown(figure)
    assert min(t.get_fontsize() for t in figure.findobj(Text) if t.get_text().strip()) >= 6
    for i, (text, box) in enumerate(boxes):
        assert box.x0 >= 0 and box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text
        for other, second in boxes[i + 1 :]:
            assert not box.padded(-0.5).overlaps(second.padded(-0.5)), (text, other)


def test_figure_1_shows_every_star_once():
    sample = planted_sample()
    scatter, side = make("figure 1").axes
    shown_stars = sum(len(line.get_xdata()) for line in scatter.lines if line.get_label()[0] != "_")
    failed = np.sum(~sample["passes_quality"] & np.isfinite(sample["phot_g_mean_mag"]))
    assert shown_stars == np.isfinite(sample["phot_g_mean_mag"]).sum() + failed
    assert sum(bar.get_width() for bar in side.patches) == 300
    assert scatter.get_ylabel() == "parallax [mas]" and scatter.get_xlabel() == "$G$ [mag]"


def test_fits_are_drawn_over_what_they_fit():
    """The core's curve holds the core's stars."""
    figure = make("velocities")
    space = figure.axes[0]
    core = next(line for line in space.lines if line.get_linestyle() == "-")
    width = space.patches[0].get_data().edges[1]
    counted = np.trapezoid(core.get_ydata(), core.get_xdata()) / width
    stars = np.sum(planted_sample()["passes_quality"] & ~planted_sample()["is_bhb"])
    assert counted == pytest.approx(0.9 * stars, rel=0.01)
    assert "above 43.0" in said(figure) and "left out" in said(figure)


def test_every_star_is_in_the_histogram():
    sample = planted_sample()
    usable = sample["passes_quality"] & ~sample["is_bhb"]
    for ax, name in zip(make("without fits").axes, ("v_sp", "v_tan")):
        counts, edges, _ = ax.patches[0].get_data()
        assert counts.sum() == usable.sum()
        assert ax.get_xlim()[1] >= edges[-1] > sample[name][usable].max()


def test_figure_1_says_why_there_is_no_magnitude():
    assert "30 without $G$: neither the list nor figures.figure_1" in said(make("few without G"))
    assert "without $G$:" not in said(velocities.draw_parallaxes(with_magnitudes()))


def with_magnitudes():
    sample = planted_sample(30)
    sample["phot_g_mean_mag"] = 12.0
    return sample


def test_rings_name_the_decided_stars():
    figure = make("rings")
    rings = [line for line in figure.axes[0].lines if line.get_markersize() == 8]
    assert sorted(rings[0].get_ydata()) == [50.0, 200.0]
    assert "1 DES and 1 BSS" in said(figure)


def test_stars_that_are_no_runaways_are_counted_and_not_drawn():
    catalogue = planted_catalogue()
    catalogue["origin"][2] = "none"
    figure = origins.draw_rotation(catalogue, 126.0, 61.0)
    drawn = np.concatenate([line.get_ydata() for line in figure.axes[0].lines if line.get_gid()])
    assert catalogue["v_sp"][2] not in drawn and "1 more are no runaways" in said(figure)


@pytest.mark.parametrize("draw", ["parallaxes", "velocities"])
def test_an_empty_catalogue_still_makes_its_figures(tmp_path, draw):
    nothing = planted_sample(30)[:0]
    figure = (
        velocities.draw_parallaxes(nothing)
        if draw == "parallaxes"
        else velocities.draw_velocities(nothing, population.fit_table({}), LINES)
    )
    style.save(figure, [tmp_path / "a.png", tmp_path / "a.pdf"])

"""The figure of the grid: what has a mass has its colour."""

import numpy as np
import pytest
from astropy.table import Table

from planted_figures import STYLE, check_texts, said
from runaways.figures import masses_ages, style


@pytest.fixture
def figure():
    style.use_style(STYLE)
    mass = np.geomspace(2, 30, 40)
    tracks = Table({"teff": 1e4 * (mass / 2) ** 0.4, "logg": np.full(40, 4.0), "mass": mass})
    stars = Table({"star": list("ABCD"), "teff": [1.2e4, 2e4, 2.5e4, 1e4]})
    stars["logg"], stars["inside_grid"] = [4.1, 3.9, 4.0, 3.0], [True, True, True, False]
    # not in the order of Teff: it is the mass that counts
    stars["mass_predicted"] = [9.0, 5.0, 3.0, np.nan]
    return masses_ages.draw_grid(tracks, stars, ["a note"])


def test_stars_have_the_colour_of_their_predicted_mass(figure):
    ax, bar = figure.axes
    figure.canvas.draw()
    inside = [c for c in ax.collections if c.get_array() is not None and len(c.get_offsets()) == 3]
    (stars,) = inside
    assert np.asarray(stars.get_array()).tolist() == [9.0, 5.0, 3.0]
    lightness = stars.get_facecolors()[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(lightness) > 0)  # darker is heavier
    grid = ax.collections[0]
    assert (grid.norm.vmin, grid.norm.vmax) == (stars.norm.vmin, stars.norm.vmax)
    assert bar.get_ylim() == pytest.approx((stars.norm.vmin, stars.norm.vmax))


def test_a_star_without_a_mass_is_drawn_white_and_counted(figure):
    alone = [c for c in figure.axes[0].collections if len(c.get_offsets()) == 1]
    assert any(np.allclose(c.get_facecolors()[0, :3], 1) for c in alone)
    assert "inside the grid (3)" in said(figure) and "outside (1)" in said(figure)
    check_texts(figure)

"""Figures of spectra show what the tables say, and what was left out of the fit."""

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table, vstack
from matplotlib.text import Text

from planted_figures import planted_stars
from runaways.figures import spectra, style
from runaways.labels import measuring
from runaways.labels.fit import PARAMETERS, LabelFit
from runaways.spectra.wavelengths import air_to_vacuum, velocity_grid


@pytest.fixture(autouse=True)
def paper_style():
    style.use_style(Path(style.__file__).with_name("paper.mplstyle"))


def _texts(figure):
    figure.canvas.draw()
    return [text for text in figure.findobj(Text) if text.get_text().strip()]


def _spectra(names):
    parts = []
    wave = velocity_grid(3900.0, 5100.0, 69.0)
    for name in names:
        flux = 1 - 0.5 * np.exp(-0.5 * ((wave - float(air_to_vacuum(4340.46))) / 8) ** 2)
        part = Table({"wave": wave, "flux_normalised": flux})
        part["star"], part["arm"] = name, "lrs"
        parts.append(part)
    return parts


def _overlaps(texts):
    boxes = [text.get_window_extent() for text in texts]
    return [
        (a.get_text(), b.get_text())
        for i, (a, one) in enumerate(zip(texts, boxes))
        for b, other in zip(texts[i + 1 :], boxes[i + 1 :])
        if one.overlaps(other)
    ]


def test_lines_of_figure_2_are_where_they_are_and_their_names_do_not_collide():
    stars = planted_stars("A", "B")
    figure = spectra.draw_types(vstack(_spectra("AB")), {"A": "B3 V", "B": "B9 III"}, stars)
    texts = _texts(figure)
    names = [text for text in texts if text.get_text() in spectra.LINES]
    assert len(names) == len(spectra.LINES) and _overlaps(names) == []
    at = {text.get_text(): text.xy[0] for text in names}
    assert at[r"H$\gamma$"] == pytest.approx(4341.68, abs=0.05)  # NIST, vacuum
    assert at["He I 4471"] == pytest.approx(4472.73, abs=0.1)
    said = " ".join(text.get_text() for text in texts)
    assert figure.axes[0].get_xlim() == (3900.0, 4750.0)
    assert said.count("RA 57.6713, Dec \N{MINUS SIGN}5.2500") == 2
    assert "B3 V" in said and "B9 III" in said and "[$\\mathrm{\\AA}$]" in said


def _fit(vsini_is_limit=False, reason=""):
    wave = velocity_grid(6400.0, 6700.0, 30.0)
    model = np.ones(len(wave))
    used = np.ones(len(wave), bool)
    used[:20] = False
    values = dict(zip(PARAMETERS, (15000.0, 3.9, -0.3, 40.0, 0.0)))
    errors = dict(zip(PARAMETERS, (100.0, 0.02, 0.05, 3.0, 1.0)))
    fit = LabelFit(values, errors, np.eye(5), vsini_limit=45.0, vsini_is_limit=vsini_is_limit,
                   model=model, continuum=model, used=used, reason=reason)  # fmt: skip
    pixels = Table({"wave": wave, "flux": model + 0.01, "ivar": model * 1e4})
    pixels["model_flux"], pixels["continuum"], pixels["used"] = model, model, used
    pixels["star"], pixels["arm"] = "S", "mrs"
    return Table(rows=[{"star": "S", "arm": "mrs"} | measuring.as_row(fit)]), pixels


def test_a_fit_names_its_labels_and_shades_what_it_left_out():
    rows, pixels = _fit()
    figure = spectra.draw_fit("S", pixels, rows, {"mrs": 0.0})
    said = " ".join(text.get_text() for text in _texts(figure))
    assert "15000 ± 100 K" in said and "= \N{MINUS SIGN}0.30" in said and "40 ± 3" in said
    residual = figure.findobj(lambda a: hasattr(a, "get_ydata"))
    ones = [line for line in residual if np.ndim(line.get_ydata()) and len(line.get_ydata()) > 50]
    # flux 0.01 above the model at a noise of 0.01: one sigma everywhere
    assert any(np.allclose(line.get_ydata(), 1.0, atol=1e-6) for line in ones)
    rows, pixels = _fit(vsini_is_limit=True)
    said = " ".join(t.get_text() for t in _texts(spectra.draw_fit("S", pixels, rows, {"mrs": 0})))
    assert "< 45" in said


def test_a_star_without_spectrum_has_a_figure_that_says_so():
    rows, pixels = _fit()
    figure = spectra.draw_fit("S", pixels[:0], rows[:0], {})
    assert "S: no spectrum" in [text.get_text() for text in _texts(figure)]


def test_recovered_labels_show_limits_as_limits():
    known = Table({"star": list("ABC"), "teff": [1e4, 1.5e4, 2e4], "logg": [4.0, 3.9, 3.8]})
    known["mh"], known["vsini"] = [0.0, -0.2, 0.1], [0.0, 50.0, 100.0]
    found = known.copy()
    for name in ("teff", "logg", "mh", "vsini"):
        found[f"{name}_error"] = 0.1
    found["vsini_is_limit"], found["vsini_limit"] = [True, False, False], [12.0, 60.0, 110.0]
    figure = spectra.draw_recovered(found, known, "planted", ["a note"])
    assert "a note" in [text.get_text() for text in _texts(figure)]
    above, below = (
        [line for line in figure.axes[i].lines if line.get_marker() == "v"] for i in (3, 7)
    )
    assert above[0].get_ydata().tolist() == below[0].get_ydata().tolist() == [12.0]


def test_residuals_are_measured_less_known():
    known = Table({"star": list("AB"), "teff": [1e4, 2e4], "logg": [4.0, 3.8]})
    known["mh"], known["vsini"] = [0.0, 0.1], [50.0, 100.0]
    found = known.copy()
    found["teff"] = [1.01e4, 1.97e4]
    for name in ("teff", "logg", "mh", "vsini"):
        found[f"{name}_error"] = 0.1
    found["vsini_is_limit"], found["vsini_limit"] = False, 200.0
    figure = spectra.draw_recovered(found, known, "planted")
    residuals = [line.get_ydata() for line in figure.axes[4].lines if len(line.get_ydata()) == 2]
    assert any(np.allclose(line, [100.0, -300.0]) for line in residuals)
    assert figure.axes[4].get_ylabel() == r"$\Delta$ [K]"
    del known["mh"]
    figure = spectra.draw_recovered(found, known, "in the list")
    assert "no star" in [text.get_text() for text in _texts(figure)]

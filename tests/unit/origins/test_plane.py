"""The plane of V_Sp and v sin i: regions and lines."""

import numpy as np
import pytest

from runaways.origins.plane import exceedance, fit_line, plane_probabilities, plane_regions


def test_regions_of_figure_8():
    regions = plane_regions([50, 200, 50, 200, np.nan], [200, 20, 20, 200, 20], 126, 61)
    assert list(regions) == ["BSS", "DES", "undecided", "undecided", "unknown"]


def test_exceedance():
    assert exceedance([61.0], [11.0], 61)[0] == pytest.approx(0.5, abs=1e-6)
    # a positive quantity: with v sin i = 0 +- s the truth is half-normal
    assert exceedance([0.0], [20.0], 20)[0] == pytest.approx(0.3173, abs=1e-4)
    assert np.isnan(exceedance([50.0, np.nan], [np.nan, 1.0], 61)).all()


def test_plane_probabilities_sum_to_one():
    p = np.linspace(0, 1, 11)
    table = plane_probabilities(p, p[::-1])
    total = table["p_bss_plane"] + table["p_des_plane"] + table["p_undecided_plane"]
    assert np.asarray(total) == pytest.approx(1)
    assert table["p_des_plane"][-1] == 1


def test_line_from_the_sample():
    rng = np.random.default_rng(0)
    v = 20 * np.sqrt((rng.normal(size=(3, 20_000)) ** 2).sum(axis=0))
    line, error = fit_line(np.concatenate([v, np.zeros(5000), [np.nan]]), "three_sigma")
    assert line == pytest.approx(60, abs=4 * error)
    assert fit_line(v, "quantile")[0] == pytest.approx(75.25, rel=0.01)

"""The figure of calibration shows the tables' numbers."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.figures.calibration import draw_calibration


@pytest.fixture
def figure():
    reliability = Table({"probability_of": ["ejected", "ejected", "from a cluster, if ejected"]})
    reliability["p_mean"], reliability["share"] = [0.1, 0.9, np.nan], [0.05, 0.95, np.nan]
    reliability["share_lower"], reliability["share_upper"] = [0.0, 0.9, 0.0], [0.1, 1.0, 1.0]
    reliability["n_posteriors"] = [40, 20, 0]
    rates = Table({"bin_unit": ["", "Myr", "Myr", "kpc"], "share": [0.5, 0.75, 0.25, 0.4]})
    rates["bin_from"], rates["bin_to"] = [np.nan, 0.0, 3.0, 1.0], [np.nan, 3.0, 6.0, 1.5]
    rates["share_lower"], rates["share_upper"] = rates["share"] - 0.1, rates["share"] + 0.1
    rates["n_posteriors"] = [9, 4, 5, 9]
    null = Table({"star": ["a", "b", "a", "b"]})
    null["replicate"] = ["as it is", "as it is", "mirrored", "mirrored"]
    null["p_cluster_best"] = [0.9, 0.2, 0.1, np.nan]
    return draw_calibration(reliability, rates, null, "errors 0.03 mas")


def test_calibration_is_drawn(figure):
    reliable, chance, times, distances = figure.axes
    labels = [text.get_text() for text in reliable.get_legend().get_texts()]
    assert labels == ["ejected (60)", "from a cluster, if ejected (0)"]
    assert [t.get_text() for t in times.get_xticklabels()] == ["0 to 3", "3 to 6"]
    assert [t.get_text() for t in distances.get_xticklabels()] == ["1 to 1.5"]
    assert sorted(t.get_text() for t in times.texts) == ["4", "5"]
    own = chance.lines[0]
    # one of two stars has its best cluster above 0.5
    assert list(zip(own.get_xdata(), own.get_ydata())) == [(1, 0), (0.9, 0.5), (0.2, 1), (0, 1)]
    assert "(2 stars)" in chance.get_legend().get_texts()[0].get_text()
    assert "errors 0.03 mas" in figure.get_suptitle()

"""Whose mass and age count."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.masses_ages.ages import with_masses_ages

STARS = Table(
    {
        "star": ["listed", "without error", "from labels", "nothing"],
        "age": [10.0, 20.0, np.nan, np.nan],
        "age_error": [2.0, np.nan, np.nan, np.nan],
    }
)
# in another order than the list
PREDICTED = Table(
    {
        "star": ["nothing", "from labels", "without error", "listed"],
        "age_predicted": [np.nan, 40.0, 40.0, 40.0],
        "age_predicted_lower": [np.nan, 20.0, 20.0, 20.0],
        "age_predicted_upper": [np.nan, 80.0, 80.0, 80.0],
        "mass_predicted": [np.nan, 5.0, 5.0, 5.0],
        "mass_predicted_lower": [np.nan, 4.0, 4.0, 4.0],
        "mass_predicted_upper": [np.nan, 6.0, 6.0, 6.0],
    }
)


@pytest.mark.parametrize(
    "whose, age, error, source",
    [
        ("published", [10, 20, np.nan, np.nan], [2, np.nan, np.nan, np.nan], "pp.."),
        ("predicted", [40, 40, 40, np.nan], [30, 30, 30, np.nan], "ddd."),
        # without an error of its own, the relative one of the labels: 30 / 40 of 20
        ("best", [10, 20, 40, np.nan], [2, 15, 30, np.nan], "ppd."),
    ],
)
def test_whose_age(whose, age, error, source):
    out = with_masses_ages(STARS, PREDICTED, whose)
    assert out["age"] == pytest.approx(age, nan_ok=True)
    assert out["age_error"] == pytest.approx(error, nan_ok=True)
    words = {"p": "published", "d": "predicted", ".": ""}
    assert out["age_source"].tolist() == [words[letter] for letter in source]


def test_mass_of_a_list_without_masses():
    out = with_masses_ages(STARS, PREDICTED, "best")
    assert out["mass"] == pytest.approx([5, 5, 5, np.nan], nan_ok=True)
    assert out["mass_error"] == pytest.approx([1, 1, 1, np.nan], nan_ok=True)
    assert out["mass_source"].tolist() == ["predicted"] * 3 + [""]
    alone = with_masses_ages(STARS, None, "published")
    assert np.isnan(alone["mass"]).all() and set(alone["mass_source"]) == {""}

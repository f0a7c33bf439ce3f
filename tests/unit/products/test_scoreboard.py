"""Masses and ages on the scoreboard: a star's printed one beside ours by both ways."""

from astropy.table import Table

from runaways.products import scoreboard

STATED = {"scatter": {"mass": 0.09, "age": 0.44}, "grid": {"mh": [-0.6, 0.6]}}
STARS = Table({"star": ["A", "B"], "mass": [5.0, 9.0], "age": [80.0, 20.0]})


def board(hold_out):
    catalogue = Table({"star": ["A", "B"], "mh": [-0.7, -0.8]})
    catalogue["inside_grid_published"] = [True, False]
    for way, mass in (("predicted", 5.5), ("posterior", 4.0)):
        for end, factor in (("_lower", 0.9), ("", 1.0), ("_upper", 1.2)):
            catalogue[f"mass_{way}{end}"] = mass * factor
            catalogue[f"age_{way}{end}"] = 80.0 * factor
    return scoreboard._masses_ages(catalogue, STARS, hold_out, STATED)


def test_both_ways_side_by_side():
    hold_out = Table([{"model": "forest", "mass_scatter": 0.04, "age_scatter_gyr": 0.1}])
    rows = {row[0]: row[1:] for row in board(hold_out)}
    quantity = "mass of A [Msun]"
    assert rows[quantity] == (
        "5",
        "forests 5.5 (5.0 to 6.6), posterior 4.0 (3.6 to 4.8)",
        "68 % range",
        True,
        "within forests; not within posterior",
    )
    assert rows["age of A [Myr]"][3]
    assert "mass of B [Msun]" not in rows  # outside the paper's grid
    assert "median mass over the printed one, 39 I stars, posterior" in rows


def test_a_run_without_forests_has_the_posterior_alone():
    rows = {row[0]: row[1:] for row in board(None)}
    assert rows["mass of A [Msun]"][1] == "posterior 4.0 (3.6 to 4.8)"
    assert not rows["mass of A [Msun]"][3]
    assert not any("scatter" in name for name in rows)

"""The compiled functions, by what is known in closed form."""

import numpy as np
import pytest

from runaways.orbits import dop853, force_table, lanes


def test_a_circular_orbit_about_a_point():
    assert np.allclose(lanes.compiled()[0, :2], [np.cos(1), np.sin(1)], atol=1e-8)


def test_coefficients_are_consistent():
    """Each row of DOP853 takes its stage to a time; those of a step's end add up to 1."""
    ends = {stage: sum(row.values()) for stage, row in dop853.STAGES.items()}
    assert ends[11] == pytest.approx(1) and ends[12] == pytest.approx(1)
    assert ends[13] == pytest.approx(0.1) and ends[14] == pytest.approx(0.2)
    for row in dop853.ERROR.values():
        assert sum(row.values()) == pytest.approx(0, abs=1e-14)


def test_a_table_is_what_was_kept(tmp_path):
    rng = np.random.default_rng(0)
    arrays = (rng.random(3), rng.random((4, 2, 4)), rng.random((1, 1, 3, 8, 8)))
    table = force_table.ForceTable(*arrays, {"potential": "Irrgang13I"})
    force_table.write(table, tmp_path / "models" / "potential.npz", run="tiny")
    back = force_table.read(tmp_path / "models" / "potential.npz")
    assert all(np.array_equal(a, b) for a, b in zip(back.arrays, arrays))
    assert back.meta == {"potential": "Irrgang13I", "run": "tiny"}


def test_nothing_is_kept_where_nothing_can_be_written(monkeypatch):
    def refuse(*args, **options):
        if options.get("cache"):
            raise RuntimeError("no locator available")
        return lambda function: function

    monkeypatch.setattr(lanes, "njit", refuse)
    assert lanes._kept(len) is len

"""The paper's 45 stars in its frame and in a modern one: who is a runaway, who changes class."""

import os
import warnings

import numpy as np
import pytest

from runaways.frames import PRESETS
from runaways.orbits import birthplaces, disk, potentials
from runaways.stars.velocities import peculiar_velocity

KINEMATICS = ("ra", "dec", "distance", "pmra", "pmdec", "rv")
DRAWS = int(os.environ.get("TWO_FRAMES_DRAWS", 0))  # 128 take two minutes
DISK = {"confined_min": 0.5, "consistent_min": 0.05, "evidence_min": 3.0}
PAPER, MODERN = PRESETS["kerr_lynden_bell_1986"], PRESETS["gravity_2021"]


@pytest.fixture(scope="module")
def galaxies():
    own = potentials.potential("Irrgang13I", MODERN)
    return potentials.potential("MWPotential2014", PAPER, rescale=True), own


def test_who_is_a_runaway_in_the_other_frame(measured, galaxies):
    """`measured` has the radial velocities behind the printed columns, by the paper's frame."""
    columns = [np.asarray(measured[name]) for name in KINEMATICS]
    frames = PAPER, potentials.with_rotation_curve(galaxies[1])
    speeds = [peculiar_velocity(*columns, frame) for frame in frames]
    paper, modern = ((v_sp > 43) | (v_tan > 33) for v_tan, _, v_sp in speeds)
    stars = np.asarray(measured["star"])
    assert paper.sum() == modern.sum() == 29
    assert stars[modern & ~paper].tolist() == ["J025516+495849"]
    assert stars[paper & ~modern].tolist() == ["J062328+280416"]
    moved = np.abs(speeds[1][2] - speeds[0][2])
    assert np.median(moved) == pytest.approx(1.2, abs=0.1)
    assert stars[moved.argmax()] == "J193728+425534" and moved.max() == pytest.approx(7.8, abs=0.1)


@pytest.mark.asked_for("TWO_FRAMES_DRAWS")
def test_nobody_changes_class(measured, galaxies):
    rows = []
    for pot in galaxies:
        for star in measured:
            births = birthplaces.draw_birthplaces(star, pot, 2025, "sobol", 0, DRAWS, 1e3)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # no horizon is asked for
                rows.append(disk.summarise(star["star"], births, [], (0.5, 0.14), DISK))
    paper, modern = rows[: len(measured)], rows[len(measured) :]
    assert [row["orbit_class"] for row in paper] == [row["orbit_class"] for row in modern]
    shares = np.array([[row["p_birth_in_disk"] for row in half] for half in (paper, modern)])
    assert np.abs(shares[1] - shares[0]).max() < 0.3

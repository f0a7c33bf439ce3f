"""A potential is one that somebody fitted, or says what it has become."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

from runaways.frames import FITTED_WITH, PRESETS
from runaways.orbits import potentials
from runaways.orbits.integration import trace
from runaways.orbits.potentials import ForeignFrame
from scripts.frame import frame as configured

MODERN, PAPER = PRESETS["gravity_2021"], PRESETS["kerr_lynden_bell_1986"]
# Local density as each paper states it [solMass/pc3]: Bovy 2015, Table 1, 0.10; Irrgang et al.
# 2013, their constraint 0.102 +- 0.010 (Holmberg & Flynn 2004)
STATED = {"MWPotential2014": (0.10, 0.01), "Irrgang13I": (0.102, 0.010)}


def native(name):
    r0, v_circ = FITTED_WITH[name]
    return potentials.potential(name, replace(MODERN, r0=r0, v_circ=v_circ))


@pytest.mark.parametrize("name", STATED)
def test_a_potential_as_fitted_has_the_stated_density(name):
    density, error = STATED[name]
    assert native(name).density(native(name).length) == pytest.approx(density, abs=error / 2)


@pytest.mark.parametrize("name, loss", [("MWPotential2014", 0.11), ("Irrgang13I", 0.19)])
def test_the_papers_frame_is_refused_with_the_density_it_would_have(name, loss):
    with pytest.raises(ForeignFrame, match=rf"solMass/pc3 at the Sun.*\(-{loss:.0%}\).*Myr"):
        potentials.potential(name, PAPER)
    pot = potentials.potential(name, PAPER, rescale=True)
    # natural units alone: density goes as (v_circ / r0)^2, the period as r0 / v_circ
    ratio = (220.0 / 8.5 / (FITTED_WITH[name][1] / FITTED_WITH[name][0])) ** 2
    known = pot.summary()
    assert pot.rescaled and known["density"] / known["fitted_density"] == pytest.approx(
        ratio, abs=0.001
    )
    assert 1 - ratio == pytest.approx(loss, abs=0.005)
    assert known["vertical_period"] / known["fitted_vertical_period"] == pytest.approx(
        ratio**-0.5, abs=0.002
    )
    assert "rescaled" in str(pot) and "as fitted" in str(native(name))


def test_the_default_potential_is_as_fitted_in_the_default_frame():
    pot = potentials.potential("Irrgang13I", MODERN)
    assert (pot.length, pot.speed) == FITTED_WITH["Irrgang13I"] and not pot.rescaled
    # the rotation at the Sun is within the 3 km/s by which models of one potential differ
    assert pot.circular([MODERN.r0])[0] == pytest.approx(MODERN.v_circ, abs=3.0)


def test_a_circular_orbit_stays_where_the_sun_is_not_at_the_unit_of_length():
    pot = potentials.potential("Irrgang13I", MODERN)
    v = pot.circular([MODERN.r0])[0]
    place, speed = np.array([[MODERN.r0], [0], [0]]), np.array([[0], [v], [0]])
    times = np.linspace(0, 500, 101)[None]
    path, _ = trace(place, speed, times, pot)
    radius = np.hypot(path[0, :, 0], path[0, :, 1])
    assert np.abs(radius - MODERN.r0).max() < 1e-5
    turned = np.unwrap(np.arctan2(path[0, :, 1], path[0, :, 0]))
    assert turned[-1] == pytest.approx(-v / MODERN.r0 * 500 / 977.7922216807891, abs=1e-4)


def test_the_merged_potential_is_galpys_irrgang():
    """Its bulge and its halo in one table against galpy's own sum, 300 Myr back."""
    from galpy.potential import mwpotentials

    merged = potentials.potential("Irrgang13I", MODERN)
    exact = replace(merged, given=mwpotentials.Irrgang13I)
    rng = np.random.default_rng(4)
    place = rng.normal([[8], [0], [0]], 1.0, (3, 20))
    speed = rng.normal([[0], [230], [0]], 40.0, (3, 20))
    times = np.tile([0.0, 300.0], (20, 1))
    ends = [trace(place, speed, times, pot, tolerance=1e-10)[0][:, -1] for pot in (merged, exact)]
    assert np.linalg.norm(ends[0] - ends[1], axis=1).max() < 1e-3  # kpc


def test_a_record_of_a_configured_frame_is_plain():
    """run.yaml takes nothing but Python's own numbers."""
    frame = configured({"preset": "gravity_2021", "r0": "8.5 kpc", "v_circ": "220 km/s"})
    summary = potentials.potential("MWPotential2014", frame, rescale=True).summary()
    assert yaml.safe_load(yaml.safe_dump(summary)) == summary

"""Orbits: constants of the motion, there and back, closed forms, and the fences."""

import numpy as np
import pytest

from runaways.frames import galactocentric, heliocentric
from runaways.orbits import birthplaces, conservation, disk, integration, potentials
from runaways.stars import draws, measurements, star_list

DISK = {"confined_min": 0.5, "consistent_min": 0.05, "evidence_min": 3.0}


@pytest.fixture(scope="module")
def today(measured, frame):
    columns = [measured[name] for name in ("ra", "dec", "distance", "pmra", "pmdec", "rv")]
    return galactocentric(*heliocentric(*map(np.asarray, columns)), frame)


def _grid(ages, steps=100):
    return np.asarray(ages)[:, None] * np.linspace(0, 1, steps + 1)


def test_energy_and_lz_are_constant_along_each_orbit(today, measured, pot):
    x, v = integration.trace(*today, _grid(measured["age"]), pot)
    path = integration.natural(
        np.moveaxis(x, -1, 0).reshape(3, -1), np.moveaxis(v, -1, 0).reshape(3, -1), pot
    ).reshape(*x.shape[:2], 6)
    energy, l_z = conservation.energy_and_lz(path, pot)
    assert np.ptp(energy, axis=1).max() < 1e-6
    assert (np.ptp(l_z, axis=1) / np.abs(l_z[:, 0])).max() < 1e-6


def test_there_and_back_to_a_parsec(today, measured, pot):
    x, v = integration.trace(*today, _grid(measured["age"]), pot)
    # an orbit run backwards in time is the mirrored orbit run forwards
    back, _ = integration.trace(x[:, -1].T, -v[:, -1].T, _grid(measured["age"]), pot)
    assert np.linalg.norm(back[:, -1] - today[0].T, axis=1).max() < 1e-3


def test_a_circular_orbit_stays(pot):
    r, myr = 10.0, 1000.0
    v_circ = 220.0 * np.sqrt(-r / 8.5 * _radial_force(pot, r / 8.5))
    x, v = integration.trace(
        np.array([[r], [0.0], [0.0]]), np.array([[0.0], [v_circ], [0.0]]), _grid([myr]), pot
    )
    radius = np.hypot(x[0, :, 0], x[0, :, 1])
    assert np.abs(radius - r).max() < 1e-5
    turned = np.unwrap(np.arctan2(x[0, :, 1], x[0, :, 0]))
    # back in time the azimuth falls, by v t / R; 977.79 Myr per kpc/(km/s)
    assert turned[-1] == pytest.approx(-v_circ / r * myr / 977.7922216807891, abs=1e-4)


def _radial_force(pot, r):
    from galpy.potential import evaluateRforces

    return evaluateRforces(pot.galpy, r, 0.0, use_physical=False)


@pytest.mark.parametrize("name", ["MWPotential2014", "McMillan17", "Irrgang13I"])
def test_potentials_are_scaled_to_the_frame(name, frame):
    pot = potentials.potential(name, frame, rescale=True)
    # McMillan17 and Irrgang13I are normalised to their own fits to a few parts in a thousand
    assert np.sqrt(-_radial_force(pot, 1.0)) == pytest.approx(1.0, abs=0.01)


def test_merged_potential_is_galpys(today, measured, pot):
    """Birthplaces in the force table against galpy's own MWPotential2014 at 1e-12."""
    from galpy.potential import MWPotential2014

    ages = np.asarray(measured["age"])
    ours, _ = integration.trace(*today, _grid(ages, 1), pot)
    exact = potentials.Potential(MWPotential2014, pot.frame, pot.length, pot.speed)
    theirs, _ = integration.trace(*today, _grid(ages, 1), exact, tolerance=1e-12)
    assert np.linalg.norm(ours[:, -1] - theirs[:, -1], axis=1).max() < 1e-3


def test_a_bad_draw_is_nan_and_harms_no_other(today, pot):
    x, v = today[0][:, :6].copy(), today[1][:, :6].copy()
    ages = np.full(6, 100.0)
    good, _ = integration.trace(x, v, _grid(ages), pot)
    x[0, 0], v[2, 1], x[:2, 2], ages[3] = np.nan, np.inf, 0.0, np.nan
    bad, _ = integration.trace(x, v, _grid(ages), pot)
    assert np.isnan(bad[:4]).all()
    assert np.array_equal(bad[4:], good[4:])


def test_times_that_do_not_rise_are_refused(today, pot):
    for times in ([[0.0, 2.0, 1.0]], [[1.0, 2.0]], [[0.0, 0.0]]):
        with pytest.raises(ValueError, match="rise strictly from 0"):
            integration.trace(today[0][:, :1], today[1][:, :1], np.array(times), pot)


def test_a_lost_step_does_not_pass(today, measured, pot):
    """rk6_c loses time steps and keeps the energy; its birthplaces must be caught."""
    ages = np.asarray(measured["age"])
    x, _ = integration.trace(*today, _grid(ages, 20), pot, method="rk6_c", tolerance=1e-12)
    lost = x[:, -1] + np.where(np.arange(45) == 7, 0.01, 0.0)[:, None]
    with pytest.raises(integration.OrbitError, match="pc apart"):
        birthplaces._spot_check(today, ages, lost, pot)


def test_extremes_are_found_between_the_steps():
    step = np.array([2.0])
    t = np.arange(0, 400, 2.0)
    omega, amplitude = 2 * np.pi / 70, 0.35  # a vertical oscillation of 70 Myr
    z = amplitude * np.sin(omega * t + 0.3)[None]
    rate = 977.7922216807891 * amplitude * omega * np.cos(omega * t + 0.3)[None]
    assert birthplaces.extreme(z, rate, step)[0] == pytest.approx(amplitude, rel=1e-4)


def test_a_draw_does_not_depend_on_its_chunk(measured, pot):
    star = measured[0]
    whole = birthplaces.draw_birthplaces(star, pot, 1, "sobol", 0, 64, 1000.0)
    parts = [
        birthplaces.draw_birthplaces(star, pot, 1, "sobol", first, first + 16, 1000.0)
        for first in range(0, 64, 16)
    ]
    for name in whole.colnames:
        assert np.array_equal(whole[name], np.concatenate([part[name] for part in parts])), name


def test_a_star_that_cannot_be_traced_says_why(measured, pot):
    star = dict(zip(measured.colnames, measured[0])) | {"reason": "age: missing, no birthplace"}
    out = birthplaces.draw_birthplaces(star, pot, 1, "sobol", 0, 16, 1000.0)
    assert np.isnan(out["birth_z"]).all() and set(out["reason"]) == {"age: missing, no birthplace"}
    impossible = dict(zip(measured.colnames, measured[0])) | {
        "parallax_pmra_corr": 0.9,
        "parallax_pmdec_corr": 0.9,
        "pmra_pmdec_corr": -0.9,
    }
    out = birthplaces.draw_birthplaces(impossible, pot, 1, "sobol", 0, 16, 1000.0)
    assert "correlations" in out["reason"][0]


def test_both_signs_of_an_unknown_rv_are_drawn(measured):
    star = measured[int(np.flatnonzero(np.isfinite(measured["rv_alternative"]))[0])]
    sample = draws.draw(draws.unit_cube(1, star["star"], 0, 4096), star)
    for branch, name in enumerate(("rv", "rv_alternative")):
        mine = sample["rv"][sample["rv_branch"] == branch]
        assert len(mine) == pytest.approx(2048, abs=5)
        assert mine.mean() == pytest.approx(star[name], abs=0.1)


def test_intervals_cover_planted_birthplaces(measured, pot, frame):
    """Stars of known birthplace, observed with errors: 68 % of the intervals hold the truth."""
    rng = np.random.default_rng(11)
    inside = []
    for star in measured[np.isnan(measured["rv_alternative"])][:20]:
        true = dict(zip(measured.colnames, star)) | {"age": 30.0, "age_error": 3.0}
        kinematics = [true[name] for name in ("ra", "dec", "distance", "pmra", "pmdec", "rv")]
        path, _ = integration.trace(*_columns(kinematics, frame), np.array([[0.0, 30.0]]), pot)
        for _ in range(5):
            seen = dict(true)
            for name in ("parallax", "pmra", "pmdec", "rv", "age"):
                seen[name] = true[name] + rng.normal(0, true[f"{name}_error"])
            births = birthplaces.draw_birthplaces(seen, pot, 5, "sobol", 0, 64, 100.0)
            for axis, truth in zip("xyz", path[0, -1]):
                low, high = np.quantile(births[f"birth_{axis}"], [0.159, 0.841])
                inside.append(low < truth < high)
    # 300 intervals of 100 independent stars: the error of the fraction is 4.7 %
    assert abs(np.mean(inside) - 0.682) < 3 * 0.047


def _columns(kinematics, frame):
    return galactocentric(*heliocentric(*(np.array([value]) for value in kinematics)), frame)


# a hypervelocity star of 1000 km/s, and a fast retrograde one that the Galaxy still holds
UNBOUND = """star,ra,dec,parallax,parallax_error,pmra,pmra_error,pmdec,pmdec_error,rv,rv_error,age
HVS,136.3449,26.4666,0.1,0.02,-0.5,0.02,0.3,0.02,1000,3,100
RETRO,294.178,41.7918,0.5,0.02,-30,0.02,-40,0.02,-430,3,100
"""


@pytest.mark.parametrize("name", ["MWPotential2014", "McMillan17", "Irrgang13I"])
def test_who_is_unbound(tmp_path, frame, assumed, name):
    """A hypervelocity star is, a bound one on a retrograde orbit is not, whatever galpy's zero."""
    pot = potentials.potential(name, frame, rescale=True)
    (tmp_path / "stars.csv").write_text(UNBOUND)
    stars, _ = star_list.read(tmp_path / "stars.csv")
    measured = measurements.complete(stars, frame, assumed)
    rows = {}
    for star in measured:
        births = birthplaces.draw_birthplaces(star, pot, 1, "sobol", 0, 64, 1e3)
        rows[str(star["star"])] = disk.summarise(star["star"], births, [], (0.5, 0.14), DISK)
        speed2 = births["v_escape"] ** 2 + 2 * births["energy"]
        assert np.all(speed2 > 0)
    assert rows["HVS"]["unbound"] and rows["HVS"]["p_unbound"] > 0.95
    assert not rows["RETRO"]["unbound"] and rows["RETRO"]["p_unbound"] < 0.05


def test_escape_speed_at_the_sun(frame):
    """497 +- 8 km/s, biased low (Koppelman & Helmi, arXiv 2006.16283), to 580 +- 63 (Monari et al.,
    arXiv 1807.04565): models in between. At rest far out nothing is left."""
    for name in ("MWPotential2014", "McMillan17", "Irrgang13I"):
        pot = potentials.potential(name, frame, rescale=True)
        assert np.isfinite(pot.far)
        place = np.array([[potentials.FAR], [0.0], [0.0]])
        path = integration.natural(place, np.full((3, 1), 1e-9), pot)[:, None]
        energy = conservation.energy_and_lz(path, pot)[0][0, 0] * frame.v_circ**2 - pot.far
        assert abs(energy) < 1e-6
        sun = integration.natural(np.array([[8.5], [0], [0]]), np.full((3, 1), 1e-9), pot)
        energy = conservation.energy_and_lz(sun[:, None], pot)[0][0, 0] * frame.v_circ**2 - pot.far
        assert 480 < np.sqrt(-2 * energy) < 640

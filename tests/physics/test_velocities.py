"""Peculiar velocities: two derivations of one number, planted orbits, the paper's own."""

import numpy as np
from scipy.stats import norm

from runaways.frames import ICRS_TO_GALACTIC, KM_S_PER_MAS_YR_KPC, galactic, heliocentric
from runaways.stars import velocities

RNG = np.random.default_rng(2)
N = 500
RA, DEC, DISTANCE = RNG.uniform(0, 360, N), RNG.uniform(-90, 90, N), RNG.uniform(0.1, 8, N)
PMRA, PMDEC, RV = RNG.normal(0, 5, N), RNG.normal(0, 5, N), RNG.normal(0, 100, N)


def _peculiar_vector(frame):
    """The other way: heliocentric velocity + Sun + (0, v_circ, 0) - rotation at the star."""
    position, velocity = heliocentric(RA, DEC, DISTANCE, PMRA, PMDEC, RV)
    u, v, w = frame.v_sun
    # rotation is clockwise seen from the north, so +Y at the Sun
    x, y = frame.r0 - position[0], position[1]
    r = np.hypot(x, y)
    rotation = frame.v_circ * np.array([y / r, x / r, np.zeros(N)])
    return velocity + np.array([u, v + frame.v_circ, w])[:, None] - rotation


def test_formula_and_vector_agree(frame):
    vector = _peculiar_vector(frame)
    lon, lat = galactic(RA, DEC)
    sin_l, cos_l, sin_b, cos_b = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    axes = [-sin_l, cos_l, 0 * lon], [-sin_b * cos_l, -sin_b * sin_l, cos_b]
    axes = np.array([*axes, [cos_b * cos_l, cos_b * sin_l, sin_b]])
    star = (RA, DEC, DISTANCE, PMRA, PMDEC, RV, frame)
    expected = np.sum(vector * axes, axis=1)
    assert np.allclose(velocities.peculiar_components(*star), expected, atol=1e-9)
    v_tan, v_rad, v_sp = velocities.peculiar_velocity(*star)
    assert np.allclose(v_sp, np.linalg.norm(vector, axis=0), atol=1e-9)
    assert np.allclose(v_rad, expected[2], atol=1e-9)
    assert np.allclose(v_tan, np.hypot(*expected[:2]), atol=1e-9)


def _on_a_circular_orbit(frame, extra):
    """Observables of stars that move with the rotation curve, plus a peculiar vector."""
    lon, lat = galactic(RA, DEC)
    x = DISTANCE * np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    phi = np.arctan2(x[1], frame.r0 - x[0])
    u, v, w = frame.v_sun
    galactic_velocity = np.array(
        [
            frame.v_circ * np.sin(phi) + extra[0] - u,
            frame.v_circ * np.cos(phi) + extra[1] - v - frame.v_circ,
            np.zeros(N) + extra[2] - w,
        ]
    )
    velocity = ICRS_TO_GALACTIC.T @ galactic_velocity
    ra, dec = np.radians(RA), np.radians(DEC)
    east = np.array([-np.sin(ra), np.cos(ra), 0 * ra])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    towards = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    k_d = KM_S_PER_MAS_YR_KPC * DISTANCE
    return [np.sum(velocity * axis, axis=0) for axis in (east / k_d, north / k_d, towards)]


def test_a_star_that_rotates_with_the_galaxy_has_no_peculiar_velocity(frame):
    pmra, pmdec, rv = _on_a_circular_orbit(frame, (0, 0, 0))
    v_sp = velocities.peculiar_velocity(RA, DEC, DISTANCE, pmra, pmdec, rv, frame)[2]
    assert v_sp.max() < 1e-9


def test_a_planted_peculiar_velocity_is_recovered(frame):
    pmra, pmdec, rv = _on_a_circular_orbit(frame, (30.0, -40.0, 120.0))
    v_sp = velocities.peculiar_velocity(RA, DEC, DISTANCE, pmra, pmdec, rv, frame)[2]
    assert np.allclose(v_sp, 130.0)


def test_errors_cover_the_truth(frame):
    pmra, pmdec, rv = _on_a_circular_orbit(frame, (30.0, -40.0, 120.0))
    errors = {
        "distance": 0.02 * DISTANCE,
        "pmra": np.full(N, 0.05),
        "pmdec": np.full(N, 0.05),
        "rv": np.full(N, 5.0),
    }
    noisy = [
        value + RNG.normal(0, errors[name])
        for name, value in zip(("distance", "pmra", "pmdec", "rv"), (DISTANCE, pmra, pmdec, rv))
    ]
    v_sp = velocities.peculiar_velocity(RA, DEC, *noisy, frame)[2]
    error = velocities.peculiar_velocity_errors(RA, DEC, *noisy, errors, frame)[2]
    inside = np.mean(np.abs(v_sp - 130.0) < error)
    expected = norm.cdf(1) - norm.cdf(-1)
    assert abs(inside - expected) < 3 * np.sqrt(expected * (1 - expected) / N)


def test_rv_is_recovered_from_a_vector_and_from_a_speed(frame):
    kinematics = (RA, DEC, DISTANCE, PMRA, PMDEC)
    u, v, w = frame.v_sun
    _, v_rad, v_sp = velocities.peculiar_velocity(*kinematics, RV, frame)
    vector = heliocentric(*kinematics, RV)[1] + np.array([[u], [v + frame.v_circ], [w]])
    rv, residual = velocities.rv_from_vector(*kinematics, vector, frame)
    assert np.allclose(rv, RV) and residual.max() < 1e-9
    receding, approaching = velocities.rv_from_speed(*kinematics, v_sp, frame)
    # where the speed is all tangential to 0.1 km/s the radial part is taken as 0
    clear = v_sp - velocities.peculiar_velocity(*kinematics, RV, frame)[0] > 0.1
    assert np.allclose(np.where(v_rad > 0, receding, approaching)[clear], RV[clear], atol=1e-6)


def test_printed_speeds_of_the_paper(table_a1, measured, frame):
    """Of the 25 rows whose vector is their own, at least 17 agree to 0.1 km/s."""
    own = measured["rv_source"] == "printed U,V,W"
    assert own.sum() == 25
    columns = [measured[name] for name in ("ra", "dec", "distance", "pmra", "pmdec", "rv")]
    v_sp = velocities.peculiar_velocity(*map(np.asarray, columns), frame)[2]
    difference = np.abs(v_sp - table_a1["v_sp_published"])
    assert np.sum(difference[own] < 0.1) >= 17
    # the misprinted digit of HD 28868: 65.77 for 75.78
    hd28868 = np.flatnonzero(np.abs(table_a1["ra"] - 68.3573) < 1e-4)[0]
    assert abs(v_sp[hd28868] - 75.78) < 0.1

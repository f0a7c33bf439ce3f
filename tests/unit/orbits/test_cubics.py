import numpy as np

from runaways.frames import MYR_PER_KPC_KM_S
from runaways.orbits import cubics

RADIUS, SPEED = 8.5, 220.0  # kpc, km/s
RATE = SPEED / RADIUS / MYR_PER_KPC_KM_S  # rad/Myr


def circle(time):
    """Circular orbit at a look-back time [Myr]."""
    angle = 0.3 - RATE * np.asarray(time, float)
    zero = 0 * angle
    place = RADIUS * np.array([np.cos(angle), np.sin(angle), zero])
    return place, SPEED * np.array([-np.sin(angle), np.cos(angle), zero])


def random_pieces(n, seed=0, bend=0.3):
    rng = np.random.default_rng(seed)
    start = rng.normal(0, 5, (3, n))
    steps = rng.normal(0, 0.5, (3, n)) + bend * rng.normal(size=(3, 3, n))
    return tuple(np.array([start, *(start + np.cumsum(steps, axis=0))]))


def test_interpolation_runs_back_in_time():
    points = cubics.control_points(*circle(10.0), *circle(15.0), 5.0)
    fractions = np.linspace(0, 1, 21)
    for fraction in fractions:
        place, slope = cubics.at(points, fraction)
        truth, velocity = circle(10 + 5 * fraction)
        # the error of cubic interpolation, R (rate h)^4 / 384, is 7e-6 kpc
        assert np.abs(place - truth).max() < 7.1e-6
        np.testing.assert_allclose(-slope * MYR_PER_KPC_KM_S / 5, velocity, atol=0.01)


def test_bounds_hold_the_pieces():
    points = random_pieces(2000)
    r_lower, r_upper, z_lower, z_upper = cubics.meridional_box(points)
    bend = cubics.largest_bend(points)
    for fraction in np.linspace(0, 1, 41):
        place, _ = cubics.at(points, fraction)
        radius = np.hypot(place[0], place[1])
        assert (radius >= r_lower - 1e-12).all() and (radius <= r_upper + 1e-12).all()
        assert (place[2] >= z_lower - 1e-12).all() and (place[2] <= z_upper + 1e-12).all()
        chord = points[0] + fraction * (points[3] - points[0])
        assert (cubics.norm(place - chord) <= bend + 1e-12).all()


def test_boxes_are_tight_for_a_disk_orbit():
    points = cubics.control_points(*circle(0.0), *circle(5.0), 5.0)
    r_lower, r_upper, _, _ = cubics.meridional_box(points)
    assert r_lower > RADIUS - 0.025 and r_upper < RADIUS + 0.01

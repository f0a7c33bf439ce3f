"""A sky to plant truths in: mock clusters, thrown stars, and what is measured of them."""

import numpy as np

from runaways.clusters import cluster_list
from runaways.frames import (
    ICRS_TO_GALACTIC,
    KM_S_PER_MAS_YR_KPC,
    galactocentric,
    heliocentric,
)
from runaways.orbits.integration import trace


def observe(position, velocity, frame):
    """What is measured of bodies: ra, dec [deg], distance [kpc], pmra, pmdec [mas/yr], rv [km/s].

    The inverse of `frames.galactocentric` and `frames.heliocentric`; vectors of shape (3, n).
    """
    origin, sun = galactocentric(np.zeros((3, 1)), np.zeros((3, 1)), frame)
    turned = galactocentric(np.eye(3), np.eye(3), frame)
    axes = turned[1] - sun
    x = ICRS_TO_GALACTIC.T @ np.linalg.solve(axes, position - origin)
    v = ICRS_TO_GALACTIC.T @ np.linalg.solve(axes, velocity - sun)
    distance = np.sqrt((x**2).sum(axis=0))
    towards = x / distance
    ra, dec = np.arctan2(towards[1], towards[0]), np.arcsin(towards[2])
    east = np.array([-np.sin(ra), np.cos(ra), 0 * ra])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    pmra, pmdec = ((e * v).sum(axis=0) / (KM_S_PER_MAS_YR_KPC * distance) for e in (east, north))
    return np.degrees(ra), np.degrees(dec), distance, pmra, pmdec, (towards * v).sum(axis=0)


def disk_of_clusters(n, frame, seed, reach=1.5):
    """Usable mock clusters of a thin disk, up to `reach` kpc from the Sun, 20 to 200 Myr old."""
    rng = np.random.default_rng(seed)
    radius, turn = reach * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    place = [frame.r0 + radius * np.cos(turn), radius * np.sin(turn), rng.normal(0, 0.06, n)]
    circular = np.array([-place[1], place[0], 0 * radius]) / np.hypot(place[0], place[1])
    speed = frame.v_circ * circular + rng.normal(0, 7, (3, n))
    table = cluster_list.empty(n, "mock")
    table["name"][:] = [f"Mock {number:04d}" for number in range(n)]
    names = ("ra", "dec", "distance", "pmra", "pmdec", "rv")
    for name, values in zip(names, observe(np.array(place), speed, frame)):
        table[name] = values
    table["distance_lower"], table["distance_upper"] = (
        table["distance"] * f for f in (0.995, 1.005)
    )
    table["pmra_error"] = table["pmdec_error"] = 0.01
    table["rv_error"], table["n_rv"] = 0.5, 5
    table["log_age"] = rng.uniform(7.3, 8.3, n)
    table["log_age_lower"], table["log_age_upper"] = (table["log_age"] + d for d in (-0.1, 0.1))
    table["radius"] = 3.0
    return cluster_list.assess(table)


def with_errors_times(table, factor):
    """Clusters with their errors of distance, proper motion and RV scaled."""
    table = table.copy()
    for column in ("pmra_error", "pmdec_error", "rv_error"):
        table[column] = table[column] * factor
    for column in ("distance_lower", "distance_upper"):
        table[column] = table["distance"] + (table[column] - table["distance"]) * factor
    return table


def throw(position, velocity, speed, time, pot, rng):
    """Where stars are today that left their places some Myr ago in random directions.

    position, velocity : shape (3, n), at the look-back time.
    """
    direction = rng.normal(size=position.shape)
    velocity = velocity + speed * direction / np.sqrt((direction**2).sum(axis=0))
    # forward in time is back in time with the velocity reversed
    times = np.broadcast_to([0.0, time], (position.shape[1], 2))
    place, back = trace(position, -velocity, times, pot)
    return place[:, -1].T, -back[:, -1].T


def measure(truth, errors, rng):
    """Noisy values of `observe`'s; errors: of distance (relative), proper motion, RV."""
    ra, dec, distance, pmra, pmdec, rv = (np.asarray(values, float) for values in truth)
    noise = rng.normal(size=(4, *distance.shape))
    distance = distance * np.exp(errors[0] * noise[0])
    pmra, pmdec = pmra + errors[1] * noise[1], pmdec + errors[1] * noise[2]
    return ra, dec, distance, pmra, pmdec, rv + errors[2] * noise[3]


def draw_paths(measured, errors, age, age_error, n_draws, pot, rng, n_times=33):
    """Trajectories of the draws of several stars: times, position, velocity by star."""
    ra, dec = (np.repeat(np.atleast_1d(values), n_draws) for values in measured[:2])
    drawn = measure([np.repeat(np.atleast_1d(m), n_draws) for m in measured], errors, rng)
    ages = age * np.exp(age_error * rng.normal(size=len(ra)))
    today = galactocentric(*heliocentric(ra, dec, *drawn[2:]), pot.frame)
    times = np.linspace(0, 1, n_times) * ages[:, None]
    place, speed = trace(*today, times, pot)
    return [a.reshape(-1, n_draws, *a.shape[1:]) for a in (times, place, speed)]

"""Orbital motion in radial velocities seen at one epoch, by what is known of B-star binaries.

A single-epoch velocity is that of the star on its orbit, not of its system. How far off it may be
follows from how many B stars have companions, and of what periods, mass ratios and eccentricities.
"""

from functools import cache

import numpy as np
from scipy.special import ndtr

# Of B stars in 30 Dor: binaries with periods below 10^3.5 d and mass ratios above 0.1, with an even
# distribution of log P: Dunstall et al. 2015, A&A 580, A93 (2015A&A...580A..93D), abstract.
# Periods from 10^0.15 d and the slope of the mass ratios are assumed.
BINARY_FRACTION = 0.58
LOG_PERIODS = (0.15, 3.5)  # d
MASS_RATIOS = (0.1, 1.0)
MASS_RATIO_SLOPE = -2.8
# Eccentricities: up to 0.4 below 20 d, thermal (2 e) above, Moe & Di Stefano 2017, ApJS 230, 15
# (2017ApJS..230...15M), abstract; less than what touches at periastron, e < 1 - (P / 2 d)^(-2/3),
# assumed
SHORT_PERIOD, SHORT_ECCENTRICITY, TOUCHING = 20.0, 0.4, 2.0  # d, -, d
# (2 pi G M_sun / d)^(1/3): semi-amplitude of one solar mass about another much heavier [km/s]
KEPLER = 212.9
TYPICAL_MASS = 5.0  # solar, of a star whose mass is unknown; assumed
_SAMPLES = 2**14
_SPEEDS = 256
_GRID = 401
_KEPLER_STEPS = 30


@cache
def orbital_speeds():
    """Line-of-sight orbital speeds of a primary of one solar mass at a random epoch.

    They grow with the cube root of the mass, of like binaries.

    Returns
    -------
    ndarray, shape (256,)
        Evenly spaced quantiles of the magnitude, rising [km/s]; either sign is as likely.
    """
    from scipy.stats import qmc  # 0.4 s to import

    u = qmc.Sobol(6, scramble=True, rng=np.random.default_rng(0)).random(_SAMPLES).T
    period = 10 ** (LOG_PERIODS[0] + np.ptp(LOG_PERIODS) * u[0])
    power = MASS_RATIO_SLOPE + 1
    low, high = (q**power for q in MASS_RATIOS)
    q = (low + (high - low) * u[1]) ** (1 / power)
    widest = np.maximum(1 - (np.maximum(period, TOUCHING) / TOUCHING) ** (-2 / 3), 0)
    short = np.minimum(widest, SHORT_ECCENTRICITY) * u[2]
    e = np.where(period < SHORT_PERIOD, short, widest * np.sqrt(u[2]))
    sin_i = np.sqrt(1 - u[3] ** 2)
    k = KEPLER * q * (1 + q) ** (-2 / 3) * period ** (-1 / 3) * sin_i / np.sqrt(1 - e**2)
    omega = 2 * np.pi * u[4]
    speed = k * (np.cos(_true_anomaly(2 * np.pi * u[5], e) + omega) + e * np.cos(omega))
    return np.quantile(np.abs(speed), (np.arange(_SPEEDS) + 0.5) / _SPEEDS)


def _true_anomaly(mean, e):
    eccentric = mean + e * np.sin(mean)
    for _ in range(_KEPLER_STEPS):
        step = eccentric - e * np.sin(eccentric) - mean
        eccentric = eccentric - step / (1 - e * np.cos(eccentric))
    return 2 * np.arctan2(
        np.sqrt(1 + e) * np.sin(eccentric / 2), np.sqrt(1 - e) * np.cos(eccentric / 2)
    )


def chance_of_offset(mass, rv_error, fraction=BINARY_FRACTION):
    """Probability that orbital motion moves a single-epoch velocity by more than its error.

    Parameters
    ----------
    mass : array_like, shape (n,)
        Of the star; NaN for `TYPICAL_MASS` [solar].
    rv_error : array_like, shape (n,)
        [km/s].
    fraction : float
        Of binaries.

    Returns
    -------
    ndarray, shape (n,)
        NaN without an error.
    """
    speeds = orbital_speeds()
    bound = np.asarray(rv_error, float) / _scale(mass)
    faster = 1 - np.interp(bound, speeds, (np.arange(_SPEEDS) + 0.5) / _SPEEDS, left=0, right=1)
    return np.where(np.isfinite(bound), fraction * faster, np.nan)


def _scale(mass):
    mass = np.asarray(mass, float)
    return np.cbrt(np.where(mass > 0, mass, TYPICAL_MASS))


def velocity_offsets(u, mass, rv_error, fraction):
    """How far a single-epoch velocity is from the system's, by error and orbital motion.

    Parameters
    ----------
    u : ndarray, shape (m,)
        Standard uniform deviates: an offset is a function of its own alone.
    mass, rv_error : float
        [solar, km/s].
    fraction : float
        Of binaries.

    Returns
    -------
    ndarray, shape (m,)
        [km/s].
    """
    speeds = orbital_speeds() * _scale(mass)
    rv_error = max(rv_error, 1e-3)
    # dense at the error's own scale, and out to the fastest orbit
    reach = np.arcsinh((speeds[-1] + 6 * rv_error) / rv_error)
    x = rv_error * np.sinh(np.linspace(-reach, reach, _GRID))
    moving = (ndtr((x[:, None] - speeds) / rv_error) + ndtr((x[:, None] + speeds) / rv_error)) / 2
    cumulative = (1 - fraction) * ndtr(x / rv_error) + fraction * moving.mean(axis=1)
    return np.interp(u, cumulative, x)


def half_width(mass, rv_error, fraction):
    """Half of the central 68 % of `velocity_offsets` of each star, shape (n,) [km/s]."""
    ends = np.array([0.159, 0.841])
    masses, errors = np.broadcast_arrays(np.asarray(mass, float), np.asarray(rv_error, float))
    found = np.full(len(errors), np.nan)
    for i in np.flatnonzero(np.isfinite(errors)):
        found[i] = np.ptp(velocity_offsets(ends, masses[i], errors[i], fraction)) / 2
    return found

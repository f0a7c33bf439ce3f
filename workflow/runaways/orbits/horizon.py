"""Traceback horizon: the look-back time beyond which a birthplace's azimuth is random."""

import numpy as np
from astropy.table import Table

from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import OrbitError, trace
from runaways.stars import draws

# A wrapped normal as wide as a uniform distribution, pi / sqrt(3) rad, has this mean resultant
# length: exp(-sigma^2 / 2) (Mardia & Jupp 2000, Directional Statistics, Sect. 3.5).
RANDOM_RESULTANT = np.exp(-(np.pi**2) / 6)
# draws that tell a resultant of 0.19 from none (0.04 by chance), and look-back times of the curve
DRAWS, TIMES = 512, 101


def azimuth_resultant(star, pot, seed, sampler, span):
    """Mean resultant length of the azimuth against look-back time.

    Each draw is traced to the look-back time scaled by its own age over the star's: an age
    error of 30 % blurs the place at any look-back time by that fraction of it.

    Parameters
    ----------
    star : mapping
        Row of `measurements.complete`.
    pot : potentials.Potential
    seed, sampler
        As for `draws.unit_cube`; its first 512 draws are used.
    span : float
        Longest look-back time [Myr].

    Returns
    -------
    times : ndarray, shape (101,)
        [Myr].
    resultant : ndarray, shape (101,)
        1 for one azimuth, 0 for none preferred.
    """
    sample = draws.draw(draws.unit_cube(seed, star["star"], 0, DRAWS, sampler), star)
    kinematics = (sample[name] for name in ("distance", "pmra", "pmdec", "rv"))
    today = galactocentric(*heliocentric(star["ra"], star["dec"], *kinematics), pot.frame)
    times = np.linspace(0, span, TIMES)
    path, _ = trace(*today, times * (sample["age"] / star["age"])[:, None], pot)
    azimuth = np.arctan2(path[..., 1], path[..., 0])
    return times, np.abs(np.nanmean(np.exp(1j * azimuth), axis=0))


def curve(star, pot, seed, sampler, span):
    """`azimuth_resultant` of one star as table ``horizon``; no rows if it cannot be traced."""
    times = resultant = np.empty(0)
    if not star["reason"]:
        try:
            times, resultant = azimuth_resultant(star, pot, seed, sampler, span)
        except (ValueError, OrbitError):
            pass  # the same draws fail, with the reason, where the birthplaces are drawn
    name = np.full(len(times), str(star["star"]))
    return Table([name, times, resultant], names=("star", "look_back_time", "azimuth_resultant"))


def horizon(times, resultant):
    """Look-back time at which the azimuth becomes random.

    Parameters
    ----------
    times : ndarray, shape (m,)
        [Myr].
    resultant : ndarray, shape (m,)
        As from `azimuth_resultant`.

    Returns
    -------
    float
        First time with a resultant below `RANDOM_RESULTANT`, interpolated [Myr]; NaN if none.
    """
    below = np.flatnonzero(resultant < RANDOM_RESULTANT)
    if len(below) == 0:
        return np.nan
    i = below[0]
    return float(np.interp(RANDOM_RESULTANT, resultant[[i, i - 1]], times[[i, i - 1]]))

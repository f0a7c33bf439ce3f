"""Spectroscopic distances against parallaxes: stars that are not what their spectrum says.

A blue horizontal-branch star or hot subdwarf looks like a main-sequence star of several solar
masses. Taken for one, it is given too high a luminosity, hence too far a distance, and the
parallax contradicts. The check needs no catalogue of such stars.
"""

import numpy as np
from astropy.table import Table

from runaways.stars.photometry import FLOWER_BC, FLOWER_TEFF_MIN, M_BOL_SUN, MAGNITUDE_ERROR
from runaways.tables import column

_MAG = 0.2 * np.log(10)  # d ln(distance) / d magnitude
_STEPS = 513  # parallaxes tried between the two; assumed ample
AGREES, UNKNOWN = "agrees", "unknown"
UNDERLUMINOUS, OVERLUMINOUS = "underluminous", "overluminous"


def spectroscopic_distance(luminosity, teff, phot_g_mean_mag, extinction):
    """Distance at which a star of known luminosity has its magnitude.

    Parameters
    ----------
    luminosity : array_like, shape (n,)
        [solar].
    teff : array_like, shape (n,)
        [K].
    phot_g_mean_mag, extinction : array_like, shape (n,)
        G and A_G [mag].

    Returns
    -------
    ndarray, shape (n,)
        [kpc]; NaN where an input is unknown or Teff below 7940 K.
    """
    luminosity, teff = np.asarray(luminosity, float), np.asarray(teff, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        m_bol = M_BOL_SUN - 2.5 * np.log10(luminosity)
        correction = np.where(teff >= FLOWER_TEFF_MIN, FLOWER_BC(np.log10(teff)), np.nan)
    modulus = np.asarray(phot_g_mean_mag, float) - extinction - (m_bol - correction)
    return 10 ** (modulus / 5 - 2)


def check_distance(stars, max_sigma):
    """Compare spectroscopic distances with parallaxes.

    Parameters
    ----------
    stars : Table, n rows
        ``star``; ``luminosity luminosity_lower luminosity_upper`` (its 68 % interval, of the labels
        alone: no parallax may be in it) [solar], ``teff`` [K], ``phot_g_mean_mag``, ``ag``
        ``ag_error`` (extinction in G) [mag], ``parallax parallax_error`` [mas], as far as known.
    max_sigma : float
        Tension beyond which distances disagree.

    Returns
    -------
    Table, n rows
        ``distance_spectroscopic`` [kpc]; ``distance_spectroscopic_log_error`` (of ln d);
        ``distance_tension`` in sigma, positive where the parallax says nearer than the spectrum;
        ``distance_check``: ``agrees``, ``underluminous`` (as BHB stars and subdwarfs are),
        ``overluminous``, or ``unknown``.
    """
    names = "luminosity luminosity_lower luminosity_upper teff phot_g_mean_mag ag ag_error"
    names = (*names.split(), "parallax", "parallax_error")
    value = {name: column(stars, name) for name in names}
    distance = spectroscopic_distance(
        *(value[name] for name in ("luminosity", "teff", "phot_g_mean_mag", "ag"))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        # luminosities spread evenly in their logarithm; a distance goes with their root
        spread = np.log(value["luminosity_upper"] / value["luminosity_lower"]) / 2
    log_error = np.sqrt((spread / 2) ** 2 + _MAG**2 * (value["ag_error"] ** 2 + MAGNITUDE_ERROR**2))
    tension = distance_tension(distance, log_error, value["parallax"], value["parallax_error"])
    table = Table({"star": stars["star"]})
    table["distance_spectroscopic"] = distance
    table["distance_spectroscopic"].unit = "kpc"
    table["distance_spectroscopic_log_error"] = log_error
    table["distance_tension"] = tension
    table["distance_check"] = np.select(
        [np.isnan(tension), tension > max_sigma, tension < -max_sigma],
        [UNKNOWN, UNDERLUMINOUS, OVERLUMINOUS],
        AGREES,
    )
    return table


def distance_tension(distance, log_error, parallax, parallax_error):
    """Disagreement of a log-normal distance with a normal parallax of either sign.

    Square root of the smallest chi-square of both over all true distances.

    Parameters
    ----------
    distance : array_like, shape (n,)
        [kpc].
    log_error : array_like, shape (n,)
        Error of ln(distance).
    parallax, parallax_error : array_like, shape (n,)
        [mas].

    Returns
    -------
    ndarray, shape (n,)
        In sigma; positive where the parallax says nearer.
    """
    distance, log_error, parallax, error = (
        np.asarray(value, float)[:, None]
        for value in np.broadcast_arrays(distance, log_error, parallax, parallax_error)
    )
    expected = 1 / distance
    # The best true parallax lies between the two; a parallax that is not positive pulls it down.
    lowest = expected * np.exp(-10 * log_error)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.log(np.maximum(parallax, lowest) / expected) * np.linspace(0, 1, _STEPS)
        chi2 = (shift / log_error) ** 2 + ((parallax - expected * np.exp(shift)) / error) ** 2
    return (np.sign(parallax - expected) * np.sqrt(chi2.min(axis=1, keepdims=True)))[:, 0]

"""The population behind a list: fits of its velocities, thresholds, who stands out from it."""

import numpy as np
from astropy.table import Table, vstack

from runaways.selection import criteria, ellipsoid, maxwellian
from runaways.stars import draws
from runaways.stars.velocities import peculiar_components, peculiar_velocity

KINEMATICS = ("ra", "dec", "distance", "pmra", "pmdec", "rv")
SPACE, TANGENTIAL = "space", "tangential"
DIMENSIONS = {SPACE: 3, TANGENTIAL: 2}
TAKEN_OUT, LEFT_IN = "taken_out", "left_in"
NO_FIT, ONE_PERCENT, ELLIPSOID = "none", "one_percent", "ellipsoid"
# Stars whose draws are held in memory at once
CHUNK = 1000


def fit_population(measured, usable, frame):
    """Fit core and tail to the peculiar velocities of a list.

    Parameters
    ----------
    measured : Table
        As from `measurements.complete`, n rows.
    usable : ndarray of bool, shape (n,)
        Stars that count.
    frame : frames.Frame

    Returns
    -------
    dict
        (``space`` or ``tangential``, errors ``taken_out`` or ``left_in``) to MaxwellianFit.

    Raises
    ------
    ValueError
        With too few stars.
    """
    usable = np.asarray(usable, bool)
    values = {name: np.asarray(measured[name])[usable] for name in KINEMATICS}
    errors = {name: np.asarray(measured[f"{name}_error"])[usable] for name in KINEMATICS[2:]}
    velocity = peculiar_components(**values, frame=frame)
    covariance = criteria.component_covariance(**values, errors=errors, frame=frame)
    fits = {}
    for name, k in DIMENSIONS.items():
        fits[name, TAKEN_OUT] = maxwellian.fit_velocities(velocity[:k], covariance[:k, :k])
        speed = np.sqrt((velocity[:k] ** 2).sum(axis=0))
        fits[name, LEFT_IN] = maxwellian.fit_speeds(speed, k)
    return fits


def velocities_of(measured, frame):
    """Velocities of a list with errors, axes and ages, as `ellipsoid` takes them.

    Parameters
    ----------
    measured : Table
        As from `measurements.complete`, n rows.
    frame : frames.Frame

    Returns
    -------
    ellipsoid.Velocities
    """
    values = {name: np.asarray(measured[name], float) for name in KINEMATICS}
    errors = {name: np.asarray(measured[f"{name}_error"], float) for name in KINEMATICS[2:]}
    return ellipsoid.Velocities(
        peculiar_components(**values, frame=frame),
        criteria.component_covariance(**values, errors=errors, frame=frame),
        ellipsoid.cylindrical_axes(*(values[name] for name in KINEMATICS[:3]), frame),
        np.asarray(measured["age"], float),
    )


def fit_table(fits):
    """Fits with the thresholds that follow from them.

    Parameters
    ----------
    fits : dict
        As from `fit_population`; empty for none.

    Returns
    -------
    Table
        Table ``velocity_fits``.
    """
    rows = []
    for (velocity, errors), fit in fits.items():
        row = {"velocity": velocity, "errors": errors, "n_stars": fit.n_stars}
        for name in ("sigma", "sigma_error", "tail_fraction", "kick", "kick_width"):
            row[name] = getattr(fit, name)
        row["threshold"], row["threshold_error"] = fit.threshold()
        for name in ("three_sigma", "quantile"):
            row[name], row[f"{name}_error"] = fit.three_sigma(name)
        rows.append(row)
    if rows:
        return Table(rows=rows)
    empty = Table(names=["velocity", "errors"], dtype=["U1", "U1"])
    empty["n_stars"] = np.empty(0, int)
    for name in ("sigma", "threshold", "three_sigma", "quantile"):
        empty[name], empty[f"{name}_error"] = np.empty(0), np.empty(0)
    for name in ("tail_fraction", "kick", "kick_width"):
        empty[name] = np.empty(0)
    return empty


def fit_of(row):
    """The MaxwellianFit of a row of table ``velocity_fits``."""
    names = ("sigma", "sigma_error", "tail_fraction", "kick", "kick_width")
    values = (float(row[name]) for name in names)
    return maxwellian.MaxwellianFit(DIMENSIONS[str(row["velocity"])], *values, int(row["n_stars"]))


def thresholds(fits, definition, errors, given):
    """Least peculiar velocities of a runaway.

    Parameters
    ----------
    fits : dict
        As from `fit_population`.
    definition : str
        ``none`` for the given ones; ``one_percent``, where the fitted core falls to 1 % of its
        peak; or a definition of `MaxwellianFit.three_sigma`.
    errors : str
        ``taken_out`` or ``left_in``: whose fit.
    given : tuple of float
        v_sp_min, v_tan_min [km/s].

    Returns
    -------
    dict
        ``space`` and ``tangential``: threshold and its error, NaN if given [km/s].
    """
    if definition == NO_FIT:
        return {name: (line, np.nan) for name, line in zip(DIMENSIONS, given)}
    chosen = {name: fits[name, errors] for name in DIMENSIONS}
    if definition == ONE_PERCENT:
        return {name: fit.threshold() for name, fit in chosen.items()}
    return {name: fit.three_sigma(definition) for name, fit in chosen.items()}


def probabilities(measured, lines, fits, frame, seed, sampler, n):
    """Probability of every star to be a runaway, given its errors and the population.

    Parameters
    ----------
    measured : Table
        As from `measurements.complete`.
    lines : dict
        As from `thresholds`.
    fits : dict
        As from `fit_population`; without fits all draws count alike.
    frame : frames.Frame
    seed, sampler
        As for `draws.unit_cube`; the first n draws of each star are used.
    n : int

    Returns
    -------
    Table
        ``p_runaway``, ``p_tail`` of `criteria.runaway_probability`.
    """
    limits = lines[SPACE][0], lines[TANGENTIAL][0]
    population = fits.get((SPACE, TAKEN_OUT)), fits.get((TANGENTIAL, TAKEN_OUT))
    parts = []
    for first in range(0, len(measured), CHUNK):
        some = measured[first : first + CHUNK]
        speeds = speed_draws(some, frame, seed, sampler, n)
        parts.append(criteria.runaway_probability(*speeds, *limits, *population))
    return vstack(parts)


def speed_draws(measured, frame, seed, sampler, n):
    """Draws of the peculiar speeds, those of the same numbers as the birthplaces'.

    Returns
    -------
    v_sp, v_tan, distance : ndarray, shape (len(measured), n)
        [km/s], [km/s], [kpc]; NaN for a star that cannot be drawn.
    """
    drawn = np.full((4, len(measured), n), np.nan)
    for row, star in enumerate(measured):
        if np.isfinite(star["distance"] + star["pmra"] + star["pmdec"]):
            try:
                sample = draws.draw(draws.unit_cube(seed, star["star"], 0, n, sampler), star)
            except ValueError:
                continue  # impossible correlations: the birthplaces' reason says so
            drawn[:, row] = [sample[name] for name in KINEMATICS[2:]]
    place = (np.repeat(np.asarray(measured[name]), n) for name in ("ra", "dec"))
    v_tan, _, v_sp = peculiar_velocity(*place, *drawn.reshape(4, -1), frame)
    return v_sp.reshape(-1, n), v_tan.reshape(-1, n), drawn[0]

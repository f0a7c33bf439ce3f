"""Which stars are runaways: criteria, probabilities and the quality of the data behind them."""

import numpy as np
from astropy.table import Table

from runaways.frames import Frame
from runaways.stars.velocities import peculiar_components
from runaways.tables import column

SPACE_AND_TANGENTIAL = "space and tangential"
TANGENTIAL_ONLY = "tangential only: no radial velocity"
NO_VELOCITY = "none: no distance or proper motion"


def component_covariance(ra, dec, distance, pmra, pmdec, rv, errors, frame: Frame):
    """Error covariance of `peculiar_components`, to first order.

    Parameters
    ----------
    ra, dec, distance, pmra, pmdec, rv, frame
        As for `peculiar_components`.
    errors : dict
        ``distance`` [kpc], ``pmra``, ``pmdec`` [mas/yr], ``rv`` [km/s], each shape (n,); a
        distance and a proper motion are taken as independent.

    Returns
    -------
    ndarray, shape (3, 3, n)
        [km^2/s^2].
    """
    where = ra, dec
    step = np.asarray(errors["distance"], float) / 2
    # half an error to either side: the slope over the range the error covers
    near, far = (
        peculiar_components(*where, np.asarray(distance) + way * step, pmra, pmdec, rv, frame)
        for way in (-1, 1)
    )
    here = peculiar_components(*where, distance, pmra, pmdec, rv, frame)
    # linear in the proper motion, which (l, b) and (ra, dec) describe by rotated axes
    v_l, v_b, _ = peculiar_components(*where, distance, np.add(pmra, 1), pmdec, rv, frame) - here
    nothing, v_r = np.zeros_like(v_l), np.where(np.isfinite(rv), errors["rv"], np.nan)
    slopes = (
        far - near,
        np.asarray(errors["pmra"]) * np.array([v_l, v_b, nothing]),
        np.asarray(errors["pmdec"]) * np.array([-v_b, v_l, nothing]),
        np.array([nothing, nothing, v_r]),
    )
    return sum(slope[:, None] * slope[None] for slope in slopes)


def select(v_sp, v_tan, v_sp_min, v_tan_min):
    """Runaways by either of two velocities.

    Parameters
    ----------
    v_sp, v_tan : array_like, shape (n,)
        Peculiar space and tangential velocity [km/s]; NaN where unknown.
    v_sp_min, v_tan_min : float
        Thresholds [km/s].

    Returns
    -------
    Table, n rows
        ``above_v_sp``, ``above_v_tan``, ``is_runaway`` (either), ``selection_route`` (what the
        star could be judged by).

    References
    ----------
    Guo et al. 2024, ApJS 272, 45 (2024ApJS..272...45G).
    """
    v_sp, v_tan = np.asarray(v_sp, float), np.asarray(v_tan, float)
    table = Table()
    table["above_v_sp"] = v_sp > v_sp_min
    table["above_v_tan"] = v_tan > v_tan_min
    table["is_runaway"] = table["above_v_sp"] | table["above_v_tan"]
    table["selection_route"] = np.where(
        np.isfinite(v_sp),
        SPACE_AND_TANGENTIAL,
        np.where(np.isfinite(v_tan), TANGENTIAL_ONLY, NO_VELOCITY),
    )
    return table


def runaway_probability(
    v_sp, v_tan, distance, v_sp_min, v_tan_min, space_fit=None, tangential_fit=None
):
    """Probability of every star to be a runaway, given its errors.

    Draws from the errors alone are more scattered than the truth: near a threshold most stars
    come from the crowd below it. With the two fits every draw is weighted by how common such a
    velocity is in the population, which makes the probability the fraction of right calls.

    Parameters
    ----------
    v_sp, v_tan : ndarray, shape (n, m)
        Draws of the peculiar space and tangential velocity [km/s]; v_sp NaN without an RV.
    distance : ndarray, shape (n, m)
        The draws' distances [kpc].
    v_sp_min, v_tan_min : float
        Thresholds [km/s].
    space_fit, tangential_fit : MaxwellianFit, optional
        Of the population, errors taken out (`maxwellian.fit_velocities`): of stars with
        and of stars without a radial velocity. Without a fit its stars' draws count alike.

    Returns
    -------
    Table, n rows
        ``p_runaway`` that the true velocity exceeds a threshold; ``p_tail`` that the star belongs
        to the tail rather than the core (NaN without a fit).
    """
    v_sp, v_tan, distance = (np.asarray(value, float) for value in (v_sp, v_tan, distance))
    runaway = (v_sp > v_sp_min) | (v_tan > v_tan_min)
    table = Table()
    for name in ("p_runaway", "p_tail"):
        table[name] = np.full(len(v_tan), np.nan)
    in_space = np.isfinite(v_sp).all(axis=1)
    known = np.isfinite(v_tan).all(axis=1)
    routes = (known & in_space, v_sp, space_fit), (known & ~in_space, v_tan, tangential_fit)
    for stars, speed, fit in routes:
        if not stars.any():
            continue
        core, tail = _weights(speed[stars], distance[stars], fit)
        weight = core + tail
        total = weight.sum(axis=1)
        table["p_runaway"][stars] = (weight * runaway[stars]).sum(axis=1) / total
        if fit is not None:
            table["p_tail"][stars] = tail.sum(axis=1) / total
    return table


def _weights(speed, distance, fit):
    """Weights of the draws for core and tail; their scale is the star's own."""
    if fit is None:
        return np.zeros_like(speed), np.ones_like(speed)
    core, tail = fit.population(speed)
    # A density of velocities is one of proper motions times (k d)^2: far draws span more km/s.
    volume = (distance / np.median(distance, axis=1, keepdims=True)) ** 2
    lost = (core + tail).sum(axis=1) == 0  # every draw far beyond the tail
    core[lost], tail[lost] = 0.0, 1.0
    return core * volume, tail * volume


def quality_gates(stars, ruwe_max=None, parallax_over_error_min=None, snr_min=None):
    """Which gates of data quality a star fails.

    Parameters
    ----------
    stars : Table, n rows
        ``ruwe``, ``parallax`` and ``parallax_error`` [mas], ``snr``, as far as known.
    ruwe_max, parallax_over_error_min, snr_min : float, optional
        Gates; None leaves one open.

    Returns
    -------
    Table, n rows
        ``passes_quality``: no gate failed; ``failed_gates`` and ``unknown_gates``: their names,
        separated by spaces. A gate whose quantity is unknown is not failed, but listed.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        significance = column(stars, "parallax") / column(stars, "parallax_error")
    gates = (
        ("ruwe", column(stars, "ruwe"), ruwe_max, np.greater),
        ("parallax_over_error", significance, parallax_over_error_min, np.less),
        ("snr", column(stars, "snr"), snr_min, np.less),
    )
    failed = np.full(len(stars), "", dtype="U64")
    unknown = failed.copy()
    for name, value, limit, fails in gates:
        if limit is None:
            continue
        failed = _append(failed, name, fails(value, limit))
        unknown = _append(unknown, name, ~np.isfinite(value))
    table = Table()
    table["passes_quality"] = failed == ""
    table["failed_gates"], table["unknown_gates"] = failed, unknown
    return table


def _append(names, name, where):
    longer = np.where(names == "", name, np.char.add(np.char.add(names, " "), name))
    return np.where(where, longer, names)

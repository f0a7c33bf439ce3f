"""What is known of each star before its orbit: every measurement with an error, and its source."""

import numpy as np
from astropy import units as u
from astropy.table import Table

from runaways.stars import astrometry, binaries, distances
from runaways.stars.distance_prior import BAILER_JONES, EDSD, prior_at
from runaways.stars.draws import truncated_normal
from runaways.stars.velocities import adopt_rv
from runaways.tables import column, column_schema

CORRELATIONS = ("parallax_pmra_corr", "parallax_pmdec_corr", "pmra_pmdec_corr")
LABELS = ("teff", "logg", "mh", "vsini")
# a star without an age alone has an orbit, and an ejection; only where on it it was born is unknown
NO_AGE = "age: missing, no birthplace"


def complete(
    stars,
    frame,
    assumed,
    distance_method="inverse_parallax",
    *,
    prior=None,
    edsd_length=None,
    zero_point="none",
    proper_motion_correction="none",
    binary_fraction=binaries.BINARY_FRACTION,
    orbital_motion="none",
):
    """Fill in errors, distances and radial velocities.

    Parameters
    ----------
    stars : Table
        Table ``stars``, n rows.
    frame : frames.Frame
    assumed : dict
        Name to Quantity: the error of ``parallax``, ``distance``, ``pmra``, ``pmdec``, ``rv``,
        ``age``, ``teff``, ``logg``, ``mh``, ``vsini`` where the list has none; a percentage is of
        the value.
    distance_method : str
        ``inverse_parallax``, ``bailer_jones``, ``edsd`` or ``given``.
    prior, edsd_length
        As for `distance_prior.prior_at`.
    zero_point, proper_motion_correction : str
        As for `astrometry.correct`.
    binary_fraction : float
        Of B stars.
    orbital_motion : str
        ``none``, or ``prior`` to count that of unseen companions among the errors of rv.

    Returns
    -------
    Table
        n rows: star, ra, dec, parallax (NaN if the distance is given), distance, pmra, pmdec, rv,
        rv_alternative, age, teff, logg, mh, vsini, each with ``<name>_error``; distance_lower,
        distance_upper, bounds_given (whether the list has these two); prior_length, prior_alpha,
        prior_beta (NaN without a prior); parallax_zero_point; rv_source; mass (the
        list's); p_rv_orbital; rv_error_epoch (without orbital motion) and binary_fraction (0 where
        that is not among the errors); correlations; reason (why there is no birthplace, or empty).
    """
    out = Table({name: stars[name] for name in ("star", "ra", "dec")})
    n = len(stars)
    for name in ("parallax", "distance", "pmra", "pmdec", "age", *LABELS):
        out[name] = column(stars, name)
        out[f"{name}_error"] = _error(stars, name, assumed[name])
    # a published table's vectors were made with its own astrometry and plain 1/parallax
    printed = _inverse(out["parallax"]) if distance_method != "given" else out["distance"]
    corrected = astrometry.correct(stars, zero_point, proper_motion_correction)
    for name, values in corrected.items():
        out[name] = values
    for name, values in prior_at(stars, distance_method, prior, edsd_length).items():
        out[name] = values
    if distance_method == "given":
        out["parallax"] = np.full(n, np.nan)
    for name, values in _distances(stars, out, distance_method).items():
        out[name] = values
    speed = assumed["rv"].to_value("km / s")
    for name, values in adopt_rv(stars, np.asarray(printed), frame, speed).items():
        out[name] = values
    for name, values in _orbital_motion(stars, out, binary_fraction, orbital_motion).items():
        out[name] = values
    for name in CORRELATIONS:
        out[name] = column(stars, name)
    reason = np.asarray(stars["reason"]).astype("U")
    out["reason"] = np.where(reason == "", _lacking(out), reason)
    return out


def _distances(stars, measured, method):
    """Distance, its error, its 15.9 and 84.1 % quantiles [kpc], and whether the list has these."""
    q, known = np.array(distances.QUANTILES), np.zeros(len(stars), bool)
    parallax, error = (np.asarray(measured[name]) for name in ("parallax", "parallax_error"))
    if method in (BAILER_JONES, EDSD):
        prior = (np.asarray(measured[f"prior_{name}"]) for name in ("length", "alpha", "beta"))
        lower, median, upper = distances.posterior(q, parallax, error, *prior).T
        half = (upper - lower) / 2
    elif method == "given":
        median, half = np.asarray(measured["distance"]), np.asarray(measured["distance_error"])
        deviates = truncated_normal(q[:, None], median, half)
        lower, _, upper = median + half * deviates
        bounds = column(stars, "distance_lower"), column(stars, "distance_upper")
        known = np.isfinite(distances.given([0.5], median, *bounds)[:, 0])
        lower, upper = np.where(known, bounds, (lower, upper))
        half = np.where(known, (upper - lower) / 2, half)
    else:
        median = _inverse(parallax)
        half = median**2 * error
        deviates = truncated_normal(1 - q[:, None], parallax, error)
        lower, _, upper = np.where(parallax > 0, 1 / (parallax + error * deviates), np.nan)
    names = ("distance", "distance_error", "distance_lower", "distance_upper", "bounds_given")
    return dict(zip(names, (median, half, lower, upper, known)))


def _orbital_motion(stars, measured, fraction, orbital_motion):
    """What unseen companions may do to a radial velocity, and its error with that if asked for."""
    mass, error = column(stars, "mass"), np.array(measured["rv_error"])
    seen = np.where(np.isfinite(measured["rv"]), error, np.nan)
    chance = binaries.chance_of_offset(mass, seen, fraction)
    found = {"mass": mass, "rv_error_epoch": error, "p_rv_orbital": chance}
    if orbital_motion != "prior":
        return found | {"binary_fraction": np.zeros(len(mass))}
    wide = binaries.half_width(mass, error, fraction)
    return found | {"binary_fraction": np.full(len(mass), fraction), "rv_error": wide}


def _inverse(parallax):
    return 1 / np.where(parallax > 0, parallax, np.nan)


def _error(stars, name, assumed):
    given = column(stars, f"{name}_error")
    if assumed.unit.is_equivalent(u.percent):
        default = np.abs(column(stars, name)) * assumed.to_value(u.dimensionless_unscaled)
    else:
        default = np.full(len(stars), assumed.value)
        if not assumed.unit.is_equivalent(u.dex):
            default = np.full(len(stars), assumed.to_value(column_schema(name)["unit"]))
    return np.where(np.isfinite(given), given, default)


def _lacking(measured):
    """Why there can be no orbit or no birthplace, of every row; empty where there can."""
    names = ("distance", "rv", "age")
    missing = np.array([~np.isfinite(np.asarray(measured[name])) for name in names])
    kinds, kind = np.unique(missing, axis=1, return_inverse=True)
    lacking = [", ".join(np.array(names)[absent]) for absent in kinds.T]
    said = {what: f"{what}: missing, no orbit" for what in lacking} | {"": "", "age": NO_AGE}
    return np.array([said[what] for what in lacking])[kind]

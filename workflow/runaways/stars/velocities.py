"""Peculiar velocities, and radial velocities that a published table hides in its columns."""

import numpy as np

from runaways.frames import KM_S_PER_MAS_YR_KPC, Frame, galactic, heliocentric
from runaways.tables import column

# Printed numbers are a star's own when they are no farther from the computed ones than this.
# Table A.1 of Guo et al. 2025 keeps three digits of proper motion and prints 0.01 km/s: at 6 kpc
# half a unit is 0.014 km/s; its own vectors leave less than 0.006, others' more than 4.
SAME_VECTOR = 0.05  # km/s
# Its speeds agree with ours to 0.1 km/s where they agree at all.
SAME_SPEED = 0.1  # km/s


def peculiar_components(ra, dec, distance, pmra, pmdec, rv, frame: Frame):
    """Velocity relative to Galactic rotation along Galactic longitude, latitude, line of sight.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS [deg].
    distance : array_like, shape (n,)
        [kpc].
    pmra, pmdec : array_like, shape (n,)
        [mas/yr].
    rv : array_like, shape (n,)
        [km/s]; NaN where unknown: the third component is then NaN, the others are not.
    frame : Frame
        Its ``curve``, flat where there is none, is the rotation.

    Returns
    -------
    ndarray, shape (3, n)
        V_l, V_b, V_r [km/s].

    References
    ----------
    Moffat et al. 1998, A&A 331, 949 (1998A&A...331..949M), Sect. 3; used by Guo et al. 2024,
    ApJS 272, 45.
    """
    lon, lat = galactic(ra, dec)
    sin_l, cos_l, sin_b, cos_b = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    mu_l, mu_b = _galactic_proper_motion(ra, dec, pmra, pmdec)
    u, v, w = frame.v_sun
    d, r0 = np.asarray(distance, float), frame.r0
    in_plane = d * cos_b
    r = np.sqrt(r0**2 + in_plane**2 - 2 * r0 * in_plane * cos_l)
    rate = frame.circular(r) / r
    shear = rate * r0 - frame.v_circ
    v_l = KM_S_PER_MAS_YR_KPC * mu_l * d - u * sin_l + v * cos_l
    v_l -= rate * (r0 * cos_l - in_plane) - frame.v_circ * cos_l
    v_b = KM_S_PER_MAS_YR_KPC * mu_b * d - (u * cos_l + v * sin_l) * sin_b + w * cos_b
    v_b += shear * sin_l * sin_b
    v_r = rv + u * cos_l * cos_b + v * sin_l * cos_b + w * sin_b - shear * sin_l * cos_b
    return np.array([v_l, v_b, v_r])


def peculiar_velocity(ra, dec, distance, pmra, pmdec, rv, frame: Frame):
    """Tangential, radial and space velocity relative to Galactic rotation.

    Parameters
    ----------
    ra, dec, distance, pmra, pmdec, rv, frame
        As for `peculiar_components`.

    Returns
    -------
    v_tan, v_rad, v_sp : ndarray, shape (n,)
        Tangential, radial (signed) and space velocity [km/s]; without a radial velocity v_rad and
        v_sp are NaN.
    """
    v_l, v_b, v_rad = peculiar_components(ra, dec, distance, pmra, pmdec, rv, frame)
    v_tan = np.hypot(v_l, v_b)
    return v_tan, v_rad, np.hypot(v_tan, v_rad)


def _galactic_proper_motion(ra, dec, pmra, pmdec):
    """(mu_l cos b, mu_b) [mas/yr] from a velocity at unit distance without radial part."""
    _, (vx, vy, vz) = heliocentric(ra, dec, 1 / KM_S_PER_MAS_YR_KPC, pmra, pmdec, 0.0)
    lon, lat = galactic(ra, dec)
    mu_l = -np.sin(lon) * vx + np.cos(lon) * vy
    mu_b = -np.sin(lat) * (np.cos(lon) * vx + np.sin(lon) * vy) + np.cos(lat) * vz
    return mu_l, mu_b


def peculiar_velocity_errors(ra, dec, distance, pmra, pmdec, rv, errors, frame: Frame):
    """Errors of `peculiar_velocity`, to first order.

    Parameters
    ----------
    ra, dec, distance, pmra, pmdec, rv, frame
        As for `peculiar_components`.
    errors : dict
        ``distance`` [kpc], ``pmra``, ``pmdec`` [mas/yr], ``rv`` [km/s], each shape (n,).

    Returns
    -------
    v_tan_error, v_rad_error, v_sp_error : ndarray, shape (n,)
        [km/s].
    """
    values = {
        name: np.asarray(value, float)
        for name, value in dict(distance=distance, pmra=pmra, pmdec=pmdec, rv=rv).items()
    }
    variance = np.zeros((3, len(values["rv"])))
    for name in values:
        step = np.asarray(errors[name], float)
        up, down = dict(values), dict(values)
        # half an error to either side: the slope over the range the error covers
        up[name], down[name] = values[name] + step / 2, values[name] - step / 2
        slope = np.array(peculiar_velocity(ra, dec, **up, frame=frame)) - np.array(
            peculiar_velocity(ra, dec, **down, frame=frame)
        )
        variance += slope**2
    return tuple(np.sqrt(variance))


def rv_from_vector(ra, dec, distance, pmra, pmdec, vector, frame: Frame):
    """Radial velocity behind a printed (U, V, W), by least squares on its three components.

    The printed vector is taken as heliocentric velocity + (U, v_circ + V, W) of the Sun.

    Parameters
    ----------
    ra, dec, distance, pmra, pmdec, frame
        As for `peculiar_components`.
    vector : array_like, shape (3, n)
        Printed U, V, W [km/s].

    Returns
    -------
    rv : ndarray, shape (n,)
        [km/s].
    residual : ndarray, shape (n,)
        Largest component that no radial velocity explains [km/s].
    """
    _, towards = heliocentric(ra, dec, 1.0, 0.0, 0.0, 1.0)
    _, proper = heliocentric(ra, dec, distance, pmra, pmdec, 0.0)
    u, v, w = frame.v_sun
    rest = np.asarray(vector, float) - np.array([u, v + frame.v_circ, w])[:, None] - proper
    rv = np.sum(rest * towards, axis=0)
    return rv, np.max(np.abs(rest - rv * towards), axis=0)


def rv_from_speed(ra, dec, distance, pmra, pmdec, v_sp, frame: Frame):
    """The two radial velocities that give a printed peculiar space velocity.

    Parameters
    ----------
    ra, dec, distance, pmra, pmdec, frame
        As for `peculiar_components`.
    v_sp : array_like, shape (n,)
        Printed peculiar space velocity [km/s].

    Returns
    -------
    receding, approaching : ndarray, shape (n,)
        Radial velocities [km/s] for v_rad > 0 and < 0; equal where v_sp is v_tan to
        within `SAME_SPEED`; NaN where v_sp is smaller than that.
    """
    v_tan, offset, _ = peculiar_velocity(ra, dec, distance, pmra, pmdec, 0.0, frame)
    v_sp = np.asarray(v_sp, float)
    square = np.where(np.abs(v_sp - v_tan) < SAME_SPEED, 0.0, v_sp**2 - v_tan**2)
    v_rad = np.sqrt(np.where(square >= 0, square, np.nan))
    return v_rad - offset, -v_rad - offset


def adopt_rv(stars, distance, frame: Frame, rv_error_assumed):
    """The radial velocity of every star, and where it comes from.

    In this order: the list's own ``rv``; recovered from the list's printed vector
    ``u_published v_published w_published`` where that belongs to the star; known up to a sign
    from ``v_sp_published``; none.

    Parameters
    ----------
    stars : Table
        Checked star list, n rows.
    distance : ndarray, shape (n,)
        [kpc].
    frame : Frame
        What the printed columns were made in.
    rv_error_assumed : float
        Error where the list has none [km/s].

    Returns
    -------
    dict of ndarray, shape (n,)
        ``rv``, ``rv_alternative`` (the other sign, else NaN), ``rv_error`` [km/s],
        ``rv_source`` (``list``, ``printed U,V,W``, ``printed V_Sp, sign unknown``, ``none``).
        Of two signs ``rv`` is the smaller speed: a label, not a preference.
    """
    given = column(stars, "rv")
    rv, other = given.copy(), np.full(len(stars), np.nan)
    source = np.where(np.isfinite(given), "list", "none").astype("U32")
    where = (stars["ra"], stars["dec"], distance, stars["pmra"], stars["pmdec"])
    where = tuple(np.asarray(values, float) for values in where)

    vector = np.array([column(stars, f"{name}_published") for name in "uvw"])
    recovered, residual = rv_from_vector(*where, vector, frame)
    take = (source == "none") & (residual < SAME_VECTOR)
    rv[take], source[take] = recovered[take], "printed U,V,W"

    pair = np.array(rv_from_speed(*where, column(stars, "v_sp_published"), frame))
    pair = np.take_along_axis(pair, np.argsort(np.abs(pair), axis=0), axis=0)
    take = (source == "none") & np.isfinite(pair[0])
    rv[take], other[take] = pair[0][take], pair[1][take]
    source[take] = "printed V_Sp, sign unknown"

    error = column(stars, "rv_error")
    error = np.where(np.isfinite(error), error, rv_error_assumed)
    return dict(rv=rv, rv_alternative=other, rv_error=error, rv_source=source)

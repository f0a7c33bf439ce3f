"""What Gaia's astrometry needs before use: parallax zero point, spin of the bright frame."""

import numpy as np
from zero_point import zpt

from runaways.tables import column, floats

# Spin of the frame of bright Gaia EDR3/DR3 sources: G from, G to [mag], w_x, w_y, w_z [uas/yr].
# Cantat-Gaudin & Brandt 2021, A&A 649, A124 (2021A&A...649A.124C), Table 1
BRIGHT_STAR_SPIN = np.array(
    [
        [0.0, 9.0, 18.4, 33.8, -11.3],
        [9.0, 9.5, 14.0, 30.7, -19.4],
        [9.5, 10.0, 12.8, 31.4, -11.8],
        [10.0, 10.5, 13.6, 35.7, -10.5],
        [10.5, 11.0, 16.2, 50.0, 2.1],
        [11.0, 11.5, 19.4, 59.9, 0.2],
        [11.5, 11.75, 21.8, 64.2, 1.0],
        [11.75, 12.0, 17.7, 65.6, -1.9],
        [12.0, 12.25, 21.3, 74.8, 2.1],
        [12.25, 12.5, 25.7, 73.6, 1.0],
        [12.5, 12.75, 27.3, 76.6, 0.5],
        [12.75, 13.0, 34.9, 68.9, -2.9],
    ]
)
# Obliquity of Gaia's ecliptic (Gaia DR3 documentation, Sect. 4.1.7): 84381.41100 arcsec
_OBLIQUITY = np.radians(84381.411 / 3600)
_FIVE_PARAMETERS, _SIX_PARAMETERS = 31, 95  # Gaia's astrometric_params_solved
LINDEGREN, CANTAT_GAUDIN = "lindegren2021", "cantat_gaudin2021"
ZERO_POINT_COLUMNS = ("phot_g_mean_mag", "nu_eff_used_in_astrometry", "pseudocolour")
ZERO_POINT_COLUMNS += ("astrometric_params_solved",)


def ecliptic_latitude(ra, dec):
    """Ecliptic latitude, as in ``gaia_source.ecl_lat``.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS [deg].

    Returns
    -------
    ndarray, shape (n,)
        [deg].
    """
    ra, dec = np.radians(ra), np.radians(dec)
    sine = np.sin(dec) * np.cos(_OBLIQUITY) - np.cos(dec) * np.sin(ra) * np.sin(_OBLIQUITY)
    return np.degrees(np.arcsin(np.clip(sine, -1, 1)))


def parallax_zero_point(
    phot_g_mean_mag,
    nu_eff_used_in_astrometry,
    pseudocolour,
    ecl_lat,
    astrometric_params_solved,
):
    """Parallax zero point of Gaia EDR3/DR3; subtract it from the parallax.

    Parameters
    ----------
    phot_g_mean_mag : array_like, shape (n,)
        [mag].
    nu_eff_used_in_astrometry, pseudocolour : array_like, shape (n,)
        [1/um]; the first is used for five-parameter solutions, the second for six.
    ecl_lat : array_like, shape (n,)
        [deg].
    astrometric_params_solved : array_like, shape (n,)
        31 (five parameters) or 95 (six).

    Returns
    -------
    ndarray, shape (n,)
        [mas]; NaN where an input is unknown or outside the recipe: 6 < G < 21, 1.1 < nu_eff < 1.9,
        1.24 < pseudocolour < 1.72.

    References
    ----------
    Lindegren et al. 2021, A&A 649, A4 (2021A&A...649A...4L), by their package gaiadr3-zeropoint.
    """
    g, nu_eff, colour, latitude, solved = np.broadcast_arrays(
        *(
            np.atleast_1d(floats(value))
            for value in (
                phot_g_mean_mag,
                nu_eff_used_in_astrometry,
                pseudocolour,
                ecl_lat,
                astrometric_params_solved,
            )
        )
    )
    five, six = solved == _FIVE_PARAMETERS, solved == _SIX_PARAMETERS
    own_colour = np.where(six, colour, nu_eff)
    known = np.isfinite(g) & np.isfinite(own_colour) & np.isfinite(latitude) & (five | six)
    zero_point = np.full(g.shape, np.nan)
    if known.any():
        zpt.load_tables()
        inputs = (value[known] for value in (g, nu_eff, colour, latitude, solved))
        zero_point[known] = zpt.get_zpt(*inputs, _warnings=False)
    return zero_point


def bright_star_proper_motion(ra, dec, pmra, pmdec, phot_g_mean_mag):
    """Proper motions with the spin of the bright stars' frame taken out.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS [deg].
    pmra, pmdec : array_like, shape (n,)
        [mas/yr].
    phot_g_mean_mag : array_like, shape (n,)
        [mag]; stars of G >= 13 or unknown are left as they are.

    Returns
    -------
    pmra, pmdec : ndarray, shape (n,)
        [mas/yr].

    References
    ----------
    Cantat-Gaudin & Brandt 2021, A&A 649, A124 (2021A&A...649A.124C), eq. 5 and Table 1.
    """
    ra, dec = np.radians(ra), np.radians(dec)
    g = np.asarray(phot_g_mean_mag, float)
    row = np.searchsorted(BRIGHT_STAR_SPIN[:, 1], g, side="right")
    bright = np.isfinite(g) & (g >= BRIGHT_STAR_SPIN[0, 0]) & (row < len(BRIGHT_STAR_SPIN))
    spin = np.where(bright, BRIGHT_STAR_SPIN[np.where(bright, row, 0), 2:].T, 0.0) / 1000
    along_ra = np.cos(dec) * spin[2] - np.sin(dec) * (np.cos(ra) * spin[0] + np.sin(ra) * spin[1])
    along_dec = np.sin(ra) * spin[0] - np.cos(ra) * spin[1]
    return np.asarray(pmra, float) - along_ra, np.asarray(pmdec, float) - along_dec


def without_zero_point(stars):
    """What to say of parallaxes whose zero point cannot be subtracted.

    Parameters
    ----------
    stars : Table, n rows
        As for `correct`.

    Returns
    -------
    str
        Empty where every parallax has a zero point.
    """
    unknown = np.isnan(correct(stars, LINDEGREN, "none")["parallax_zero_point"])
    unknown &= np.isfinite(column(stars, "parallax"))
    if not unknown.any():
        return ""
    absent = [name for name in ZERO_POINT_COLUMNS if name not in stars.colnames]
    why = f"no column {', '.join(absent)}" if absent else "a value missing or outside the recipe"
    return (
        f"{unknown.sum()} of {len(stars)} stars have a parallax without zero point: {why}. "
        "A typical -0.04 mas makes them too far, by 14 % at 3 kpc and 32 % at 6 kpc."
    )


def correct(stars, zero_point, proper_motion_correction):
    """Parallaxes and proper motions of a star list, corrected where asked for and possible.

    Parameters
    ----------
    stars : Table, n rows
        ``ra dec pmra pmdec``, and as far as known ``parallax phot_g_mean_mag
        nu_eff_used_in_astrometry pseudocolour astrometric_params_solved ecl_lat``.
    zero_point : str
        ``none`` or ``lindegren2021``.
    proper_motion_correction : str
        ``none`` or ``cantat_gaudin2021``.

    Returns
    -------
    dict of ndarray, shape (n,)
        ``parallax`` [mas], ``pmra``, ``pmdec`` [mas/yr], ``parallax_zero_point`` [mas]: what was
        subtracted, NaN where it was asked for and is unknown, 0 where it was not asked for.
    """
    shift = np.zeros(len(stars))
    if zero_point == LINDEGREN:
        latitude = column(stars, "ecl_lat")
        latitude = np.where(
            np.isnan(latitude), ecliptic_latitude(stars["ra"], stars["dec"]), latitude
        )
        known = (column(stars, name) for name in ZERO_POINT_COLUMNS)
        g, nu_eff, colour, solved = known
        shift = parallax_zero_point(g, nu_eff, colour, latitude, solved)
    motion = column(stars, "pmra"), column(stars, "pmdec")
    if proper_motion_correction == CANTAT_GAUDIN:
        place = np.asarray(stars["ra"], float), np.asarray(stars["dec"], float)
        motion = bright_star_proper_motion(*place, *motion, column(stars, "phot_g_mean_mag"))
    return {
        "parallax": column(stars, "parallax") - np.nan_to_num(shift),
        "pmra": motion[0],
        "pmdec": motion[1],
        "parallax_zero_point": shift,
    }

"""The published prior of geometric distances, by place on the sky."""

import numpy as np
from astropy.table import Table
from astropy.units import Quantity
from astropy_healpix import lonlat_to_healpix

from runaways.inputs.files import InputError
from runaways.inputs.values import read_columns, refuse

# The published prior has one row per nested HEALPix pixel of level 5. A star's pixel is taken from
# its position: ids are data, and some published ones are wrong.
PRIOR_NSIDE = 32
PRIOR_PIXELS = 12 * PRIOR_NSIDE**2
PRIOR_COLUMNS = {
    "healpix": {"dtype": "float64", "min": 0, "max": PRIOR_PIXELS - 1},
    "GGDrlen": {"dtype": "float64", "unit": "pc", "positive": True},
    "GGDalpha": {"dtype": "float64", "positive": True},
    "GGDbeta": {"dtype": "float64"},
    "EDSDrlen": {"dtype": "float64", "unit": "pc", "positive": True},
}
BAILER_JONES, EDSD = "bailer_jones", "edsd"
# Of the exponentially decreasing space density r^2 exp(-r/L)
EDSD_ALPHA, EDSD_BETA = 1.0, 2.0


def read_prior(path):
    """Read the published distance prior.

    Parameters
    ----------
    path : str or path-like
        One row per HEALPix pixel, columns ``healpix GGDrlen GGDalpha GGDbeta EDSDrlen``,
        lengths in pc.

    Returns
    -------
    Table, 12288 rows
        ``length`` [kpc], ``alpha``, ``beta``, ``edsd_length`` [kpc]; the row number is the pixel.

    Raises
    ------
    InputError
        When columns, pixels or values are missing.

    References
    ----------
    Bailer-Jones et al. 2021, AJ 161, 147 (2021AJ....161..147B), Sect. 2.3.
    """
    columns, faults, _ = read_columns(path, PRIOR_COLUMNS, tuple(PRIOR_COLUMNS))
    refuse(faults, path)
    table = Table(columns)
    table.sort("healpix")
    if not np.array_equal(table["healpix"], np.arange(PRIOR_PIXELS)):
        raise InputError(
            f"{path}: distance prior needs every HEALPix pixel 0 to {PRIOR_PIXELS - 1} once, "
            f"got {len(table)} rows"
        )
    for name in PRIOR_COLUMNS:
        if np.isnan(table[name]).any():
            row = int(np.flatnonzero(np.isnan(table[name]))[0])
            raise InputError(f"{path}: pixel {row}, column {name}: empty, expected a number")
    prior = Table(meta={"source": "2021AJ....161..147B"})
    prior["length"] = Quantity(table["GGDrlen"] / 1000, "kpc")
    prior["alpha"], prior["beta"] = table["GGDalpha"], table["GGDbeta"]
    prior["edsd_length"] = Quantity(table["EDSDrlen"] / 1000, "kpc")
    return prior


def pixel_of_position(ra, dec):
    """HEALPix pixel of level 5, nested, of positions.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS [deg].

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    lon, lat = Quantity(np.asarray(ra, float), "deg"), Quantity(np.asarray(dec, float), "deg")
    return np.asarray(lonlat_to_healpix(lon, lat, PRIOR_NSIDE, order="nested"))


def prior_at(stars, method, published=None, edsd_length=None):
    """Prior of the distance of every star, a generalised gamma distribution.

    Parameters
    ----------
    stars : Table, n rows
        ``ra dec`` [deg].
    method : str
        ``bailer_jones``, ``edsd``; any other method has no prior.
    published : Table, optional
        As from `read_prior`.
    edsd_length : float, optional
        Scale length for ``edsd`` [kpc]; without it the published one at the star.

    Returns
    -------
    dict of ndarray, shape (n,)
        ``prior_length`` [kpc], ``prior_alpha``, ``prior_beta``; NaN without a prior.

    Raises
    ------
    ValueError
        If the method needs the published prior and there is none.
    """
    prior = {f"prior_{name}": np.full(len(stars), np.nan) for name in ("length", "alpha", "beta")}
    if method not in (BAILER_JONES, EDSD):
        return prior
    place = np.asarray(stars["ra"], float), np.asarray(stars["dec"], float)
    known = np.isfinite(place[0] + place[1])
    if method == EDSD:
        prior["prior_alpha"][known], prior["prior_beta"][known] = EDSD_ALPHA, EDSD_BETA
        prior["prior_length"][known] = np.nan if edsd_length is None else edsd_length
        if edsd_length is not None:
            return prior
    if published is None:
        raise ValueError(f"distance method {method!r} needs the published prior")
    here = published[pixel_of_position(*(axis[known] for axis in place))]
    if method == EDSD:
        prior["prior_length"][known] = here["edsd_length"]
        return prior
    for name in ("length", "alpha", "beta"):
        prior[f"prior_{name}"][known] = here[name]
    return prior

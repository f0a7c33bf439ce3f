"""The published prior of geometric distances, by place on the sky."""

import numpy as np
from astropy.table import Table
from astropy.units import Quantity
from astropy_healpix import lonlat_to_healpix

# The published prior has one row per nested HEALPix pixel of level 5; a Gaia source_id begins with
# the pixel of level 12, at bit 35 (Gaia DR3 documentation, gaia_source.source_id).
PRIOR_NSIDE = 32
PRIOR_PIXELS = 12 * PRIOR_NSIDE**2
SOURCE_IDS_PER_PIXEL = 2**35 * 4 ** (12 - 5)


def read_prior(path):
    """Read the published distance prior.

    Parameters
    ----------
    path : str or path-like
        CSV with one row per HEALPix pixel, columns ``healpix GGDrlen GGDalpha GGDbeta EDSDrlen``,
        lengths in pc.

    Returns
    -------
    Table, 12288 rows
        ``length`` [kpc], ``alpha``, ``beta``, ``edsd_length`` [kpc]; the row number is the pixel.

    Raises
    ------
    ValueError
        When columns or pixels are missing.

    References
    ----------
    Bailer-Jones et al. 2021, AJ 161, 147 (2021AJ....161..147B), Sect. 2.3.
    """
    table = Table.read(path, format="ascii.csv")
    missing = {"healpix", "GGDrlen", "GGDalpha", "GGDbeta", "EDSDrlen"} - set(table.colnames)
    if missing:
        raise ValueError(f"{path}: distance prior without column {', '.join(sorted(missing))}")
    table.sort("healpix")
    if not np.array_equal(table["healpix"], np.arange(PRIOR_PIXELS)):
        raise ValueError(
            f"{path}: distance prior needs every HEALPix pixel 0 to {PRIOR_PIXELS - 1} once, "
            f"got {len(table)} rows"
        )
    prior = Table(meta={"source": "2021AJ....161..147B"})
    prior["length"] = Quantity(table["GGDrlen"] / 1000, "kpc")
    prior["alpha"], prior["beta"] = table["GGDalpha"], table["GGDbeta"]
    prior["edsd_length"] = Quantity(table["EDSDrlen"] / 1000, "kpc")
    return prior


def pixel_of_source(source_id):
    """HEALPix pixel of level 5 of Gaia sources; -1 where the id is not one.

    Parameters
    ----------
    source_id : array_like of int or text, shape (n,)

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    ValueError
        For floating-point ids, which have lost digits.
    """
    source_id = np.ma.filled(np.ma.asarray(source_id), -1)
    if source_id.dtype.kind == "f":
        raise ValueError("source_id is a floating-point number: read it as integer or text")
    if source_id.dtype.kind not in "iu":
        text = (str(value).strip() for value in source_id.tolist())
        number = (int(value) if value.isascii() and value.isdigit() else -1 for value in text)
        source_id = [value if value < 2**63 else -1 for value in number]
    source_id = np.asarray(source_id, np.int64)
    pixel = source_id // SOURCE_IDS_PER_PIXEL
    return np.where((source_id > 0) & (pixel < PRIOR_PIXELS), pixel, -1)


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

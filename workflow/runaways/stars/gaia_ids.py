"""Gaia source ids: the HEALPix pixel that an id names, and how far a position is from it."""

import numpy as np

# A Gaia source_id holds the nested HEALPix pixel of level 12 (ICRS) above its lowest 35 bits
# (Gaia DR3 documentation, Sect. 20.1.1, `source_id`).
PIXEL_SHIFT = 35
LEVEL = 12
N_PIXELS = 12 * 4**LEVEL
MAX_ID = 2**63 - 1


def id_separation(source_id, ra, dec):
    """Distance of positions from the HEALPix pixels that their Gaia ids name.

    Parameters
    ----------
    source_id : array_like of str, shape (n,)
    ra, dec : array_like, shape (n,)
        ICRS [deg].

    Returns
    -------
    separation : ndarray, shape (n,)
        0 inside the pixel, else the distance to its nearest side [deg]; NaN for what is no Gaia
        id and where there is no position.

    References
    ----------
    Gaia DR3 documentation, Sect. 20.1.1, `source_id`.
    """
    import astropy_healpix.healpy as healpy  # needed only for lists with ids

    ra, dec = np.asarray(ra, float), np.asarray(dec, float)
    named = [pixel_of(text) for text in np.asarray(source_id).tolist()]
    valid = np.array([pixel is not None for pixel in named], bool)
    valid &= np.isfinite(ra) & np.isfinite(dec)
    separation = np.full(len(ra), np.nan)
    pixel = np.array([named[i] for i in np.flatnonzero(valid)], int)
    here = healpy.ang2pix(2**LEVEL, ra[valid], dec[valid], nest=True, lonlat=True)
    separation[valid] = np.where(pixel == here, 0.0, np.nan)
    outside = np.flatnonzero(valid)[pixel != here]
    if len(outside):
        # the four sides as chords: at 51 arcsec they are straight
        corner = healpy.boundaries(2**LEVEL, pixel[pixel != here], step=1, nest=True)
        corner = corner.reshape(-1, 3, 4)  # of one pixel it drops the first axis
        side = np.roll(corner, -1, axis=2) - corner
        lon, lat = np.radians(ra[outside]), np.radians(dec[outside])
        star = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        away = star.T[:, :, None] - corner
        along = np.clip(np.sum(away * side, axis=1) / np.sum(side**2, axis=1), 0, 1)
        chord = np.linalg.norm(away - along[:, None] * side, axis=1).min(axis=1)
        separation[outside] = np.degrees(2 * np.arcsin(chord / 2))
    return separation


def pixel_of(text):
    """Level-12 pixel of an id, None when it is not one."""
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_ID:
        return None
    pixel = int(text) >> PIXEL_SHIFT
    return pixel if pixel < N_PIXELS else None

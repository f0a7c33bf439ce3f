"""Identifiers of a published table: Gaia source ids against positions, ids and names used twice."""

import numpy as np
from astropy import units as u
from astropy.coordinates import angular_separation

from runaways.printed import TABLE, Finding, half_unit, texts, values

# A Gaia source_id holds the nested HEALPix pixel of level 12 (ICRS) above its lowest 35 bits
# (Gaia DR3 documentation, Sect. 20.1.1, `source_id`).
PIXEL_SHIFT = 35
LEVEL = 12
N_PIXELS = 12 * 4**LEVEL
MAX_ID = 2**63 - 1
# An id keeps the pixel of the epoch at which it was given; catalogues print 2000.0 to 2016.0.
EPOCH_SPAN = 16.0  # yr
# Beside that, the position of the id may differ by its own error and the star's parallax.
POSITION_SLACK = 1.0  # arcsec
MOST_NAMED = 5  # other rows that a finding lists


def check_source_id(stars, reading):
    """Gaia ids that do not name a star at the printed position."""
    from astropy_healpix import HEALPix

    if stars["source_id"].dtype.kind == "f":
        note = "ids read as floating point have lost their last digits: read them as text"
        return [Finding(TABLE, "source_id", "fault", "", "", note)]
    healpix = HEALPix(nside=2**LEVEL, order="nested")
    ra, dec = values(stars, "ra"), values(stars, "dec")
    ids = [_digits(stars, i) for i in range(len(stars))]
    near = 3600 * id_separation(ids, ra, dec) <= _tolerance(stars)
    rows = []
    for i in np.flatnonzero(~near & np.isfinite(ra) & np.isfinite(dec)):
        if ids[i]:
            pixel = int(healpix.lonlat_to_healpix(ra[i] * u.deg, dec[i] * u.deg))
            note = _what_is_wrong(ids[i], pixel, healpix, ra[i], dec[i])
            star, expected = str(stars["star"][i]), f"{_expected(pixel)} by its position"
            rows.append(Finding(star, "source_id", "fault", ids[i], expected, note))
    return rows


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
    named = [_pixel(text) for text in np.asarray(source_id).tolist()]
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


def _digits(stars, i):
    """The id as text without a catalogue prefix such as "Gaia DR3"; empty where there is none."""
    if np.ma.is_masked(stars["source_id"][i]):
        return ""
    return str(stars["source_id"][i]).strip().rpartition(" ")[2]


def _pixel(text):
    """Level-12 pixel of an id, None when it is not one."""
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_ID:
        return None
    pixel = int(text) >> PIXEL_SHIFT
    return pixel if pixel < N_PIXELS else None


def _tolerance(stars):
    """How far [arcsec] the position of an id may be from the printed one."""
    moved = EPOCH_SPAN * np.hypot(values(stars, "pmra"), values(stars, "pmdec")) / 1000
    rounding = 3600 * max(half_unit(values(stars, "ra")), half_unit(values(stars, "dec")))
    return np.where(np.isfinite(moved), moved, 0.0) + np.sqrt(2) * rounding + POSITION_SLACK


def _expected(pixel):
    """The leading digits shared by all ids of a pixel."""
    first, last = str(pixel << PIXEL_SHIFT), str(((pixel + 1) << PIXEL_SHIFT) - 1)
    if len(first) != len(last):
        return f"{first} to {last}"
    shared = next((k for k in range(len(first)) if first[k] != last[k]), len(first))
    return first[:shared] + "." * (len(first) - shared)


def _what_is_wrong(text, pixel, healpix, ra, dec):
    if not text.isdigit():
        return "not a number"
    notes = [f"{len(text)} digits" + (", larger than any 64-bit id" if int(text) > MAX_ID else "")]
    own = _pixel(text)
    if own is not None:
        lon, lat = (angle.value for angle in healpix.healpix_to_lonlat(own))
        apart = np.degrees(angular_separation(lon, lat, np.radians(ra), np.radians(dec)))
        shown = f"{60 * apart:.1f} arcmin" if apart < 1 else f"{apart:.1f} deg"
        notes.append(f"names a place {shown} away")
    places = range(len(text) + 1)
    longer = {text[:k] + digit + text[k:] for k in places for digit in "0123456789"}
    shorter = {text[:k] + text[k + 1 :] for k in places}
    if any(_pixel(other) == pixel for other in longer):
        notes.append("with one digit more it names the star's: a digit was lost")
    if any(_pixel(other) == pixel for other in shorter):
        notes.append("with one digit less it names the star's: a digit too many")
    return "; ".join(notes)


def check_source_id_repeated(stars, reading):
    """Gaia ids that several rows share."""
    return _repeated(stars, "source_id", "source_id_repeated")


def check_name_repeated(stars, reading):
    """Names that several rows share."""
    return _repeated(stars, "name", "name_repeated")


def _repeated(stars, column, check):
    printed = texts(stars, column)
    keys = [" ".join(text.split()).casefold() for text in printed]
    rows_of = {}
    for i, key in enumerate(keys):
        if key:
            rows_of.setdefault(key, []).append(i)
    ra, dec = np.radians(values(stars, "ra")), np.radians(values(stars, "dec"))
    rows = []
    for i in sorted(i for same in rows_of.values() if len(same) > 1 for i in same):
        others = [k for k in rows_of[keys[i]] if k != i]
        apart = np.degrees(angular_separation(ra[i], dec[i], ra[others], dec[others]))
        shown = ", ".join(
            str(stars["star"][k]) + (f" ({away:.4f} deg away)" if np.isfinite(away) else "")
            for k, away in zip(others[:MOST_NAMED], apart, strict=False)
        )
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        note = f"also printed for {shown}{more}"
        rows.append(Finding(str(stars["star"][i]), check, "fault", printed[i], "", note))
    return rows

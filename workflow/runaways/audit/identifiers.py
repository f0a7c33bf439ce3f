"""Identifiers of a published table: Gaia source ids against positions, ids and names used twice."""

import numpy as np
from astropy import units as u
from astropy.coordinates import angular_separation

from runaways.audit.numbers import TABLE, Finding, half_unit, texts, values
from runaways.stars.gaia_ids import LEVEL, MAX_ID, PIXEL_SHIFT, id_separation, pixel_of

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


def _digits(stars, i):
    """The id as text without a catalogue prefix such as "Gaia DR3"; empty where there is none."""
    if np.ma.is_masked(stars["source_id"][i]):
        return ""
    return str(stars["source_id"][i]).strip().rpartition(" ")[2]


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
    own = pixel_of(text)
    if own is not None:
        lon, lat = (angle.value for angle in healpix.healpix_to_lonlat(own))
        apart = np.degrees(angular_separation(lon, lat, np.radians(ra), np.radians(dec)))
        shown = f"{60 * apart:.1f} arcmin" if apart < 1 else f"{apart:.1f} deg"
        notes.append(f"names a place {shown} away")
    places = range(len(text) + 1)
    longer = {text[:k] + digit + text[k:] for k in places for digit in "0123456789"}
    shorter = {text[:k] + text[k + 1 :] for k in places}
    if any(pixel_of(other) == pixel for other in longer):
        notes.append("with one digit more it names the star's: a digit was lost")
    if any(pixel_of(other) == pixel for other in shorter):
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

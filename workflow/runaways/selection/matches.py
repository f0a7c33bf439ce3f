"""Cross-match with other catalogues, by id and by position with proper motion applied."""

import numpy as np
from astropy.table import Table
from scipy.spatial import cKDTree

from runaways.tables import column

_ARCSEC = np.radians(1 / 3600)
# Candidates are looked for this much farther out, against rounding in the search [arcsec].
_SLACK = 1e-3
BY_ID, BY_POSITION = "source_id", "position"


def match_ids(ids, catalogue_ids):
    """Catalogue row with the same id.

    Parameters
    ----------
    ids : array_like, shape (n,)
        Integers or text. Integers that are not positive, empty text and masked entries are no id.
    catalogue_ids : array_like, shape (k,)

    Returns
    -------
    ndarray of int, shape (n,)
        The first such row; -1 for none.

    Raises
    ------
    ValueError
        For floating-point ids, which have lost digits of a Gaia id.
    """
    first = {}
    for row, key in enumerate(_keys(catalogue_ids, "the catalogue's ids")):
        if key is not None:
            first.setdefault(key, row)
    return np.array([first.get(key, -1) for key in _keys(ids, "the stars' ids")], dtype=int)


def _keys(ids, whose):
    ids = np.ma.asarray(ids)
    if ids.dtype.kind == "f":
        raise ValueError(f"{whose} are floating-point numbers: read them as integers or text")
    masked = np.ma.getmaskarray(ids)
    if ids.dtype.kind in "iu":
        return [
            str(value) if value > 0 and not hidden else None
            for value, hidden in zip(ids.data.tolist(), masked.tolist(), strict=True)
        ]
    text = [str(value).strip() for value in ids.data.tolist()]
    return [
        value if value and not hidden else None
        for value, hidden in zip(text, masked.tolist(), strict=True)
    ]


def match_positions(stars, catalogue, radius, star_epoch, catalogue_epoch):
    """Nearest catalogue entry within a radius, both at the same epoch.

    Parameters
    ----------
    stars : Table, n rows
        ``ra dec`` [deg] at ``star_epoch``; ``pmra pmdec`` [mas/yr] where known.
    catalogue : Table, k rows
        ``ra dec`` [deg] at ``catalogue_epoch``; its ``pmra pmdec`` [mas/yr] serve for stars that
        have none.
    radius : float
        [arcsec].
    star_epoch : float
        Julian year, 2016.0 for Gaia DR3.
    catalogue_epoch : float or array_like, shape (k,)
        Julian year.

    Returns
    -------
    Table, n rows
        ``row`` of the nearest entry, -1 for none; ``separation`` [arcsec], NaN for none;
        ``n_within``, the entries within the radius: more than one is ambiguous.
    """
    table = Table()
    table["row"] = np.full(len(stars), -1)
    table["separation"] = np.full(len(stars), np.nan)
    table["separation"].unit = "arcsec"
    table["n_within"] = np.zeros(len(stars), int)
    years = np.broadcast_to(np.asarray(catalogue_epoch, float) - star_epoch, len(catalogue))
    star, entry = _candidates(stars, catalogue, radius, years)
    separation = _separation(stars, catalogue, star, entry, years)
    near = separation <= radius
    star, entry, separation = star[near], entry[near], separation[near]
    # by star, nearest first; of equals the catalogue's first
    order = np.lexsort((entry, separation, star))
    star, entry, separation = star[order], entry[order], separation[order]
    matched, first, count = np.unique(star, return_index=True, return_counts=True)
    table["row"][matched] = entry[first]
    table["separation"][matched] = separation[first]
    table["n_within"][matched] = count
    return table


def _candidates(stars, catalogue, radius, years):
    """Pairs (star, entry) that may be within the radius at some epoch of the catalogue."""
    none = np.empty(0, int), np.empty(0, int)
    if len(catalogue) == 0:
        return none
    span = np.abs(years).max()
    star_speed = np.nan_to_num(np.hypot(column(stars, "pmra"), column(stars, "pmdec")))
    speed = np.hypot(column(catalogue, "pmra"), column(catalogue, "pmdec"))
    fastest = np.nan_to_num(speed).max()
    moving = star_speed > 0
    reach = radius + _SLACK + span * np.where(moving, star_speed, fastest) / 1000
    placed, listed = np.flatnonzero(_placed(stars)), np.flatnonzero(_placed(catalogue))
    if len(placed) == 0 or len(listed) == 0:
        return none
    tree = cKDTree(_direction(catalogue, listed).T)
    chord = 2 * np.sin(np.minimum(reach[placed] * _ARCSEC, np.pi) / 2)
    found = tree.query_ball_point(_direction(stars, placed).T, chord)
    star = np.repeat(placed, [len(entries) for entries in found])
    entry = np.concatenate([np.asarray(entries, int) for entries in found])
    return star, listed[entry]


def _separation(stars, catalogue, star, entry, years):
    """Separation of pairs [arcsec], the star moved to the entry's epoch."""
    dt = years[entry]
    known = np.isfinite(column(stars, "pmra") + column(stars, "pmdec"))[star]
    theirs = np.isfinite(column(catalogue, "pmra") + column(catalogue, "pmdec"))[entry]
    one = _direction(stars, star, np.where(known, dt, 0.0))
    other = _direction(catalogue, entry, np.where(~known & theirs, -dt, 0.0))
    chord = np.sqrt(((one - other) ** 2).sum(axis=0))
    return 2 * np.arcsin(np.minimum(chord / 2, 1)) / _ARCSEC


def _direction(table, rows, years=None):
    """Unit vectors (3, m), moved on along great circles."""
    ra, dec = np.radians(column(table, "ra")[rows]), np.radians(column(table, "dec")[rows])
    at = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    if years is None:
        return at
    east = np.array([-np.sin(ra), np.cos(ra), np.zeros_like(ra)])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    moved = years * _ARCSEC / 1000
    at = at + np.nan_to_num(column(table, "pmra")[rows]) * moved * east
    at = at + np.nan_to_num(column(table, "pmdec")[rows]) * moved * north
    return at / np.sqrt((at**2).sum(axis=0))


def _placed(table):
    return np.isfinite(column(table, "ra") + column(table, "dec"))


def match_catalogues(stars, catalogues, radius, star_epoch=2016.0):
    """Match with several catalogues, by id where both have one, else by position.

    Parameters
    ----------
    stars : Table, n rows
        ``ra dec`` and, where known, ``source_id pmra pmdec``.
    catalogues : list of (str, Table, float)
        Name, entries (``ra dec``, perhaps ``source_id pmra pmdec``) and epoch [Julian year], in
        order of preference.
    radius : float
        [arcsec].
    star_epoch : float
        Julian year, 2016.0 for Gaia DR3.

    Returns
    -------
    Table, n rows
        ``is_match``, within the radius; ``catalogue``, ``matched_by`` (``source_id`` or
        ``position``) and ``row`` of the first catalogue with the star, or else with its id
        beyond the radius; ``separation`` [arcsec]; ``n_within``; ``note`` where an entry of the
        same id lies beyond the radius or another entry is nearer.
    """
    table = Table()
    table["is_match"] = np.zeros(len(stars), bool)
    table["catalogue"] = np.full(len(stars), "", dtype="U64")
    table["matched_by"] = np.full(len(stars), "", dtype="U16")
    table["row"] = np.full(len(stars), -1)
    table["separation"] = np.full(len(stars), np.nan)
    table["separation"].unit = "arcsec"
    table["n_within"] = np.zeros(len(stars), int)
    table["note"] = np.full(len(stars), "", dtype="U64")
    for name, catalogue, epoch in catalogues:
        if not {"ra", "dec"} <= set(catalogue.colnames):
            raise ValueError(f"catalogue {name}: needs columns 'ra' and 'dec' [deg]")
        match = _match_one(stars, catalogue, radius, star_epoch, epoch)
        near = np.asarray(match["separation"]) <= radius
        new = (match["row"] >= 0) & (table["row"] < 0) | near & ~table["is_match"]
        for key in match.colnames:
            table[key][new] = match[key][new]
        table["catalogue"][new] = name
        table["is_match"] |= near
    return table


def _match_one(stars, catalogue, radius, star_epoch, epoch):
    match = match_positions(stars, catalogue, radius, star_epoch, epoch)
    match["matched_by"] = np.where(match["row"] >= 0, BY_POSITION, "").astype("U16")
    match["note"] = np.full(len(stars), "", dtype="U64")
    if "source_id" not in stars.colnames or "source_id" not in catalogue.colnames:
        return match
    by_id = match_ids(stars["source_id"], catalogue["source_id"])
    star = np.flatnonzero(by_id >= 0)
    years = np.broadcast_to(np.asarray(epoch, float) - star_epoch, len(catalogue))
    separation = _separation(stars, catalogue, star, by_id[star], years)
    placed = match["row"][star] >= 0
    far = separation > radius
    match["note"][star[far]] = "same id, but beyond the radius"
    match["note"][star[~far & (match["row"][star] != by_id[star])]] = "another entry is nearer"
    # ids are data, and some published ones are wrong: a place within the radius counts for more
    take = ~far | ~placed
    match["row"][star[take]] = by_id[star[take]]
    match["separation"][star[take]] = separation[take]
    match["matched_by"][star[take]] = BY_ID
    return match

"""A star list with known damage, for testing whoever reads one.

Five kinds, in equal parts, each on its own rows:

========================  =========================================================================
``text in number``        a word where a number belongs
``not a number``          ``NaN`` or nothing in a column that no star can lack
``duplicated id``         the ``source_id`` of an earlier, sound row
``swapped units``         a parallax in uas (above 900 "mas"; no star reaches 769), a radial
                          velocity in m/s (4000 "km/s" or more) or a temperature in kK (below 40)
``ra beyond 360``         ``ra`` increased by 360 degrees
========================  =========================================================================

Sound rows pass every check: ids are unique and carry the HEALPix pixel of their position.
"""

import numpy as np
import pandas as pd
from astropy import units as u
from astropy_healpix import lonlat_to_healpix

TEXT, NAN = "text in number", "not a number"
DUPLICATE, UNIT, RA = "duplicated id", "swapped units", "ra beyond 360"
REASONS = (TEXT, NAN, DUPLICATE, UNIT, RA)
WORDS = ("bad", "12,5", "?", "O9.5V", "1.2.3")
REQUIRED = ("ra", "dec", "parallax", "pmra", "pmdec")
SWAPPED = dict(parallax=1000.0, rv=1000.0, teff=0.001)


def sound_list(n, seed):
    """A list without damage, n rows; some radial velocities are missing, which is no damage."""
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-0.17, 1, n)))
    # so that the coordinates, as rounded in the file, lie in the pixel of the id
    ra, dec = np.round(ra, 6) % 360, np.round(dec, 6)
    pixel = lonlat_to_healpix(ra * u.deg, dec * u.deg, 4096, order="nested")
    rv = np.round(rng.normal(0, 30, n), 2)
    rv[rng.random(n) < 0.1] = np.nan
    return pd.DataFrame(
        dict(
            star=np.char.add("s", np.arange(1, n + 1).astype(str)),
            source_id=np.asarray(pixel, np.int64) * 2**35 + np.arange(1, n + 1),
            ra=ra,
            dec=dec,
            parallax=np.round(rng.normal(0.6, 0.3, n), 4),
            parallax_error=np.round(rng.uniform(0.01, 0.1, n), 4),
            pmra=np.round(rng.normal(0, 5, n), 3),
            pmra_error=np.round(rng.uniform(0.01, 0.1, n), 3),
            pmdec=np.round(rng.normal(0, 5, n), 3),
            pmdec_error=np.round(rng.uniform(0.01, 0.1, n), 3),
            rv=rv,
            rv_error=np.round(rng.uniform(2, 20, n), 2),
            teff=np.round(rng.uniform(10000, 35000, n), 0),
            logg=np.round(rng.uniform(3, 4.4, n), 2),
            mh=np.round(rng.normal(-0.2, 0.2, n), 2),
            vsini=np.round(rng.uniform(0, 300, n), 1),
        )
    )


def write_damaged_list(path, n=1_000_000, damaged=0.01, seed=0):
    """Write a CSV with damage and say where it is.

    Parameters
    ----------
    path : path-like
    n : int
        Rows.
    damaged : float
        Share of them damaged.
    seed : int

    Returns
    -------
    DataFrame
        One line per damaged row, in order: ``row`` (0 is the first star), ``line`` of the file
        (the header is line 1), ``reason``, ``column``, ``detail``: what stands there, or for an id
        the row it was copied from.
    """
    rng = np.random.default_rng([seed, 1])
    table = sound_list(n, seed)
    rows = rng.choice(np.arange(1, n), round(damaged * n), replace=False)
    sound = np.setdiff1d(np.arange(n), rows)
    report = []
    for reason, own in zip(REASONS, np.array_split(rows, len(REASONS)), strict=True):
        report += _DAMAGE[reason](rng, table, np.sort(own), sound)
    table.to_csv(path, index=False)
    report = pd.DataFrame(report, columns=["row", "reason", "column", "detail"])
    report.insert(1, "line", report["row"] + 2)
    return report.sort_values("row", ignore_index=True)


def _write(table, reason, rows, columns, values):
    report = []
    for name in np.unique(columns):
        here = columns == name
        if table[name].dtype != object and isinstance(values[here][0], str):
            table[name] = table[name].astype(object)
        table.loc[rows[here], name] = values[here]
    for row, name, value in zip(rows, columns, values, strict=True):
        report.append((row, reason, name, str(value)))
    return report


def _text(rng, table, rows, sound):
    names = ("ra", "dec", "parallax", "pmra", "pmdec", "rv", "teff", "logg")
    columns = rng.choice(names, len(rows))
    return _write(table, TEXT, rows, columns, rng.choice(np.array(WORDS, object), len(rows)))


def _nan(rng, table, rows, sound):
    columns = rng.choice(REQUIRED, len(rows))
    # an empty cell and the word, in turns
    values = np.where(np.arange(len(rows)) % 2, "NaN", "").astype(object)
    return _write(table, NAN, rows, columns, values)


def _duplicate(rng, table, rows, sound):
    earlier = np.searchsorted(sound, rows)  # sound rows above
    copied = np.where(earlier > 0, sound[(rng.random(len(rows)) * earlier).astype(int)], -1)
    if (copied < 0).any():
        raise ValueError("no sound row above a damaged one: take a longer list")
    table.loc[rows, "source_id"] = table.loc[copied, "source_id"].to_numpy()
    return [
        (row, DUPLICATE, "source_id", str(source)) for row, source in zip(rows, copied, strict=True)
    ]


def _unit(rng, table, rows, sound):
    columns = rng.choice(list(SWAPPED), len(rows))
    typical = dict(
        parallax=rng.uniform(0.9, 3, len(rows)),
        rv=rng.choice([-1, 1], len(rows)) * rng.uniform(4, 60, len(rows)),
        teff=rng.uniform(10000, 35000, len(rows)),
    )
    values = np.empty(len(rows))
    for name, factor in SWAPPED.items():
        values[columns == name] = typical[name][columns == name] * factor
    return _write(table, UNIT, rows, columns, np.round(values, 3))


def _ra(rng, table, rows, sound):
    ra = table["ra"].to_numpy()[rows].astype(float) + 360
    return _write(table, RA, rows, np.full(len(rows), "ra"), np.round(ra, 6))


_DAMAGE = {TEXT: _text, NAN: _nan, DUPLICATE: _duplicate, UNIT: _unit, RA: _ra}


def assert_reported(stars, problems, damage):
    """Every damaged row is reported with its number and what is wrong, and no sound row.

    Parameters
    ----------
    stars, problems : Table
        As from `star_list.read`.
    damage : DataFrame
        As from `write_damaged_list`.
    """
    found = problems.to_pandas()
    assert set(found["row"]) == set(damage["row"] + 1)
    # an id copied from another star is also far from that star's place
    found = found[~found["expected"].str.startswith("an id of its position")]
    assert found["row"].tolist() == (damage["row"] + 1).tolist()
    assert found["column"].tolist() == damage["column"].tolist()
    severity = damage["reason"].map({DUPLICATE: "warning", NAN: "failed"}).fillna("stop")
    assert found["severity"].tolist() == severity.tolist()
    copied = (damage["reason"] == DUPLICATE).to_numpy()
    original = damage["detail"][copied].astype(int) + 1
    assert found["expected"][copied].tolist() == [
        f"an id not used in row {row}" for row in original
    ]
    words = (damage["reason"] == TEXT).to_numpy()
    assert found["value"][words].tolist() == damage["detail"][words].tolist()
    outside = ~copied & ~words & (damage["reason"] != NAN).to_numpy()
    values = found["value"][outside].str.split().str[0].astype(float)
    assert np.allclose(values, damage["detail"][outside].astype(float), rtol=1e-4)
    assert np.sum(stars["status"] == "failed") == np.sum(severity != "warning")

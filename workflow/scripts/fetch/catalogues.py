"""Tables of the Gaia archive and of VizieR by TAP: stars, clusters, labels.

Queries go one after the other, each for a part of what is wanted; what came is kept, so that the
same command goes on where it ended, and a file that is there is not asked for again.
"""

import time
import warnings
from pathlib import Path

import pyvo
from astropy.table import Table, vstack

from runaways.inputs.names import find_columns
from runaways.labels import lte_catalogue
from scripts.fetch.asking import (
    PATIENCE,
    PAUSE,
    FetchError,
    Session,
    in_line,
    is_there,
    keep,
    patiently,
)

GAIA = "https://gea.esac.esa.int/tap-server/tap"
VIZIER = "https://tapvizier.cds.unistra.fr/TAPVizieR/tap"
CHUNK = 200  # stars in a query
RADIUS = 2.0  # arcsec, of a position given at the epoch of Gaia DR3, 2016.0

STAR_COLUMNS = """source_id ra dec parallax parallax_error pmra pmra_error pmdec pmdec_error
parallax_pmra_corr parallax_pmdec_corr pmra_pmdec_corr phot_g_mean_mag ruwe
nu_eff_used_in_astrometry pseudocolour ecl_lat astrometric_params_solved
radial_velocity radial_velocity_error""".split()
DISTANCES = "r_med_geo r_lo_geo r_hi_geo".split()
STARS = """SELECT {columns}
FROM gaiadr3.gaia_source AS g
LEFT JOIN external.gaiaedr3_distance AS d ON d.source_id = g.source_id
WHERE {which}"""
CLUSTERS = """SELECT * FROM "J/A+A/673/A114/clusters" """.strip()
# those that `clusters.catalogues` cannot do without
CLUSTER_COLUMNS = "Name RA_ICRS DE_ICRS pmRA pmDE dist50 RV logAge50".split()

# Xiang et al. 2022. The archive says which of its tables has the labels, and under what names; they
# come under ours, so that no name is lost on the way.
LABEL_TABLES = """SELECT table_name, column_name FROM TAP_SCHEMA.columns
WHERE table_name LIKE '%J/A+A/662/A66/%'"""
LABEL_COUNT = 'SELECT MAX(recno) AS n FROM "{table}"'
LABELS = """SELECT {columns}
FROM "{table}"
WHERE recno BETWEEN {first} AND {last}"""
LABEL_ROWS = 50_000  # in a query


def read_ids(path):
    """What a file asks for.

    Parameters
    ----------
    path : str or Path
        A Gaia DR3 source_id in each line, or a position ``ra dec`` [deg]; after ``#`` a comment.

    Returns
    -------
    list of int or (float, float)

    Raises
    ------
    FetchError
        Naming file and line.
    """
    wanted = []
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        words = line.partition("#")[0].replace(",", " ").split()
        try:
            if len(words) == 1 and 0 < int(words[0]) < 2**63:
                wanted.append(int(words[0]))
            elif len(words) == 2 and 0 <= float(words[0]) < 360 and abs(float(words[1])) <= 90:
                wanted.append((float(words[0]), float(words[1])))
            elif words:
                raise ValueError
        except ValueError:
            raise FetchError(
                f"{path}: line {number}: {line.strip()!r}, expected a Gaia DR3 source_id or "
                "a position, ra dec in degrees"
            ) from None
    if not wanted:
        raise FetchError(f"{path}: asks for no star")
    return wanted


def star_query(wanted):
    """The query for some stars.

    Parameters
    ----------
    wanted : list of int or (float, float)
        As from `read_ids`.

    Returns
    -------
    str
        ADQL.
    """
    columns = ", ".join([f"g.{name}" for name in STAR_COLUMNS] + [f"d.{n}" for n in DISTANCES])
    ids = ", ".join(str(one) for one in wanted if isinstance(one, int))
    which = [f"g.source_id IN ({ids})"] if ids else []
    for ra, dec in (one for one in wanted if not isinstance(one, int)):
        cone = f"CIRCLE('ICRS', {ra}, {dec}, {RADIUS / 3600})"
        which.append(f"1 = CONTAINS(POINT('ICRS', g.ra, g.dec), {cone})")
    return STARS.format(columns=columns, which="\n   OR ".join(which))


def fetch(url, query, path, needed, pause=PAUSE, patience=PATIENCE):
    """Bring the answer to a query into a file, unless it is there.

    Parameters
    ----------
    url : str
        Of a TAP service.
    query : str
        ADQL.
    path : str or Path
        CSV; beside it ``<path>.json`` says what was asked, where, when, and the file's sha256.
    needed : list of str
        Columns that the answer must have.
    pause, patience : float
        After a query, and for an answer [s].

    Returns
    -------
    Table

    Raises
    ------
    FetchError
        The answer is none, is no table, has no row, or lacks columns. Nothing is written then.
    """
    path = Path(path)
    if is_there(path, query):
        return Table.read(path, format="ascii.csv")
    table = _asked(url, query, pause, patience)
    missing = [name for name in needed if name not in table.colnames]
    if missing:
        raise FetchError(f"{url}: the answer lacks {', '.join(missing)}: the table has changed")
    if not len(table):
        raise FetchError(f"{url}: no row for\n{query}")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    table.write(unfinished, format="ascii.csv", overwrite=True)
    keep(unfinished, path, url, query, len(table))
    time.sleep(pause)
    return Table.read(path, format="ascii.csv")


def _asked(url, query, pause, patience):
    service = pyvo.dal.TAPService(url, session=Session(patience))

    def ask():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pyvo.dal.DALOverflowWarning)
                return service.run_sync(query).to_table()
        except pyvo.dal.DALOverflowWarning:
            raise FetchError(f"{url}: the service cut its answer short: ask for less") from None
        except pyvo.dal.DALQueryError as error:
            raise FetchError(f"{url}: refused the query: {in_line(error)}") from None

    return patiently(url, ask, pause)


def fetch_stars(ids, out, url=GAIA, pause=PAUSE, patience=PATIENCE):
    """A star list of Gaia DR3.

    Parameters
    ----------
    ids, out : str or Path
        As for `read_ids`; CSV, with the names of the Gaia archive. Parts are in ``<out>.parts/``.
    url, pause, patience
        As for `fetch`.

    Returns
    -------
    list of str
        What is to be said: how many came, which did not.
    """
    wanted, parts = read_ids(ids), []
    for first in range(0, len(wanted), CHUNK):
        part = Path(f"{out}.parts", f"{first:07d}.csv")
        query = star_query(wanted[first : first + CHUNK])
        parts.append(fetch(url, query, part, STAR_COLUMNS + DISTANCES, pause, patience))
    table = vstack(parts, metadata_conflicts="silent")
    table.write(out, format="ascii.csv", overwrite=True)
    found = set(table["source_id"].tolist())
    lost = [str(one) for one in wanted if isinstance(one, int) and one not in found]
    said = [f"{out}: {len(table)} stars for {len(wanted)} lines; stars: {out} in a configuration"]
    return said + ([f"not in Gaia DR3: {', '.join(lost)}"] if lost else [])


def fetch_clusters(out, url=VIZIER, pause=PAUSE, patience=PATIENCE):
    """The clusters of Hunt & Reffert 2023, as `fetch_stars` otherwise."""
    table = fetch(url, CLUSTERS, out, CLUSTER_COLUMNS, pause, patience)
    return [f"{out}: {len(table)} clusters; clusters: {{catalogue: [{out}]}}"]


def fetch_labels(out, url=VIZIER, pause=PAUSE, patience=PATIENCE):
    """The labels of Xiang et al. 2022, with the names of `lte_catalogue`.

    Parameters
    ----------
    out : str or Path
        CSV. Parts are in ``<out>.parts/``.
    url, pause, patience
        As for `fetch`.

    Returns
    -------
    list of str
        What is to be said: how many came.
    """
    parts, asked = Path(f"{out}.parts"), (pause, patience)
    named = fetch(url, LABEL_TABLES, parts / "columns.csv", ["table_name", "column_name"], *asked)
    table, columns = _label_table(url, named)
    count = fetch(url, LABEL_COUNT.format(table=table), parts / "count.csv", ["n"], *asked)
    columns = {name: f'"{theirs}" AS {name}' for name, theirs in columns.items()}
    rows = []
    for first in range(1, int(count["n"][0]) + 1, LABEL_ROWS):
        about = {"table": table, "first": first, "last": first + LABEL_ROWS - 1}
        query = LABELS.format(columns=", ".join(columns.values()), **about)
        rows.append(fetch(url, query, parts / f"{first:07d}.csv", list(columns), *asked))
    vstack(rows, metadata_conflicts="silent").write(out, format="ascii.csv", overwrite=True)
    n = sum(map(len, rows))
    return [f"{out}: labels from {n} spectra; labels: {{lte_catalogue: {out}}}"]


def _label_table(url, named):
    """The table that has positions and labels, and our names for its columns."""
    tables = {}
    for table, column in named.iterrows("table_name", "column_name"):
        tables.setdefault(str(table).strip('"'), []).append(str(column).strip('"'))
    for table, names in tables.items():
        found, _ = find_columns(names, lte_catalogue.COLUMNS, table)
        if "recno" in names and all(name in found for name in lte_catalogue.REQUIRED):
            return table, {name: source.name for name, source in found.items()}
    raise FetchError(
        f"{url}: no table of {', '.join(tables)} has recno, {', '.join(lte_catalogue.REQUIRED)}: "
        "the tables have changed"
    )

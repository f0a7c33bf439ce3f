"""Data that a run can use, from the archives that have them; never unless asked.

``python -m scripts.fetch stars ids.txt my_stars.csv`` makes a star list of Gaia DR3, with the
distances of Bailer-Jones et al. 2021; ``python -m scripts.fetch clusters hunt2023.csv`` brings the
clusters of Hunt & Reffert 2023. Queries go one after the other, each for `CHUNK` stars; what came
is kept, so that the same command goes on where it ended, and a file that is there is not asked
for again.
"""

import argparse
import hashlib
import json
import os
import sys
import time
import warnings
from pathlib import Path

import pyvo
import requests
from astropy.table import Table, vstack

GAIA = "https://gea.esac.esa.int/tap-server/tap"
VIZIER = "https://tapvizier.cds.unistra.fr/TAPVizieR/tap"
CHUNK = 200  # stars in a query
PATIENCE, TRIES, PAUSE = 120.0, 3, 5.0  # s; tries; s between queries, longer after each failure
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


class FetchError(Exception):
    """What went wrong, in a line, and what to do."""


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
    record = path.with_name(f"{path.name}.json")
    if _is_there(path, record, query):
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
    said = {"url": url, "query": query, "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    said |= {"rows": len(table), "sha256": _sha256(unfinished)}
    os.replace(unfinished, path)
    record.write_text(json.dumps(said, indent=1) + "\n")
    time.sleep(pause)
    return Table.read(path, format="ascii.csv")


def _is_there(path, record, query):
    if not (path.exists() and record.exists()):
        return False
    said = json.loads(record.read_text())
    return said["query"] == query and said["sha256"] == _sha256(path)


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class _Patient(requests.Session):
    """A session whose every request ends after some time."""

    def __init__(self, patience):
        super().__init__()
        self.patience = patience

    def request(self, *args, **kwargs):
        return super().request(*args, **{"timeout": self.patience, **kwargs})


def _asked(url, query, pause, patience):
    """The answer; asked for again where the fault may be of the moment."""
    service = pyvo.dal.TAPService(url, session=_Patient(patience))
    for left in reversed(range(TRIES)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pyvo.dal.DALOverflowWarning)
                return service.run_sync(query).to_table()
        except pyvo.dal.DALOverflowWarning:
            raise FetchError(f"{url}: the service cut its answer short: ask for less") from None
        except pyvo.dal.DALQueryError as error:
            raise FetchError(f"{url}: refused the query: {_line(error)}") from None
        except Exception as error:  # of the network, of the service, of what it sent
            if not left:
                raise FetchError(
                    f"{url}: no table came in {TRIES} tries ({_line(error)}); "
                    "give the same command again to go on"
                ) from None
            time.sleep(pause * (TRIES - left))


def _line(error):
    return " ".join(str(error).split())[:200] or type(error).__name__


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    stars = kinds.add_parser("stars", help="Gaia DR3 and Bailer-Jones et al. 2021")
    stars.add_argument("ids", help="a source_id or a position in each line")
    stars.add_argument("out", help="CSV")
    clusters = kinds.add_parser("clusters", help="Hunt & Reffert 2023")
    clusters.add_argument("out", help="CSV")
    args = parser.parse_args()
    try:
        if args.kind == "stars":
            said = fetch_stars(args.ids, args.out)
        else:
            table = fetch(VIZIER, CLUSTERS, args.out, CLUSTER_COLUMNS)
            said = [f"{args.out}: {len(table)} clusters; clusters: {{catalogue: [{args.out}]}}"]
    except (FetchError, OSError) as error:
        sys.exit(f"fetch: {error}")
    print("\n".join(said))


if __name__ == "__main__":
    main()

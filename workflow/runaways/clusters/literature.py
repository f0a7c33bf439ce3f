"""Hosts of runaways from the literature, beside and in place of what catalogues list.

A catalogue lacks the Orion Nebula Cluster, has a foreground group under the name of M 17, and the
radial velocity of chi Persei from two stars. `resources/literature_hosts.ecsv` gives such hosts
with the reference of every value. Where a host stands for a row of a catalogue, only what it gives
is replaced; the rest of the row stays.
"""

import numpy as np
from astropy.table import Table, vstack

from runaways.clusters import merging
from runaways.clusters.catalogues import read_clusters
from runaways.clusters.cluster_list import RV_ERROR_STAR, designation, empty, find, numbers
from runaways.frames import MYR_PER_KPC_KM_S, galactocentric, heliocentric
from runaways.inputs.files import read_file
from runaways.inputs.values import texts

LABEL = "literature"
# A row farther from its host than this share of its distance is another object under the name.
OTHER_OBJECT = 0.25
RADIUS = 100.0  # pc: as far from a host a star can have begun in its halo or association
PECULIAR = 10.0  # km/s in one dimension: how far a host strays from rotation; assumed
MAX_AGE = 30.0  # Myr, of a host whose age is not known: they are young
# the value of a group of quantities, its errors, and how these go with the value
ERRORS = {
    "astrometry": (("pmra_error", "pmdec_error"), None),
    "distance": (("distance_lower", "distance_upper"), "ratio"),
    "age": (("log_age_lower", "log_age_upper"), "offset"),
}


def read_hosts(path):
    """The table of hosts.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    Table
        `cluster_list.COLUMNS`, `replaces` (name of the row of a catalogue in whose place a host
        stands, or empty) and `references`. A radial velocity without error has that of one star,
        `cluster_list.RV_ERROR_STAR`.
    """
    table, raw = read_clusters(path), read_file(path)
    for name in ("replaces", "references"):
        table[name] = texts(raw[name]).astype(object)
    bare = np.isfinite(table["rv"]) & ~np.isfinite(table["rv_error"])
    table["rv_error"][bare] = RV_ERROR_STAR
    table.meta.clear()
    return table


def merge(tables, hosts=None):
    """Merge catalogues, and put the hosts of the literature in their places.

    Parameters
    ----------
    tables : list of Table
        As for `merging.merge`.
    hosts : Table, optional
        As from `read_hosts`.

    Returns
    -------
    Table
        As from `merging.merge`, with `replaced` (what of a row the literature replaced, and by
        whom it was given) and `references` (of the literature's values).

    Raises
    ------
    ValueError
        As `merging.merge`.
    """
    merged = merging.merge(tables)
    for name in ("replaced", "references"):
        merged[name] = np.full(len(merged), "", object)
    meta = dict(merged.meta)
    for host in hosts if hosts is not None else ():
        row = _place_of(host, merged)
        if row is None:
            merged = vstack([merged, _as_row(host)], metadata_conflicts="silent")
        else:
            _replace(merged, row, host)
    merged.sort("name")
    keys, counts = np.unique([designation(name) for name in merged["name"]], return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"literature hosts: {keys[counts > 1][0]} is the name of two clusters")
    merged.meta = meta
    if hosts is not None:
        merged.meta["listed"] = meta["listed"] | {LABEL: len(hosts)}
    return merged


def _place_of(host, merged):
    """The row that a host stands for: the one it replaces, or one of its own name and place."""
    for name in (host["replaces"], host["name"]):
        row = find(merged["name"], name) if name else None
        if row is not None:
            pair = {c: [host[c], merged[c][row]] for c in ("ra", "dec")}
            if merging.separation(pair, 0, 1) <= merging.MAX_SEPARATION:
                return row
    return None


def _as_row(host):
    row = empty(1, LABEL)
    for column in row.colnames:
        row[column][0] = host[column]
    for group in merging.PROVENANCE:
        known = np.isfinite(host[merging.GROUPS[group][1]])
        row[f"{group}_from"] = np.array([LABEL if known else ""], object)
    row["replaced"] = np.array([""], object)
    row["references"] = np.array([host["references"]], object)
    return row


def _replace(merged, row, host):
    """Put a host in the place of a row."""
    old = {column: merged[column][row] for column in merged.colnames}
    # an inverse parallax is too poor to tell one object from another
    ratio = host["distance"] / old["distance"] if old["distance_source"] == "catalogue" else 1.0
    other = bool(np.isfinite(ratio) and abs(ratio - 1) > OTHER_OBJECT)
    said = []
    if other:
        said.append(f"{old['name']} of {old['catalogue']}, {1000 * old['distance']:.0f} pc away")
    for group, (columns, value) in merging.GROUPS.items():
        given = np.isfinite(host[value])
        if not (given or other) or (given and _same(host, old, columns)):
            continue
        for column in columns:
            merged[column][row] = host[column]
        if given and not other:
            _keep_errors(merged, row, group, old, host)
        if group in merging.PROVENANCE:
            source = old[f"{group}_from"]
            merged[f"{group}_from"][row] = LABEL if given else ""
            if source and not other:
                said.append(f"{_in_words(group, old)} of {source}")
    names = [old["name"], host["name"]]
    merged["name"][row] = names[other]
    names += f"{old['all_names']},{host['all_names']}".split(",")
    spelled = {designation(name): name for name in sorted(names, reverse=True) if name}
    merged["all_names"][row] = ",".join(sorted(spelled.values()))
    merged["catalogue"][row] = f"{old['catalogue']} + {LABEL}"
    merged["kind"][row] = host["kind"] or old["kind"]
    merged["replaced"][row] = "; ".join(said)
    merged["references"][row] = host["references"]


def _same(host, old, columns):
    """Whether a host repeats a row's values."""
    pairs = [(host[c], old[c]) for c in columns if isinstance(host[c], (float, np.floating))]
    return all(abs(a - b) <= 1e-4 * abs(b) for a, b in pairs if np.isfinite(a))


def _keep_errors(merged, row, group, old, host):
    """An error the literature does not give stays that of what it replaces; of an RV it is ours."""
    columns, how = ERRORS.get(group, ((), None))
    value = merging.GROUPS[group][1]
    for column in columns:
        if np.isfinite(host[column]):
            continue
        kept = old[column]
        if how == "ratio":
            kept = kept / old[value] * host[value]
        elif how == "offset":
            kept = kept - old[value] + host[value]
        merged[column][row] = kept


def _in_words(group, old):
    if group == "rv":
        stars = f", {old['n_rv']} stars" if old["n_rv"] else ""
        error = f" +- {old['rv_error']:.1f}" if np.isfinite(old["rv_error"]) else ""
        return f"rv {old['rv']:.1f}{error} km/s{stars}"
    if group == "distance":
        return f"distance {1000 * old['distance']:.0f} pc"
    if group == "age":
        return f"log age {old['log_age']:.2f}"
    return "position and proper motion"


def hosts_passed(times, path, hosts, clusters, frame, *, radius=RADIUS):
    """Known hosts without an orbit that a star may have passed: what no evidence can speak of.

    Where such a host was is only known from its place today: it is taken to have gone round with
    the Galaxy, at its height, give or take `PECULIAR`.

    Parameters
    ----------
    times : ndarray, shape (m,)
        Look-back times of the star's path, 0 or later [Myr].
    path : ndarray, shape (m, 3)
        Galactocentric [kpc].
    hosts : Table
        As from `read_hosts`.
    clusters : Table
        Table ``clusters``: hosts that have an orbit in it, at their distance, can be asked, and are
        left out.
    frame : frames.Frame
    radius : float
        [pc].

    Returns
    -------
    list of dict
        `host`, `look_back_time` [Myr] and `separation` [pc] of the passage that is nearest in
        units of `within` [pc]: the radius, the error of the host's distance and how far it can
        have strayed by then, in quadrature. Nearest first. A host whose distance is not known is
        left out.
    """
    usable = clusters[np.asarray(clusters["usable"], bool)]
    traced = dict(zip(map(designation, usable["name"].tolist()), usable["distance"].tolist()))
    found = []
    for host in hosts:
        names = (designation(host["name"]), designation(host["replaces"]))
        ratios = [traced[name] / host["distance"] for name in names if name in traced]
        if any(abs(ratio - 1) <= OTHER_OBJECT for ratio in ratios):
            continue  # it can be asked
        if not np.isfinite(host["distance"]):
            continue
        apart, within = _course(host, np.asarray(times, float), np.asarray(path), frame, radius)
        nearest = int(np.nanargmin(apart / within))
        if apart[nearest] <= within[nearest]:
            names = ("host", "look_back_time", "separation", "within")
            values = (str(host["name"]), times[nearest], apart[nearest], within[nearest])
            found.append(dict(zip(names, (values[0], *map(float, values[1:])), strict=True)))
    return sorted(found, key=lambda passed: passed["separation"] / passed["within"])


def _course(host, times, path, frame, radius):
    """Separations from a host that goes round with the Galaxy, and what counts as near [pc]."""
    place, _ = galactocentric(
        *heliocentric(host["ra"], host["dec"], host["distance"], 0.0, 0.0, 0.0), frame
    )
    ring = np.hypot(place[0], place[1])
    turn = np.arctan2(place[1], place[0]) - frame.v_circ / ring * times / MYR_PER_KPC_KM_S
    course = np.array([ring * np.cos(turn), ring * np.sin(turn), np.full(len(times), place[2])])
    apart = 1000 * np.sqrt(((np.asarray(path).T - course) ** 2).sum(axis=0))
    bounds = numbers(Table([[host["distance_lower"], host["distance_upper"]]], names=["d"])["d"])
    error = 1000 * np.nan_to_num(bounds[1] - bounds[0]) / 2
    strayed = 1000 * PECULIAR * times / MYR_PER_KPC_KM_S
    age = host["log_age_upper"] if np.isfinite(host["log_age_upper"]) else host["log_age"]
    born = 10 ** (age - 6) if np.isfinite(age) else MAX_AGE
    lived = times <= born
    return np.where(lived, apart, np.inf), np.sqrt(radius**2 + error**2 + strayed**2)

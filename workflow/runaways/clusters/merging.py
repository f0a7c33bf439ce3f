"""One table from several cluster catalogues, and which value wins.

Two rows of different catalogues are one cluster if their names agree in spelling-free form, or if
one's name is an alias that a single cluster of the other catalogue has, and they are no farther
apart on the sky than `MAX_SEPARATION`. For each group of quantities the best catalogue wins,
whole:

=================  =============================================================================
astrometry         the smallest proper-motion error
radial velocity    the most stars behind it, then the smallest error
distance           one from a catalogue beats an inverse parallax, one with bounds beats one
                   without, then the narrowest bounds relative to it
age                one with bounds beats one without, then the narrowest bounds
radius, members,   the first catalogue by label that has it
[M/H], quality,
kind, group
=================  =============================================================================

Last ties go to the catalogue's label in alphabetical order, so neither the order of the rows nor
that of the catalogues matters.
"""

from itertools import combinations

import numpy as np
from astropy.table import vstack

from runaways.clusters.cluster_list import designation

MAX_SEPARATION = 1.0  # deg; centres of one cluster differ by up to 0.8 deg between catalogues

GROUPS = {
    "astrometry": (
        ["ra", "dec", "pmra", "pmra_error", "pmdec", "pmdec_error", "parallax", "parallax_error"],
        "pmra",
    ),
    "rv": (["rv", "rv_error", "n_rv"], "rv"),
    "distance": (["distance", "distance_lower", "distance_upper", "distance_source"], "distance"),
    "age": (["log_age", "log_age_lower", "log_age_upper"], "log_age"),
    "radius": (["radius"], "radius"),
    "members": (["members"], "members"),
    "mh": (["mh", "mh_error"], "mh"),
    "quality": (["cst", "cmd_class"], "cst"),
}
PROVENANCE = ("astrometry", "rv", "distance", "age")


def merge(tables):
    """Merge cluster catalogues into one table.

    Parameters
    ----------
    tables : list of Table
        With all of `cluster_list.COLUMNS`; each cluster once in each.

    Returns
    -------
    Table
        Sorted by name, which is that of the catalogue with the best astrometry; `all_names` and
        `catalogue` join those of all; `astrometry_from`, `rv_from`, `distance_from`, `age_from`
        say which catalogue won. `meta["listed"]` counts rows by catalogue, `meta["ambiguous"]`
        the names not merged because two clusters of one catalogue would have become one.

    Raises
    ------
    ValueError
        If two tables carry one catalogue's label, or a merged table would list a name twice.
    """
    _check_labels(tables)
    rows = vstack(tables, metadata_conflicts="silent")
    rows.meta = {}
    values = {column: np.asarray(rows[column]) for column in rows.colnames}
    labels = values["catalogue"].astype(str)
    components, ambiguous = _same_clusters(values, labels)
    merged = rows[[members[0] for members in components]]
    for group in PROVENANCE:
        _, value = GROUPS[group]
        known = np.isfinite(merged[value])
        merged[f"{group}_from"] = np.where(known, merged["catalogue"], "").astype("O")
    for row, members in enumerate(components):
        if len(members) > 1:
            _merge_into(merged, row, values, members)
    merged.sort("name")
    keys, counts = np.unique([designation(name) for name in merged["name"]], return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"merged clusters: {keys[counts > 1][0]} is the name of two clusters")
    merged.meta["listed"] = {
        str(label): int(np.sum(labels == label)) for label in np.unique(labels)
    }
    merged.meta["ambiguous"] = ambiguous
    stand_ins = sorted({t.meta["stand_in"] for t in tables if t.meta.get("stand_in")})
    if stand_ins:
        merged.meta["stand_in"] = "; ".join(stand_ins)
    return merged


def _check_labels(tables):
    labels = [set(table["catalogue"]) for table in tables]
    for one, other in combinations(labels, 2):
        if one & other:
            raise ValueError(f"two tables are labelled {sorted(one & other)[0]!r}")


def _same_clusters(rows, labels):
    """Components of rows that are one cluster, as sorted lists; names left apart.

    Rows of one catalogue never merge: where aliases would make them, only equal names count.
    """
    by_name, by_alias = _edges(rows, labels)
    components = _components(len(labels), by_name + by_alias)
    ambiguous = []
    loose = {
        row for members in components if len(set(labels[members])) < len(members) for row in members
    }
    if loose:
        components = _components(
            len(labels), by_name + [edge for edge in by_alias if edge[0] not in loose]
        )
        ambiguous = sorted(str(rows["name"][a]) for a, _ in by_alias if a in loose)
    key = [(designation(rows["name"][row]), labels[row]) for row in range(len(labels))]
    return [sorted(members, key=key.__getitem__) for members in components], ambiguous


def _edges(rows, labels):
    """Pairs of rows that share a name, and pairs where one's name is the other's alias."""
    names = [designation(name) for name in rows["name"]]
    named, aliased = {}, {}
    for row, name in enumerate(names):
        named.setdefault(name, []).append(row)
        for alias in {designation(a) for a in rows["all_names"][row].split(",")} - {name, ""}:
            aliased.setdefault((labels[row], alias), []).append(row)
    by_name = [pair for same in named.values() for pair in combinations(same, 2)]
    by_alias, catalogues = [], set(labels)
    for row, name in enumerate(names):
        for label in catalogues - {labels[row]}:
            others = aliased.get((label, name), [])
            # a name that several clusters of the other catalogue share tells nothing
            taken = any(labels[other] == label for other in named[name])
            if len(others) == 1 and not taken:
                by_alias.append((row, others[0]))
    near = lambda pair: separation(rows, *pair) <= MAX_SEPARATION  # noqa: E731
    return list(filter(near, by_name)), list(filter(near, by_alias))


def separation(rows, one, other):
    """Separation of two rows of `ra` and `dec` on the sky [deg]."""
    ra, dec = (np.radians([rows[c][one], rows[c][other]]) for c in ("ra", "dec"))
    half = np.sin(np.diff(dec)[0] / 2) ** 2
    half += np.cos(dec[0]) * np.cos(dec[1]) * np.sin(np.diff(ra)[0] / 2) ** 2
    return np.degrees(2 * np.arcsin(min(1.0, np.sqrt(half))))


def _components(n, edges):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    one, other = np.array(edges, int).reshape(-1, 2).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1)


def _merge_into(merged, row, values, members):
    labels = values["catalogue"]
    for group, (columns, value) in GROUPS.items():
        known = [member for member in members if np.isfinite(values[value][member])]
        if not known:
            continue
        best = min(known, key=lambda member: (_badness(group, values, member), labels[member]))
        for column in columns:
            merged[column][row] = values[column][best]
        if group == "astrometry":
            merged["name"][row] = values["name"][best]
        if group in PROVENANCE:
            merged[f"{group}_from"][row] = labels[best]
    kinds = sorted((labels[m], values["kind"][m]) for m in members if values["kind"][m])
    merged["kind"][row] = kinds[0][1] if kinds else ""
    groups = sorted((labels[m], values["group"][m]) for m in members if values["group"][m])
    merged["group"][row] = groups[0][1] if groups else ""
    merged["catalogue"][row] = " + ".join(sorted({labels[m] for m in members}))
    names = {a for m in members for a in f"{values['name'][m]},{values['all_names'][m]}".split(",")}
    merged["all_names"][row] = ",".join(
        sorted({designation(name): name for name in sorted(names) if name}.values())
    )


def _badness(group, values, member):
    """What is compared within a group; less is better, an unknown error is infinite."""

    def width(quantity):
        return values[f"{quantity}_upper"][member] - values[f"{quantity}_lower"][member]

    if group == "astrometry":
        terms = [np.hypot(values["pmra_error"][member], values["pmdec_error"][member])]
    elif group == "rv":
        terms = [-values["n_rv"][member], values["rv_error"][member]]
    elif group == "distance":
        from_parallax = values["distance_source"][member] == "parallax"
        terms = [from_parallax, width("distance") / values["distance"][member]]
    elif group == "age":
        terms = [width("log_age")]
    else:
        terms = []
    return [np.inf if np.isnan(term) else float(term) for term in terms]

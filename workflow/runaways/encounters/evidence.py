"""What a star's encounters with clusters prove: against chance, and against what is possible.

A star crosses a disk full of clusters, so that "the orbits intersect" says little. For each pair:

`p_encounter`
    share of the draws that come within R = max(radius, the cluster's own).
`p_chance`, `p_chance_disk`
    the same with the cluster turned to a random azimuth nearby, or anywhere in the disk
    (`chance`). Verdicts rest on the first: by the second 17 % of mock stars of the field were
    candidates where 5 % were allowed, by the first less than that
    (tests/physics/test_planted_origins.py).
`n_chance`
    sum of p_chance over all clusters: how many a star on this path meets by chance.
`evidence`
    mean over f = 1, 1/2, 1/4, 1/8 of p_encounter(f R) / n_chance(f R): a meeting of 1 pc says
    more than one of 10 pc. If the clusters' azimuths tell nothing about the star, the evidence of
    all its pairs together is 1 on average (e-values, each cluster weighed by its p_chance).
`p_value`
    1 / evidence, at most 1: a bound (Markov) on the chance that a star on this path meets any
    cluster as convincingly.
`q_value`
    1 / evidence after Benjamini & Hochberg over all pairs of all stars, every star with the same
    weight. That keeps the false-discovery rate however the pairs depend on each other.

`p_encounter_error`, `p_chance_error`, `p_chance_disk_error`
    Monte Carlo errors: of the first, whose draws share those of the cluster, by
    `pairing.share_error`.
`needed_speed`, `available_speed`
    to cover today's separation in the younger of the two ages, and what there is: the star's
    v_sp, the cluster's own peculiar speed, and the difference between the circular velocities
    at the two places.

References
----------
Hoogerwerf et al. 2001, A&A 365, 49 (2001A&A...365...49H): 10 pc.
Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57, 289; with weights: Genovese, Roeder & Wasserman
2006, Biometrika 93, 509; of inverse ratios (e-values): Wang & Ramdas 2022, J. R. Stat. Soc. B 84,
822.
"""

from itertools import pairwise

import numpy as np
from astropy.table import Table, vstack

from runaways import tables
from runaways.encounters import pairing
from runaways.encounters.found import Encounters
from runaways.frames import MYR_PER_KPC_KM_S, galactocentric, heliocentric

RADIUS = 10.0  # pc, Hoogerwerf et al. 2001
FRACTIONS = (1.0, 0.5, 0.25, 0.125)  # of the radius; assumed
PERCENTILES = (50, 15.9, 84.1)  # the median and one standard deviation to either side

PARTS = ("closest_approaches", "chance_encounters", "encounter_search")


def facts(velocities, measured, ages):
    """What `evidence` needs to know of each star.

    Parameters
    ----------
    velocities : Table
        Table ``velocities``.
    measured : Table
        `measurements.complete` of the same stars in the same order.
    ages : ndarray, shape (n,)
        Their ages, as the traceback uses them [Myr].

    Returns
    -------
    Table
        ``star x y z v_sp age mh mh_error``.
    """
    out = velocities["star", "x", "y", "z", "v_sp"]
    out["age"], out["mh"], out["mh_error"] = ages, measured["mh"], measured["mh_error"]
    return out


def evidence_of_all(parts, pairs, clusters, facts, frame, *, radius, search_radius):
    """Evidence of the pairs of all stars.

    Parameters
    ----------
    parts : dict of Table
        The tables `PARTS`, gathered star by star.
    pairs : list of Table
        Closest approaches of every draw of a pair, however far.
    clusters : Table
        Table ``clusters``.
    facts : Table
        A row for each star: ``star`` and `FACTS`.
    frame : frames.Frame
    radius, search_radius : float
        [pc].

    Returns
    -------
    Table
        As from `evidence`, with a column ``star`` before; stars in the order of facts.
    """
    rows = {name: _rows_of_stars(table) for name, table in parts.items()}
    asked = {}
    for pair in pairs:
        if len(pair):
            asked.setdefault(str(pair["star"][0]), []).append(pair)
    usable = clusters[np.asarray(clusters["usable"], bool)]
    found = []
    for star in facts:
        name = str(star["star"])
        hits, chance, search = (parts[part][rows[part].get(name, slice(0))] for part in PARTS)
        n_draws = int(search["n_draws"][0] - search["n_draws_failed"][0])
        of_clusters = tables.column(search, "n_cluster_draws")
        n_cluster_draws = int(np.nan_to_num(of_clusters).max(initial=0))
        met = Encounters(hits, chance, n_draws, search_radius, n_cluster_draws)
        more = vstack(asked[name], metadata_conflicts="silent") if name in asked else None
        of_star = evidence(met, usable, star, frame, radius=radius, pairs=more)
        of_star.add_column(np.full(len(of_star), name), name="star", index=0)
        found.append(of_star)
    return vstack(found)


def _rows_of_stars(table):
    """Where each star's rows are: tables are gathered star by star."""
    names = np.asarray(table["star"]).astype(str)
    edges = np.flatnonzero(names[1:] != names[:-1]) + 1
    ends = [0, *edges.tolist(), len(names)]
    return {names[a]: slice(a, b) for a, b in pairwise(ends) if b > a}


def evidence(encounters, clusters, star, frame, *, radius=RADIUS, pairs=None):
    """Evidence of one star's pairs, with every cluster it meets and those asked for.

    Parameters
    ----------
    encounters : found.Encounters
    clusters : Table
        Clusters with an orbit, as from `cluster_list.assess`.
    star : mapping
        `x y z` [kpc], Galactocentric, today; `v_sp` [km/s]; `age` [Myr]; `mh`, `mh_error`; NaN
        where unknown.
    frame : frames.Frame
    radius : float
        An encounter is closer than this, or than the cluster's own radius if that is larger,
        which counts up to the radius searched [pc].
    pairs : Table, optional
        `cluster` and the closest approaches of every draw, of pairs to list even if none meets.

    Returns
    -------
    Table
        One row per cluster, sorted by falling evidence, p_encounter, then name: `cluster radius
        p_encounter p_encounter_error p_chance p_chance_disk p_chance_error p_chance_disk_error
        ratio evidence p_value n_chance n_draws closest
        separation flight_time flight_over_age ejection_velocity cluster_age needed_speed
        available_speed mh_difference`; medians over the draws that meet, with `_lower` and
        `_upper`, NaN where none does; `closest` is the nearest passage of any draw, at
        `closest_time`; `cluster_rv_flags` as of the clusters. Lengths in pc.
    """
    pairs = encounters.hits[:0] if pairs is None else pairs
    row_of = {name: row for row, name in enumerate(np.asarray(clusters["name"]).tolist())}
    own = np.nan_to_num(np.asarray(clusters["radius"], float))
    radii = np.minimum(np.maximum(own, radius), encounters.search_radius)
    hits, chances = encounters.hits, encounters.chance
    by_chance = _chances(chances, "p_chance", radii, row_of)
    n_chance = by_chance.sum(axis=0)
    hit_row = np.array([row_of[name] for name in np.asarray(hits["cluster"]).tolist()], int)
    met = np.unique(hit_row[np.asarray(hits["separation"]) < radii[hit_row]])
    listed = sorted(set(met.tolist()) | {row_of[str(name)] for name in pairs["cluster"]})
    table = Table([np.asarray(clusters["name"][listed], str)], names=["cluster"])
    table["radius"] = radii[listed]
    shares = _encounter_shares(hits, hit_row, radii, listed, encounters.n_draws)
    table["p_encounter"] = shares[:, 0]
    table["p_encounter_error"] = _encounter_errors(encounters, hit_row, radii, listed)
    table["p_chance"] = np.minimum(by_chance[listed, 0], 1)
    anywhere = _chances(chances, "p_chance_disk", radii, row_of)[listed, 0]
    table["p_chance_disk"] = np.minimum(anywhere, 1)
    for name in ("p_chance_error", "p_chance_disk_error"):
        known = name in chances.colnames
        errors = _chances(chances, name, radii, row_of)[listed, 0] if known else np.nan
        table[name] = np.full(len(listed), errors) if np.ndim(errors) == 0 else errors
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = table["p_encounter"] / table["p_chance"]
        table["evidence"] = np.where(n_chance > 0, shares / n_chance, 0).mean(axis=1)
        table["p_value"] = np.minimum(1 / table["evidence"], 1)
    table["n_chance"], table["n_draws"] = n_chance[0], encounters.n_draws
    table["closest"], table["closest_time"] = _closest(listed, hits, pairs, row_of)
    _add_circumstances(table, hits, hit_row, radii, listed)
    _add_possibility(table, clusters[listed], star, frame)
    table["cluster_rv_flags"] = np.asarray(clusters["cluster_rv_flags"][listed], str)
    table["flight_over_age"] = table["flight_time"] / table["cluster_age"]
    order = np.lexsort((table["cluster"], -table["p_encounter"], -table["evidence"]))
    return table[order]


def _chances(table, column, radii, row_of):
    """A chance within the FRACTIONS of each cluster's radius, shape (n_clusters, 4).

    Between the radii kept it goes linearly with the area.
    """
    found = np.zeros((len(radii), len(FRACTIONS)))
    names, radius, p_chance = (np.asarray(table[c]) for c in ("cluster", "radius", column))
    first = np.flatnonzero(np.append(True, names[1:] != names[:-1])[: len(names)])
    kept = np.diff(np.append(first, len(names)))
    # one or all of the search's radii, from the largest down
    for number in np.unique(kept):
        some = first[kept == number]
        row = np.array([row_of[name] for name in names[some].tolist()])
        area = np.append(radius[some[0] : some[0] + number], 0.0)[::-1] ** 2
        chance = np.zeros((len(some), number + 1))
        chance[:, 1:] = p_chance[some[:, None] + np.arange(number)[::-1]]
        asked = (radii[row][:, None] * np.array(FRACTIONS)) ** 2
        right = np.clip(np.searchsorted(area, asked), 1, number)
        part = np.minimum((asked - area[right - 1]) / (area[right] - area[right - 1]), 1)
        below, above = (np.take_along_axis(chance, at, axis=1) for at in (right - 1, right))
        found[row] = below + part * (above - below)
    return found


def _encounter_shares(hits, hit_row, radii, listed, n_draws):
    shares = np.zeros((len(listed), len(FRACTIONS)))
    separation = np.asarray(hits["separation"])
    for column, fraction in enumerate(FRACTIONS):
        near = separation < fraction * radii[hit_row]
        counts = np.bincount(hit_row[near], minlength=len(radii))
        shares[:, column] = counts[listed] / max(n_draws, 1)
    return shares


def _encounter_errors(encounters, hit_row, radii, listed):
    """Monte Carlo errors of p_encounter."""
    hits, n = encounters.hits, encounters.n_cluster_draws
    near = np.asarray(hits["separation"]) < radii[hit_row]
    if n == 0 or "cluster_draw" not in hits.colnames:
        n, met = 1, np.zeros(len(hits), int)
    else:
        met = np.asarray(hits["cluster_draw"]) - 1
    return np.array([
        pairing.share_error(
            np.bincount(met[near & (hit_row == row)], minlength=n), encounters.n_draws, n
        )
        for row in listed
    ])  # fmt: skip


def _closest(listed, hits, pairs, row_of):
    """Separation of the nearest draw, and when it passes, of each cluster; NaN if none does."""
    names, apart, time = (
        np.concatenate([np.asarray(table[name]) for table in (hits, pairs)])
        for name in ("cluster", "separation", "look_back_time")
    )
    known = np.isfinite(apart)
    row = np.array([row_of[name] for name in names[known].tolist()], int)
    order = np.lexsort((apart[known], row))
    found, nearest = np.unique(row[order], return_index=True)
    out = np.full((len(row_of), 2), np.nan)
    out[found] = np.column_stack([apart, time])[known][order][nearest]
    return out[listed].T


def _add_circumstances(table, hits, hit_row, radii, listed):
    """When, how near and how fast, over the draws that meet."""
    columns = {"separation": "separation", "flight_time": "look_back_time"}
    columns["ejection_velocity"] = "relative_velocity"
    inside = np.asarray(hits["separation"]) < radii[hit_row]
    for ours, theirs in columns.items():
        values = np.asarray(hits[theirs])
        found = np.full((len(listed), 3), np.nan)
        for row, cluster in enumerate(listed):
            of_pair = values[inside & (hit_row == cluster)]
            if len(of_pair):
                found[row] = np.percentile(of_pair, PERCENTILES)
        table[ours], table[f"{ours}_lower"], table[f"{ours}_upper"] = found.T


def _add_possibility(table, clusters, star, frame):
    """Could the star have come from there at all; do the abundances allow it."""
    measured = [np.asarray(clusters[c], float) for c in ("ra", "dec", "distance", "pmra", "pmdec")]
    place, speed = galactocentric(*heliocentric(*measured, np.asarray(clusters["rv"])), frame)
    table["cluster_age"] = 10 ** (np.asarray(clusters["log_age"], float) - 6)
    time = np.fmin(table["cluster_age"], star["age"])
    here = np.array([[star["x"]], [star["y"]], [star["z"]]], float)
    apart = np.sqrt(((place - here) ** 2).sum(axis=0))
    table["needed_speed"] = apart / time * MYR_PER_KPC_KM_S
    rest, rest_here = _circular(place, frame), _circular(here, frame)
    peculiar = np.sqrt(((speed - rest) ** 2).sum(axis=0))
    shear = np.sqrt(((rest - rest_here) ** 2).sum(axis=0))
    table["available_speed"] = star["v_sp"] + shear + peculiar
    error = np.hypot(np.asarray(clusters["mh_error"], float), star["mh_error"])
    table["mh_difference"] = np.abs(np.asarray(clusters["mh"], float) - star["mh"]) / error


def _circular(place, frame):
    """Velocity of the circular orbit at a place, shape (3, n) [km/s]."""
    radius = np.hypot(place[0], place[1])
    return frame.v_circ * np.array([-place[1] / radius, place[0] / radius, 0 * radius])

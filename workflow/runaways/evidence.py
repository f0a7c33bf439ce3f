"""What a star's encounters with clusters prove: against chance, and against what is possible.

A star crosses a disk full of clusters, so that "the orbits intersect" says little. For each pair:

`p_encounter`
    share of the draws that come within R = max(radius, the cluster's own).
`p_chance`
    the same with the cluster turned to a random azimuth (`chance`).
`n_chance`
    its sum over all clusters: how many a star on this path meets by chance.
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

import astropy.units as u
import numpy as np
from astropy.table import Table

from runaways.frames import MYR_PER_KPC_KM_S, galactocentric, heliocentric

RADIUS = 10.0  # pc, Hoogerwerf et al. 2001
FRACTIONS = (1.0, 0.5, 0.25, 0.125)
PERCENTILES = (50, 15.9, 84.1)

UNITS = {
    "radius": u.pc,
    "closest": u.pc,
    "separation": u.pc,
    "flight_time": u.Myr,
    "ejection_velocity": u.km / u.s,
    "cluster_age": u.Myr,
    "needed_speed": u.km / u.s,
    "available_speed": u.km / u.s,
}


def evidence(encounters, clusters, star, frame, *, radius=RADIUS):
    """Evidence of one star's pairs, with every cluster it meets and those that were watched.

    Parameters
    ----------
    encounters : encounters.Encounters
    clusters : astropy.table.Table
        As from `clusters.assess`.
    star : mapping
        `x y z` [kpc], Galactocentric, today; `v_sp` [km/s]; `age` [Myr]; `mh`, `mh_error`; NaN
        where unknown.
    frame : frames.Frame
    radius : float
        An encounter is closer than this, or than the cluster's own radius if that is larger [pc].

    Returns
    -------
    astropy.table.Table
        One row per cluster, sorted by falling evidence, p_encounter, then name: `cluster radius
        p_encounter p_chance ratio evidence p_value n_chance n_draws closest
        separation flight_time ejection_velocity cluster_age needed_speed available_speed
        mh_difference`; medians over the draws that meet, with `_lower` and `_upper`, NaN where
        none does; `closest` is the nearest passage of any draw.

    Raises
    ------
    ValueError
        If an encounter's radius exceeds the one searched.
    """
    row_of = {name: row for row, name in enumerate(clusters["name"])}
    radii = np.maximum(np.nan_to_num(np.asarray(clusters["radius"], float)), radius)
    hits, watched = encounters.hits, encounters.watched
    concerned = set(encounters.chance["cluster"]) | set(hits["cluster"]) | set(watched["cluster"])
    largest = max([radius, *(radii[row_of[name]] for name in concerned)])
    if largest > encounters.search_radius:
        raise ValueError(
            f"an encounter within {largest:.1f} pc is asked for, but the search went to "
            f"{encounters.search_radius:.1f} pc"
        )
    by_chance = _chances(encounters.chance, radii, row_of)
    n_chance = by_chance.sum(axis=0)
    hit_row = np.array([row_of[name] for name in hits["cluster"]], int)
    met = np.unique(hit_row[np.asarray(hits["separation"]) < radii[hit_row]])
    listed = sorted(set(met.tolist()) | {row_of[name] for name in watched["cluster"]})
    table = Table([[str(clusters["name"][row]) for row in listed]], names=["cluster"], dtype=["O"])
    table["radius"] = radii[listed]
    shares = _encounter_shares(hits, hit_row, radii, listed, encounters.n_draws)
    table["p_encounter"], table["p_chance"] = shares[:, 0], np.minimum(by_chance[listed, 0], 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = table["p_encounter"] / table["p_chance"]
        table["evidence"] = np.where(n_chance > 0, shares / n_chance, 0).mean(axis=1)
        table["p_value"] = np.minimum(1 / table["evidence"], 1)
    table["n_chance"], table["n_draws"] = n_chance[0], encounters.n_draws
    table["closest"] = [_closest(row["cluster"], hits, watched) for row in table]
    _add_circumstances(table, hits, hit_row, radii, listed)
    _add_possibility(table, clusters[listed], star, frame)
    for column, unit in UNITS.items():
        for name in (column, f"{column}_lower", f"{column}_upper"):
            if name in table.colnames:
                table[name].unit = unit
    order = np.lexsort((table["cluster"].astype(str), -table["p_encounter"], -table["evidence"]))
    return table[order]


def _chances(table, radii, row_of):
    """p_chance within the FRACTIONS of each cluster's radius, shape (n_clusters, 4).

    Between the radii kept it goes linearly with the area.
    """
    found = np.zeros((len(radii), len(FRACTIONS)))
    names, radius, p_chance = (np.asarray(table[c]) for c in ("cluster", "radius", "p_chance"))
    edges = np.flatnonzero(names[1:] != names[:-1]) + 1
    for start, end in pairwise([0, *edges, len(names)]) if len(names) else ():
        row = row_of[names[start]]
        # from the smallest radius up, with none at 0
        area = np.append(radius[start:end], 0.0)[::-1] ** 2
        chance = np.append(p_chance[start:end], 0.0)[::-1]
        found[row] = np.interp((radii[row] * np.array(FRACTIONS)) ** 2, area, chance)
    return found


def _encounter_shares(hits, hit_row, radii, listed, n_draws):
    shares = np.zeros((len(listed), len(FRACTIONS)))
    separation = np.asarray(hits["separation"])
    for column, fraction in enumerate(FRACTIONS):
        near = separation < fraction * radii[hit_row]
        counts = np.bincount(hit_row[near], minlength=len(radii))
        shares[:, column] = counts[listed] / max(n_draws, 1)
    return shares


def _closest(cluster, hits, watched):
    """Separation of the draw that passes nearest [pc]."""
    near = [np.asarray(t["separation"])[t["cluster"] == cluster] for t in (hits, watched)]
    return np.concatenate(near).min()


def _add_circumstances(table, hits, hit_row, radii, listed):
    """When, how near and how fast, over the draws that meet."""
    columns = {"separation": "separation", "flight_time": "time", "ejection_velocity": "velocity"}
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

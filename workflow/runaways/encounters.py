"""Closest approaches of a star's draws to thousands of clusters, and by chance.

Draw i of the star is held against draw 1 + i modulo `n_draws` of the cluster, back to the younger
of the two ages drawn. Neither the number of cores, nor the order or the number of other clusters,
nor how many draws are taken at once changes a number.
"""

from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.table import Table, vstack

from runaways import chance, star_paths
from runaways.encounter_search import Search, closest

STEP = 1.0  # Myr, width of a slice
SEARCH_RADIUS = 20.0  # pc
AZIMUTH_WINDOW = 10.0  # deg
DRAWS_AT_ONCE = 1024  # bounds the memory; no result depends on it


@dataclass(frozen=True)
class Encounters:
    """What one star's draws meet.

    Attributes
    ----------
    hits : astropy.table.Table
        One row for each cluster and draw of the star that come within the search radius:
        `cluster`, `draw`, `separation` [pc] at the closest approach, `time` [Myr] before today,
        `velocity` [km/s] relative to the cluster then. Sorted by cluster and draw.
    watched : astropy.table.Table
        The same columns for every draw with an orbit and every watched cluster, however far.
    chance : astropy.table.Table
        `cluster`, `radius` [pc], `p_chance`: expected number of close approaches per draw within
        the radius with the cluster at a random azimuth. Clusters without any are left out.
    n_draws : int
        Draws of the star that have an orbit.
    n_clusters : int
        Clusters searched.
    search_radius : float
        [pc].
    azimuth_window : float
        [deg].
    """

    hits: Table
    watched: Table
    chance: Table
    n_draws: int
    n_clusters: int
    search_radius: float
    azimuth_window: float


def find_encounters(
    times,
    position,
    velocity,
    orbits,
    *,
    search_radius=SEARCH_RADIUS,
    azimuth_window=AZIMUTH_WINDOW,
    watch=(),
    step=STEP,
    draws_at_once=DRAWS_AT_ONCE,
):
    """Find every encounter of one star with every cluster.

    Parameters
    ----------
    times : ndarray, shape (n_draws, n_times)
        Look-back times of each draw, at equal distances from 0 to its age [Myr].
    position, velocity : ndarray, shape (n_draws, n_times, 3)
        Galactocentric [kpc], [km/s]. A draw with a NaN has no orbit and does not count.
    orbits : cluster_orbits.ClusterOrbits
    search_radius : float
        [pc].
    azimuth_window : float
        For the chance: clusters are turned by up to this to either side, 180 for anywhere [deg].
    watch : collection of str
        Clusters to keep the closest approaches to, whether near or not.
    step : float
        Width of a slice [Myr]; a whole number of them must make the clusters' `spacing`.
    draws_at_once : int

    Returns
    -------
    Encounters

    Raises
    ------
    ValueError
        If a draw is older than the clusters were traced back, or the step does not divide the
        clusters' spacing, or a watched cluster has no orbit.
    """
    per_block = round(orbits.spacing / step)
    if abs(per_block * step - orbits.spacing) > 1e-9:
        raise ValueError(f"step {step} Myr does not divide the clusters' {orbits.spacing} Myr")
    times = np.asarray(times, float)
    batch = max(1, draws_at_once // orbits.n_draws) * orbits.n_draws
    search = Search(orbits, search_radius / 1000, np.radians(azimuth_window))
    sound = 0
    for start in range(0, len(times), batch):
        some = slice(start, start + batch)
        paths = star_paths.cut(times[some], position[some], velocity[some], step)
        sound += int(np.isfinite(paths.age).sum())
        if np.nanmax(paths.age, initial=0) > orbits.t_max:
            raise ValueError(
                f"a draw is {np.nanmax(paths.age):.0f} Myr old, but the clusters were traced back "
                f"{orbits.t_max:.0f} Myr only"
            )
        for k in range(-(-paths.n_slices // per_block)):
            slices = range(k * per_block, min((k + 1) * per_block, paths.n_slices))
            search.block(k, paths, slices, start)
    star = times, position, velocity, orbits
    return Encounters(
        _hits(search.found, orbits.name),
        vstack([_hits([], orbits.name), *(_watched(star, name, step) for name in watch)]),
        _chance(search, orbits.name, max(sound, 1)),
        sound,
        len(orbits.name),
        search_radius,
        azimuth_window,
    )


def closest_approaches(times, position, velocity, orbits, cluster, *, step=STEP):
    """Closest approach of every draw of a star to one cluster, however far.

    Without boxes or filters: what `find_encounters` must agree with, and what a figure of a pair
    shows.

    Parameters
    ----------
    times, position, velocity, orbits, step
        As for `find_encounters`.
    cluster : str
        Its name.

    Returns
    -------
    astropy.table.Table
        One row per draw: `draw`, `separation` [pc], `time` [Myr], `velocity` [km/s]; NaN for a
        draw without an orbit.
    """
    paths = star_paths.cut(times, position, velocity, step)
    n, per_block = len(paths.age), round(orbits.spacing / step)
    c = np.full(n, orbits.index(cluster))
    draws = np.arange(n)
    draw_of_cluster = draws % orbits.n_draws
    best = np.full((3, n), np.inf)
    for k in range(paths.n_slices):
        block = k // per_block
        if orbits.interval(block)[0] <= c[0]:
            break
        points = [p[:, 0] for p in orbits.piece(block, c[:1], slice(1, None))]
        here = closest(
            paths, k, draws, [p[:, draw_of_cluster] for p in points],
            (k - block * per_block) / per_block, 1 / per_block, orbits.age[c, 1 + draw_of_cluster],
        )  # fmt: skip
        nearer = here[0] < best[0]
        best = np.where(nearer, here, best)
    best[:, ~np.isfinite(best[0])] = np.nan
    return _table([draws], ["draw"], best)


def _watched(star, cluster, step):
    table = closest_approaches(*star, cluster, step=step)
    table.add_column(np.full(len(table), cluster), name="cluster", index=0)
    return table[np.isfinite(table["separation"])]


def _table(keys, names, found):
    table = Table(keys, names=names)
    for name, values, unit in zip(
        ("separation", "time", "velocity"), found, (u.kpc, u.Myr, u.km / u.s), strict=True
    ):
        table[name] = values * 1000 if unit is u.kpc else values
        table[name].unit = u.pc if unit is u.kpc else unit
    return table


def _hits(found, names):
    """The closest approach of each cluster and draw, sorted by cluster and draw."""
    columns = [np.concatenate(column) for column in zip(*found, strict=True)] if found else []
    if not columns:
        columns = [np.empty(0, int), np.empty(0, int), *np.empty((3, 0))]
    cluster, draw, separation, time, velocity = columns
    order = np.lexsort((time, separation, draw, cluster))
    pair = np.stack([cluster, draw])[:, order]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(pair, axis=1) != 0).any(axis=0)
    order = order[first]
    found = np.stack([separation, time, velocity])[:, order]
    table = _table([names[cluster[order]], draw[order]], ["cluster", "draw"], found)
    table.sort(["cluster", "draw"])
    return table


def _chance(search, names, n_draws):
    met = np.flatnonzero(search.shares[0] > 0)
    met = met[np.argsort(names[met], kind="stable")]
    radius, cluster = np.meshgrid(search.radii * 1000, met)
    shares = search.shares[:, met].T * chance.QUANTUM / n_draws
    table = Table([names[cluster.ravel()]], names=["cluster"])
    table["radius"] = radius.ravel() * u.pc
    table["p_chance"] = shares.ravel()
    return table

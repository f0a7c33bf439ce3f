"""Closest approaches of a star's draws to thousands of clusters, and by chance.

Each draw of the star is held against one draw of the clusters (`pairing`), back to the younger of
the two ages drawn, or as far as the clusters were traced. Neither the number of cores, nor the
order or the number of other clusters, nor how many draws are taken at once changes a number.
"""

import hashlib
from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.table import Table

from runaways.encounters import chance, pairing
from runaways.encounters.search import COARSE, Search, closest
from runaways.encounters.slices import cut

STEP = 1.0  # Myr, width of a slice
SEARCH_RADIUS = 20.0  # pc
AZIMUTH_WINDOW = 10.0  # deg
DRAWS_AT_ONCE = 1024  # bounds the memory; no result depends on it
FOUND = {"separation": u.pc, "look_back_time": u.Myr, "relative_velocity": u.km / u.s}


@dataclass(frozen=True)
class Encounters:
    """What one star's draws meet.

    Attributes
    ----------
    hits : astropy.table.Table
        One row for each cluster and draw of the star that come within the search radius:
        `cluster`, `draw`, `separation` [pc] at the closest approach, `look_back_time` [Myr],
        `relative_velocity` [km/s] then; `cluster_draw`, the number of the cluster's draw. Sorted by
        cluster and draw.
    chance : astropy.table.Table
        `cluster`, `radius` [pc], and the expected number of close approaches per draw within the
        radius with the cluster turned: `p_chance` within the azimuth window, `p_chance_disk` to
        any azimuth, each with its Monte Carlo `_error`. Clusters without any are left out.
    n_draws : int
        Draws of the star that have an orbit.
    search_radius : float
        [pc].
    n_cluster_draws : int
        Draws of each cluster; 0 if not known, and every hit counts for itself.
    """

    hits: Table
    chance: Table
    n_draws: int
    search_radius: float
    n_cluster_draws: int = 0


def find_encounters(
    times,
    position,
    velocity,
    orbits,
    *,
    search_radius=SEARCH_RADIUS,
    azimuth_window=AZIMUTH_WINDOW,
    rotations=0,
    seed=0,
    star="",
    step=STEP,
    draws_at_once=DRAWS_AT_ONCE,
):
    """Find every encounter of one star with every cluster.

    Parameters
    ----------
    times : ndarray, shape (n_draws, n_times)
        Look-back times of each draw, at equal distances from 0 to its age [Myr]; NaN beyond.
    position, velocity : ndarray, shape (n_draws, n_times, 3)
        Galactocentric [kpc], [km/s]. A draw with a NaN has no orbit and does not count.
    orbits : cluster_orbits.ClusterOrbits
    search_radius : float
        [pc].
    azimuth_window : float
        For the local chance: clusters are turned by up to this to either side [deg].
    rotations : int
        Azimuths at which the chance over the whole disk is sampled; 0 for the exact one.
    seed : int
        Of their beginning, for each cluster, and of the `pairing`.
    star : str
        Name of the star, for the `pairing`.
    step : float
        Width of a slice [Myr]; a whole number of them must make the clusters' `spacing`.
    draws_at_once : int

    Returns
    -------
    Encounters

    Raises
    ------
    ValueError
        If the step does not divide the clusters' spacing.
    """
    per_block = round(orbits.spacing / step)
    if abs(per_block * step - orbits.spacing) > 1e-9:
        raise ValueError(f"step {step} Myr does not divide the clusters' {orbits.spacing} Myr")
    times = np.asarray(times, float)
    batch = max(1, draws_at_once // orbits.n_draws) * orbits.n_draws
    phase = _phases(seed, orbits.name) if rotations else np.zeros(len(orbits.name))
    window = np.radians(azimuth_window)
    n = orbits.n_draws
    partners = [pairing.order_of(seed, star, block, n) for block in range(-(-len(times) // n))]
    search = Search(orbits, search_radius / 1000, window, rotations, phase, partners)
    sound = 0
    for start in range(0, len(times), batch):
        some = slice(start, start + batch)
        draws = times[some], position[some], velocity[some]
        paths = cut(*draws, step, until=orbits.t_max)
        sound += int(np.isfinite(paths.age).sum())
        for k in range(-(-paths.n_slices // per_block)):
            slices = range(k * per_block, min((k + 1) * per_block, paths.n_slices))
            search.block(k, paths, slices, start)
    hits = _hits(search.found, orbits.name)
    hits["cluster_draw"] = 1 + np.concatenate([*partners, np.empty(0, int)])[hits["draw"]]
    by_chance = _chance(search, orbits.name, max(sound, 1))
    return Encounters(hits, by_chance, sound, search_radius, n)


def _phases(seed, names):
    """A number in [0, 1) for each cluster, a function of seed and name."""
    digests = (hashlib.sha256(f"{seed} {name}".encode()).digest() for name in names)
    return np.array([int.from_bytes(digest[:6], "big") / 2**48 for digest in digests])


def match_star(star, draws, orbits, **settings):
    """Encounters of one star as tables.

    Parameters
    ----------
    star : str
        Its name.
    draws : tuple of ndarray
        Times, positions, velocities, as for `find_encounters`.
    orbits : cluster_orbits.ClusterOrbits
    **settings
        Of `find_encounters`.

    Returns
    -------
    hits, chance, search : Table
        Tables ``closest_approaches``, ``chance_encounters`` and ``encounter_search``.
    """
    found = find_encounters(*draws, orbits, star=star, **settings)
    hits, by_chance = (_with_star(star, table) for table in (found.hits, found.chance))
    n_draws = len(draws[0])
    ages = np.nanmax(np.where(np.isfinite(draws[1][..., 0]), draws[0], np.nan), axis=1, initial=-1)
    age = np.median(ages[ages > 0]) if found.n_draws else np.nan
    rows = [(star, n_draws, n_draws - found.n_draws, age, orbits.n_draws)]
    names = ("star", "n_draws", "n_draws_failed", "age", "n_cluster_draws")
    search = Table(rows=rows, names=names)
    return hits, by_chance, search


def match_pair(star, draws, orbits, cluster, seed=0):
    """Every draw of a star held against one cluster, and that cluster's orbit.

    Parameters
    ----------
    star, cluster : str
        Their names.
    draws, orbits
        As for `match_star`.
    seed : int
        Of the `pairing`.

    Returns
    -------
    hits, path : Table
        Tables ``closest_approaches``, draws with an orbit only, and ``cluster_path``, every
        `STEP` back to the oldest of the star's draws.
    """
    hits = closest_approaches(*draws, orbits, cluster, seed=seed, star=star)
    hits.add_column(np.full(len(hits), cluster), name="cluster", index=0)
    times = np.arange(0, min(np.nanmax(draws[0], initial=0), orbits.t_max) + STEP, STEP)
    place, velocity = orbits.trajectory(cluster, times)
    born = np.isfinite(place[:, 0])
    names = ("cluster", "look_back_time", "x", "y", "z", "v_x", "v_y", "v_z")
    columns = [np.full(len(times), cluster), times, *place.T, *velocity.T]
    path = Table(columns, names=names)[born]
    return _with_star(star, hits[np.isfinite(hits["separation"])]), _with_star(star, path)


def _with_star(star, table):
    table.add_column(np.full(len(table), star), name="star", index=0)
    return table


def closest_approaches(times, position, velocity, orbits, cluster, *, seed=0, star="", step=STEP):
    """Closest approach of every draw of a star to one cluster, however far.

    Without boxes or filters: what `find_encounters` must agree with, and what a figure of a pair
    shows.

    Parameters
    ----------
    times, position, velocity, orbits, seed, star, step
        As for `find_encounters`.
    cluster : str
        Its name.

    Returns
    -------
    astropy.table.Table
        One row per draw: `draw`, `separation` [pc], `look_back_time` [Myr], `relative_velocity`
        [km/s]; NaN for a draw without an orbit; `cluster_draw`.
    """
    paths = cut(times, position, velocity, step, until=orbits.t_max)
    n, per_block = len(paths.age), round(orbits.spacing / step)
    c = np.full(n, orbits.index(cluster))
    draws = np.arange(n)
    draw_of_cluster = pairing.cluster_draws(seed, star, n, orbits.n_draws)
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
    table = _table([draws], ["draw"], best)
    table["cluster_draw"] = 1 + draw_of_cluster
    return table


def _table(keys, names, found):
    table = Table(keys, names=names)
    for (name, unit), values in zip(FOUND.items(), found, strict=True):
        table[name] = values * 1000 if unit is u.pc else values
        table[name].unit = unit
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
    met = np.flatnonzero(search.shares[:, 0].any(axis=0))
    met = met[np.argsort(names[met], kind="stable")]
    radius, cluster = np.meshgrid(search.radii * 1000, met)
    table = Table([names[cluster.ravel()]], names=["cluster"])
    table["radius"] = radius.ravel() * u.pc
    quantum = COARSE * chance.QUANTUM
    for column, shares, squares in zip(
        ("p_chance", "p_chance_disk"), search.shares, search.squares, strict=True
    ):
        mean = (shares[:, met].T * chance.QUANTUM / n_draws).ravel()
        square = (squares[:, met].T * quantum**2 / n_draws).ravel()
        table[column] = mean
        table[f"{column}_error"] = np.sqrt(np.maximum(square - mean**2, 0) / n_draws)
    return table

"""Closest approaches of a star's draws to thousands of clusters, and by chance.

Each draw of the star is held against one draw of the clusters (`pairing`), back to the younger of
the two ages drawn, or as far as the clusters were traced. Neither the number of cores, nor the
order or the number of other clusters, nor how many draws are taken at once changes a number.
"""

import astropy.units as u
import numpy as np
from astropy.table import Table

from runaways.encounters import chance, kernels, pairing
from runaways.encounters.found import Encounters
from runaways.encounters.slices import cut

STEP = 1.0  # Myr, width of a slice
SEARCH_RADIUS = 20.0  # pc
AZIMUTH_WINDOW = 10.0  # deg
DRAWS_AT_ONCE = 1024  # bounds the memory; no result depends on it
FOUND = {"separation": u.pc, "look_back_time": u.Myr, "relative_velocity": u.km / u.s}


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
    n, names = orbits.n_draws, orbits.name
    partners = [pairing.order_of(seed, star, block, n) for block in range(-(-len(times) // n))]
    radii = chance.radii(search_radius / 1000)
    phase = chance.phases(seed, names) if rotations else np.zeros(len(names))
    settings = radii, np.radians(azimuth_window), rotations, phase
    shares, squares = np.zeros((2, len(names), 2, len(radii)))
    rows = min(max(1, draws_at_once // n), kernels.ROWS)
    found, sound = [], 0
    for first in range(0, len(partners), rows):
        some = slice(first * n, (first + rows) * n)
        paths = cut(times[some], position[some], velocity[some], step, until=orbits.t_max)
        sound += int(np.isfinite(paths.age).sum())
        # of each draw of the clusters: those of the star that meet it
        draw_of = np.argsort(partners[first : first + rows])
        draw_of += n * np.arange(len(draw_of))[:, None]
        draw_of[draw_of >= len(paths.age)] = -1
        found.append(
            kernels.search(_arrays(orbits), tuple(paths), draw_of, *settings, shares, squares)
        )
        found[-1][:, 1] += some.start
    hits = _hits(found, names)
    hits["cluster_draw"] = 1 + np.concatenate([*partners, np.empty(0, int)])[hits["draw"]]
    by_chance = chance.table(shares, squares, radii, names, max(sound, 1))
    return Encounters(hits, by_chance, sound, search_radius, n)


def _arrays(orbits):
    """What the kernels take of the clusters, whether in memory or on disk."""
    state = np.asarray(orbits.state).view()
    state.flags.writeable = False
    return orbits.age, float(orbits.spacing), orbits.count, state, orbits.bounds


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
    draws = np.arange(len(paths.age))
    draw_of_cluster = pairing.cluster_draws(seed, star, len(draws), orbits.n_draws)
    best, number = np.empty((3, len(draws))), orbits.index(cluster)
    kernels.every_slice(_arrays(orbits), tuple(paths), number, draw_of_cluster, best)
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
    cluster, draw, separation, time, velocity = np.concatenate([*found, np.empty((0, 5))]).T
    cluster, draw = cluster.astype(int), draw.astype(int)
    order = np.lexsort((time, separation, draw, cluster))
    pair = np.stack([cluster, draw])[:, order]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(pair, axis=1) != 0).any(axis=0)
    order = order[first]
    found = np.stack([separation, time, velocity])[:, order]
    table = _table([names[cluster[order]], draw[order]], ["cluster", "draw"], found)
    table.sort(["cluster", "draw"])
    return table

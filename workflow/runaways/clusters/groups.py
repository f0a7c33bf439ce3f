"""Clusters of one association: what a catalogue lists in pieces is one place of birth.

An association lies in a catalogue as a handful of groups some ten pc apart that move together.
Young clusters are friends if they are near each other and move alike across the sky; friends of
friends are a group. The radial velocity does not decide: that of half of the young clusters rests
on fewer than five stars.
"""

import numpy as np

from runaways.frames import heliocentric

LENGTH, SPEED, MAX_AGE = 55.0, 5.0, 20.0  # pc, km/s, Myr
# Of parallaxes, common to a small field and not to all the sky (Lindegren et al. 2021,
# 2021A&A...649A...2L): clusters are no nearer to each other along the line of sight than it says.
PARALLAX_ERROR = 0.01  # mas
# A radial velocity from fewer stars, or with a larger error, does not enter the perspective.
MIN_STARS, MAX_RV_ERROR = 5, 5.0


def find_groups(table, v_sun, *, length=LENGTH, speed=SPEED, max_age=MAX_AGE):
    """The group of each cluster.

    Parameters
    ----------
    table : Table
        With the columns of `cluster_list.COLUMNS`.
    v_sun : tuple of float
        Peculiar motion of the Sun [km/s]: a cluster without a good radial velocity is taken to
        move as the local standard of rest along the line of sight. It matters only for clusters
        that are several degrees apart.
    length : float
        Largest distance of two friends [pc]; along the line of sight the errors of their distances
        are allowed for.
    speed : float
        Largest difference of their velocities across the line of sight [km/s].
    max_age : float
        Largest age of a cluster that has friends [Myr].

    Returns
    -------
    ndarray of str, shape (n,)
        That of the catalogue where it gives one; else the first name in a group, by alphabet. A
        cluster without friends is its own group.
    """
    names = np.array(table["name"], str)
    label = np.arange(len(table))
    with np.errstate(over="ignore"):
        age = 10 ** (np.asarray(table["log_age"], float) - 6)
    known = np.all([np.isfinite(table[c]) for c in ("ra", "dec", "distance", "pmra")], axis=0)
    some = np.flatnonzero(known & (age <= max_age))
    for one, other in some[_friends(table[some], v_sun, length, speed)]:
        label = np.where(label == label[other], label[one], label)
    first = {}
    for row in np.argsort(names, kind="stable"):
        first.setdefault(label[row], names[row])
    found = np.array([first[of] for of in label], object)
    given = np.array([str(group) for group in table["group"]], object)
    return np.where(given != "", given, found).astype(str)


def _friends(table, v_sun, length, speed):
    """Pairs of rows that are friends, shape (n, 2)."""
    from scipy.spatial import cKDTree

    if len(table) < 2:
        return np.empty((0, 2), int)
    columns = (np.asarray(table[c]) for c in ("ra", "dec", "distance", "pmra", "pmdec"))
    place, across = heliocentric(*columns, np.zeros(len(table)))
    distance = np.sqrt((place**2).sum(axis=0))
    towards = place / distance
    good = (np.asarray(table["n_rv"]) >= MIN_STARS) & (table["rv_error"] <= MAX_RV_ERROR)
    rest = -(towards * np.array(v_sun)[:, None]).sum(axis=0)
    velocity = across + np.where(good, np.nan_to_num(table["rv"]), rest) * towards
    width = np.nan_to_num(np.asarray(table["distance_upper"] - table["distance_lower"])) / 2
    depth = 1000 * np.hypot(width, distance**2 * PARALLAX_ERROR)  # pc
    # how far two friends can be apart along the line of sight, at most
    reach = np.hypot(length, np.hypot(depth, depth))
    found = []
    tree = cKDTree(place.T * 1000)
    for row, near in enumerate(tree.query_ball_point(place.T * 1000, reach)):
        other = np.array([o for o in near if o != row], int)
        apart = 1000 * (place[:, other] - place[:, [row]])
        middle = towards[:, other] + towards[:, [row]]
        middle /= np.sqrt((middle**2).sum(axis=0))
        along = (apart * middle).sum(axis=0)
        sideways = np.sqrt(np.maximum((apart**2).sum(axis=0) - along**2, 0))
        room = np.hypot(length, np.hypot(depth[row], depth[other]))
        difference = velocity[:, other] - velocity[:, [row]]
        difference -= (difference * middle).sum(axis=0) * middle
        alike = np.sqrt((difference**2).sum(axis=0)) <= speed
        friends = (sideways / length) ** 2 + (along / room) ** 2 <= 1
        found += [(row, o) for o in other[alike & friends]]
    return np.array(found, int).reshape(-1, 2)

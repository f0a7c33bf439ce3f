"""Orbits of clusters, with their errors: traced once, kept for every star to be held against.

Each cluster has its catalogue values (draw 0) and `n_draws` draws of its distance, proper motion,
radial velocity and age. Every draw is traced back to the largest of the cluster's drawn ages, at
most to a common time, and kept at knots some Myr apart; `cubics` gives the places between. Each
draw of a star meets one draw of a cluster (`encounters.pairing`), so that both errors are drawn.
"""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runaways.clusters.scatter import draw_clusters
from runaways.frames import galactocentric, heliocentric
from runaways.orbits import cubics
from runaways.orbits.integration import trace
from runaways.tables import intact

SPACING = 5.0  # Myr between knots; 0.01 pc of interpolation error for a circular orbit at 8.5 kpc
ORBITS_AT_ONCE = 4096  # bounds the memory of one call to galpy; no result depends on it
SLACK = 1e-5  # kpc, on the bounds: they are kept in single precision

KINEMATICS = ("distance", "pmra", "pmdec", "rv")
BOUNDS = ("r_lower", "r_upper", "z_lower", "z_upper", "bend")


@dataclass(frozen=True)
class ClusterOrbits:
    """Trajectories of the draws of many clusters.

    Clusters are in order of their number of knots, longest first, then by name. Knot k exists for
    the first `count[k]` of them, and is kept in the rows of `state` from `first[k]` on.

    Attributes
    ----------
    name : ndarray of str, shape (n_clusters,)
    age : ndarray, shape (n_clusters, 1 + n_draws)
        Drawn ages [Myr]; infinite where the catalogue has none.
    failed : ndarray of int, shape (n_clusters,)
        Draws that could not be traced: they meet no star.
    spacing : float
        Time between knots [Myr].
    t_max : float
        No cluster is traced further back [Myr].
    count : ndarray of int, shape (n_knots,)
    state : ndarray of float32, shape (sum(count), 6, 1 + n_draws)
        x, y, z [kpc], v_x, v_y, v_z [km/s]; may be a memory map.
    bounds : ndarray of float32, shape (sum(count[1:]), 5)
        For each interval between knots and cluster, over all draws: `BOUNDS` [kpc].
    """

    name: np.ndarray
    age: np.ndarray
    failed: np.ndarray
    spacing: float
    t_max: float
    count: np.ndarray
    state: np.ndarray
    bounds: np.ndarray

    @property
    def n_draws(self):
        """Draws of each cluster, without the catalogue values."""
        return self.age.shape[1] - 1

    def first(self, knot):
        """First row of `state` of a knot."""
        return int(self.count[:knot].sum())

    def interval(self, k):
        """Number of clusters traced through interval k, and their `bounds`."""
        if k + 1 >= len(self.count):
            return 0, self.bounds[:0]
        start = int(self.count[1 : k + 1].sum())
        return int(self.count[k + 1]), self.bounds[start : start + self.count[k + 1]]

    def piece(self, k, clusters, draws=slice(None)):
        """Control points of draws of some clusters in interval k.

        Parameters
        ----------
        k : int
        clusters : ndarray of int, shape (n,)
            Positions in `name`; each below the interval's number of clusters.
        draws : slice

        Returns
        -------
        tuple of four ndarray, shape (3, n, draws)
            float64 [kpc].
        """
        ends = []
        for knot in (k, k + 1):
            state = self.state[self.first(knot) + clusters, :, draws].swapaxes(0, 1)
            ends += list(np.ascontiguousarray(state, float).reshape(2, 3, *state.shape[1:]))
        return cubics.control_points(*ends, self.spacing)

    def trajectory(self, name, times, draw=0):
        """Where a cluster was.

        Parameters
        ----------
        name : str
        times : ndarray, shape (m,)
            Look-back times [Myr].
        draw : int
            0 is the catalogue's values.

        Returns
        -------
        position, velocity : ndarray, shape (m, 3)
            [kpc], [km/s]; NaN before the cluster was born and beyond what was traced.
        """
        cluster = self.index(name)
        times = np.asarray(times, float)
        knots = int(np.sum(self.count > cluster))
        rows = [self.first(knot) + cluster for knot in range(knots)]
        state = np.asarray(self.state[rows, :, draw], float)
        interval = np.clip((times / self.spacing).astype(int), 0, knots - 2)
        start, end = state[interval].T, state[interval + 1].T
        points = cubics.control_points(start[:3], start[3:], end[:3], end[3:], self.spacing)
        place, slope = cubics.at(points, times / self.spacing - interval)
        velocity = slope * (-cubics.MYR_PER_KPC_KM_S / self.spacing)
        known = times <= min(self.age[cluster, draw], (knots - 1) * self.spacing)
        return np.where(known, place, np.nan).T, np.where(known, velocity, np.nan).T

    def index(self, name):
        """Position of a cluster in `name`; ValueError if it has no orbit."""
        found = np.flatnonzero(self.name == name)
        if len(found) == 0:
            raise ValueError(f"cluster {name!r} has no orbit")
        return int(found[0])


def trace_clusters(table, potential, *, t_max, n_draws=64, seed=0, spacing=SPACING):
    """Trace every usable cluster back, with its errors.

    Parameters
    ----------
    table : astropy.table.Table
        As from `cluster_list.assess`; rows with `usable` False are left out.
    potential : potentials.Potential
        With its frame: that of the stars.
    t_max : float
        The oldest age of a star's draw [Myr].
    n_draws : int
    seed : int
    spacing : float
        Time between knots [Myr].

    Returns
    -------
    ClusterOrbits

    Raises
    ------
    ValueError
        If no cluster is usable, or t_max or n_draws is not positive.
    """
    if not (t_max > 0 and n_draws > 0):
        raise ValueError(f"t_max {t_max} and n_draws {n_draws} must be positive")
    table = table[np.asarray(table["usable"])]
    if len(table) == 0:
        raise ValueError("no cluster of the catalogue has an orbit")
    drawn = draw_clusters(table, n_draws, seed)
    span = np.minimum(drawn["age"].max(axis=1), t_max)
    knots = np.maximum(np.ceil(span / spacing).astype(int), 1) + 1
    order = np.lexsort((np.array(table["name"], str), -knots))
    table, knots = table[order], knots[order]
    drawn = {quantity: values[order] for quantity, values in drawn.items()}
    count = np.array([np.sum(knots > k) for k in range(knots[0])])
    state = np.empty((count.sum(), 6, n_draws + 1), np.float32)
    failed = _trace_all(table, drawn, knots, count, spacing, potential, state)
    name = np.array(table["name"], str)
    bounds = np.empty((count[1:].sum(), len(BOUNDS)), np.float32)
    orbits = ClusterOrbits(name, drawn["age"], failed, spacing, float(t_max), count, state, bounds)
    _bound_all(orbits)
    return orbits


def _trace_all(table, drawn, knots, count, spacing, potential, state):
    """Fill `state`; clusters with the same number of knots share galpy's call."""
    first = np.concatenate([[0], np.cumsum(count)])
    failed = np.zeros(len(table), int)
    n_draws = drawn["age"].shape[1]
    # without errors all draws are one orbit: OpenNGC has none
    scattered = [(drawn[q] != drawn[q][:, :1]).any(axis=1) for q in KINEMATICS]
    width = np.where(np.any(scattered, axis=0), n_draws, 1)
    for length, draws in sorted(set(zip(knots.tolist(), width.tolist()))):
        same = np.flatnonzero((knots == length) & (width == draws))
        per_call = max(1, ORBITS_AT_ONCE // draws)
        for some in np.split(same, range(per_call, len(same), per_call)):
            kinematics = [drawn[q][some, :draws].ravel() for q in KINEMATICS]
            ra, dec = (np.repeat(np.asarray(table[c])[some], draws) for c in ("ra", "dec"))
            today = galactocentric(*heliocentric(ra, dec, *kinematics), potential.frame)
            times = np.broadcast_to(np.arange(length) * spacing, (len(ra), length))
            paths = np.concatenate(trace(*today, times, potential), axis=-1)
            paths = paths.reshape(len(some), draws, length, 6).transpose(2, 0, 3, 1)
            lost = np.broadcast_to(np.isnan(paths[-1, :, 0]), (len(some), n_draws))
            failed[some] = lost[:, 1:].sum(axis=1)
            for knot in range(length):
                state[first[knot] + some] = paths[knot]
    return failed


def _bound_all(orbits):
    for k in range(len(orbits.count) - 1):
        n, bounds = orbits.interval(k)
        for some in np.split(np.arange(n), range(512, n, 512)):  # to bound the memory
            points = orbits.piece(k, some)
            with np.errstate(invalid="ignore"):
                bounds[some] = np.stack(_bounds(points), axis=-1)


def _bounds(points):
    """`BOUNDS` of pieces of shape (3, n, draws), over the draws; failed draws are passed over."""
    r_lower, r_upper, z_lower, z_upper = cubics.meridional_box(points)
    alive = np.isfinite(z_lower)

    def least(values):
        return np.where(alive, values, np.inf).min(axis=1)

    def most(values):
        return np.where(alive, values, -np.inf).max(axis=1)

    return (
        least(r_lower) - SLACK,
        most(r_upper) + SLACK,
        least(z_lower) - SLACK,
        most(z_upper) + SLACK,
        most(cubics.largest_bend(points)) + SLACK,
    )


def write_orbits(orbits, path, **stamp):
    """Keep orbits in two files that can be read in parts.

    Parameters
    ----------
    orbits : ClusterOrbits
    path : str or pathlib.Path
        An `.npy` file for the trajectories; the rest goes to the `.npz` file beside it.
    **stamp
        Provenance to keep with them.
    """
    path = Path(path)
    np.save(path, orbits.state)
    rest = {k: v for k, v in vars(orbits).items() if k != "state"}
    crc = zlib.crc32(np.ascontiguousarray(orbits.state))
    np.savez(path.with_suffix(".npz"), stamp=json.dumps(stamp), crc=crc, **rest)


def read_orbits(path):
    """Orbits as kept by `write_orbits`; the trajectories stay on disk until they are needed.

    Parameters
    ----------
    path : str or pathlib.Path
        The `.npy` file.

    Returns
    -------
    orbits : ClusterOrbits
    stamp : dict
        Their provenance.
    """
    path = Path(path)
    with intact(path.with_suffix(".npz")), np.load(path.with_suffix(".npz")) as rest:
        values = {k: rest[k] for k in rest.files}
        stamp, crc = json.loads(str(values.pop("stamp"))), int(values.pop("crc"))
        scalars = {k: float(values.pop(k)) for k in ("spacing", "t_max")}
    with intact(path):
        state = np.load(path, mmap_mode="r")
        if zlib.crc32(state) != crc:
            raise ValueError("its content is not what was written")
    return ClusterOrbits(state=state, **values, **scalars), stamp

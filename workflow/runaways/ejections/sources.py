"""Clusters as sources of ejected stars: where they were, how surely, and how many they formed."""

import json
from dataclasses import dataclass, replace

import numpy as np
from astropy.table import Table

from runaways.clusters.cluster_list import numbers, rv_flags
from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import trace
from runaways.tables import conform, intact, table_schema

LOOK_BACK_CLUSTERS = 100.0  # Myr: beyond, the place of hardly any cluster is known
# What a cluster may lack and still take part: its RV is then that of rotation
_TOLERATED = "no radial velocity"
_RADIUS_TO_SIGMA = 1.1774  # of a normal in two dimensions, the radius that holds half
_LEAST_SIGMA = 1e-3  # kpc
# Cells of distance [kpc] and age [Myr] within which star formation is shared out by members
_DISTANCES = np.array([0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 20.0])
_AGES = np.array([0, 10, 30, 100, 300, 1000, 2e4])
_AT_ONCE = 2000  # clusters traced in one call


@dataclass(frozen=True)
class ClusterSources:
    """Clusters as normal distributions in phase space along look-back time.

    Attributes
    ----------
    name, group, rv_flags : ndarray of str, shape (c,)
        Group is "" where a cluster stands by itself; flags as from `cluster_list.rv_flags`.
    x, v : ndarray of float32, shape (m, c, 3)
        At the middles of the segments [kpc, km/s].
    place : ndarray of float32, shape (m, c, 3, 3)
        Covariance of where a star left it: errors and the cluster's radius [kpc^2].
    cross, velocity : ndarray of float32, shape (m, c, 3, 3)
        Covariance of velocity with place, and of velocity [kpc km/s, km^2/s^2].
    certain : ndarray of bool, shape (m, c)
        Whether its place is known well enough; where not it counts as a part of the field.
    formed : ndarray, shape (c,)
        Stars formed, in those of a kpc^2 of the disk at the Sun in a Myr.
    birth : ndarray, shape (c, n)
        Density of its age on the grid of ages [per Myr].
    age : ndarray, shape (c,)
        [Myr]; NaN if not known.
    azimuth : ndarray, shape (c,)
        Today, Galactocentric [rad].
    theta, sigma : ndarray, shape (4, c)
        Distance [kpc], pmra, pmdec [mas/yr], rv [km/s] as used, and their errors.
    extent : ndarray, shape (c,)
        1-D standard deviation of its stars' places [kpc].
    ra, dec : ndarray, shape (c,)
        [deg].
    known : ndarray, shape (m, n)
        For each segment and cell of age, the share of the stars of all clusters that are of those
        whose place is known.
    """

    name: np.ndarray
    group: np.ndarray
    rv_flags: np.ndarray
    x: np.ndarray
    v: np.ndarray
    place: np.ndarray
    cross: np.ndarray
    velocity: np.ndarray
    certain: np.ndarray
    formed: np.ndarray
    birth: np.ndarray
    age: np.ndarray
    azimuth: np.ndarray
    theta: np.ndarray
    sigma: np.ndarray
    extent: np.ndarray
    ra: np.ndarray
    dec: np.ndarray
    known: np.ndarray

    def __len__(self):
        return len(self.name)


_ALONG_TIME = ("x", "v", "place", "cross", "velocity", "certain")
_BY_CLUSTER = (
    "name",
    "group",
    "rv_flags",
    "formed",
    "birth",
    "age",
    "azimuth",
    "extent",
    "ra",
    "dec",
)


def usable(table):
    """Which clusters of an assessed table can be sources, shape (c,) of bool.

    All that nothing but a radial velocity keeps from having an orbit.
    """
    reason = np.array([str(text) for text in table["reason"]])
    ok = np.isin(reason, ("", _TOLERATED))
    for name in ("ra", "dec", "pmra", "pmdec"):
        ok &= np.isfinite(numbers(table[name]))
    return ok & (numbers(table["distance"]) > 0)


def trace_clusters(table, galaxy):
    """Carry every cluster with its errors back in time, once for all stars.

    Parameters
    ----------
    table : astropy.table.Table
        As from `clusters.assess`; those without a radial velocity take part. Optional columns:
        ``members`` (their number), ``group`` (name of an association it is a part of).
    galaxy : Galaxy

    Returns
    -------
    ClusterSources
        Of the `usable` ones, in the order of the table; none if there is none.
    """
    table = table[usable(table)]
    columns = {name: _column(table, name) for name in _NUMBERS}
    theta, sigma = _kinematics(columns, galaxy)
    segments = int((galaxy.edges[1:] <= LOOK_BACK_CLUSTERS).sum())
    today, _ = _today(columns, theta, galaxy.frame)
    radius = np.nan_to_num(columns["radius"], nan=galaxy.priors.typical_radius) / 1000
    extent = np.maximum(radius / _RADIUS_TO_SIGMA, _LEAST_SIGMA)
    paths = _paths(columns, theta, sigma, extent, segments, galaxy)
    age = 10 ** (columns["log_age"] - 6)
    group = table["group"] if "group" in table.colnames else np.full(len(table), "")
    traced = {k: np.concatenate(parts, axis=1) for k, parts in paths.items()}
    listed = _formed(columns, np.hypot(today[0], today[1]), galaxy)
    formed = np.minimum(listed, galaxy.priors.largest_cluster)
    birth = _birth(columns, galaxy)
    return ClusterSources(
        name=np.array([str(name) for name in table["name"]]),
        group=np.array([str(name) for name in group]),
        rv_flags=rv_flags(Table(columns)).astype(str),
        formed=formed,
        birth=birth,
        age=age,
        azimuth=np.arctan2(today[1], today[0]),
        theta=theta,
        sigma=sigma,
        extent=extent,
        ra=columns["ra"],
        dec=columns["dec"],
        known=_known(traced["certain"], formed[:, None] * birth, listed[:, None] * birth),
        **traced,
    )


_NUMBERS = ("ra", "dec", "distance", "distance_lower", "distance_upper", "pmra", "pmra_error")
_NUMBERS += ("pmdec", "pmdec_error", "rv", "rv_error", "n_rv", "radius", "members")
_NUMBERS += ("log_age", "log_age_lower", "log_age_upper")


def _column(table, name):
    return numbers(table[name]) if name in table.colnames else np.full(len(table), np.nan)


def _today(columns, theta, frame):
    return galactocentric(*heliocentric(columns["ra"], columns["dec"], *theta), frame)


def _kinematics(columns, galaxy):
    """Distance, proper motion and RV with the errors that they have in truth, shape (4, c)."""
    p = galaxy.priors
    distance = columns["distance"]
    half = (columns["distance_upper"] - columns["distance_lower"]) / 2
    distance_error = np.hypot(np.nan_to_num(half), p.parallax_floor * distance**2)
    # the RV printed, with a floor by the number of its stars ...
    counted = np.where(columns["n_rv"] > 0, columns["n_rv"], p.rv_typical_count)
    error = np.nan_to_num(columns["rv_error"], nan=p.rv_unknown_error)
    precision = 1 / (error**2 + p.rv_floor**2 / counted)
    precision = np.where(np.isfinite(columns["rv"]), precision, 0.0)
    # ... and what rotation lets expect, weighed by their errors
    expected = _rv_of_rotation(columns, galaxy)
    both = precision + p.rv_rotation**-2
    rv = (np.nan_to_num(columns["rv"]) * precision + expected * p.rv_rotation**-2) / both
    pm = [columns["pmra"], columns["pmdec"]]
    pm_error = [np.nan_to_num(columns[f"{name}_error"]) for name in ("pmra", "pmdec")]
    return np.array([distance, *pm, rv]), np.array([distance_error, *pm_error, both**-0.5])


def _rv_of_rotation(columns, galaxy):
    """RV of a body on a circular orbit at each cluster [km/s]."""
    zero = 0 * columns["distance"]
    x, sun = _today(columns, [columns["distance"], zero, zero, zero], galaxy.frame)
    receding = _today(columns, [columns["distance"], zero, zero, zero + 1], galaxy.frame)[1] - sun
    return ((galaxy.rotating(x.T).T - sun) * receding).sum(axis=0)


def _paths(columns, theta, sigma, extent, segments, galaxy):
    """Centres and covariances along time, as lists of parts of `_AT_ONCE` clusters."""
    tau = galaxy.tau[:segments]
    parts = {name: [] for name in _ALONG_TIME}
    for first in range(0, max(theta.shape[1], 1), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        own = {k: columns[k][some] for k in ("ra", "dec")}
        centre = theta[:, some]
        beside = [centre + sigma[:, some] * np.eye(4)[:, [i]] for i in range(4)]
        n = centre.shape[1]
        times = np.broadcast_to(np.concatenate([[0.0], tau]), (n, segments + 1))
        paths = [
            trace(*_today(own, q, galaxy.frame), times, galaxy.potential) for q in (centre, *beside)
        ]
        x, v = (np.array([p[i][:, 1:] for p in paths]).swapaxes(1, 2) for i in (0, 1))
        jx, jv = (np.moveaxis(q[1:] - q[0], 0, -1) for q in (x, v))
        errors = _products(jx, jx)
        spread = np.sqrt(np.einsum("tcii->tc", errors))
        new = {
            "x": x[0],
            "v": v[0],
            "place": errors + extent[some, None, None] ** 2 * np.eye(3),
            "cross": _products(jv, jx),
            "velocity": _products(jv, jv),
        }
        for name, values in new.items():
            parts[name].append(values.astype(np.float32))
        # NaN of a failed orbit compares False
        parts["certain"].append(spread < galaxy.priors.lost_beyond)
    return parts


def _products(a, b):
    return np.einsum("tcij,tckj->tcik", a, b)


def _birth(columns, galaxy):
    """Density of each cluster's age, shape (c, n)."""
    p, ages = galaxy.priors, galaxy.ages
    half = (columns["log_age_upper"] - columns["log_age_lower"]) / 2 * np.log(10)
    sigma = np.hypot(np.nan_to_num(half), p.cluster_age_floor)
    birth = ages.log_normal(10 ** (columns["log_age"] - 6), sigma)
    # of unknown age: as the catalogue's are on the whole
    whole = np.exp(-ages.age / p.listed_age) / p.listed_age
    return np.where(np.isfinite(columns["log_age"])[:, None], birth, whole)


def _known(certain, stars, listed):
    # what is too much for the clusters there are was of clusters that are not known, and so was
    # what formed in a cell of age that no cluster is of
    known = np.einsum("tc,ca->ta", certain.astype(float), stars)
    return known / np.maximum(listed.sum(axis=0), 1e-300)


def _formed(columns, radius, galaxy):
    """Stars formed by each cluster, in those formed per kpc^2 and Myr at the Sun.

    In each cell of distance and age the share of star formation that a catalogue lists is divided
    among its clusters by their members; those of unknown age are a cell of all ages.
    """
    distance, log_age = columns["distance"], columns["log_age"]
    aged = np.isfinite(log_age)
    members = np.nan_to_num(columns["members"], nan=galaxy.priors.typical_members)
    members = np.maximum(members, 1.0)
    near = np.digitize(distance, _DISTANCES) - 1
    old = np.where(aged, np.digitize(10 ** (np.nan_to_num(log_age) - 6), _AGES) - 1, -1)
    formed = np.zeros(len(distance))
    for cell in {*zip(near.tolist(), old.tolist())}:
        i, j = cell
        if i + 1 >= len(_DISTANCES):
            continue
        here = (near == i) & (old == j)
        same_distance = near == i
        share = np.mean(aged[same_distance] == (j >= 0))
        start, end = (_AGES[j], _AGES[min(j + 1, len(_AGES) - 1)]) if j >= 0 else (0, np.inf)
        scale = galaxy.priors.listed_age
        span = scale * (np.exp(-start / scale) - np.exp(-end / scale))
        area = np.pi * (_DISTANCES[i + 1] ** 2 - _DISTANCES[i] ** 2)
        density = (galaxy.listed(distance[here]) * galaxy.surface(radius[here])).mean()
        formed[here] = share * density * area * span * members[here] / members[here].sum()
    return formed


def pick(sources, rows):
    """Some of the clusters, by their positions, shape (k,) of int."""
    along_time = {k: getattr(sources, k)[:, rows] for k in _ALONG_TIME}
    by_cluster = {k: getattr(sources, k)[rows] for k in _BY_CLUSTER}
    both = {k: getattr(sources, k)[:, rows] for k in ("theta", "sigma")}
    return replace(sources, **along_time, **by_cluster, **both)


def path_of(sources, row, galaxy):
    """Orbit of a cluster as a source, as far back as its place is known.

    Parameters
    ----------
    sources : ClusterSources
    row : int or None
        Its position; without one the table has no rows.
    galaxy : Galaxy
        In which they were traced.

    Returns
    -------
    Table
        Table ``cluster_path``, of no star in particular.
    """
    names = table_schema("cluster_path")["required"]
    if row is None:
        return conform(Table(np.empty((0, len(names))), names=names), "cluster_path")
    columns = {"ra": sources.ra[[row]], "dec": sources.dec[[row]]}
    today = np.concatenate(_today(columns, sources.theta[:, [row]], galaxy.frame))[:, 0]
    before = np.concatenate([sources.x[:, row], sources.v[:, row]], axis=1)
    known = np.append(True, sources.certain[:, row])
    table = Table(np.vstack([today, before])[known], names=names[3:])
    table["look_back_time"] = np.append(0.0, galaxy.tau[: len(before)])[known]
    table["star"], table["cluster"] = "", str(sources.name[row])
    return conform(table, "cluster_path")


def write_sources(sources, path, **stamp):
    """Keep sources in an `.npz` file, with their provenance."""
    np.savez(path, stamp=json.dumps(stamp), **vars(sources))


def read_sources(path):
    """Sources as kept by `write_sources`, and their provenance.

    Returns
    -------
    sources : ClusterSources
    stamp : dict
    """
    with intact(path), np.load(path) as kept:
        values = {name: kept[name] for name in kept.files}
        stamp = json.loads(str(values.pop("stamp")))
        return ClusterSources(**values), stamp

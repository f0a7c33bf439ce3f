"""Two bodies in one place and time: their kernels against each other, and against a cluster."""

from dataclasses import dataclass

import numpy as np

from runaways.ejections import passages


@dataclass(frozen=True)
class Meetings:
    """Of the kernels of two bodies, in one place and segment of time; all of shape (n, ...).

    Attributes
    ----------
    rate, rate_cluster : ndarray
        Anywhere, and in the cluster, per event.
    first, second : ndarray of int
        Kernels of the two.
    centre, sd, low, high : ndarray
        Of the time, as in `passages.Passages`.
    v_first, v_second, v_relative : ndarray
        Against rotation, or the cluster, and each other [km/s].
    site : ndarray, shape (n, 3)
        [kpc].
    """

    rate: np.ndarray
    rate_cluster: np.ndarray
    first: np.ndarray
    second: np.ndarray
    centre: np.ndarray
    sd: np.ndarray
    low: np.ndarray
    high: np.ndarray
    v_first: np.ndarray
    v_second: np.ndarray
    v_relative: np.ndarray
    site: np.ndarray


def meeting(t, kernels, channels, cluster, galaxy):
    """Meetings of two bodies in one segment of look-back time.

    Parameters
    ----------
    t : int
        Number of the segment.
    kernels : two Kernels
    channels : two of int
        How each was ejected, positions in `speeds.CHANNELS`.
    cluster : ClusterSources or None
        One cluster.
    galaxy : Galaxy

    Returns
    -------
    dict or None
        Fields of `Meetings`, the rates per Myr of T(tau); None if nothing meets.
    """
    one, two = kernels
    place, cross, velocity = two.covariances(t)
    jitter = 2 * galaxy.priors.common_site**2 * np.eye(3)
    place = place + jitter
    other = two.x[t], two.v[t], place, cross, velocity
    found = passages.passages_at(t, one, other, galaxy.tau[t], galaxy.width[t])
    if found is None:
        return None
    i, j, solved, site = (found[name] for name in ("kernel", "source", "solved", "site"))
    own = one.covariances(t)
    inverse, _ = passages.inverse_3(own[0][i] + place[j])
    left = own[0][i] - np.einsum("nij,njk,nkl->nil", own[0][i], inverse, own[0][i])
    v_one, blur_one = _at_meeting(one.v[t, i], own, i, inverse, -solved)
    v_two, blur_two = _at_meeting(two.v[t, j], (place, cross, velocity), j, inverse, solved)
    rotation = galaxy.rotating(site)
    against = [_length(v - rotation) for v in (v_one, v_two)]
    weight = one.weight[i] * two.weight[j]
    rate = weight * found["density"] * _born(site, left[:, 2, 2], galaxy)
    dispersion = galaxy.priors.field_dispersion
    for speed, channel, blur in zip(against, channels, (blur_one, blur_two)):
        rate = rate * galaxy.speeds.density(speed, channel, np.hypot(blur, dispersion))
    met = {name: found[name] for name in ("centre", "sd", "low", "high", "site")}
    met |= {"rate": rate, "rate_cluster": np.zeros(len(rate)), "first": i, "second": j}
    met |= {"v_first": against[0], "v_second": against[1], "v_relative": _length(v_one - v_two)}
    if cluster is not None and t < len(cluster.x):
        met |= _in_cluster(t, i, j, kernels, channels, cluster, galaxy, weight)
    return met


def _length(v):
    return np.sqrt((v**2).sum(axis=1))


def _at_meeting(v, covariances, rows, inverse, solved):
    """Velocity of a body where the two are in one place, and its 1-D standard deviation."""
    _, cross, velocity = (q[rows] for q in covariances)
    left = np.einsum("nii->n", velocity) - np.einsum("nij,njk,nik->n", cross, inverse, cross)
    moved = v + np.einsum("nij,nj->ni", cross, solved)
    return moved, np.sqrt(np.maximum(left, 0) / 3)


def _born(site, variance, galaxy):
    """Star formation per volume at places, whose heights are uncertain [1/kpc, 1 at the Sun]."""
    sigma = np.sqrt(galaxy.priors.layer_height**2 + np.maximum(variance, 0))
    layer = np.exp(-0.5 * (site[:, 2] / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)
    return layer * galaxy.surface(np.hypot(site[:, 0], site[:, 1]))


def _in_cluster(t, i, j, kernels, channels, cluster, galaxy, weight):
    """Rates of two bodies and a cluster: both relative to it, its error common to both."""
    p, half = galaxy.priors, galaxy.width[t] / 2
    bodies = list(zip(kernels, (i, j), channels))
    cov = [body.covariances(t) for body in kernels]
    x, v, q = (np.asarray(a[t, 0], float) for a in (cluster.x, cluster.v, cluster.cross))
    common = np.tile(np.asarray(cluster.place[t, 0], float), (2, 2))
    s = np.tile(common + p.common_site**2 * np.eye(6), (len(i), 1, 1))
    s[:, :3, :3] += cov[0][0][i]
    s[:, 3:, 3:] += cov[1][0][j]
    apart = np.concatenate([body.x[t, row] - x for body, row, _ in bodies], axis=1)
    relative = [body.v[t, row] - v for body, row, _ in bodies]
    change = -np.concatenate(relative, axis=1) * passages.KPC_PER_MYR
    met = passages.crossing(apart, change, s, half)
    solved = met["solved"][:, :3], met["solved"][:, 3:]
    moved = np.einsum("ij,nj->ni", q, solved[0] + solved[1])
    rate, speeds = weight * met["density"], []
    for own, first, (_, row, channel), (_, vx, _) in zip(relative, solved, bodies, cov):
        speeds.append(_length(own - np.einsum("nij,nj->ni", vx[row], first) - moved))
        rate = rate * galaxy.speeds.density(speeds[-1], channel, p.cluster_dispersion)
    return {"rate_cluster": rate, "v_first": speeds[0], "v_second": speeds[1]}

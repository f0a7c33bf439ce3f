"""Where kernels of a star meet normal distributions: clusters, the centre, another star.

In every segment of look-back time bodies near each other move straight against each other, so that
the density of their meeting, integrated over the segment, is known in closed form.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from runaways.ejections import compiled
from runaways.ejections.compiled import KPC_PER_MYR, REACH

_TWO_PI = 2 * np.pi
_TOGETHER = 5  # segments for which clusters near the star's cloud are looked for at once


@dataclass(frozen=True)
class Passages:
    """Every meeting of a kernel with a source in a segment.

    Attributes
    ----------
    segment, kernel, source : ndarray of int32, shape (n,)
    density : ndarray, shape (n,)
        int dtau of the normal density of their separation [Myr / kpc^3].
    tau, low, high : ndarray, shape (n,)
        Where the density peaks, within the segment, and the ends of the segment in standard
        deviations of the time about the unrestricted peak.
    centre, sd : ndarray, shape (n,)
        Unrestricted peak and standard deviation of the time [Myr].
    speed, blur : ndarray, shape (n,)
        Relative speed where they are in one place, and the 1-D standard deviation of the relative
        velocity then [km/s].
    site : ndarray, shape (n, 3)
        Where [kpc].
    solved : ndarray, shape (n, 3)
        S^-1 of their separation where the density peaks [1/kpc]: kernel and source have moved by
        their covariance with place times it, against and along, to be in one place.
    """

    segment: np.ndarray
    kernel: np.ndarray
    source: np.ndarray
    density: np.ndarray
    low: np.ndarray
    high: np.ndarray
    centre: np.ndarray
    sd: np.ndarray
    speed: np.ndarray
    blur: np.ndarray
    site: np.ndarray
    solved: np.ndarray

    def __len__(self):
        return len(self.segment)

    def pick(self, rows):
        """Some of them, by a mask or positions."""
        return Passages(**{k: values[rows] for k, values in vars(self).items()})


_WIDTHS = {"site": (3,), "solved": (3,)}
_WHOLE = ("segment", "kernel", "source")


def stack(parts):
    """Passages of several segments as one; of none an empty one."""
    names = Passages.__dataclass_fields__
    if parts:
        return Passages(**{k: np.concatenate([part[k] for part in parts]) for k in names})
    return Passages(
        **{k: np.empty((0, *_WIDTHS.get(k, ())), np.int32 if k in _WHOLE else float) for k in names}
    )


def crossing(r, w, s, half):
    """int du N(r + w u; 0, S) over -half < u < half.

    Parameters
    ----------
    r, w : ndarray, shape (n, k)
        Separation in the middle of the segment [kpc] and its change per look-back time [kpc/Myr].
    s : ndarray, shape (n, k, k)
        Covariance of the separation [kpc^2].
    half : float
        [Myr].

    Returns
    -------
    dict of ndarray, shape (n,)
        ``density`` the integral [Myr / kpc^k]; ``centre``, ``sd`` of the normal in u, ``low``,
        ``high`` the ends in its standard deviations; ``far`` squared Mahalanobis distance where
        the density is largest within the segment, and ``solved``, S^-1 (r + w u) there, (n, k).
    """
    k = r.shape[1]
    inverse, determinant = np.linalg.inv(s), np.linalg.det(s)
    s_w = np.einsum("nij,nj->ni", inverse, w)
    s_r = np.einsum("nij,nj->ni", inverse, r)
    ww, wr, rr = ((a * b).sum(axis=1) for a, b in ((s_w, w), (s_w, r), (s_r, r)))
    ww = np.maximum(ww, 1e-30)
    root = np.sqrt(ww)
    centre = -wr / ww
    low, high = root * (-half - centre), root * (half - centre)
    # both tails are taken on the side where they are small numbers, not differences from 1
    late = low > 0
    inside = np.where(late, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    across = np.maximum(rr - wr**2 / ww, 0.0)
    density = np.exp(-0.5 * across) * inside / (root * np.sqrt(determinant))
    peak = np.clip(centre, -half, half)
    return {
        "density": density * _TWO_PI ** ((1 - k) / 2),
        "centre": centre,
        "sd": 1 / root,
        "low": low,
        "high": high,
        "far": across + ww * (peak - centre) ** 2,
        "solved": s_r + s_w * peak[:, None],
        "peak": peak,
    }


def inverse_3(s):
    """Inverse and determinant of symmetric matrices, shape (n, 3, 3), by their cofactors."""
    xx, xy, xz = s[:, 0, 0], s[:, 0, 1], s[:, 0, 2]
    yy, yz, zz = s[:, 1, 1], s[:, 1, 2], s[:, 2, 2]
    cofactors = np.empty_like(s)
    cofactors[:, 0, 0] = yy * zz - yz**2
    cofactors[:, 1, 1] = xx * zz - xz**2
    cofactors[:, 2, 2] = xx * yy - xy**2
    cofactors[:, 0, 1] = cofactors[:, 1, 0] = xz * yz - xy * zz
    cofactors[:, 0, 2] = cofactors[:, 2, 0] = xy * yz - xz * yy
    cofactors[:, 1, 2] = cofactors[:, 2, 1] = xy * xz - xx * yz
    determinant = xx * cofactors[:, 0, 0] + xy * cofactors[:, 0, 1] + xz * cofactors[:, 0, 2]
    return cofactors / determinant[:, None, None], determinant


def passages_at(t, kernels, sources, tau, width, live=None):
    """Meetings of the kernels with sources in one segment.

    Parameters
    ----------
    t : int
        Number of the segment.
    kernels : Kernels
    sources : tuple of ndarray
        Of normal distributions in the middle of the segment: places and velocities, shape (k, 3);
        covariances of place with place, velocity with place, velocity with velocity, (k, 3, 3).
    tau, width : float
        Middle and length of the segment [Myr].
    live : ndarray of int, optional
        Which of the sources to look at.

    Returns
    -------
    dict or None
        The fields of `Passages`; None if nothing meets.
    """
    x, v = kernels.x[t], kernels.v[t]
    # along the axes of the star's cloud, which is long and thin, boxes are least empty
    mean = x.mean(axis=0)
    axes = np.linalg.eigh((x - mean).T @ (x - mean) + np.eye(3) * 1e-12)[1]
    order = np.argsort((x - mean) @ axes[:, 2], kind="stable")
    live = np.arange(len(sources[0])) if live is None else np.asarray(live, np.int64)
    star, sources, (live, axes) = (
        tuple(map(np.ascontiguousarray, arrays))
        for arrays in ((x, v, kernels.jx[t], kernels.jv[t]), sources, (live, axes))
    )
    pairs, found = compiled.meet(star, mean, axes, order, sources, live, width / 2)
    if not len(pairs):
        return None
    named = dict(zip(compiled.FOUND[:7], found.T))
    named |= {"kernel": pairs[:, 0], "source": pairs[:, 1]}
    named |= {"segment": np.full(len(pairs), t, np.int32)}
    named["centre"] = tau + named["centre"]
    return named | {"site": found[:, 7:10], "solved": found[:, 10:]}


def cluster_passages(kernels, sources, galaxy, clusters):
    """Meetings of a star with clusters.

    Parameters
    ----------
    kernels : Kernels
    sources : ClusterSources
    galaxy : Galaxy
    clusters : ndarray of bool, shape (q, c)
        Which to look at in each of the segments that clusters are traced to.

    Returns
    -------
    Passages
    """
    parts = []
    fields = ("x", "v", "place", "cross", "velocity")
    for t, some in _candidates(kernels, sources, galaxy, clusters):
        live = some[clusters[t, some]]
        if not len(live):
            continue
        at = tuple(getattr(sources, name)[t] for name in fields)
        found = passages_at(t, kernels, at, galaxy.tau[t], galaxy.width[t], live)
        if found is not None:
            parts.append(found)
    return stack(parts)


def _candidates(kernels, sources, galaxy, clusters):
    """Segments, and the clusters about the box of the star's cloud along x, y, z about then."""
    last = min(len(clusters), len(kernels.x))
    for first in range(0, last, _TOGETHER):
        segments = range(first, min(first + _TOGETHER, last))
        t = segments[len(segments) // 2]
        span = max(
            galaxy.edges[segments[-1] + 1] - galaxy.tau[t], galaxy.tau[t] - galaxy.edges[first]
        )
        some = np.flatnonzero(clusters[segments].any(axis=0))
        some = some[_within(kernels, sources, t, some, span)]
        if len(some):
            yield from ((segment, some) for segment in segments)


def _within(kernels, sources, t, live, span):
    """Clusters that can be within reach of the cloud within a span of time about a segment."""
    x, v = kernels.x[t], kernels.v[t]
    size = np.sqrt((kernels.jx[t] ** 2).sum(axis=2)).max(axis=0)
    place = sources.place[t, live]
    extent = np.sqrt(place[:, 0, 0] + place[:, 1, 1] + place[:, 2, 2])
    # both are a little larger at the other end of the span
    pad = 1.3 * REACH * (size + extent[:, None])
    fastest = np.abs(v - v.mean(axis=0)).max(axis=0)
    pad = pad + 1.2 * (np.abs(sources.v[t, live] - v.mean(axis=0)) + fastest) * (KPC_PER_MYR * span)
    at = sources.x[t, live]
    return ((at > x.min(axis=0) - pad) & (at < x.max(axis=0) + pad)).all(axis=1)


def centre_passages(kernels, galaxy):
    """Meetings of a star with the Galactic centre, which stands still at the origin."""
    p = galaxy.priors
    rest, none = np.zeros((1, 3)), np.zeros((1, 3, 3))
    still = rest, rest, np.eye(3)[None] * p.centre_radius**2, none, none
    size = np.sqrt((kernels.jx**2).sum(axis=(-1, -2)))
    moved = np.sqrt((kernels.v**2).sum(axis=-1)) * KPC_PER_MYR * galaxy.width[: len(size), None]
    apart = np.sqrt((kernels.x**2).sum(axis=-1))
    near = (apart < REACH * (size + 2 * p.centre_radius) + moved).any(axis=1)
    found = [
        passages_at(t, kernels, still, galaxy.tau[t], galaxy.width[t]) for t in np.flatnonzero(near)
    ]
    return stack([part for part in found if part is not None])

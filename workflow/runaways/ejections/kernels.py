"""A star as a mixture of normal kernels in phase space, each carried back along its own orbit."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from runaways.frames import KM_S_PER_MAS_YR_KPC, galactocentric, heliocentric
from runaways.orbits.integration import trace

# Kernels by the number of quantities that need them
COUNTS = {1: 128, 2: 256, 3: 1024, 4: 2048}
BLOCKS = 8  # of consecutive Sobol points: their scatter is the Monte Carlo error
WIDTH = 0.2  # of a kernel, in standard deviations of the star's posterior
# A quantity whose error moves the star by less than this is covered by one kernel's width [km/s]
COARSE = 2.0
_LEAST_SPEED = 60.0  # km/s: an error of the distance moves the star in its orbit, too
LATE = 100.0  # Myr: from then on only the quantities that need kernels have a width
_STEP = 0.1  # standard deviations, least distance of a neighbour
_CELL = 2.0**-30  # of scipy's Sobol points
_MOST_LOST = 0.5


class KernelError(RuntimeError):
    """A star most of whose orbits cannot be traced."""


@dataclass(frozen=True)
class Kernels:
    """Normal kernels along look-back time; time runs along the first axis.

    Attributes
    ----------
    x, v : ndarray, shape (m, n, 3)
        Centres at the middles of the segments [kpc, km/s].
    jx, jv : ndarray, shape (m, n, 3, 4)
        What one kernel width of each quantity changes [kpc, km/s].
    x_today, v_today : ndarray, shape (n, 3)
    jx_today, jv_today : ndarray, shape (n, 3, 4)
    weight : ndarray, shape (n,)
        W of each, sum 1 over those drawn: a sum over kernels is a mean over the posterior.
    theta : ndarray, shape (n, 4)
        Distance [kpc], pmra, pmdec [mas/yr], rv [km/s].
    z : ndarray, shape (n, 4)
        Centres in standard deviations of the posterior.
    h : ndarray, shape (4,)
        Widths in the same unit.
    block : ndarray of int, shape (n,)
        Which of the `BLOCKS` a kernel belongs to.
    branch : ndarray of int, shape (n,)
        Which of the star's radial velocities it has.
    """

    x: np.ndarray
    v: np.ndarray
    jx: np.ndarray
    jv: np.ndarray
    x_today: np.ndarray
    v_today: np.ndarray
    jx_today: np.ndarray
    jv_today: np.ndarray
    weight: np.ndarray
    theta: np.ndarray
    z: np.ndarray
    h: np.ndarray
    block: np.ndarray
    branch: np.ndarray

    def __len__(self):
        return len(self.weight)

    def covariances(self, t):
        """Of place with place, velocity with place and velocity with velocity at segment t.

        Returns
        -------
        three ndarray, shape (n, 3, 3)
            [kpc^2, kpc km/s, km^2/s^2].
        """
        jx, jv = self.jx[t], self.jv[t]
        return _outer(jx, jx), _outer(jv, jx), _outer(jv, jv)


def _outer(a, b):
    return np.einsum("nij,nkj->nik", a, b)


def sizes(star, rv):
    """What the error of each quantity moves a star by, shape (4,) [km/s]."""
    deviates = np.vstack([np.zeros(4), np.eye(4)]).T
    distance = star.quantities(deviates, rv)[0]
    per_mas_yr = KM_S_PER_MAS_YR_KPC * distance[0]
    tangential = max(per_mas_yr * np.hypot(*star.pm), _LEAST_SPEED)
    relative = distance[1] / distance[0] - 1
    return np.array([relative * tangential, *(per_mas_yr * star.pm_error), star.rv_error])


def make_kernels(star, galaxy, seed, *, segments=None, factor=1.0, width=WIDTH):
    """Kernels of a star, traced back.

    Quantities whose errors matter are covered by scrambled Sobol centres, drawn so much narrower
    that centres and kernels together have the spread of the posterior.

    Parameters
    ----------
    star : Star
    galaxy : Galaxy
    seed : int
    segments : int, optional
        Number of segments of look-back time to trace; all by default.
    factor : float
        Times the usual number of kernels, a power of 2.
    width : float
        Of the kernels, in standard deviations.

    Returns
    -------
    Kernels
        Those with an orbit. Where the sign of rv is unknown half of them are of each.

    Raises
    ------
    KernelError
        If more than half of the orbits cannot be traced.
    """
    tau = galaxy.tau[:segments]
    size = sizes(star, star.rvs[0])
    spread = size > COARSE
    spread[np.argmax(size)] = True
    n = max(int(COUNTS[int(spread.sum())] * factor), BLOCKS)
    h = np.where(spread, width, 1.0)
    parts = []
    for branch in range(len(star.rvs)):
        rng = star.generator(seed, f"kernels {branch}")
        u = qmc.Sobol(int(spread.sum()), scramble=True, rng=rng).random(n) + _CELL / 2
        z = np.zeros((4, n))
        z[spread] = np.sqrt(1 - h[spread, None] ** 2) * ndtri(u.T)
        parts.append(_traced(star, branch, z, h, tau, galaxy))
    return parts[0] if len(parts) == 1 else join(parts, np.concatenate([q.block for q in parts]))


def _traced(star, branch, z, h, tau, galaxy):
    n, rv = z.shape[1], star.rvs[branch]
    step = np.maximum(h, _STEP)
    beside = [z + (step[i] * np.eye(4)[i])[:, None] for i in range(4)]
    theta = star.quantities(np.concatenate([z, *beside], axis=1), rv).reshape(4, 5, n)
    ra, dec = (np.full(5 * n, q) for q in (star.ra, star.dec))
    today = galactocentric(*heliocentric(ra, dec, *theta.reshape(4, -1)), galaxy.frame)
    early = int((tau < LATE).sum())
    x, v = _paths(*(q.reshape(3, 5, n) for q in today), np.append(0.0, tau[:early]), galaxy)
    if early < len(tau):
        # long ago, where no place of a cluster is known, what hardly moves a star needs no width
        wide = np.append(True, h < 1)
        start = (np.moveaxis(q[wide, :, -1], -1, 0) for q in (x, v))
        late = _paths(*start, tau[early - 1 :] - tau[early - 1], galaxy)
        late = (_spread(q[:, :, 1:], wide) for q in late)
        x, v = (np.concatenate(q, axis=2) for q in zip((x, v), late))
    sound = np.isfinite(x).all(axis=(0, 2, 3)) & np.isfinite(v).all(axis=(0, 2, 3))
    if sound.mean() < _MOST_LOST:
        raise KernelError(f"orbit: {n - sound.sum()} of {n} kernels have none")
    x, v = (np.moveaxis(q[:, sound], 2, 1) for q in (x, v))
    # a failed orbit is left out, not weighed by 0: its NaN would stay one
    weight = star.weights(theta[0, 0])
    jx, jv = (_differences(q, h / step) for q in (x, v))
    return Kernels(
        x=np.ascontiguousarray(x[0, 1:]),
        v=np.ascontiguousarray(v[0, 1:]),
        jx=jx[1:],
        jv=jv[1:],
        x_today=x[0, 0],
        v_today=v[0, 0],
        jx_today=jx[0],
        jv_today=jv[0],
        weight=(weight / weight.sum())[sound],
        theta=theta[:, 0].T[sound],
        z=z.T[sound],
        h=h,
        block=(np.arange(n) * BLOCKS // n)[sound],
        branch=np.full(sound.sum(), branch),
    )


def _paths(x, v, times, galaxy):
    """Orbits of bodies, shape (3, k, n), at times from their start: two of (k, n, m, 3)."""
    shape = x.shape[1:]
    times = np.broadcast_to(times, (shape[0] * shape[1], len(times)))
    paths = trace(x.reshape(3, -1), v.reshape(3, -1), times, galaxy.potential)
    return tuple(q.reshape(*shape, *q.shape[1:]) for q in paths)


def _spread(paths, wide):
    """Paths of all five, those that were not traced beside the centre being on it."""
    every = np.repeat(paths[:1], len(wide), axis=0)
    every[wide] = paths
    return every


def _differences(q, scale):
    """(q_i - q_0) scale_i of shape (m, n, 3, 4), of paths of shape (5, m, n, 3)."""
    return np.ascontiguousarray(np.moveaxis(q[1:] - q[0], 0, -1) * scale)


def join(parts, block):
    """Several sets of kernels as one of which each has its share.

    Parameters
    ----------
    parts : list of Kernels
        Of as many segments and the same widths.
    block : ndarray of int, shape (n,)
        Block of each of all the kernels.

    Returns
    -------
    Kernels
    """
    along_time = {k: np.concatenate([getattr(p, k) for p in parts], axis=1) for k in _ALONG_TIME}
    others = {k: np.concatenate([getattr(p, k) for p in parts]) for k in _OTHERS}
    others |= {"weight": others["weight"] / len(parts), "block": block}
    return replace(parts[0], **along_time, **others)


_ALONG_TIME = ("x", "v", "jx", "jv")
_OTHERS = ("x_today", "v_today", "jx_today", "jv_today", "weight", "theta", "z", "block", "branch")


def pick(kernels, rows):
    """Some of the kernels, or one several times.

    Parameters
    ----------
    kernels : Kernels
    rows : ndarray of int or bool

    Returns
    -------
    Kernels
    """
    along_time = {k: getattr(kernels, k)[:, rows] for k in _ALONG_TIME}
    return replace(kernels, **along_time, **{k: getattr(kernels, k)[rows] for k in _OTHERS})


def shifted(kernels, star, shift, branch=0):
    """Kernels of a star measured anew: the same orbits' neighbours, without tracing them.

    Parameters
    ----------
    kernels : Kernels
    star : Star
    shift : ndarray, shape (4,)
        Of the posterior, in its standard deviations.
    branch : int
        Which radial velocity the shift is of: of one with the other sign it goes the other way.

    Returns
    -------
    Kernels
        Each from the nearest of the old ones of its branch, by its Jacobian.
    """
    rvs = np.array(star.rvs)
    signs = np.where(rvs * rvs[branch] < 0, -1.0, 1.0)[kernels.branch]
    wanted = kernels.z + shift * np.stack([*np.ones((3, len(signs))), signs], axis=1)
    covered = kernels.h < 1
    apart = ((wanted[:, None, covered] - kernels.z[None][..., covered]) ** 2).sum(axis=2)
    apart[kernels.branch[:, None] != kernels.branch] = np.inf
    new = pick(kernels, np.argmin(apart, axis=1))
    move = (wanted - new.z) / kernels.h
    # the distance that the weights are of does not depend on the radial velocity
    weight = star.weights(star.quantities(wanted.T, rvs[branch])[0])
    return replace(
        new,
        x=new.x + np.einsum("tnij,nj->tni", new.jx, move),
        v=new.v + np.einsum("tnij,nj->tni", new.jv, move),
        x_today=new.x_today + np.einsum("nij,nj->ni", new.jx_today, move),
        v_today=new.v_today + np.einsum("nij,nj->ni", new.jv_today, move),
        weight=weight / weight.sum(),
        z=wanted,
    )

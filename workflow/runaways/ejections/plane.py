"""The last crossing of the Galactic plane, whatever the source: when, where, how fast."""

import numpy as np

from runaways.ejections.passages import KPC_PER_MYR

DISK_RADIUS = 25.0  # kpc: farther out there is no disk to come from; assumed


def last_crossing(kernels, galaxy):
    """Where each kernel crossed the plane last.

    Parameters
    ----------
    kernels : Kernels
    galaxy : Galaxy

    Returns
    -------
    t, r, v : ndarray, shape (n,)
        Look-back time [Myr], Galactocentric radius [kpc] and speed against rotation [km/s]; NaN
        of those that did not cross it in the time traced.
    """
    z = np.concatenate([kernels.x_today[None, :, 2], kernels.x[..., 2]])
    times = np.concatenate([[0.0], galaxy.tau[: len(kernels.x)]])
    changed = np.signbit(z[1:]) != np.signbit(z[:-1])
    crossed = changed.any(axis=0)
    after = np.argmax(changed, axis=0) + 1
    rows = np.arange(z.shape[1])
    share = z[after - 1, rows] / (z[after - 1, rows] - z[after, rows] + 1e-300)
    t = times[after - 1] + share * (times[after] - times[after - 1])
    back = (KPC_PER_MYR * (t - times[after]))[:, None]
    x = kernels.x[after - 1, rows] - kernels.v[after - 1, rows] * back
    against = kernels.v[after - 1, rows] - galaxy.rotating(x)
    r, v = np.hypot(x[:, 0], x[:, 1]), np.sqrt((against**2).sum(axis=1))
    return tuple(np.where(crossed, q, np.nan) for q in (t, r, v))


def older_than(t, likelihood, galaxy):
    """Probability that the star is older than look-back times, by its age alone.

    Parameters
    ----------
    t : ndarray, shape (n,)
        [Myr]; NaN gives 0.
    likelihood : ndarray, shape (2, k)
        Of the star's age.
    galaxy : Galaxy

    Returns
    -------
    ndarray, shape (n,)
        Ages even before they are looked at.
    """
    ages = galaxy.ages
    above = np.concatenate([np.cumsum((likelihood[0] * ages.width)[::-1])[::-1], [0.0]])
    return np.nan_to_num(np.interp(t, ages.edges, above / above[0]))

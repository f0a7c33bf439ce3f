"""Whether the posterior of a star depends on the width and the number of its kernels."""

import numpy as np

from runaways.ejections.kernels import WIDTH, KernelError, make_kernels
from runaways.ejections.stars import renamed
from runaways.ejections.summaries import ratio
from runaways.ejections.weighing import weigh

TOLERANCE = 0.05  # of a probability, beside twice its Monte Carlo error


def changes(weighed, galaxy, sources, seed, *, factor=0.5, width=WIDTH / 2):
    """Change of the probabilities with other kernels.

    Kernels half as wide cover what the usual ones do with a straighter piece of the orbits; their
    number is half by default, which costs little, and they are another Sobol sequence. Compared is
    what happened since clusters can be traced; what was before is of the field alone.

    Parameters
    ----------
    weighed : Weighed
        With the usual kernels.
    galaxy : Galaxy
    sources : ClusterSources
    seed : int
    factor, width : float
        Times the usual number of kernels, a power of 2, and their width in standard deviations.

    Returns
    -------
    change, error : float
        The largest change of the probability of all clusters, of the best one, and of the star
        having been ejected at all; and the Monte Carlo error of that change. NaN where the other
        kernels cannot be traced.
    """
    segments = min(len(weighed.kernels.x), len(sources.x))
    star = renamed(weighed.star, f"{weighed.star.name} again")
    try:
        kernels = make_kernels(star, galaxy, seed, segments=segments, factor=factor, width=width)
    except KernelError:
        return np.nan, np.nan
    again = weigh(weighed.star, kernels, weighed.match, galaxy, sources)
    best = int(np.argmax(weighed.by_cluster())) if len(sources) else None
    found = zip(_shares(weighed, segments, best), _shares(again, segments, best))
    return max((abs(p - q), float(np.hypot(e, f))) for (p, e), (q, f) in found)


def converged(change, error):
    """Whether a change of a probability is within what the draws alone make of it."""
    return bool(change < TOLERANCE + 2 * error)


def _shares(weighed, segments, best):
    """Probabilities of what happened within some segments, with their errors."""
    cluster, _, _, stayed = weighed.classes()
    rate = weighed.field_rates[:, :segments].sum(axis=(0, 1))
    field = np.bincount(weighed.kernels.block, rate, len(cluster))
    ejected = cluster + field
    yield ratio(cluster, ejected)
    yield ratio(ejected, ejected + stayed)
    if best is not None:
        yield ratio(weighed.cluster[:, :, best].sum(axis=0), ejected)

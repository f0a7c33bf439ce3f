"""Could a true origin have been seen: stars planted in a cluster, measured anew, weighed again."""

import numpy as np

from runaways.ejections.kernels import pick, shifted
from runaways.ejections.weighing import weigh

# A twin is weighed with every so many of the star's kernels
_FEWEST_KERNELS = 64


def detectable(weighed, cluster, galaxy, sources, seed, twins):
    """Median probability that true origins of a star like this one in a cluster would get.

    A twin is at a place of the star's posterior that does meet the cluster, drawn by its rate; it
    is measured anew with the star's errors, and its kernels are the star's, moved to where its
    posterior then is.

    Parameters
    ----------
    weighed : Weighed
        With passages of that cluster.
    cluster : int
        Its position in `sources`.
    galaxy : Galaxy
    sources : ClusterSources
    seed, twins : int

    Returns
    -------
    float
        Of the cluster itself, given ejection.
    """
    rng = weighed.star.generator(seed, "twins")
    rows = np.flatnonzero(weighed.passages.source == cluster)
    rate = np.cumsum(weighed.passage_rates[:, rows].sum(axis=0))
    chosen = np.searchsorted(rate, rng.random(twins) * rate[-1], side="right")
    kernels = weighed.kernels
    found = []
    for row in rows[np.minimum(chosen, len(rows) - 1)]:
        kernel, segment = weighed.passages.kernel[row], weighed.passages.segment[row]
        pull = np.einsum("ij,i->j", kernels.jx[segment, kernel], weighed.passages.solved[row])
        true = kernels.z[kernel] - kernels.h * pull
        every = max(len(kernels) // _FEWEST_KERNELS, 1)
        few = pick(kernels, np.arange(0, len(kernels), every))
        twin = shifted(few, weighed.star, true + rng.normal(size=4))
        again = weigh(weighed.star, twin, weighed.match, galaxy, sources)
        ejected = again.classes()[:3].sum()
        found.append(again.by_cluster()[cluster] / ejected if ejected > 0 else 0.0)
    return float(np.median(found))

"""Could a true origin have been seen: stars planted in a cluster, measured anew, weighed again."""

import numpy as np

from runaways.ejections.kernels import BLOCKS, join, pick, shifted
from runaways.ejections.weighing import weigh

TWINS = BLOCKS  # one for each block: all are weighed in one go
_KERNELS = 32  # of each, for each radial velocity the star may have


def detectable(weighed, cluster, galaxy, sources, seed):
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
    seed : int

    Returns
    -------
    float
        Of the cluster itself, given ejection; of `TWINS` twins.
    """
    rng = weighed.star.generator(seed, "twins")
    found, kernels = weighed.passages, weighed.kernels
    rows = np.flatnonzero(found.source == cluster)
    rate = np.cumsum(weighed.passage_rates[:, rows].sum(axis=0))
    chosen = np.searchsorted(rate, rng.random(TWINS) * rate[-1], side="right")
    step = max(len(kernels) // (_KERNELS * len(weighed.star.rvs)), 1)
    few = pick(kernels, np.arange(0, len(kernels), step))
    twins = []
    for row in rows[np.minimum(chosen, len(rows) - 1)]:
        kernel, segment = found.kernel[row], found.segment[row]
        pull = np.einsum("ij,i->j", kernels.jx[segment, kernel], found.solved[row])
        true = kernels.z[kernel] - kernels.h * pull
        seen, branch = true + rng.normal(size=4), kernels.branch[kernel]
        twins.append(shifted(few, weighed.star, seen, branch))
    together = join(twins, np.repeat(np.arange(TWINS), len(few)))
    again = weigh(weighed.star, together, weighed.match, galaxy, sources)
    ejected = again.classes()[:3].sum(axis=0)
    mine = again.cluster[:, :, cluster].sum(axis=0)
    return float(np.median(mine / np.maximum(ejected, 1e-300)))

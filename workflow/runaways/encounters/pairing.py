"""Which draw of the clusters each draw of a star is held against.

A star's draws are the points of a Sobol sequence: every 64th of them is of one stratum of its
distance. So they must not be dealt to the clusters' draws in turn. Each block of as many draws as
the clusters have is dealt to them in an order of its own, a function of seed, star and block:
every draw of the clusters is used as often as any other, and neither chunks nor further draws
change a pair.
"""

import hashlib

import numpy as np


def order_of(seed, star, block, n):
    """The clusters' draws that one block of a star's draws meets, in the order of the star's.

    Parameters
    ----------
    seed : int
    star : str
        Its name.
    block : int
        Number of the block of n draws.
    n : int
        Draws of each cluster.

    Returns
    -------
    ndarray of int, shape (n,)
        A permutation of 0 to n - 1.
    """
    digest = hashlib.sha256(f"{seed} {star} {block}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, np.uint32)).permutation(n)


def cluster_draws(seed, star, n_draws, n):
    """The clusters' draw that each draw of a star meets.

    Parameters
    ----------
    seed, star, n
        As for `order_of`.
    n_draws : int
        Draws of the star.

    Returns
    -------
    ndarray of int, shape (n_draws,)
        0 to n - 1.
    """
    blocks = [order_of(seed, star, block, n) for block in range(-(-n_draws // n))]
    return np.concatenate([*blocks, np.empty(0, int)])[:n_draws]


def share_error(counts, n_draws, n):
    """Monte Carlo error of a share of a star's draws, whose draws share those of a cluster.

    Parameters
    ----------
    counts : ndarray of int, shape (n,)
        Draws that count, by the cluster's draw they met.
    n_draws : int
        Draws of the star.
    n : int
        Draws of the cluster.

    Returns
    -------
    float
        The larger of the binomial error and that of the mean of the cluster's draws, each with the
        share of its own: where few draws of the cluster allow a meeting, they are what counts.
    """
    hits = float(np.sum(counts))
    shrunk = (hits + 0.5) / (n_draws + 1)
    binomial = np.sqrt(shrunk * (1 - shrunk) / max(n_draws, 1))
    if n < 2 or n_draws < 2 * n:
        return binomial
    spread = np.std(np.asarray(counts, float), ddof=1) * n / n_draws
    return max(binomial, spread / np.sqrt(n))

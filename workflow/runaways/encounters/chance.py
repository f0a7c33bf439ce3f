"""Chance encounters: how often a star would pass a cluster that stood at another azimuth.

A cluster is turned about the Galactic centre, with its radius, height and velocity kept at all
times; in an axisymmetric potential that is an orbit as good as its own. There are two nulls. The
disk's turns it to any azimuth. But catalogues end some kpc from the Sun, and so do the stars: a
star is nearer to most clusters than a turned one would be, whether it came from one or not, and
every meeting seems telling. The local null turns the cluster by up to some degrees only, within
what the catalogue covers evenly; it keeps its false-discovery rate, and verdicts rest on it.

The share of azimuths at which a draw of the star passes within r of a cluster is a length on a
circle, and is computed, not sampled: in a slice of time both move straight relative to each other,
and the azimuths whose closest approach falls in the slice and within r are an interval, the
overlap of two conditions that are a quadratic and a linear inequality. Over the disk it may be
sampled as well, at a number of equidistant azimuths from a random one on.
"""

import hashlib

import astropy.units as u
import numpy as np
from astropy.table import Table

from runaways.encounters.kernels import COARSE, QUANTUM

N_RADII = 10


def radii(largest):
    """Radii at which chance is kept: from the largest down in steps of sqrt(2)."""
    return largest * 2.0 ** (-np.arange(N_RADII) / 2)


def phases(seed, names):
    """A number in [0, 1) for each cluster, a function of seed and name."""
    digests = (hashlib.sha256(f"{seed} {name}".encode()).digest() for name in names)
    return np.array([int.from_bytes(digest[:6], "big") / 2**48 for digest in digests])


def table(shares, squares, radii, names, n_draws):
    """Expected numbers of close approaches per draw, and their Monte Carlo errors.

    Parameters
    ----------
    shares, squares : ndarray, shape (n_clusters, 2, n_radii)
        As from `kernels.search`.
    radii : ndarray, shape (n_radii,)
        [kpc].
    names : ndarray of str, shape (n_clusters,)
    n_draws : int
        Draws of the star.

    Returns
    -------
    Table
        As `found.Encounters.chance`.
    """
    met = np.flatnonzero(shares[..., 0].any(axis=1))
    met = met[np.argsort(names[met], kind="stable")]
    # what only the disk's chance knows, of most clusters, at one radius: it goes with the area
    row, at = np.nonzero((shares[met, 0, 0] > 0)[:, None] | (np.arange(len(radii)) == 0))
    cluster = met[row]
    out = Table([names[cluster]], names=["cluster"])
    out["radius"] = radii[at] * 1000 * u.pc
    for side, column in enumerate(("p_chance", "p_chance_disk")):
        mean = shares[cluster, side, at] * QUANTUM / n_draws
        square = squares[cluster, side, at] * (COARSE * QUANTUM) ** 2 / n_draws
        out[column] = mean
        out[f"{column}_error"] = np.sqrt(np.maximum(square - mean**2, 0) / n_draws)
    return out

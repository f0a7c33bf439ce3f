"""Shares of the channels among the stars of a list, and with them each star's probabilities."""

from dataclasses import dataclass

import numpy as np

from runaways.origins.evidence import KINDS

QUANTILES = (0.159, 0.5, 0.841)
_N_DES, _N_NEITHER = 121, 61
_TINY = 1e-300


@dataclass(frozen=True)
class Fractions:
    """Posterior of the shares of a list.

    Attributes
    ----------
    des : ndarray, shape (a,)
        Grid of the share of DES among the ejected stars.
    neither : ndarray, shape (b,)
        Grid of the share of stars that were not ejected.
    posterior : ndarray, shape (a, b)
        Sum 1.
    n_stars : int
        Stars behind it.
    p : ndarray, shape (n, 3)
        Of each star: DES, BSS, neither; NaN of a star without evidence.
    odds : float
        How much likelier a runaway of BSS is listed than one of DES.
    """

    des: np.ndarray
    neither: np.ndarray
    posterior: np.ndarray
    n_stars: int
    p: np.ndarray
    odds: float

    def density(self):
        """Posterior of the share of DES, sum 1, shape (a,)."""
        return self.posterior.sum(axis=1)

    def of_des(self):
        """15.9, 50 and 84.1 % quantiles of the share of DES among the list's ejected stars."""
        return _quantiles(self.des, self.density())

    def of_des_unselected(self):
        """The same of all stars ejected as runaways, listed or not."""
        share = self.des * self.odds / np.maximum(self.des * self.odds + 1 - self.des, _TINY)
        return _quantiles(share, self.density())

    def of_neither(self):
        """The same of the share of stars that were not ejected."""
        return _quantiles(self.neither, self.posterior.sum(axis=0))


def infer(evidence, with_neither=True):
    """Shares by the evidence of all stars together, flat beforehand.

    Parameters
    ----------
    evidence : Evidence
    with_neither : bool
        False where the list is known to hold runaways alone.

    Returns
    -------
    Fractions
    """
    known = np.isfinite(evidence.density).all(axis=1) & (evidence.density.max(axis=1) > 0)
    density = evidence.density[known]
    density = density / density.max(axis=1, keepdims=True)
    des = (np.arange(_N_DES) + 0.5) / _N_DES
    neither = (np.arange(_N_NEITHER) + 0.5) / _N_NEITHER if with_neither else np.zeros(1)
    ln = np.zeros((len(des), len(neither)))
    for d, b, s in density:
        ejected = des * d + (1 - des) * b
        ln += np.log(np.maximum(ejected[:, None] * (1 - neither) + neither * s, _TINY))
    posterior = np.exp(ln - ln.max())
    posterior /= posterior.sum()
    shares = np.array([des[:, None] * (1 - neither), (1 - des)[:, None] * (1 - neither)])
    shares = np.concatenate([shares, np.broadcast_to(neither, (1, *ln.shape))])
    p = np.full((len(known), len(KINDS)), np.nan)
    for row, star in zip(np.flatnonzero(known), density):
        p[row] = _member(star, shares, posterior)
    odds = float(evidence.listed[1] / evidence.listed[0])
    return Fractions(des, neither, posterior, int(known.sum()), p, odds)


def _member(star, shares, posterior):
    """Probabilities of one star, the shares marginalised."""
    parts = shares * star[:, None, None]
    return (parts / np.maximum(parts.sum(axis=0), _TINY) * posterior).sum(axis=(1, 2))


def _quantiles(grid, weight):
    """Quantiles of a density over the cells of an even or bent grid of [0, 1]."""
    edges = np.concatenate([[0.0], (grid[1:] + grid[:-1]) / 2, [1.0]])
    below = np.concatenate([[0.0], np.cumsum(weight)])
    return np.interp(QUANTILES, below / below[-1], edges) if len(grid) > 1 else np.zeros(3)

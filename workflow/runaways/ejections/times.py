"""Ages and delays: when stars of a source are ejected, and how old they look."""

import numpy as np
from scipy.special import ndtr

_N_AGES = 140
_YOUNGEST, _OLDEST = 0.2, 1000.0  # Myr
_SQRT_2PI = np.sqrt(2 * np.pi)


class AgeGrid:
    """Cells of true age, and the delays they leave for each segment of look-back time.

    Parameters
    ----------
    tau : ndarray, shape (m,)
        Middles of the segments [Myr].
    priors : Priors

    Attributes
    ----------
    edges, age, width : ndarray, shape (n + 1,), (n,), (n,)
        Of the cells, even in the logarithm [Myr].
    ejected : ndarray, shape (2, n, m)
        Probability per Myr of look-back time times the width of the cell: a star of that age was
        ejected then, dynamically or by a supernova, if all stars of the source are ejected once.
    """

    def __init__(self, tau, priors):
        oldest = max(_OLDEST, 2 * tau[-1])
        self.edges = np.concatenate([[0.0], np.geomspace(_YOUNGEST, oldest, _N_AGES)])
        self.age = (self.edges[1:] + self.edges[:-1]) / 2
        self.width = np.diff(self.edges)
        self._tau, self._priors = tau, priors
        # delay = age - tau: exact over the width of a cell, which near 100 Myr is longer than
        # the delay at which most are ejected
        delay = self.edges[:, None] - tau
        share = (1 - priors.binary_share, priors.binary_share)
        before = (_before_dynamical(delay, priors), _before_binary(delay, priors))
        self.ejected = np.array([s * np.diff(f, axis=0) for s, f in zip(share, before)])

    def likelihood(self, age, error):
        """Density of an observed age for each true age.

        Parameters
        ----------
        age, error : float
            As observed [Myr]; NaN if not.

        Returns
        -------
        ndarray, shape (2, n)
            For stars ejected dynamically and by a supernova [per Myr]. Without an age 1 up to the
            longest life: then nothing is known but that it lives.
        """
        p = self._priors
        if not age > 0:
            return np.tile((self.age < p.longest_life).astype(float), (2, 1))
        sigma = np.hypot(np.nan_to_num(error), p.star_age_floor * age)
        deviate = (age - self.age) / sigma
        # both normalised over observed ages above 0
        as_old = np.exp(-0.5 * deviate**2) / (_SQRT_2PI * sigma * ndtr(self.age / sigma))
        younger = ndtr(-deviate) / self.age
        share = np.array(p.rejuvenated)[:, None]
        living = self.age < self.longest_life(age)
        return ((1 - share) * as_old + share * younger) * living

    def longest_life(self, age):
        """Age up to which a star that looks `age` old can be living; both [Myr].

        No star is older than any lives, unless it is seen to be.
        """
        return max(self._priors.longest_life, 2 * age)

    def rates(self, likelihood, birth=1.0):
        """T(tau): ejections per Myr of look-back time of stars that look this old.

        Parameters
        ----------
        likelihood : ndarray, shape (2, n)
        birth : float or ndarray, shape (n,) or (c, n)
            Density of the ages of the source's stars; 1 for a disk that forms one a Myr.

        Returns
        -------
        ndarray, shape (2, m) or (2, c, m)
        """
        weight = np.asarray(birth) * np.ones(len(self.age))
        # not by BLAS, whose last bit depends on the number of threads
        return np.array(
            [np.einsum("...a,am->...m", weight * q, e) for q, e in zip(likelihood, self.ejected)]
        )

    def living(self, likelihood):
        """Ejections per Myr where one is as likely at any time of a star's life, shape (m,)."""
        weight = likelihood[0] * self.width / self.age
        return (weight[:, None] * (self.age[:, None] > self._tau)).sum(axis=0)

    def log_normal(self, age, sigma):
        """Density of ages of clusters, shape (c, n), of medians [Myr] and sigmas of ln(age)."""
        with np.errstate(divide="ignore"):
            ln = np.log(self.edges)
        below = ndtr((ln - np.log(age)[:, None]) / np.asarray(sigma)[:, None])
        return np.diff(below, axis=1) / self.width


def delay_densities(delay, priors):
    """Densities of dynamical and binary delays [per Myr], both of the shape of delay."""
    scale, end = priors.dynamical_delay
    dynamical = np.where(delay < end, 1 / ((delay + scale) * np.log1p(end / scale)), 0.0)
    start, stop = priors.binary_delay
    return dynamical, np.where((delay > start) & (delay < stop), 1 / (stop - start), 0.0)


def _before_dynamical(delay, p):
    """Share of dynamical ejections before a delay [Myr]."""
    scale, end = p.dynamical_delay
    return np.log1p(np.clip(delay, 0, end) / scale) / np.log1p(end / scale)


def _before_binary(delay, p):
    start, end = p.binary_delay
    return np.clip((delay - start) / (end - start), 0, 1)

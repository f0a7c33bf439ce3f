"""A star weighed: its rates from every source, by blocks of its kernels."""

from dataclasses import dataclass

import numpy as np

from runaways.ejections import passages, rates
from runaways.ejections.kernels import Kernels
from runaways.ejections.stars import Star

CLASSES = ("cluster", "field", "centre", "stayed")
_LATE = 1e-6  # of the largest T(tau): there the look-back ends


@dataclass(frozen=True)
class Weighed:
    """Rates of one star from every source.

    Attributes
    ----------
    star : Star
    kernels : Kernels
    match : AgeMatch
    cluster : ndarray, shape (2, BLOCKS, c)
        Rates of every cluster by channel and block of kernels.
    field : ndarray, shape (2, BLOCKS)
    centre, stayed, reference : ndarray, shape (BLOCKS,)
        Reference: of a disk that forms one star per kpc^2 and Myr at the Sun.
    passages, passage_rates : Passages, ndarray of shape (2, n)
        With clusters.
    centre_passages, centre_passage_rates : Passages, ndarray of shape (n,)
    crossings : Crossings
        Of the disk's layer by every kernel in every segment.
    field_rates : ndarray, shape (2, m, n)
    """

    star: Star
    kernels: Kernels
    match: "AgeMatch"
    cluster: np.ndarray
    field: np.ndarray
    centre: np.ndarray
    stayed: np.ndarray
    reference: np.ndarray
    passages: passages.Passages
    passage_rates: np.ndarray
    centre_passages: passages.Passages
    centre_passage_rates: np.ndarray
    crossings: rates.Crossings
    field_rates: np.ndarray

    def classes(self):
        """Rates by class and block, shape (4, BLOCKS), in the order of `CLASSES`."""
        return np.array(
            [self.cluster.sum(axis=(0, 2)), self.field.sum(axis=0), self.centre, self.stayed]
        )

    def by_cluster(self):
        """Rates of every cluster, shape (c,)."""
        return self.cluster.sum(axis=(0, 1))


@dataclass(frozen=True)
class AgeMatch:
    """What a star's age says of when sources can have ejected it.

    Attributes
    ----------
    likelihood : ndarray, shape (2, k)
        Of the observed age, by true age and channel.
    whole : ndarray, shape (2, m)
        T(tau) of the whole disk.
    listed : ndarray, shape (2, m)
        What of it is of clusters whose place is known, where the catalogue is complete.
    living : ndarray, shape (m,)
        T(tau) of the Galactic centre.
    clusters : ndarray of bool, shape (q, c)
        Clusters of matching age and known place, at each segment they are traced to.
    """

    likelihood: np.ndarray
    whole: np.ndarray
    listed: np.ndarray
    living: np.ndarray
    clusters: np.ndarray

    @property
    def segments(self):
        """Segments of look-back time within which a star of this age can have been ejected."""
        alive = self.whole.sum(axis=0) + self.living
        return int(np.flatnonzero(alive > _LATE * alive.max())[-1]) + 1


def match_ages(star, galaxy, sources):
    """`AgeMatch` of a star with the sources."""
    ages = galaxy.ages
    likelihood = ages.likelihood(star.age, star.age_error)
    known = np.zeros((len(galaxy.tau), len(ages.age)))
    known[: len(sources.known)] = sources.known
    aged = likelihood * np.exp(-ages.age / galaxy.priors.listed_age)
    return AgeMatch(
        likelihood=likelihood,
        whole=ages.rates(likelihood),
        listed=np.einsum("ca,cam,ma->cm", aged, ages.ejected, known),
        living=ages.living(likelihood),
        clusters=rates.old_enough(sources, likelihood, galaxy) & sources.certain,
    )


def weigh(star, kernels, match, galaxy, sources):
    """Rates of a star from every source.

    Parameters
    ----------
    star : Star
    kernels : Kernels
    match : AgeMatch
    galaxy : Galaxy
    sources : ClusterSources
        Traced in the same galaxy.

    Returns
    -------
    Weighed
    """
    m, n, block = len(kernels.x), len(sources), kernels.block
    likelihood = match.likelihood
    field, reference, crossings = rates.field_rates(
        kernels, galaxy, match.whole[:, :m], match.listed[:, :m]
    )
    found = passages.cluster_passages(kernels, sources, galaxy, match.clusters)
    passage_rates = rates.cluster_rates(found, kernels, sources, likelihood, galaxy)
    centre_found = passages.centre_passages(kernels, galaxy)
    centre = rates.centre_rates(centre_found, kernels, galaxy, match.living)
    stayed = rates.stayed_rates(kernels, galaxy, likelihood)
    return Weighed(
        star=star,
        kernels=kernels,
        match=match,
        cluster=np.array(
            [rates.by_block(r, block[found.kernel], found.source, n) for r in passage_rates]
        ),
        field=np.array([rates.by_block(q.sum(axis=0), block)[:, 0] for q in field]),
        centre=rates.by_block(centre, block[centre_found.kernel])[:, 0],
        stayed=rates.by_block(stayed, block)[:, 0],
        reference=rates.by_block(reference.sum(axis=(0, 1)), block)[:, 0],
        passages=found,
        passage_rates=passage_rates,
        centre_passages=centre_found,
        centre_passage_rates=centre,
        crossings=crossings,
        field_rates=field,
    )

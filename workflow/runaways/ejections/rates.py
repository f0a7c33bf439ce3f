"""Rates of stars like one seen: phase-space density of ejections, summed along its orbits.

The rate of a source s and a channel c is

    lambda(s, c) = N_s int dtau T(tau) < W f_s(x(-tau) - x_s(-tau)) G_c(|v(-tau) - v_s(-tau)|) >

over the star's posterior (orbits keep phase-space density, Liouville). Rates are absolute: how
stars came on the list depends on what is seen of them today, the same for every source, and
cancels.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from runaways.ejections.kernels import BLOCKS
from runaways.ejections.passages import KPC_PER_MYR
from runaways.ejections.speeds import BINARY, DYNAMICAL, HILLS

_TWO_PI = 2 * np.pi
_LEVEL = 1e-5  # kpc: a star that climbs less within half a segment counts as climbing so much
_FEW = 1e-3  # of the largest T(tau) of any cluster: the others are passed over
_NODES = 8  # segments between which T(tau) hardly changes


def old_enough(sources, likelihood, galaxy):
    """Clusters whose ages can match the star's at each segment, shape (m, c) of bool.

    Those with less than `_FEW` of the largest T(tau) of any cluster are left out.
    """
    m = len(sources.x)
    nodes = np.unique(np.append(np.arange(0, m, _NODES), m - 1))
    both = np.einsum("ka,kam->am", likelihood, galaxy.ages.ejected[..., nodes])
    rate = np.einsum("ca,am->mc", sources.birth, both)
    match = rate > _FEW * np.maximum(rate.max(axis=1, keepdims=True, initial=0), 1e-300)
    after = np.minimum(np.searchsorted(nodes, np.arange(m)), len(nodes) - 1)
    return match[after] | match[np.maximum(after - 1, 0)]


@dataclass(frozen=True)
class Crossings:
    """Of the layer of young stars by each kernel in each segment; all of shape (m, n).

    Attributes
    ----------
    speed, blur : ndarray
        Against rotation, and the 1-D dispersion about it [km/s].
    centre, sd : ndarray
        Of the time at which the height is that of a star being born, normal [Myr].
    low, high : ndarray
        Ends of the segment in those standard deviations.
    """

    speed: np.ndarray
    blur: np.ndarray
    centre: np.ndarray
    sd: np.ndarray
    low: np.ndarray
    high: np.ndarray


def cross_layer(kernels, galaxy):
    """`Crossings` of the layer by kernels, and their density, shape (m, n) [Myr / kpc]."""
    p, m = galaxy.priors, len(kernels.x)
    half, tau = galaxy.width[:m, None] / 2, galaxy.tau[:m, None]
    z, climb = kernels.x[..., 2], -kernels.v[..., 2] * KPC_PER_MYR
    climb = np.where(np.abs(climb) * half < _LEVEL, _LEVEL / half, climb)
    # A kernel grows along its orbit, by its linear Jacobian without end, beyond all heights and
    # velocities that the orbit has: it blurs no more than the birthplaces themselves do. Its
    # centre is one of the draws, whose sum is right without any width.
    high_as = np.minimum((kernels.jx[..., 2, :] ** 2).sum(axis=-1), p.layer_height**2)
    fast_as = np.minimum((kernels.jv**2).sum(axis=(-1, -2)) / 3, p.field_dispersion**2)
    sigma = np.sqrt(p.layer_height**2 + high_as)
    centre, sd = -z / climb, sigma / np.abs(climb)
    low, high = (-half - centre) / sd, (half - centre) / sd
    # int du N(z + climb u; 0, sigma): no step of time can jump over the layer
    late = low > 0
    inside = np.where(late, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    against = kernels.v - galaxy.rotating(kernels.x)
    speed = np.sqrt((against**2).sum(axis=-1))
    blur = np.sqrt(p.field_dispersion**2 + fast_as)
    return Crossings(speed, blur, tau + centre, sd, low, high), inside / np.abs(climb)


def field_rates(kernels, galaxy, whole, listed):
    """Rates of ejection from the disk outside of known clusters.

    Parameters
    ----------
    kernels : Kernels
    galaxy : Galaxy
    whole : ndarray, shape (2, m)
        T(tau) of the whole disk.
    listed : ndarray, shape (2, m)
        What of it is of clusters whose place is known, where the catalogue is complete.

    Returns
    -------
    rate, reference : ndarray, shape (2, m, n)
        Of each channel, segment and kernel; reference as if there were no catalogue.
    crossings : Crossings
    """
    x, tau = kernels.x, galaxy.tau[: len(kernels.x), None]
    crossings, density = cross_layer(kernels, galaxy)
    radius = np.hypot(x[..., 0], x[..., 1])
    number = kernels.weight * density * galaxy.surface(radius) * galaxy.priors.ejected_fraction
    share = galaxy.listed(_distance_today(x, radius, tau, galaxy))
    reference, rate = np.empty((2, 2, *number.shape))
    for c in (DYNAMICAL, BINARY):
        at_speed = number * galaxy.speeds.density(crossings.speed, c, crossings.blur)
        reference[c] = at_speed * whole[c, :, None]
        rate[c] = at_speed * np.maximum(whole[c, :, None] - share * listed[c, :, None], 0.0)
    return rate, reference, crossings


def _distance_today(x, radius, tau, galaxy):
    """How far from the Sun the places are today that rotation carried along [kpc]."""
    turn = galaxy.rotation(radius) / np.maximum(radius, 1e-9) * KPC_PER_MYR * tau
    cos, sin = np.cos(turn), np.sin(turn)
    x_now = x[..., 0] * cos - x[..., 1] * sin
    y_now = x[..., 0] * sin + x[..., 1] * cos
    return np.hypot(x_now - galaxy.frame.r0, y_now)


def cluster_rates(found, kernels, sources, likelihood, galaxy):
    """Rates of ejection by clusters, of each passage and channel, shape (2, n).

    Parameters
    ----------
    found : Passages
    kernels : Kernels
    sources : ClusterSources
    likelihood : ndarray, shape (2, k)
        Of the star's age.
    galaxy : Galaxy
    """
    p = galaxy.priors
    met, of = np.unique(found.source, return_inverse=True)
    per_time = galaxy.ages.rates(likelihood, sources.birth[met])[:, of, found.segment]
    blur = np.hypot(found.blur, p.cluster_dispersion)
    density = [galaxy.speeds.density(found.speed, c, blur) for c in (DYNAMICAL, BINARY)]
    number = sources.formed[found.source] * kernels.weight[found.kernel] * found.density
    return np.array(density) * per_time * number * p.ejected_fraction


def centre_rates(found, kernels, galaxy, living):
    """Rates of ejection by the Galactic centre, of each passage, shape (n,).

    Parameters
    ----------
    found : Passages
    kernels : Kernels
    galaxy : Galaxy
    living : ndarray, shape (m,)
        As from `AgeGrid.living`.
    """
    p = galaxy.priors
    blur = np.hypot(found.blur, p.cluster_dispersion)
    density = found.density * galaxy.speeds.density(found.speed, HILLS, blur)
    per_time = galaxy.disk_area * p.centre_rate * p.ejected_fraction * living[found.segment]
    return kernels.weight[found.kernel] * density * per_time


def stayed_rates(kernels, galaxy, likelihood):
    """Rates of stars that were never ejected, of each kernel, shape (n,).

    A layer of stars with a velocity ellipsoid about rotation; all grow with age.
    """
    p, ages = galaxy.priors, galaxy.ages
    x, v = kernels.x_today, kernels.v_today
    radius = np.maximum(np.hypot(x[:, 0], x[:, 1]), 1e-9)
    out = (x[:, 0] * v[:, 0] + x[:, 1] * v[:, 1]) / radius
    along = (x[:, 0] * v[:, 1] - x[:, 1] * v[:, 0]) / radius - galaxy.rotation(radius)
    heated = (1 + ages.age / p.heating_time) ** p.heating_power
    ln = np.zeros((len(x), len(heated)))
    scales = (*p.stayed_dispersions, p.stayed_height)
    for value, scale in zip((out, along, v[:, 2], x[:, 2]), scales):
        sigma = scale * heated
        ln -= 0.5 * (value[:, None] / sigma) ** 2 + np.log(np.sqrt(_TWO_PI) * sigma)
    number = (np.exp(ln) * (likelihood[DYNAMICAL] * ages.width)).sum(axis=1)
    return kernels.weight * galaxy.surface(radius) * number * (1 - p.ejected_fraction)


def by_block(rate, block, source=None, n_sources=1):
    """Rates summed over each block of kernels, shape (BLOCKS, n_sources)."""
    source = 0 if source is None else source
    return np.bincount(block * n_sources + source, rate, BLOCKS * n_sources).reshape(
        BLOCKS, n_sources
    )

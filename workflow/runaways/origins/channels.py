"""The two channels as densities of what is seen: speed and delay of the ejection, and rotation.

DES is dynamical ejection from a young cluster, BSS a binary's supernova. A channel is a sum of
components, in each of which speed, delay and rotation are independent.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from runaways.origins import rotation

DES, BSS, NEITHER = "DES", "BSS", "neither"
UNDECIDED, UNKNOWN = "undecided", "unknown"
# Of a star that is no runaway and has no such origin
NONE = "none"

OWN = "own"  # the run's own priors
INSIDE = "own, inside the grid"  # the same, for the stars that the list flags so

SPEED_EDGES = np.geomspace(1.0, 1500.0, 401)  # km/s
SPEEDS = np.sqrt(SPEED_EDGES[1:] * SPEED_EDGES[:-1])
DELAY_EDGES = np.concatenate([[0.0], np.geomspace(0.3, 500.0, 100)])  # Myr
DELAYS = (DELAY_EDGES[1:] + DELAY_EDGES[:-1]) / 2
# Speeds below which the catalogue of a survey has no runaways: 30 km/s (Gies & Bolton 1986)
RUNAWAY = 30.0
# Widths of ln(speed) and ln(delay) that a companion of some thousand is spread over: the number of
# companions falls with the eighth power of their speed, so that wider ones shift stars to DES's
_SMOOTH_SPEED, _SMOOTH_DELAY = 0.03, 0.08
_GROUPS = (20.0, 35.0, 50.0, 75.0)  # km/s, between groups of companions
# A tail that is in no sample of companions, so that none is impossible; assumed
_RARE = 1e-4


@dataclass(frozen=True)
class Component:
    """Part of a channel.

    Attributes
    ----------
    share : float
        Of the channel's ejections, however slow.
    speed : ndarray, shape (len(SPEEDS),)
        Shares of the cells, sum 1.
    delay : ndarray, shape (len(DELAYS),)
        Likewise.
    rotation : ndarray, shape (len(rotation.VSINI),)
        Likewise.
    """

    share: float
    speed: np.ndarray
    delay: np.ndarray
    rotation: np.ndarray


@dataclass(frozen=True)
class ChannelModel:
    """What is assumed of the two channels beside the binaries; the configuration's.

    Attributes
    ----------
    speeds : str
        Law of dynamical ejections: ``perets2012`` or ``oh2015``.
    slopes, speed_break, speed_end
        Of ``perets2012``: u^slope below and above the break [km/s], cut by exp(-(u/end)^4).
    slowest : float
        Slower stars hardly count as ejected, in either channel: 1 - exp(-(u/slowest)^4) [km/s].
    median, width : float
        Of ``oh2015``: log-normal, median [km/s] and scatter of ln(u).
    delay : tuple of float
        1 / (delay + first) up to the second [Myr].
    two_step : float
        Share of dynamical ejections that are of binaries which a supernova parts later on.
    spin : tuple of float
        Slowest and fastest of spun-up stars, in units of the critical velocity.
    """

    speeds: str
    slopes: tuple[float, float]
    speed_break: float
    speed_end: float
    slowest: float
    median: float
    width: float
    delay: tuple[float, float]
    two_step: float
    spin: tuple[float, float]


def dynamical(model, companions):
    """DES.

    Parameters
    ----------
    model : ChannelModel
    companions : Table
        As from `binaries.evolve_binaries`: of two-step ejections the second step.

    Returns
    -------
    list of Component

    References
    ----------
    Perets & Subr 2012 (2012ApJ...751..133P); Oh, Kroupa & Pflamm-Altenburg 2015
    (2015ApJ...805...92O); Pflamm-Altenburg & Kroupa 2010 (2010MNRAS.404.1564P).
    """
    first, end = model.delay
    below = np.log1p(np.minimum(DELAY_EDGES, end) / first)
    speed, delay = _law(model), np.diff(below) / below[-1]
    parts = [Component(1 - model.two_step, speed, delay, rotation.ordinary())]
    if model.two_step > 0:
        # the binary's own velocity is far above what its supernova adds: the speed is of the first
        # step, delay and rotation of the second
        for part in binary(model, companions):
            share = model.two_step * part.share
            parts.append(Component(share, speed, part.delay, part.rotation))
    return parts


def binary(model, companions):
    """BSS: companions that have been spun up, and those that have not, in groups of speed.

    The fast ones leave earlier, and within a component speed and delay are independent.

    Parameters
    ----------
    model : ChannelModel
    companions : Table
        As from `binaries.evolve_binaries`.

    Returns
    -------
    list of Component
    """
    speed, delay, spun, weight = (
        np.asarray(companions[name]) for name in ("v_ejection", "delay", "spun_up", "weight")
    )
    weight = weight * counted(speed, model)
    group = np.searchsorted(_GROUPS, speed) + (len(_GROUPS) + 1) * spun
    parts = []
    for one in np.unique(group):
        rows = group == one
        own, spins = weight[rows], rotation.ordinary()
        if spun[rows][0]:
            spins = rotation.spun_up(companions["v_critical"][rows], own, *model.spin)
        speeds = smoothed(speed[rows], own, SPEED_EDGES, _SMOOTH_SPEED)
        delays = smoothed(delay[rows], own, DELAY_EDGES, _SMOOTH_DELAY)
        parts.append(Component(own.sum() / weight.sum(), speeds, delays, spins))
    return parts


def counted(speed, model):
    """Share of stars of a speed [km/s] that count as ejected."""
    return -np.expm1(-((speed / model.slowest) ** 4))


def smoothed(values, weight, edges, width):
    """Shares of cells of values, each spread over a normal in its logarithm; none is 0."""
    with np.errstate(divide="ignore"):
        below = ndtr((np.log(edges)[:, None] - np.log(values)) / width) @ weight
    shares = np.diff(below)
    even = np.full(len(shares), 1 / len(shares))
    return (1 - _RARE) * shares / shares.sum() + _RARE * even


def _law(model):
    u = SPEEDS
    if model.speeds == "perets2012":
        below, above = model.slopes
        scaled = u / model.speed_break
        density = np.where(scaled < 1, scaled**below, scaled**above)
        density *= np.exp(-((u / model.speed_end) ** 4))
    else:
        density = np.exp(-0.5 * (np.log(u / model.median) / model.width) ** 2) / u
    shares = density * np.diff(SPEED_EDGES) * counted(u, model)
    return shares / shares.sum()

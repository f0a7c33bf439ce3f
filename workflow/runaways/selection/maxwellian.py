"""Maxwellian and Rayleigh fits of peculiar velocities, robust against a tail of runaways.

The core is an isotropic normal distribution of velocities: its speeds are Maxwellian in space and
Rayleigh on the sky. A runaway is a core star with a kick in any direction, kicks being log-normal:
in space they make shells around zero velocity, on the sky the shells' projections.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gamma, i0e, i1e, lambertw
from scipy.stats import chi

# Where runaways begin: the fit at 1 % of its peak (Guo et al. 2024, ApJS 272, 45)
FALLS_TO = 0.01
# Probability within 3 standard deviations of a normal distribution
WITHIN_3_SIGMA = 0.9973
# Kicks of the tail's parts in units of sigma. None is below 2: it would take the core's own wings
# for runaways. A part stands for all kicks up to half way to the next.
KICKS = np.geomspace(2.0, 30.0, 10)
_KICK_SPREAD = np.log(KICKS[1] / KICKS[0]) / np.sqrt(12)
# A shell on the sky: sines of the angle to the line of sight, at equal steps of its cosine
_COSINES, _SKY_WEIGHTS = np.polynomial.legendre.leggauss(4)
_SINES = np.sqrt(1 - ((_COSINES + 1) / 2) ** 2)
_SKY_WEIGHTS = _SKY_WEIGHTS / 2
# Fewer stars cannot hold a core and a tail apart.
MIN_WITH_TAIL = 30
# Bounds of logit(tail fraction), ln(median kick) and ln(width in ln kick). Narrower tails would
# fall between the parts, wider ones cannot be told from these.
_TAIL_BOUNDS = ((-9.0, 2.0), tuple(np.log(KICKS[[0, -1]])), (np.log(0.2), np.log(2.5)))
# Speeds in units of sigma at which a population is tabulated. Beyond, all is tail.
_SPEED_TABLE = np.linspace(0.0, 100.0, 5001)
_TINY = 1e-6  # in place of 0 where that would be divided by


def falls_to(fraction, dimensions):
    """Speed beyond which a fit is below a fraction of its peak, in units of sigma.

    ``x**(k-1) exp(-x**2 / 2)`` peaks at ``x**2 = k - 1``; the outer root is Lambert's W on its
    lower branch.

    Parameters
    ----------
    fraction : float
        In (0, 1).
    dimensions : int
        3 for a Maxwellian, 2 for a Rayleigh distribution.

    Returns
    -------
    float
    """
    power = dimensions - 1
    return float(np.sqrt(-power * lambertw(-(fraction ** (2 / power)) / np.e, -1).real))


@dataclass(frozen=True)
class MaxwellianFit:
    """A Maxwellian (three dimensions) or Rayleigh (two) core with a tail.

    Attributes
    ----------
    dimensions : int
        3 for speeds in space, 2 for tangential ones.
    sigma, sigma_error : float
        Dispersion of the core per component [km/s]; the error is NaN where undetermined.
    tail_fraction : float
        Share of the stars in the tail.
    kick, kick_width : float
        Median kick of the tail in units of sigma, and the scatter of ln(kick); NaN without a tail.
    n_stars : int
        Stars with a velocity.
    """

    dimensions: int
    sigma: float
    sigma_error: float
    tail_fraction: float
    kick: float
    kick_width: float
    n_stars: int

    def threshold(self, fraction=FALLS_TO):
        """Speed at which the core falls to a fraction of its peak, and its error [km/s]."""
        multiple = falls_to(fraction, self.dimensions)
        return multiple * self.sigma, multiple * self.sigma_error

    def three_sigma(self, definition):
        """The "3 sigma" speed of the core, and its error [km/s].

        Parameters
        ----------
        definition : {"three_sigma", "quantile"}
            Three times sigma, or the speed that 99.73 % of the core do not exceed.

        Raises
        ------
        ValueError
            For another definition.
        """
        if definition == "three_sigma":
            multiple = 3.0
        elif definition == "quantile":
            multiple = float(chi.ppf(WITHIN_3_SIGMA, self.dimensions))
        else:
            raise ValueError(f"3 sigma is 'three_sigma' or 'quantile', not {definition!r}")
        return multiple * self.sigma, multiple * self.sigma_error

    def population(self, speed):
        """Core and tail as densities in velocity space: the population as a prior.

        Parameters
        ----------
        speed : ndarray
            [km/s].

        Returns
        -------
        core, tail : ndarray
            Density in units of (2 pi)^(-k/2) sigma^-k, k dimensions, shares of stars included.
        """
        x = np.asarray(speed, float) / self.sigma
        core = (1 - self.tail_fraction) * np.exp(-0.5 * x**2)
        if self.tail_fraction == 0:
            return core, np.zeros_like(core)
        table = np.zeros_like(_SPEED_TABLE)
        shares = self.tail_fraction * _log_normal(np.log(self.kick), self.kick_width)
        for kick, share in zip(KICKS, shares, strict=True):
            table += share * np.exp(_SHELL[self.dimensions](_SPEED_TABLE, 0.0, 0.0, kick)[0])
        return core, np.exp(np.interp(x, _SPEED_TABLE, np.log(table)))

    def density(self, speed):
        """Core and tail as densities over speed, shares of stars included [1/(km/s)]."""
        x, k = np.asarray(speed, float) / self.sigma, self.dimensions
        shell = x ** (k - 1) / (2 ** (k / 2 - 1) * gamma(k / 2) * self.sigma)
        core, tail = self.population(speed)
        return shell * core, shell * tail


def fit_speeds(speed, dimensions, tail=True):
    """Fit a Maxwellian or Rayleigh distribution to speeds, taken as free of error.

    This is the fit of the paper: its sigma contains the measurement errors.

    Parameters
    ----------
    speed : array_like, shape (n,)
        [km/s]; NaN where unknown, and then left out.
    dimensions : int
        3 or 2.
    tail : bool
        False fits the core alone, by ``sigma**2 = <speed**2> / dimensions``.

    Returns
    -------
    MaxwellianFit

    Raises
    ------
    ValueError
        With too few speeds.
    """
    speed = np.asarray(speed, float)
    speed = speed[np.isfinite(speed)]
    n = len(speed)
    if tail:
        # The direction of an isotropic velocity says nothing about sigma: one component will do.
        return _fit(speed[None], np.zeros((1, n)), np.zeros(n), dimensions)
    if n < 2:
        raise ValueError(f"a Maxwellian fit needs 2 speeds or more, got {n}")
    sigma = np.sqrt(np.mean(speed**2) / dimensions)
    error = sigma / np.sqrt(2 * dimensions * n)
    return MaxwellianFit(dimensions, float(sigma), float(error), 0.0, np.nan, np.nan, n)


def fit_velocities(velocity, covariance):
    """Fit the same to velocity vectors, with every star's errors taken out.

    Parameters
    ----------
    velocity : ndarray, shape (k, n)
        Peculiar velocity, k = 3 components in space or k = 2 tangential ones [km/s]; stars with a
        NaN are left out.
    covariance : ndarray, shape (k, k, n)
        Its error covariance [km^2/s^2].

    Returns
    -------
    MaxwellianFit
        Of the velocities as they were without errors.

    Raises
    ------
    ValueError
        With too few stars.
    """
    known = np.isfinite(velocity).all(axis=0) & np.isfinite(covariance).all(axis=(0, 1))
    velocity, covariance = velocity[:, known], covariance[:, :, known]
    # In the principal axes of a star's errors its components are independent.
    variance, axes = np.linalg.eigh(np.moveaxis(covariance, 2, 0))
    component = np.einsum("nij,in->jn", axes, velocity)
    speed2 = np.maximum((velocity**2).sum(axis=0), _TINY)
    noise = np.einsum("in,ijn,jn->n", velocity, covariance, velocity) / speed2
    return _fit(component, np.maximum(variance.T, 0), noise, len(velocity))


def _fit(component, variance, noise, dimensions):
    """Maximum likelihood; noise is the variance along the velocity, shape (n,)."""
    n = component.shape[1]
    if n < MIN_WITH_TAIL:
        raise ValueError(
            f"a fit with a tail needs {MIN_WITH_TAIL} velocities or more, got {n}: "
            "give the thresholds instead"
        )
    speed = np.sqrt((component**2).sum(axis=0))
    start = np.log(np.median(speed) / chi.median(dimensions))
    bounds = [(start - 3, start + 3), *_TAIL_BOUNDS]
    data = (component**2, variance, speed, noise, dimensions)
    found = minimize(
        _minus_log_likelihood,
        [start, -2.2, np.log(4.0), np.log(0.5)],  # a tail of 10 %, kicked by 4 sigma
        data,
        "L-BFGS-B",
        jac=True,
        bounds=bounds,
        options=dict(ftol=1e-12, gtol=1e-8),
    ).x
    sigma, (kick, width) = np.exp(found[0]), np.exp(found[2:])
    error = sigma * _error_of_log_sigma(found, bounds, data)
    values = (float(value) for value in (sigma, error, expit(found[1]), kick, width))
    return MaxwellianFit(dimensions, *values, n)


def _log_normal(log_kick, width):
    """Shares of the tail's parts, their sum 1."""
    shares = np.exp(-0.5 * ((np.log(KICKS) - log_kick) / width) ** 2)
    return shares / shares.sum()


def _core(square, variance, dimensions, log_sigma):
    """Ln density of an isotropic normal seen with errors, and its slope in ln sigma.

    ``square`` and ``variance``, (j, n), are squared components and their error variances; one
    component may stand for all dimensions.
    """
    own = np.exp(2 * log_sigma)
    total = own + variance
    multiplicity = dimensions / len(square)
    density = -0.5 * (square / total + multiplicity * np.log(total)).sum(axis=0)
    return density, (own / total * (square / total - multiplicity)).sum(axis=0)


def _shell_in_space(speed, noise, log_sigma, kick):
    """The same of core stars kicked in any direction, the noise taken as isotropic.

    ``exp(-(v^2 + w^2) / 2s^2) sinh(a) / a / s^3`` with ``a = v w / s^2``.
    """
    w, total, share = _kicked(noise, log_sigma, kick)
    a = np.maximum(speed * w / total, _TINY)
    density = -((speed - w) ** 2) / (2 * total) - 1.5 * np.log(total)
    density += np.log(-np.expm1(-2 * a) / (2 * a))
    slope = (speed**2 + w**2) / total * share - w**2 / total - 3 * share
    return density, slope + (a / np.tanh(a) - 1) * (1 - 2 * share)


def _shell_on_sky(speed, noise, log_sigma, kick):
    """The same projected: at every angle ``exp(-(v^2 + w^2) / 2s^2) I0(a) / s^2``."""
    w, total, share = _kicked(noise, log_sigma, kick)
    density = slope = 0.0
    for sine, weight in zip(_SINES, _SKY_WEIGHTS, strict=True):
        a, square = speed * w * sine / total, (w * sine) ** 2
        bessel = i0e(a)
        part = weight * np.exp(-((speed - w * sine) ** 2) / (2 * total)) * bessel / total
        part_slope = (speed**2 + square) / total * share - square / total - 2 * share
        part_slope += a * i1e(a) / bessel * (1 - 2 * share)
        density, slope = density + part, slope + part * part_slope
    density = np.maximum(density, np.finfo(float).tiny)
    return np.log(density), slope / density


def _kicked(noise, log_sigma, kick):
    """Kick [km/s], variance around it, and the share of sigma^2 in that."""
    own = np.exp(2 * log_sigma) * (1 + (kick * _KICK_SPREAD) ** 2)
    total = own + noise
    return np.exp(log_sigma) * kick, total, own / total


_SHELL = {3: _shell_in_space, 2: _shell_on_sky}


def _minus_log_likelihood(parameters, square, variance, speed, noise, dimensions):
    """Per star, with its gradient in ln sigma, logit fraction, ln kick, ln width."""
    log_sigma, logit, log_kick, log_width = parameters
    fraction, width = expit(logit), np.exp(log_width)
    shares = _log_normal(log_kick, width)
    weights = np.array([1 - fraction, *(fraction * shares)])
    parts = [_core(square, variance, dimensions, log_sigma)]
    parts += [_SHELL[dimensions](speed, noise, log_sigma, kick) for kick in KICKS]
    density, slope = (np.array(part) for part in zip(*parts, strict=True))
    peak = density.max(axis=0)
    density = weights[:, None] * np.exp(density - peak)
    whole = density.sum(axis=0)
    member = density / whole
    found = member.mean(axis=1)
    in_tail = found[1:].sum()
    place = (np.log(KICKS) - log_kick) / width
    gradient = [
        np.mean((member * slope).sum(axis=0)),
        in_tail - fraction,
        np.sum((found[1:] - in_tail * shares) * place) / width,
        np.sum((found[1:] - in_tail * shares) * place**2),
    ]
    return -np.mean(np.log(whole) + peak), -np.array(gradient)


def _error_of_log_sigma(parameters, bounds, data, step=1e-4):
    """From the curvature of the likelihood over the parameters that are not at a bound."""
    free = [i for i, (low, high) in enumerate(bounds) if low + step < parameters[i] < high - step]
    if 0 not in free:
        return np.nan
    curvature = np.empty((len(free), len(free)))
    for row, i in enumerate(free):
        shift = np.zeros(len(parameters))
        shift[i] = step
        _, up = _minus_log_likelihood(parameters + shift, *data)
        _, down = _minus_log_likelihood(parameters - shift, *data)
        curvature[row] = (up - down)[free] / (2 * step)
    variance = np.linalg.pinv((curvature + curvature.T) / 2)[0, 0] / data[0].shape[1]
    return np.sqrt(variance) if variance > 0 else np.nan

"""Speeds of ejection by each channel, and what is left of them when both velocities have errors."""

import numpy as np

# The two channels of clusters and of the field, that of the centre, and pulsars' natal kicks
CHANNELS = ("dynamical", "binary", "hills", "kick")
DYNAMICAL, BINARY, HILLS, KICK = range(4)

FASTEST = 2500.0  # km/s
_BLURS = np.geomspace(2.0, 200.0, 28)  # km/s, 1-D
_SOFT = 10.0  # km/s: relative speeds are tabulated evenly in asinh(w / soft)
_N_SPEEDS = 360
_SAMPLED = np.linspace(-5.0, 5.0, 101)  # standard deviations about the speed seen
_NOTHING = 1e-300


class Speeds:
    """Densities of ejection velocity, isotropic, blurred by a normal distribution.

    Parameters
    ----------
    priors : Priors

    Attributes
    ----------
    u : ndarray, shape (m,)
        Speeds relative to the source [km/s].
    pdf : ndarray, shape (4, m)
        Of each of `CHANNELS` [per km/s].
    """

    def __init__(self, priors):
        self.u, self.pdf = unblurred(priors)
        self._top = np.arcsinh(FASTEST / _SOFT)
        speeds = _SOFT * np.sinh(np.linspace(0, self._top, _N_SPEEDS))
        # channel, blur, speed
        self._ln_density = np.stack([self._blurred(speeds, s) for s in _BLURS], axis=1)

    def _blurred(self, w, s):
        """ln of the density of velocities of speed w, shape (4, len(w))."""
        product = w[:, None] * self.u / s**2
        near = np.exp(-0.5 * ((w[:, None] - self.u) / s) ** 2)
        # exp(-(w^2 + u^2) / 2 s^2) sinh(a) / a with a = w u / s^2, in a form that cannot overflow
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(product > 1e-8, -near * np.expm1(-2 * product) / (2 * product), near)
        density = np.einsum("wu,cu->cw", mean, self.pdf) / (2 * np.pi * s**2) ** 1.5
        return np.log(np.maximum(density, _NOTHING))

    def density(self, speed, channel, blur):
        """Density of ejection velocities at a relative speed.

        Parameters
        ----------
        speed : ndarray, shape (n,)
            Of the star against its source [km/s].
        channel : int
            Position in `CHANNELS`.
        blur : float or ndarray, shape (n,)
            1-D standard deviation of that velocity: errors and the source's own dispersion [km/s].

        Returns
        -------
        ndarray, shape (n,)
            [(km/s)^-3]: int du g(u) N3(w; u) over all directions of u.
        """
        i, x = _cell(np.arcsinh(speed / _SOFT) / self._top, _N_SPEEDS)
        span = np.log(_BLURS[-1] / _BLURS[0])
        j, y = _cell(np.log(np.maximum(blur, _BLURS[0]) / _BLURS[0]) / span, len(_BLURS))
        table = self._ln_density[channel]
        low = table[j, i] * (1 - x) + table[j, i + 1] * x
        high = table[j + 1, i] * (1 - x) + table[j + 1, i + 1] * x
        return np.exp(low * (1 - y) + high * y)

    def draw_ejection(self, speed, channel, blur, rng):
        """Draws of the ejection speed, given the relative speed seen through the blur.

        Parameters
        ----------
        speed, blur : ndarray, shape (n,)
            [km/s].
        channel : ndarray of int, shape (n,)
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape (n,)
            From p(u | w) ~ g(u) / u (exp(-(w - u)^2 / 2 s^2) - exp(-(w + u)^2 / 2 s^2)) [km/s].
        """
        w, s = np.asarray(speed)[:, None], np.asarray(blur)[:, None]
        # about the speed seen; where that is below the blur, from 0
        u = np.maximum(w, 5 * s) + s * _SAMPLED
        u = np.maximum(u, 0.5)
        row = np.minimum(u, FASTEST - 1).astype(int)
        prior = self.pdf[np.asarray(channel)[:, None], row] / u
        seen = np.exp(-0.5 * ((w - u) / s) ** 2) * -np.expm1(-2 * w * u / s**2)
        cumulative = np.cumsum(prior * seen, axis=1)
        wanted = rng.random(len(w))[:, None] * cumulative[:, -1:]
        found = np.minimum((cumulative < wanted).sum(axis=1), len(_SAMPLED) - 1)
        step = (_SAMPLED[1] - _SAMPLED[0]) * s[:, 0]
        jitter = (rng.random(len(w)) - 0.5) * step
        return np.maximum(u[np.arange(len(u)), found] + jitter, 0.0)


def unblurred(priors):
    """Speeds [km/s] at steps of 1 km/s, and the density of each of `CHANNELS` [per km/s]."""
    u = np.arange(0.5, FASTEST, 1.0)
    return u, np.array([g / g.sum() for g in _shapes(u, priors)])


def _shapes(u, p):
    fast = 1 - np.exp(-((u / p.slowest) ** 4))
    below, above = p.dynamical_slopes
    scaled = u / p.dynamical_break
    dynamical = np.where(scaled < 1, scaled**below, scaled**above)
    yield fast * dynamical * np.exp(-((u / p.dynamical_end) ** 4))
    yield fast * np.exp(-u / p.binary_scale) * (u < p.binary_fastest)
    yield np.exp(-0.5 * (np.log(u / p.hills_speed) / p.hills_width) ** 2) / u
    yield u**2 * np.exp(-0.5 * (u / p.pulsar_kick) ** 2)


def _cell(fraction, n):
    """Node below and place within its cell, of a fraction of an even grid of n nodes."""
    at = np.clip(fraction, 0, 1) * (n - 1)
    below = np.minimum(at.astype(int), n - 2)
    return below, at - below

"""What is measured of one star, as functions of four independent standard normal deviates."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from runaways.stars.draws import correlation_matrix

STAR, PULSAR = "star", "pulsar"

_PROPOSAL_SCALE = 1.5  # kpc: distances are proposed from r^2 exp(-r / scale) where nothing is given
_NEAREST, _FARTHEST = 1e-3, 150.0  # kpc
_REACH = 6.0  # standard errors
_N_DISTANCES = 4000
_NEEDED = ("ra", "dec", "pmra", "pmdec", "pmra_error", "pmdec_error")


@dataclass(frozen=True)
class Star:
    """Measurements of a star in the form that kernels are made from.

    Attributes
    ----------
    name : str
    ra, dec : float
        [deg].
    distances, cumulative, weight : ndarray, shape (k,)
        Distances [kpc], the proposal's cumulative distribution, and the weight W of a draw.
    parallax, parallax_error : float
        [mas]; NaN if a distance is given.
    pm, pm_error : ndarray, shape (2,)
        [mas/yr].
    lower : ndarray, shape (3, 3)
        Cholesky factor of the correlations of (parallax, pmra, pmdec).
    rvs : tuple of float
        Radial velocity, one or two of equal chance [km/s].
    rv_error : float
    rv_known : bool
    age, age_error : float
        [Myr]; NaN if unknown.
    kind : str
        ``star`` or ``pulsar``.

    Notes
    -----
    The evidence is an integral of phase-space density, d^3x d^3v = d^4 dd dpm drv (times
    constants), over the likelihood of what was measured: of distances proposed from a density
    pi(d) times that likelihood each counts W = d^4 / pi(d). With a parallax pi is the prior that
    the list's distances have (generalised gamma), else r^2 exp(-r / 1.5 kpc), and cancels: the
    result does not depend on it, and the list's ``distance_method`` only moves where the draws
    are. A given distance is itself the measurement, W = d^4; without an error W is constant.
    """

    name: str
    ra: float
    dec: float
    distances: np.ndarray
    cumulative: np.ndarray
    weight: np.ndarray
    parallax: float
    parallax_error: float
    pm: np.ndarray
    pm_error: np.ndarray
    lower: np.ndarray
    rvs: tuple[float, ...]
    rv_error: float
    rv_known: bool
    age: float
    age_error: float
    kind: str = STAR

    def quantities(self, z, rv):
        """Distance [kpc], pmra, pmdec [mas/yr], rv [km/s] of deviates, shape (4, n)."""
        distance = np.interp(ndtr(z[0]), self.cumulative, self.distances)
        first = z[0]
        if np.isfinite(self.parallax):
            # how far its parallax is from the measured one: the proper motion errs with it
            first = (1 / distance - self.parallax) / self.parallax_error
        low = self.lower
        pmra = self.pm[0] + self.pm_error[0] * (low[1, 0] * first + low[1, 1] * z[1])
        third = low[2, 0] * first + low[2, 1] * z[1] + low[2, 2] * z[2]
        pmdec = self.pm[1] + self.pm_error[1] * third
        return np.array([distance, pmra, pmdec, rv + self.rv_error * z[3]])

    def weights(self, distance):
        """W of distances [kpc], 1 at the median."""
        return np.interp(distance, self.distances, self.weight)

    def generator(self, seed, purpose):
        """Random numbers that are a function of the seed, the star's name and what they are for."""
        return generator(seed, self.name, purpose)


def generator(seed, name, purpose):
    """A numpy.random.Generator that depends on nothing but its arguments."""
    digest = hashlib.sha256(f"{seed} {purpose} {name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def as_dict(row):
    """A mapping or a row of an astropy table as a plain dict."""
    return dict(zip(row.colnames, row)) if hasattr(row, "colnames") else dict(row)


def number(row, name, default=np.nan):
    """A number of a row as a float, `default` where it is absent, masked or no number."""
    value = row.get(name, default)
    if value is None or np.ma.is_masked(value):
        return default
    value = float(getattr(value, "value", value))
    return value if np.isfinite(value) else default


def lacking(row):
    """Why there can be no posterior of a star; empty where there can.

    Parameters
    ----------
    row : dict
        As for `read_star`.
    """
    missing = [name for name in _NEEDED if not np.isfinite(number(row, name))]
    has_parallax = np.isfinite(number(row, "parallax"))
    if has_parallax and not number(row, "parallax_error", 0.0) > 0:
        missing.append("parallax_error")
    if not has_parallax and not number(row, "distance", 0.0) > 0:
        missing.append("distance")
    if missing:
        return f"{', '.join(missing)}: missing, no ejection"
    try:
        correlation_matrix(_correlations(row))
    except ValueError as error:
        return f"correlations: {error}"
    return ""


def read_star(row, priors):
    """A star from a row of `measurements.complete` or a dict with the same names.

    Parameters
    ----------
    row : mapping
        ``star`` (name), ``ra dec`` [deg]; ``parallax`` [mas] or, where that is NaN, ``distance``
        [kpc] (with ``bounds_given`` its ``distance_lower distance_upper``); ``pmra pmdec``
        [mas/yr]; where known ``rv rv_alternative`` [km/s], ``age`` [Myr], all with ``_error``;
        the correlations; ``prior_length`` [kpc] ``prior_alpha prior_beta``; ``kind``, ``pulsar``
        if it is one.
    priors : Priors

    Returns
    -------
    Star
        An unknown radial velocity is one of 0 with a broad error.

    Raises
    ------
    ValueError
        With `lacking`'s words, where something needed is missing.
    """
    row = as_dict(row)
    if reason := lacking(row):
        raise ValueError(f"{row.get('star', '')}: {reason}")
    rvs = tuple(v for v in (number(row, "rv"), number(row, "rv_alternative")) if np.isfinite(v))
    known = bool(rvs)
    rv_error = number(row, "rv_error", priors.rv_unknown_error) if known else priors.rv_broad
    distances, cumulative, weight = _proposal(row)
    return Star(
        name=str(row.get("star", "")),
        ra=number(row, "ra"),
        dec=number(row, "dec"),
        distances=distances,
        cumulative=cumulative,
        weight=weight,
        parallax=number(row, "parallax"),
        parallax_error=number(row, "parallax_error"),
        pm=np.array([number(row, name) for name in ("pmra", "pmdec")]),
        pm_error=np.array([number(row, f"{name}_error") for name in ("pmra", "pmdec")]),
        lower=np.linalg.cholesky(correlation_matrix(_correlations(row))),
        rvs=rvs or (0.0,),
        rv_error=rv_error,
        rv_known=known,
        age=number(row, "age"),
        age_error=number(row, "age_error"),
        kind=PULSAR if str(row.get("kind", "")) == PULSAR else STAR,
    )


def renamed(star, name):
    """The same star under another name, whose random numbers are others."""
    return replace(star, name=name)


def _correlations(row):
    names = ("parallax_pmra_corr", "parallax_pmdec_corr", "pmra_pmdec_corr")
    known = {name: number(row, name) for name in names}
    if not np.isfinite(number(row, "parallax")):
        known |= dict.fromkeys(names[:2], np.nan)
    return known


def _proposal(row):
    """Distances, cumulative distribution of the proposal, and W."""
    if np.isfinite(number(row, "parallax")):
        return _from_parallax(row)
    distance, error = number(row, "distance"), number(row, "distance_error", 0.0)
    lower, upper = number(row, "distance_lower"), number(row, "distance_upper")
    if row.get("bounds_given", False) and 0 < lower < distance < upper:
        d = np.exp(np.linspace(-_REACH, _REACH, _N_DISTANCES))
        scale = np.where(d < 1, np.log(distance / lower), np.log(upper / distance))
        deviate = np.log(d)
        return distance * np.exp(deviate * scale), ndtr(deviate), np.exp(4 * deviate * scale)
    if error <= 0:
        return np.full(2, distance), np.array([0.0, 1.0]), np.ones(2)
    start = max(distance - _REACH * error, 0.01 * distance)
    d = np.linspace(start, distance + _REACH * error, _N_DISTANCES)
    return d, _cumulate(d, np.exp(-0.5 * ((d - distance) / error) ** 2)), (d / distance) ** 4


def _from_parallax(row):
    parallax, error = number(row, "parallax"), number(row, "parallax_error")
    scale = number(row, "prior_length", _PROPOSAL_SCALE)
    alpha, beta = number(row, "prior_alpha", 1.0), number(row, "prior_beta", 2.0)
    start = max(1 / max(parallax + _REACH * error, 1e-9), _NEAREST)
    end = min(1 / max(parallax - _REACH * error, 1e-9), _FARTHEST)
    d = np.geomspace(min(start, end / 2), end, _N_DISTANCES)
    ln_prior = beta * np.log(d) - (d / scale) ** alpha
    ln_density = ln_prior - 0.5 * ((1 / d - parallax) / error) ** 2
    cumulative = _cumulate(d, np.exp(ln_density - ln_density.max()))
    ln_weight = 4 * np.log(d) - ln_prior
    # far out, where the proposal all but ends, W may not overflow
    ln_weight -= np.interp(0.5, cumulative, ln_weight)
    return d, cumulative, np.exp(np.minimum(ln_weight, 50.0))


def _cumulate(d, density):
    cells = (density[1:] + density[:-1]) / 2 * np.diff(d)
    cumulative = np.concatenate([[0.0], np.cumsum(cells)])
    return cumulative / cumulative[-1]

"""A population of young stars as a velocity ellipsoid with a tail of runaways, fitted together.

The core is normal along the Galactocentric radius, rotation and height, lags behind rotation
(asymmetric drift), grows with age, and has a hotter part, as stars of unknown ages have. A runaway
is a core star kicked in any direction by `SLOWEST` or more. Errors of every star are taken out, a
star without radial velocity counts by what is known of it, and where the list was cut in velocity
what it lost is in the likelihood.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, i0e

from runaways.frames import galactic

MIN_STARS = 100  # fewer cannot hold core and tail apart
SLOWEST, FASTEST = 30.0, 600.0  # km/s, of kicks; 30 km/s is a runaway's least (Blaauw 1961)
KICKS = np.geomspace(SLOWEST, FASTEST, 14)
_SPREAD = np.log(KICKS[1] / KICKS[0]) / np.sqrt(12)  # a node stands for half way to the next
# of the hot part, against the rest: a star of 500 Myr, about the oldest of B, is heated by 1.9
# (Aumer & Binney 2009, arXiv:0905.2512); what is hotter is no core of young stars
HOTTEST = 2.0
HEATING_TIME = 100.0  # Myr: dispersions grow as (1 + age / time)^power
# Of a shell on the sky
_COSINES, _WEIGHTS = np.polynomial.legendre.leggauss(6)
_SINES, _WEIGHTS = np.sqrt(1 - ((_COSINES + 1) / 2) ** 2), _WEIGHTS / 2
_BINS = np.arange(0.25, 400.0, 0.5)  # km/s, of the core's speeds
_MOST = 4000  # stars that a fit needs at most
_PRECISE = {"ftol": 1e-9}
_TWO_PI = 2 * np.pi
_TINY = 1e-300
# Parameters: ln of three dispersions, mean radial and azimuthal velocity, power of heating, logit
# of the hot share, ln of how much hotter, logit of the tail's share, ln of its median kick and of
# the scatter of ln(kick)
_START = [np.log(12.0), np.log(9.0), np.log(7.0), 0.0, -1.0, 0.3]
# the fit has two optima where the tail can stand for the hot part
_HOT_AND_TAIL = (
    [-2.0, np.log(1.6), -3.0, np.log(50.0), -0.3],
    [-0.8, np.log(2.0), -3.0, 4.4, -0.7],
)
_ALL_COLD = -9.0
_BOUNDS = [(np.log(1.0), np.log(60.0))] * 3 + [(-30.0, 30.0)] * 2
_BOUNDS += [(0.0, 0.6), (-6.0, 0.0), (np.log(1.2), np.log(HOTTEST)), (-9.0, 2.0)]
# a tail narrower than the laws of any channel would stand for the hot part
_BOUNDS += [(np.log(SLOWEST), np.log(FASTEST / 2)), (np.log(0.5), np.log(2.0))]


@dataclass(frozen=True)
class Ellipsoid:
    """A fitted population.

    Attributes
    ----------
    sigmas, sigmas_error : ndarray, shape (3,)
        Dispersions of the whole core along radius, rotation and height at birth, or of stars as
        they are where ages are unknown [km/s].
    mean : ndarray, shape (3,)
        Mean velocity about rotation; that along it is minus the asymmetric drift [km/s].
    heating : float
        Power of (1 + age / `HEATING_TIME`) that the dispersions grow with; 0 without ages.
    hot_share, hotter : float
        Share of the core whose dispersions are larger, and by which factor.
    tail_fraction, kick, kick_width : float
        Share of runaways, median of their kicks [km/s] and scatter of ln(kick).
    n_stars : int
        Stars with a velocity.
    """

    sigmas: np.ndarray
    sigmas_error: np.ndarray
    mean: np.ndarray
    heating: float
    hot_share: float
    hotter: float
    tail_fraction: float
    kick: float
    kick_width: float
    n_stars: int

    def p_tail(self, stars):
        """Probability of every star of `Velocities` to be a runaway, shape (n,); NaN if unknown."""
        core, tail = _densities(self._parameters(), stars)
        with np.errstate(invalid="ignore"):
            return tail / (core + tail)

    def threshold(self, dimensions, age=np.nan, fraction=0.01):
        """Speed at which the core falls to a fraction of its peak [km/s].

        Parameters
        ----------
        dimensions : int
            3 in space; 2 on the sky, seen from all sides.
        age : float
            [Myr]; NaN where unknown.
        fraction : float
        """
        density = self.core_speeds(dimensions, age)
        above = np.flatnonzero(density > fraction * density.max())
        return float(_BINS[above[-1]])

    def as_dict(self):
        """All numbers, for a table's metadata."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }

    def core_speeds(self, dimensions, age=np.nan):
        """Density of the core's true speeds at `_BINS`, in any unit, shape (len(_BINS),)."""
        heated = self.sigmas * _heat(np.array([age]), self.heating)[0]
        return sum(
            share * _speeds(_BINS, heated * np.sqrt(size), dimensions)
            for share, size in _parts(self._parameters())
        )

    def _parameters(self):
        shares = [_logit(self.hot_share), np.log(self.hotter), _logit(self.tail_fraction)]
        tail = [np.log(self.kick), np.log(self.kick_width)]
        return np.array([*np.log(self.sigmas), *self.mean[:2], self.heating, *shares, *tail])


@dataclass(frozen=True)
class Velocities:
    """Velocities about rotation of n stars, along l, b and the line of sight.

    Attributes
    ----------
    velocity : ndarray, shape (3, n)
        [km/s]; the third NaN where unknown.
    covariance : ndarray, shape (3, 3, n)
        Of its errors [km^2/s^2].
    axes : ndarray, shape (3, 3, n)
        Radius, rotation and height in these components.
    age : ndarray, shape (n,)
        [Myr], NaN where unknown.
    """

    velocity: np.ndarray
    covariance: np.ndarray
    axes: np.ndarray
    age: np.ndarray

    def pick(self, rows):
        """Some of the stars."""
        return Velocities(*(getattr(self, name)[..., rows] for name in self.__dataclass_fields__))


def cylindrical_axes(ra, dec, distance, frame):
    """Unit vectors of radius, rotation and height at stars, along l, b and the line of sight.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS [deg].
    distance : array_like, shape (n,)
        [kpc].
    frame : Frame

    Returns
    -------
    ndarray, shape (3, 3, n)
        First index radius, rotation, height; second l, b, line of sight.
    """
    lon, lat = galactic(ra, dec)
    sin_l, cos_l, sin_b, cos_b = np.sin(lon), np.cos(lon), np.sin(lat), np.cos(lat)
    x = np.asarray(distance) * cos_b * cos_l - frame.r0  # from the centre, away from the Sun
    y = np.asarray(distance) * cos_b * sin_l
    out = np.array([x, y]) / np.hypot(x, y)
    zero = 0 * sin_l
    axes = np.array([[out[0], out[1], zero], [out[1], -out[0], zero], [zero, zero, zero + 1]])
    sky = np.array(
        [
            [-sin_l, cos_l, zero],
            [-sin_b * cos_l, -sin_b * sin_l, cos_b],
            [cos_b * cos_l, cos_b * sin_l, sin_b],
        ]
    )
    return np.einsum("axn,sxn->asn", axes, sky)


def fit_ellipsoid(stars, v_sp_min=0.0):
    """Maximum likelihood.

    Parameters
    ----------
    stars : Velocities
    v_sp_min : float
        The list holds only stars whose measured space velocity is above it [km/s].

    Returns
    -------
    Ellipsoid

    Raises
    ------
    ValueError
        With fewer than `MIN_STARS` velocities.
    """
    known = np.isfinite(stars.velocity[:2]).all(axis=0)
    known &= np.isfinite(stars.covariance[:2, :2]).all(axis=(0, 1))
    rows = np.flatnonzero(known)
    if len(rows) < MIN_STARS:
        raise ValueError(
            f"a velocity ellipsoid needs {MIN_STARS} velocities or more, got {len(rows)}: "
            "give the thresholds instead"
        )
    some = stars.pick(rows[:: -(-len(rows) // _MOST)])
    aged = np.isfinite(some.age).mean() > 0.5
    bounds, start = list(_BOUNDS), list(_START)
    if not aged:
        start[5], bounds[5] = 0.0, (0.0, 0.0)
    noise = np.nanmedian([some.covariance[i, i] for i in range(3)])
    sized = (some, v_sp_min, float(noise))
    starts = _HOT_AND_TAIL
    if v_sp_min > 0:
        # how much of the core the list lost can only be told of one ellipsoid
        starts, bounds[6] = [[_ALL_COLD, *_HOT_AND_TAIL[0][1:]]], (_ALL_COLD, _ALL_COLD)
    fits = [
        minimize(_minus_ln, start + more, sized, "L-BFGS-B", bounds=bounds, options=_PRECISE)
        for more in starts
    ]
    x = min(fits, key=lambda fit: fit.fun).x
    sigmas = np.exp(x[:3])
    errors = sigmas * [_error(x, i, sized) for i in range(3)]
    mean, shares = np.array([x[3], x[4], 0.0]), expit(x[[6, 8]])
    return Ellipsoid(
        sigmas, errors, mean, float(x[5]), float(shares[0]), float(np.exp(x[7])),
        float(shares[1]), *np.exp(x[9:]).tolist(), len(rows),
    )  # fmt: skip


def _minus_ln(x, stars, v_sp_min, noise):
    """Minus the mean ln likelihood."""
    core, tail = _densities(x, stars)
    ln = np.mean(np.log(np.maximum(core + tail, _TINY)))
    return -ln + (np.log(_seen(x, stars.age, v_sp_min, noise)) if v_sp_min > 0 else 0.0)


def _densities(x, stars):
    """Core and tail of each star's measured velocity, shares included; NaN where unknown."""
    core, tail = np.full((2, stars.velocity.shape[1]), np.nan)
    tangential = np.isfinite(stars.velocity[:2]).all(axis=0)
    in_space = tangential & np.isfinite(stars.velocity[2])
    for k, rows in ((3, in_space), (2, tangential & ~in_space)):
        if rows.any():
            core[rows], tail[rows] = _of_dimension(x, stars.pick(rows), k)
    return core, tail


def _of_dimension(x, stars, k):
    axes, error = stars.axes[:, :k], stars.covariance[:k, :k]
    mean = np.array([x[3], x[4], 0.0])
    away = stars.velocity[:k] - np.einsum("akn,a->kn", axes, mean)
    heat = _heat(stars.age, x[5])
    scaled = axes * (np.exp(x[:3])[:, None] * heat)[:, None]
    own = (scaled[:, :, None] * scaled[:, None]).sum(axis=0)
    share = expit(x[8])
    core = sum(part * _normal(away, own * size + error) for part, size in _parts(x))
    speed = np.sqrt((away**2).sum(axis=0))
    whole = own + error
    along = np.einsum("in,ijn,jn->n", away, whole, away) / np.maximum(speed**2, 1e-12)
    weights = _kicks(x)
    shell = _in_space if k == 3 else _on_sky
    tail = sum(w * shell(speed, along + (u * _SPREAD) ** 2, u) for w, u in zip(weights, KICKS))
    return (1 - share) * core, share * tail


def _parts(x):
    """Shares of the core's two parts, and their variances in units of the whole core's."""
    hot, factor = expit(x[6]), np.exp(2 * x[7])
    whole = 1 - hot + hot * factor
    return (1 - hot, 1 / whole), (hot, factor / whole)


def _kicks(x):
    """Shares of the tail at each of `KICKS`."""
    weights = np.exp(-0.5 * ((np.log(KICKS) - x[9]) / np.exp(x[10])) ** 2)
    return weights / weights.sum()


def _heat(age, power):
    return np.where(np.isfinite(age), 1 + np.nan_to_num(age) / HEATING_TIME, 1.0) ** power


def _normal(away, c):
    """Density of a normal distribution of covariance c, shape (n,), inverted by cofactors."""
    if len(away) == 2:
        x, y = away
        det = c[0, 0] * c[1, 1] - c[0, 1] ** 2
        square = x**2 * c[1, 1] + y**2 * c[0, 0] - 2 * x * y * c[0, 1]
    else:
        x, y, z = away
        xx, yy = c[1, 1] * c[2, 2] - c[1, 2] ** 2, c[0, 0] * c[2, 2] - c[0, 2] ** 2
        zz = c[0, 0] * c[1, 1] - c[0, 1] ** 2
        xy = c[0, 2] * c[1, 2] - c[0, 1] * c[2, 2]
        xz = c[0, 1] * c[1, 2] - c[0, 2] * c[1, 1]
        yz = c[0, 1] * c[0, 2] - c[0, 0] * c[1, 2]
        det = c[0, 0] * xx + c[0, 1] * xy + c[0, 2] * xz
        square = x**2 * xx + y**2 * yy + z**2 * zz
        square += 2 * (x * y * xy + x * z * xz + y * z * yz)
    return np.exp(-0.5 * square / det) / np.sqrt(det * _TWO_PI ** len(away))


def _in_space(v, s2, u):
    """Density of velocities of speed v, kicked by u in any direction with a blur."""
    a = np.maximum(v * u / s2, 1e-9)
    near = np.exp(-((v - u) ** 2) / (2 * s2)) * -np.expm1(-2 * a) / (2 * a)
    return near / (_TWO_PI * s2) ** 1.5


def _on_sky(v, s2, u):
    """The same of two components."""
    density = 0.0
    for sine, weight in zip(_SINES, _WEIGHTS):
        seen = u * sine
        density = density + weight * np.exp(-((v - seen) ** 2) / (2 * s2)) * i0e(v * seen / s2)
    return density / (_TWO_PI * s2)


def _seen(x, age, v_sp_min, noise):
    """Share of the population above the list's cut, for a star of typical error and age."""
    bins = _BINS[_BINS < v_sp_min]
    known = age[np.isfinite(age)]
    typical = np.array([np.median(known) if len(known) else np.nan])
    sigma2, share = np.exp(2 * x[:3]) * _heat(typical, x[5])[0] ** 2, expit(x[8])
    step = bins[1] - bins[0]
    lost = 0.0
    for part, size in _parts(x):
        lost += (1 - share) * part * _speeds(bins, np.sqrt(sigma2 * size + noise), 3).sum() * step
    weights, s2 = _kicks(x), sigma2.mean() + noise
    shells = [_in_space(bins, s2 + (u * _SPREAD) ** 2, u) for u in KICKS]
    below = (4 * np.pi * bins**2 * shells).sum(axis=1) * step
    return max(1 - lost - share * (weights * below).sum(), 1e-6)


def _speeds(v, sigmas, dimensions, n=12):
    """Density of speeds of normal velocities: in space, or on the sky seen from all sides."""
    cos, weight = np.polynomial.legendre.leggauss(n)
    angle = (np.arange(n) + 0.5) / n * np.pi
    sin = np.sqrt(1 - cos**2)[:, None]
    axes = np.array([sin * np.cos(angle), sin * np.sin(angle), cos[:, None] + 0 * angle])
    weight = np.repeat(weight / (2 * n), n)
    if dimensions == 3:
        inverse = np.einsum("ak,a->k", axes.reshape(3, -1) ** 2, 1 / sigmas**2)
        mean = np.exp(-0.5 * v[:, None] ** 2 * inverse) @ weight
        return 4 * np.pi * v**2 * mean / (_TWO_PI**1.5 * sigmas.prod())
    # seen along an axis two components remain; their two principal variances
    along = axes.reshape(3, -1)
    s = sigmas**2
    total = s.sum() - np.einsum("ak,a->k", along**2, s)
    product = s.prod() * np.einsum("ak,a->k", along**2, 1 / s)
    root = np.sqrt(np.maximum(total**2 / 4 - product, 0))
    big, small = total / 2 + root, total / 2 - root
    plus, minus = (1 / small + 1 / big) / 4, (1 / small - 1 / big) / 4
    square = v[:, None] ** 2
    density = np.exp(-square * (plus - minus)) * i0e(square * minus) / np.sqrt(big * small)
    return v * (density @ weight)


def _logit(p):
    return np.log(p / (1 - p)) if 0 < p < 1 else -30.0


def _error(x, i, sized, step=0.02):
    """Error of a parameter by the curvature of the likelihood along it."""
    shift = np.zeros(len(x))
    shift[i] = step
    up, here, down = (_minus_ln(x + way * shift, *sized) for way in (1, 0, -1))
    curvature = (up - 2 * here + down) / step**2 * sized[0].velocity.shape[1]
    return 1 / np.sqrt(curvature) if curvature > 0 else np.nan

"""A list of stars as it comes about: errors of what is measured, and limits of what is listed."""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.frames import ICRS_TO_GALACTIC, KM_S_PER_MAS_YR_KPC, galactocentric, heliocentric
from runaways.tables import column

_SEEN_AGES = 400
_AGE_UNKNOWN = 3.0  # relative error of an age that says nothing
_EDGE = 1.0001  # the outermost star of a list is within its limits


@dataclass(frozen=True)
class Survey:
    """Errors and limits of a list of stars, all by what is measured.

    Attributes
    ----------
    parallax_error, pm_error, rv_error : float
        [mas, mas/yr, km/s].
    age_error : float
        Relative.
    distance_max : float
        1 / parallax [kpc].
    speed_min : float
        Against rotation [km/s].
    age_max : float
        [Myr].
    """

    parallax_error: float = 0.03
    pm_error: float = 0.03
    rv_error: float = 5.0
    age_error: float = 0.3
    distance_max: float = 2.5
    speed_min: float = 30.0
    age_max: float = 100.0

    def said(self):
        """The survey in words."""
        return (
            f"errors {self.parallax_error:.3g} mas, {self.pm_error:.3g} mas/yr, "
            f"{self.rv_error:.3g} km/s, age {100 * self.age_error:.0f} %; within "
            f"{self.distance_max:.3g} kpc, peculiar velocity above {self.speed_min:.3g} km/s, "
            f"age below {self.age_max:.3g} Myr"
        )


def survey_of(measured, galaxy):
    """The survey that a list of stars is taken to be.

    Parameters
    ----------
    measured : Table
        As from `measurements.complete`.
    galaxy : Galaxy

    Returns
    -------
    Survey
        Medians of the errors, the largest distance and age and the smallest speed against
        rotation of the stars whose numbers are known; a given distance is taken as a parallax.
        Where no star has a radial velocity or an age, its error is so large that it says nothing.

    Raises
    ------
    ValueError
        If there is no star with distance and proper motion.
    """
    names = ("ra", "dec", "distance", "pmra", "pmdec", "rv")
    ra, dec, distance, pmra, pmdec, rv = (column(measured, name) for name in names)
    known = np.isfinite(ra + dec + pmra + pmdec) & (distance > 0)
    if not known.any():
        raise ValueError("no star of the list has a distance and a proper motion")
    parallax_error = column(measured, "parallax_error")
    given = column(measured, "distance_error") / distance**2
    parallax_error = np.where(np.isfinite(column(measured, "parallax")), parallax_error, given)
    pm_error = np.concatenate([column(measured, f"{q}_error")[known] for q in ("pmra", "pmdec")])
    age = column(measured, "age")
    has_rv, aged = known & np.isfinite(rv), known & (age > 0)
    seen = np.array([q[has_rv] for q in (ra, dec, distance, pmra, pmdec, rv)])
    x, v = galactocentric(*heliocentric(*seen), galaxy.frame)
    speed = np.sqrt(((v - galaxy.rotating(x.T).T) ** 2).sum(axis=0))
    p = galaxy.priors
    return Survey(
        parallax_error=float(np.median(parallax_error[known])),
        pm_error=float(np.median(pm_error)),
        rv_error=float(np.median(column(measured, "rv_error")[has_rv]))
        if has_rv.any()
        else p.rv_broad,
        age_error=float(np.median((column(measured, "age_error") / age)[aged]))
        if aged.any()
        else _AGE_UNKNOWN,
        distance_max=float(distance[known].max()) * _EDGE,
        speed_min=float(speed.min()) if has_rv.any() else 0.0,
        age_max=float(age[aged].max()) * _EDGE if aged.any() else p.longest_life,
    )


@dataclass(frozen=True)
class Truth:
    """Of planted stars: kind, cluster ("" if none), channel, age, delay, look-back time, and the
    age seen [Myr]."""

    kind: str
    cluster: np.ndarray
    channel: np.ndarray
    age: np.ndarray
    delay: np.ndarray
    tau: np.ndarray
    seen: np.ndarray

    def pick(self, rows):
        """Some of them."""
        arrays = {k: v[rows] for k, v in vars(self).items() if k != "kind"}
        return Truth(kind=self.kind, **arrays)


def seen_ages(age, channel, galaxy, survey, rng):
    """Ages as observed [Myr]; NaN of stars that look older than the list goes.

    Of the density that `AgeGrid.likelihood` gives, for errors in proportion to what is observed.
    """
    observed = (np.arange(_SEEN_AGES) + 0.5) * survey.age_max / _SEEN_AGES
    density = np.array([galaxy.ages.likelihood(a, survey.age_error * a) for a in observed])
    cumulative = np.cumsum(density, axis=0) * survey.age_max / _SEEN_AGES
    cell = np.clip(np.searchsorted(galaxy.ages.edges, age) - 1, 0, len(galaxy.ages.age) - 1)
    below = cumulative[:, channel, cell]
    # the likelihood need not sum to 1: what is over is not seen
    wanted = rng.random(len(age)) * max(1.0, cumulative[-1].max())
    row = (below < wanted).sum(axis=0)
    jitter = rng.random(len(age)) - 0.5
    step = survey.age_max / _SEEN_AGES
    return np.where(
        row < _SEEN_AGES, observed[np.minimum(row, _SEEN_AGES - 1)] + jitter * step, np.nan
    )


def observed(x, v, frame):
    """What is measured of bodies: the inverse of `frames.galactocentric` and `heliocentric`.

    Parameters
    ----------
    x, v : ndarray, shape (3, n)
        Galactocentric [kpc, km/s].
    frame : Frame

    Returns
    -------
    tuple of ndarray, shape (n,)
        ra, dec [deg], distance [kpc], pmra, pmdec [mas/yr], rv [km/s].
    """
    origin, sun = galactocentric(np.zeros((3, 1)), np.zeros((3, 1)), frame)
    axes = galactocentric(np.eye(3), np.eye(3), frame)[1] - sun
    turn = np.linalg.inv(axes @ ICRS_TO_GALACTIC)
    x, v = (np.einsum("ij,jn->in", turn, q) for q in (x - origin, v - sun))
    distance = np.sqrt((x**2).sum(axis=0))
    towards = x / distance
    ra, dec = np.arctan2(towards[1], towards[0]), np.arcsin(towards[2])
    east = np.array([-np.sin(ra), np.cos(ra), 0 * ra])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    pmra, pmdec = ((e * v).sum(axis=0) / (KM_S_PER_MAS_YR_KPC * distance) for e in (east, north))
    rv = (towards * v).sum(axis=0)
    return np.degrees(ra) % 360, np.degrees(dec), distance, pmra, pmdec, rv


def measured(x, v, speed, truth, galaxy, survey, rng):
    """The table of stars that the survey lists, measured with its errors."""
    ra, dec, distance, pmra, pmdec, rv = observed(x, v, galaxy.frame)
    e_plx, e_pm, e_rv = survey.parallax_error, survey.pm_error, survey.rv_error
    noise = rng.normal(size=(4, len(ra)))
    parallax, rv = 1 / distance + e_plx * noise[0], rv + e_rv * noise[3]
    pmra, pmdec = pmra + e_pm * noise[1], pmdec + e_pm * noise[2]
    near = 1 / np.maximum(parallax, 1e-9)
    seen = galactocentric(*heliocentric(ra, dec, near, pmra, pmdec, rv), galaxy.frame)
    against = np.sqrt(((seen[1] - galaxy.rotating(seen[0].T).T) ** 2).sum(axis=0))
    keep = (near < survey.distance_max) & (against > survey.speed_min) & np.isfinite(distance)
    keep &= truth.seen < survey.age_max
    table = Table({"star": np.full(keep.sum(), "", "U16")})
    columns = {"ra": (ra, None), "dec": (dec, None), "parallax": (parallax, e_plx)}
    columns |= {"pmra": (pmra, e_pm), "pmdec": (pmdec, e_pm), "rv": (rv, e_rv)}
    for name, (values, error) in columns.items():
        table[name] = values[keep]
        if error is not None:
            table[f"{name}_error"] = np.full(keep.sum(), error)
    truth = truth.pick(keep)
    table["age"], table["age_error"] = truth.seen, survey.age_error * truth.seen
    table["true_kind"] = np.full(keep.sum(), truth.kind, "U8")
    table["true_cluster"] = truth.cluster.astype("U64")
    table["true_channel"] = truth.channel
    for name in ("age", "delay"):
        table[f"true_{name}"] = getattr(truth, name)
    table["true_t"], table["true_v"] = truth.tau, speed[keep]
    return table

"""A list of stars as it comes about: errors of what is measured, and limits of what is listed."""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.frames import ICRS_TO_GALACTIC, KM_S_PER_MAS_YR_KPC, galactocentric, heliocentric

_SEEN_AGES = 400


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

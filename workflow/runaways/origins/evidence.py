"""How likely what is seen of each star is under each channel, and what of a channel is listed."""

from dataclasses import dataclass

import numpy as np

from runaways.origins import channels, rotation
from runaways.origins.channels import BSS, DELAY_EDGES, DELAYS, DES, NEITHER, SPEED_EDGES, SPEEDS

KINDS = (DES, BSS, NEITHER)
_CELLS = np.arange(0.0, 2001.0)  # km/s, over which the listed are summed
_RAREST = 1e-4  # share of ordinary stars that a list has at least; assumed
# Where a star that was never ejected is seen to have been, if anyone asks, in Myr; assumed
LONGEST_DELAY = 200.0


@dataclass(frozen=True)
class Population:
    """What ordinary stars do, and how the list was cut.

    Attributes
    ----------
    dispersions : tuple of float
        Velocity dispersions of stars about rotation, radial, azimuthal and vertical [km/s].
    birth_dispersion : float
        1-D, of the places that stars are ejected from, about rotation [km/s].
    error : float
        Of a component of velocity, typical [km/s].
    v_sp_min, v_tan_min : float
        A star is on the list above either of the two [km/s].
    """

    dispersions: tuple[float, float, float]
    birth_dispersion: float
    error: float
    v_sp_min: float
    v_tan_min: float = np.inf

    def listed(self):
        """Probability to be listed by speed of ejection, shape (len(SPEEDS),); of not ejected.

        The line of sight has any angle to a velocity: v_tan is above its cut for a share
        sqrt(1 - (cut / v)^2) of the directions.
        """
        v, cut = (_CELLS[1:] + _CELLS[:-1]) / 2, min(self.v_tan_min, _CELLS[-1])
        # the integral of sqrt(1 - (cut / v)^2)
        above = np.maximum(_CELLS, cut)
        across = np.sqrt(above**2 - cut**2) - cut * np.arccos(cut / above)
        weight = np.where(v > self.v_sp_min, np.diff(_CELLS), np.diff(across))
        blur = np.hypot(self.birth_dispersion, self.error)
        by_speed = np.array([_shell(v, u, blur) @ weight for u in SPEEDS])
        stayed = _ellipsoid(v, np.hypot(np.array(self.dispersions), self.error)[None])
        return by_speed, stayed @ weight


@dataclass(frozen=True)
class Evidence:
    """Of n stars.

    Attributes
    ----------
    density : ndarray, shape (n, 3)
        Of what is seen of a star, among the listed stars of each of `KINDS`; in units of the star.
    listed : ndarray, shape (3,)
        Share of each kind that is listed; of `DES` and `BSS` per ejection faster than
        `channels.RUNAWAY`.
    """

    density: np.ndarray
    listed: np.ndarray


def weigh(kinematic, stayed, vsini, vsini_error, models, population):
    """Put motion and rotation together.

    Parameters
    ----------
    kinematic : dict
        ``DES`` and ``BSS`` to the density of what is seen of the motion under each component of
        the channel, shape (n, components).
    stayed : ndarray, shape (n,)
        The same of a star that was not ejected.
    vsini, vsini_error : array_like, shape (n,)
        [km/s], NaN where not measured.
    models : dict
        ``DES`` and ``BSS`` to their components.
    population : Population

    Returns
    -------
    Evidence
    """
    by_speed, of_stayed = population.listed()
    fast = SPEEDS > channels.RUNAWAY
    density, listed = [], []
    for kind in (DES, BSS):
        parts = models[kind]
        share = np.array([part.share for part in parts])
        spins = [rotation.likelihood(vsini, vsini_error, part.rotation) for part in parts]
        seen = share * [(part.speed * by_speed).sum() for part in parts]
        runaways = (share * [part.speed[fast].sum() for part in parts]).sum()
        density.append((share * kinematic[kind] * np.array(spins).T).sum(axis=1) / seen.sum())
        listed.append(seen.sum() / runaways)
    ordinary = rotation.likelihood(vsini, vsini_error, rotation.ordinary())
    density.append(stayed * ordinary / max(of_stayed, _RAREST))
    listed.append(of_stayed)
    return Evidence(np.array(density).T, np.array(listed))


def of_speeds(v_sp, error, models, population, delay=None, delay_error=None):
    """Densities of measured peculiar speeds, and of delays where known.

    Parameters
    ----------
    v_sp, error : array_like, shape (n,)
        Peculiar space velocity and the error of a component [km/s].
    models : dict
        As for `weigh`.
    population : Population
    delay, delay_error : array_like, shape (n,), optional
        Age at the ejection [Myr], with normal error; NaN where unknown.

    Returns
    -------
    kinematic, stayed
        As for `weigh`.
    """
    v, error = np.asarray(v_sp, float)[:, None], np.asarray(error, float)[:, None]
    seen = _shell(v, SPEEDS, np.hypot(error, population.birth_dispersion))
    stayed = _ellipsoid(v[:, 0], np.hypot(np.array(population.dispersions), error))
    times = np.ones((len(v), len(DELAYS)))
    if delay is not None:
        d, e = np.asarray(delay, float)[:, None], np.asarray(delay_error, float)[:, None]
        known = np.isfinite(d) & (e > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            normal = np.exp(-0.5 * ((d - DELAYS) / e) ** 2) / (np.sqrt(2 * np.pi) * e)
        times = np.where(known, normal, 1.0)
        stayed = np.where(known[:, 0], stayed / LONGEST_DELAY, stayed)
    kinematic = {
        kind: np.array([(seen @ part.speed) * (times @ part.delay) for part in parts]).T
        for kind, parts in models.items()
    }
    return kinematic, stayed


def of_ejections(draws, prior, models):
    """Densities of one star's motion relative to the ejection stage's, by weighing its draws anew.

    Parameters
    ----------
    draws : Table
        Rows of table ``ejection_sites`` of the star, those of the Galactic centre left out.
    prior : callable
        Density of (speed, delay) that the draws were made with [per km/s and Myr].
    models : dict
        As for `weigh`.

    Returns
    -------
    dict
        ``DES`` and ``BSS`` to shape (components,): p(data | component) / p(data | ejected, prior).
    """
    u, delay = np.asarray(draws["v_ejection"], float), np.asarray(draws["delay"], float)
    i = np.clip(np.searchsorted(SPEED_EDGES, u) - 1, 0, len(SPEEDS) - 1)
    j = np.clip(np.searchsorted(DELAY_EDGES, delay) - 1, 0, len(DELAYS) - 1)
    base = prior(u, delay) * (np.diff(SPEED_EDGES)[i] * np.diff(DELAY_EDGES)[j])
    # where the prior has nothing there is no draw, but for the width of a cell
    known, n = base > 0, len(u)
    i, j, base = i[known], j[known], base[known]
    return {
        kind: np.array([np.sum(part.speed[i] * part.delay[j] / base) / n for part in parts])
        for kind, parts in models.items()
    }


def in_plane(parts, population, v_sp):
    """Density of a channel in the plane of V_Sp and v sin i, errors of V_Sp included.

    Parameters
    ----------
    parts : list of Component
    population : Population
    v_sp : ndarray, shape (m,)
        [km/s]; below ``population.v_sp_min`` the density is as if such stars were listed.

    Returns
    -------
    ndarray, shape (m, len(rotation.VSINI))
        [per km/s and cell of v sin i]
    """
    s = np.hypot(population.birth_dispersion, population.error)
    seen = _shell(np.asarray(v_sp, float)[:, None], SPEEDS, s)
    return sum(part.share * np.outer(seen @ part.speed, part.rotation) for part in parts)


def _shell(v, u, s):
    """Density of speeds v seen of velocities u in all directions with a normal blur s, 1-D."""
    near = np.exp(-0.5 * ((v - u) / s) ** 2) - np.exp(-0.5 * ((v + u) / s) ** 2)
    return v / (u * s * np.sqrt(2 * np.pi)) * near


def _ellipsoid(v, sigmas, n=16):
    """Density of speeds v of normal velocities, shape (n,); sigmas of shape (n, 3)."""
    cos, weight = np.polynomial.legendre.leggauss(n)
    angle = (np.arange(n) + 0.5) / n * np.pi
    sin = np.sqrt(1 - cos**2)[:, None]
    axes = np.array([sin * np.cos(angle), sin * np.sin(angle), cos[:, None] + 0 * angle])
    square = np.einsum("akl,na->nkl", axes**2, 1 / sigmas**2)
    mean = (np.exp(-0.5 * v[:, None, None] ** 2 * square) * weight[:, None]).sum(axis=(1, 2))
    whole = 4 * np.pi / (2 * n)
    return v**2 * mean * whole / ((2 * np.pi) ** 1.5 * sigmas.prod(axis=1))

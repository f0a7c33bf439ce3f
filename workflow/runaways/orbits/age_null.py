"""The null of a disk origin: the star where it is today, with the ages of the other stars.

A star near the plane was near the plane at most look-back times, whatever its age. So its own age
tells something only where it puts more of the draws into the disk than the ages of other stars
would. `heights` says how many draws are how near the plane at any look-back time, once for each
star; the ages of a list come in afterwards, so that another star or another age traces no orbit.
"""

import numpy as np

from runaways.orbits.disk import fraction_error, odds_over_null
from runaways.orbits.heights import DRAWS, HEIGHTS
from runaways.stars import draws

LEVELS = (np.arange(64) + 0.5) / 64  # of each age
# With fewer ages than this to permute, ages even from 0 to the end of the curve take their place.
MIN_AGES = 5
AGES = "ages"
# By the ages a star must also differ from its null by more than this many Monte Carlo errors: where
# both are near 0 or 1, the odds of a few draws are large.
MIN_ERRORS = 2.0


def disk_curve(table, limits):
    """Share of a star's draws within the disk, against look-back time.

    Parameters
    ----------
    table : Table
        The star's rows of table ``heights``, which may be none.
    limits : tuple of float
        half_height and check_half_height [kpc].

    Returns
    -------
    Table
        Table ``disk_curve``.
    """
    below = np.asarray(table["p_below"], float).reshape(-1, len(HEIGHTS))
    out = table["star", "look_back_time"][:: len(HEIGHTS)]
    for limit, name in zip(limits, ("p_in_disk", "p_in_disk_check"), strict=True):
        out[name] = np.array([np.interp(limit, HEIGHTS, share) for share in below], float)
    return out


def weights(times, age, error):
    """How the age of each star weighs the points of a curve, linear between them.

    Parameters
    ----------
    times : ndarray, shape (m,)
        Look-back times of the curve, rising from 0 [Myr].
    age, error : ndarray, shape (n,)
        [Myr]. Ages beyond the curve count at its end; the error of an age is that of a normal
        distribution cut off at 0, as in the draws.

    Returns
    -------
    ndarray, shape (n, m)
        Rows add up to 1; to 0 for a star without an age.
    """
    out = np.zeros((len(age), len(times)))
    known = np.flatnonzero(np.isfinite(age) & np.isfinite(error) & (age > 0))
    if len(known) == 0:
        return out
    mean, sigma = age[known, None], np.maximum(error[known, None], 1e-9)
    ages = mean + sigma * draws.truncated_normal(LEVELS, mean, sigma)
    ages = np.clip(ages, 0, times[-1])
    left = np.clip(np.searchsorted(times, ages, side="right") - 1, 0, len(times) - 2)
    part = (ages - times[left]) / (times[left + 1] - times[left])
    rows = np.broadcast_to(known[:, None], ages.shape)
    np.add.at(out, (rows, left), (1 - part) / len(LEVELS))
    np.add.at(out, (rows, left + 1), part / len(LEVELS))
    return out


def even_weights(times):
    """Weights of an age that is even over a curve, shape (m,)."""
    step = np.diff(times)
    return (np.append(step, 0) + np.append(0, step)) / 2 / times[-1]


def null_of_ages(curves, stars, age, error):
    """Share of draws in the disk that a star would have with the ages of the others.

    Parameters
    ----------
    curves : iterable of Table
        Tables ``disk_curve``, each of one or more stars, all of the same look-back times.
    stars : sequence of str
        All stars of the list, n.
    age, error : ndarray, shape (n,)
        Their ages, as the traceback uses them [Myr]; NaN where unknown.

    Returns
    -------
    dict
        Star to (number of other stars whose ages were used, 0 for even ones; share within
        half_height; within check_half_height). A star without a curve is left out.
    """
    row_of = {str(name): row for row, name in enumerate(stars)}
    age, error = np.asarray(age, float), np.asarray(error, float)
    every, out, times = None, {}, None
    for curve in curves:
        names = np.asarray(curve["star"]).astype(str)
        for name in dict.fromkeys(names.tolist()):
            mine = curve[names == name]
            if every is None:
                times = np.asarray(mine["look_back_time"], float)
                every = weights(times, age, error)
                total, known = every.sum(axis=0), int(every.any(axis=1).sum())
            own = every[row_of[name]]
            n = known - int(own.any())
            weight = (total - own) / n if n >= MIN_AGES else even_weights(times)
            shares = (float(weight @ mine[c]) for c in ("p_in_disk", "p_in_disk_check"))
            out[name] = (n if n >= MIN_AGES else 0, *(min(max(p, 0.0), 1.0) for p in shares))
    return out


def judge(disk, nulls, kind, evidence_min):
    """The disk table with both nulls, and what is better than the one that counts.

    Parameters
    ----------
    disk : Table
        Table ``disk``, whose null is that of random phases.
    nulls : dict
        As from `null_of_ages`.
    kind : str
        ``ages`` or ``phase``: the null that counts.
    evidence_min : float
        Least odds over it.

    Returns
    -------
    Table
        A copy with ``disk_null_ages`` and, for both heights, ``p_birth_in_disk_null_phase``,
        ``p_birth_in_disk_null_ages``; ``p_birth_in_disk_null``, ``disk_odds`` and
        ``better_than_null`` are by the null that counts.
    """
    out = disk.copy()
    found = [nulls.get(str(star), (0, np.nan, np.nan)) for star in disk["star"]]
    traced = np.asarray(disk["status"]) == "ok"
    out["disk_null_ages"] = np.array([n for n, _, _ in found], int)
    n = np.asarray(disk["n_draws"] - disk["n_draws_failed"])
    for column, suffix in enumerate(("", "_check"), start=1):
        name = f"p_birth_in_disk_null{suffix}"
        phase = np.asarray(disk[name], float)
        ages = np.where(traced, [shares[column] for shares in found], np.nan)
        out[f"p_birth_in_disk_null_phase{suffix}"] = phase
        out[f"p_birth_in_disk_null_ages{suffix}"] = ages
        out[name] = ages if kind == AGES else phase
        born = np.asarray(disk[f"p_birth_in_disk{suffix}"], float)
        odds = odds_over_null(born, out[name], n)
        better = np.nan_to_num(odds) >= evidence_min
        if kind == AGES:
            error = np.hypot(fraction_error(born, n), fraction_error(ages, DRAWS))
            better &= np.nan_to_num(born - ages) > MIN_ERRORS * error
        out[f"disk_odds{suffix}"], out[f"better_than_null{suffix}"] = odds, better
    return out

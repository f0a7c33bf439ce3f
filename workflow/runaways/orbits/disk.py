"""Origin in the disk: what a star's draws say, beside what chance would."""

import numpy as np
from astropy.table import Table

from runaways.orbits.horizon import horizon

QUANTILES = (0.159, 0.5, 0.841)
CONFINED, PASSING, OUTSIDE = "disk-confined", "disk-passing", "outside-disk"
# A star whose draws fail more often than this has no class.
MAX_FAILED = 0.01
# A star is called unbound where more draws are than are not.
UNBOUND_MIN = 0.5


def classify(p_confined, p_birth_in_disk, confined_min=0.5, consistent_min=0.05):
    """Class of an orbit.

    Parameters
    ----------
    p_confined : float
        Fraction of draws whose whole orbit since birth stays within the disk.
    p_birth_in_disk : float
        Fraction of draws born within it.
    confined_min, consistent_min : float
        Thresholds.

    Returns
    -------
    str
        ``disk-confined``, ``disk-passing`` or ``outside-disk``.

    References
    ----------
    Guo et al. 2025, Sect. 4.1; the fractions in place of one nominal orbit are ours.
    """
    if p_confined >= confined_min:
        return CONFINED
    return PASSING if p_birth_in_disk >= consistent_min else OUTSIDE


def odds_over_null(p, p_null, n):
    """Odds of a fraction of draws over those of its null.

    Parameters
    ----------
    p, p_null : float
        Fractions of the same n draws.
    n : int

    Returns
    -------
    float
        Half a draw is added to each count (Haldane 1956, Ann. Hum. Genet. 20, 309), so that 1
        over 1 is no evidence.
    """
    born, null = p * n + 0.5, p_null * n + 0.5
    return born / (n + 1 - born) * (n + 1 - null) / null


def fraction_error(p, n):
    """Monte Carlo error of a fraction of n draws.

    Parameters
    ----------
    p : float or ndarray
    n : int or ndarray
        Independent draws, or as many as would be as good.

    Returns
    -------
    float or ndarray
        Binomial, about (n p + 1/2) / (n + 1), so that no draw of n is not without error; for the
        points of a Sobol sequence it is a bound.
    """
    shrunk = (np.asarray(p) * n + 0.5) / (np.asarray(n) + 1)
    return np.sqrt(shrunk * (1 - shrunk) / np.maximum(n, 1))


def summarise(star, births, curve, heights, settings):
    """One row about a star's origin.

    Parameters
    ----------
    star : str
    births : Table
        The star's rows of table ``birthplaces``.
    curve : Table
        The star's rows of table ``horizon``; empty if it was not traced.
    heights : tuple of float
        half_height and check_half_height [kpc].
    settings : dict
        ``confined_min``, ``consistent_min``, ``evidence_min``.

    Returns
    -------
    dict
        A row of table ``disk``.
    """
    usable = births[np.isfinite(births["birth_z"])]
    failed = len(births) - len(usable)
    row = {"star": star, "n_draws": len(births), "n_draws_failed": failed}
    row["reason"] = str(births["reason"][0])
    if not row["reason"] and failed > MAX_FAILED * len(births):
        row["reason"] = f"orbit: {failed} of {len(births)} draws failed"
    row["status"] = "failed" if row["reason"] else "ok"
    if row["status"] == "failed":
        usable = usable[:0]
    for name in ("birth_x", "birth_y", "birth_z", "z_max"):
        low, mid, high = _quantiles(usable[name])
        row |= {f"{name}_lower": low, name: mid, f"{name}_upper": high}
    for name in ("r_peri", "r_apo", "v_escape"):
        row[name] = _quantiles(usable[name])[1]
    row["p_unbound"] = float(np.mean(usable["energy"] > 0)) if len(usable) else np.nan
    row["unbound"] = row["p_unbound"] >= UNBOUND_MIN
    for height, suffix in zip(heights, ("", "_check")):
        row |= {f"{key}{suffix}": value for key, value in _disk(usable, height, settings).items()}
    for name in ("p_confined", "p_birth_in_disk", "p_unbound"):
        row[f"{name}_error"] = fraction_error(row[name], len(usable))
    row["horizon"] = np.nan
    if len(curve) and row["status"] == "ok":
        row["horizon"] = horizon(
            np.asarray(curve["look_back_time"]), np.asarray(curve["azimuth_resultant"])
        )
    return row


def _quantiles(values):
    return np.quantile(values, QUANTILES) if len(values) else np.full(3, np.nan)


def _disk(births, height, settings):
    n = len(births)
    if n == 0:
        fractions = dict.fromkeys(("p_confined", "p_birth_in_disk", "p_birth_in_disk_null"), np.nan)
        return fractions | {"disk_odds": np.nan, "better_than_null": False, "orbit_class": ""}
    confined = float(np.mean(births["z_max"] < height))
    born = float(np.mean(np.abs(births["birth_z"]) < height))
    null = float(np.mean(np.abs(births["null_z"]) < height))
    odds = odds_over_null(born, null, n)
    return {
        "p_confined": confined,
        "p_birth_in_disk": born,
        "p_birth_in_disk_null": null,
        "disk_odds": odds,
        "better_than_null": odds >= settings["evidence_min"],
        "orbit_class": classify(
            confined, born, settings["confined_min"], settings["consistent_min"]
        ),
    }


def table(rows):
    """Rows of `summarise` as a Table."""
    return Table(rows=rows, names=list(rows[0]))

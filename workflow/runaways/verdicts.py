"""Verdicts in words on the encounters of all stars, from stated thresholds."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Thresholds:
    """Where the verdicts change.

    Attributes
    ----------
    fdr : float
        False-discovery rate among the candidates.
    min_p_encounter : float
        Least probability of an encounter for a candidate.
    max_ejection_velocity : float
        [km/s]. The fastest runaways of the halo were ejected at 400 to 500 (Silva & Napiwotzki
        2011, MNRAS 411, 2596).
    max_mh_sigma : float
        Largest difference in [M/H], in standard errors.
    reach : float
        A star cannot have come from where it would have needed more than this times the speed
        it has.
    min_possible : float
        A star of n draws, the nearest of which passes at s, cannot have come from where
        (R / s)^2 / n, what the draws leave possible, is less than this.
    """

    fdr: float = 0.05
    min_p_encounter: float = 0.05
    max_ejection_velocity: float = 500.0
    max_mh_sigma: float = 3.0
    reach: float = 1.5
    min_possible: float = 1e-5


def benjamini_hochberg(p_values, n_tests=None):
    """Adjusted p-values: the smallest false-discovery rate at which each is significant.

    Parameters
    ----------
    p_values : array_like, shape (n,)
        Inverse e-values, which may exceed 1, serve as well.
    n_tests : int, optional
        Tests in all, n by default; those not listed have no chance to be significant. For
        `evidence`, in which the clusters of a star are weighed already, the number of stars.

    Returns
    -------
    ndarray, shape (n,)

    References
    ----------
    Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57, 289.
    """
    p_values = np.asarray(p_values, float)
    n_tests = len(p_values) if n_tests is None else n_tests
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * n_tests / np.arange(1, len(p_values) + 1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return adjusted


def judge(pairs, n_stars, thresholds=None):
    """Verdicts on the pairs of all stars.

    Parameters
    ----------
    pairs : astropy.table.Table
        Rows of `evidence`, of all stars of a run.
    n_stars : int
        Stars held against the catalogue, also those that meet nothing.
    thresholds : Thresholds, optional

    Returns
    -------
    astropy.table.Table
        A copy with `q_value`, `verdict` ("candidate", "not better than chance", "impossible") and
        `why` in words.
    """
    limits = thresholds or Thresholds()
    pairs = pairs.copy()
    with np.errstate(divide="ignore"):
        pairs["q_value"] = benjamini_hochberg(1 / np.asarray(pairs["evidence"], float), n_stars)
    verdicts = [_verdict(row, limits) for row in pairs]
    pairs["verdict"] = np.array([verdict for verdict, _ in verdicts], dtype="O")
    pairs["why"] = np.array([why for _, why in verdicts], dtype="O")
    return pairs


def _verdict(pair, limits):
    """Verdict and reason of one pair; what is unknown (NaN) excludes nothing."""
    p, chance, q = pair["p_encounter"], pair["p_chance"], pair["q_value"]
    against = []
    left = (pair["radius"] / pair["closest"]) ** 2 / pair["n_draws"] if p == 0 else 1.0
    if left < limits.min_possible:
        against.append(f"no draw comes nearer than {pair['closest']:.0f} pc")
    if p == 0 and pair["needed_speed"] > limits.reach * pair["available_speed"]:
        against.append(
            f"to come from there takes {pair['needed_speed']:.0f} km/s on average, "
            f"it has {pair['available_speed']:.0f} km/s"
        )
    if pair["ejection_velocity_lower"] > limits.max_ejection_velocity:
        against.append(f"ejection at {pair['ejection_velocity']:.0f} km/s")
    if pair["mh_difference"] > limits.max_mh_sigma:
        against.append(f"[M/H] differs by {pair['mh_difference']:.1f} sigma")
    if against:
        return "impossible", "; ".join(against)
    if p == 0:
        return "not better than chance", f"no draw comes within {pair['radius']:.0f} pc"
    numbers = f"P {p:.2g}, by chance {chance:.2g}, q {q:.2g}"
    if np.isnan(pair["cluster_age"]):
        numbers += ", age of the cluster unknown"
    if q > limits.fdr:
        return "not better than chance", numbers
    if p < limits.min_p_encounter:
        return "not better than chance", f"P below {limits.min_p_encounter:g}: {numbers}"
    return "candidate", numbers


def best_cluster(pairs):
    """The best cluster of each star.

    Parameters
    ----------
    pairs : astropy.table.Table
        As from `judge`, with a column `star`.

    Returns
    -------
    astropy.table.Table
        One row per star that has a pair: a candidate before the rest, impossible pairs
        last, then by falling evidence and p_encounter, then name.
    """
    rank = {"candidate": 0, "not better than chance": 1, "impossible": 2}
    verdict = np.array([rank[v] for v in pairs["verdict"]], int)
    keys = (pairs["cluster"].astype(str), -pairs["p_encounter"], -pairs["evidence"], verdict)
    ordered = pairs[np.lexsort((*keys, pairs["star"].astype(str)))]
    stars = np.asarray(ordered["star"]).astype(str)
    first = np.append(True, stars[1:] != stars[:-1]) if len(stars) else np.empty(0, bool)
    return ordered[first]

"""Verdicts in words on the encounters of all stars, from stated thresholds."""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.encounters import pairing

CANDIDATE, CHANCE, IMPOSSIBLE = "candidate", "not better than chance", "impossible"
NONE_MET = "no encounter"
IN_THIS_GALAXY = " (in this frame and potential)"
IN_NO_GALAXY = " (in this frame and potential, and below 0.01 in every other that was tried)"
BEST = ("star", "cluster", "p_encounter", "p_chance", "p_chance_disk", "q_value", "verdict", "why")
BEST += ("flight_time", "flight_time_lower", "flight_time_upper", "ejection_velocity")
BEST += ("ejection_velocity_lower", "ejection_velocity_upper", "cluster_age", "mh_difference")
BEST += ("p_encounter_error", "p_chance_error")


@dataclass(frozen=True)
class Thresholds:
    """Where the verdicts change.

    Attributes
    ----------
    fdr : float
        False-discovery rate among the candidates.
    p_encounter_min : float
        Least probability of an encounter for a candidate.
    ejection_velocity_max : float
        [km/s]. The fastest runaways of the halo were ejected at 400 to 500 (Silva & Napiwotzki
        2011, MNRAS 411, 2596).
    mh_sigma_max : float
        Largest difference in [M/H], in standard errors.
    reach_max : float
        A star cannot have come from where it would have needed more than this times the speed
        it has.
    possible_min : float
        A star of n draws, the nearest of which passes at s, cannot have come from where
        (R / s)^2 / n, what the draws leave possible, is less than this.
    """

    fdr: float = 0.05
    p_encounter_min: float = 0.05
    ejection_velocity_max: float = 500.0
    mh_sigma_max: float = 3.0
    reach_max: float = 1.5
    possible_min: float = 1e-5


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


def judge(pairs, searched, thresholds=None, elsewhere=None):
    """Verdicts on the pairs of all stars.

    Parameters
    ----------
    pairs : Table
        Rows of `evidence`, of all stars of a run.
    searched : Table
        Table ``encounter_search``: all stars; those with an orbit count, also if they meet nothing.
    thresholds : Thresholds, optional
    elsewhere : set of (star, cluster), optional
        Pairs that are allowed in another frame or potential; None where no other was tried.

    Returns
    -------
    Table
        A copy with `q_value`, `verdict` ("candidate", "not better than chance", "impossible": in
        no Galaxy that was tried) and `why` in words.
    """
    limits = thresholds or Thresholds()
    pairs = pairs.copy()
    n_stars = int(np.sum(searched["n_draws"] > searched["n_draws_failed"]))
    with np.errstate(divide="ignore"):
        pairs["q_value"] = benjamini_hochberg(1 / np.asarray(pairs["evidence"], float), n_stars)
    verdicts = [_verdict(row, limits, elsewhere) for row in pairs]
    pairs["verdict"] = np.array([verdict for verdict, _ in verdicts], dtype="O")
    pairs["why"] = np.array([why for _, why in verdicts], dtype="O")
    return pairs


def _verdict(pair, limits, elsewhere):
    """Verdict and reason of one pair; what is unknown (NaN) excludes nothing."""
    p, chance, q = pair["p_encounter"], pair["p_chance"], pair["q_value"]
    against = []
    left = (pair["radius"] / pair["closest"]) ** 2 / pair["n_draws"] if p == 0 else 1.0
    if left < limits.possible_min:
        against.append(f"no draw comes nearer than {pair['closest']:.0f} pc")
    if p == 0 and pair["needed_speed"] > limits.reach_max * pair["available_speed"]:
        against.append(
            f"to come from there takes {pair['needed_speed']:.0f} km/s on average, "
            f"it has {pair['available_speed']:.0f} km/s"
        )
    if pair["ejection_velocity_lower"] > limits.ejection_velocity_max:
        against.append(f"ejection at {pair['ejection_velocity']:.0f} km/s")
    where = IN_THIS_GALAXY if elsewhere is None else IN_NO_GALAXY
    where = where if against else ""
    if pair["mh_difference"] > limits.mh_sigma_max:
        return IMPOSSIBLE, "; ".join([*against, _mh(pair)]) + where
    if against and (str(pair["star"]), str(pair["cluster"])) in (elsewhere or ()):
        return CHANCE, "; ".join(against) + IN_THIS_GALAXY + ", but not in every one that was tried"
    if against:
        return IMPOSSIBLE, "; ".join(against) + where
    if p == 0:
        return CHANCE, f"no draw comes within {pair['radius']:.0f} pc"
    numbers = f"P {p:.2g}, by chance {chance:.2g}, q {q:.2g}"
    if np.isnan(pair["cluster_age"]):
        numbers += ", age of the cluster unknown"
    if q > limits.fdr:
        return CHANCE, numbers
    if p < limits.p_encounter_min:
        return CHANCE, f"P below {limits.p_encounter_min:g}: {numbers}"
    return CANDIDATE, numbers


def _mh(pair):
    return f"[M/H] differs by {pair['mh_difference']:.1f} sigma"


def best_clusters(pairs, searched):
    """The best cluster of each star.

    Parameters
    ----------
    pairs : Table
        As from `judge`, with a column `star`.
    searched : Table
        Table ``encounter_search``: every star, in the order of the list.

    Returns
    -------
    Table
        Table ``best_clusters``, one row per star: of its pairs a candidate before the rest,
        impossible ones last, then by falling evidence and p_encounter, then name. A star that
        meets none has no cluster and p_encounter 0; one without an orbit has no verdict either.
    """
    rank = {CANDIDATE: 0, CHANCE: 1, IMPOSSIBLE: 2}
    verdict = np.array([rank[v] for v in pairs["verdict"]], int)
    keys = (pairs["cluster"].astype(str), -pairs["p_encounter"], -pairs["evidence"], verdict)
    best = {}
    for i in np.lexsort(keys):
        if pairs["p_encounter"][i] > 0:
            best.setdefault(str(pairs["star"][i]), pairs[i])
    rows = []
    for star in searched:
        found = best.get(str(star["star"]))
        if found is not None:
            rows.append([found[name] for name in BEST])
            continue
        traced = star["n_draws"] > star["n_draws_failed"]
        none = {"star": star["star"], "cluster": "", "why": ""}
        none |= {"verdict": NONE_MET if traced else ""}
        if traced:
            n = int(star["n_draws"] - star["n_draws_failed"])
            error = pairing.share_error([0], n, 1)
            none |= {"p_encounter": 0.0, "p_chance": 0.0, "p_encounter_error": error}
        rows.append([none.get(name, np.nan) for name in BEST])
    return Table(rows=rows, names=BEST)

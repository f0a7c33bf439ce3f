"""Posteriors of planted stars held against the truth: reliability, intervals, origins found."""

import numpy as np
from astropy.table import Table, vstack
from scipy.special import betaincinv

from runaways.ejections.verdicts import MORE_LIKELY

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
# Of planted stars: what is rare is planted more often, and weighs less
SHARES = {"cluster": 0.25, "field": 0.5, "stayed": 0.25}
MIRRORED, AS_IT_IS = "mirrored", "as it is"
QUICK = {"power": False, "check": False}
TIMES = (0.0, 3.0, 6.0, 12.0, 25.0, 100.0)  # Myr
DISTANCES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 150.0)  # kpc
_TAIL = 0.158655  # of a normal beyond one standard deviation
_TRUTH = ("true_kind", "true_cluster", "true_t", "true_v", "true_delay", "true_age", "weight")
_FOUND = ("p_ejected", "p_cluster", "p_field", "p_centre", "cluster", "p_cluster_best", "verdict")
_FOUND += ("t_ejection", "t_ejection_lower", "t_ejection_upper")
_FOUND += ("v_ejection", "v_ejection_lower", "v_ejection_upper", "reason")
_NULL = ("p_ejected", "p_cluster", "cluster", "p_cluster_best")


def reliability(p, true, weight=None, bins=BINS):
    """How often what has a probability is true, in bins of it.

    Parameters
    ----------
    p : array_like, shape (n,)
    true : array_like of bool, shape (n,)
    weight : array_like, shape (n,), optional
        Of each, 1 by default.
    bins : sequence of float
        Ends of the bins.

    Returns
    -------
    Table
        One row per bin: ``p_from p_to n``; ``p`` and ``share_true``, weighed means, NaN of an
        empty bin; ``share_true_error``, of as many stars as the weights leave, ``n_effective``.
    """
    p, true = np.asarray(p, float), np.asarray(true, float)
    weight = np.ones(len(p)) if weight is None else np.asarray(weight, float)
    which = np.clip(np.digitize(p, bins) - 1, 0, len(bins) - 2)
    rows = []
    for i, (start, end) in enumerate(zip(bins[:-1], bins[1:])):
        w, own = weight[which == i], which == i
        if not w.sum() > 0:
            rows.append((start, end, 0, np.nan, np.nan, np.nan, 0.0))
            continue
        # one star of the largest weight, which by chance is not here, would outweigh many small
        effective = min(w.sum() ** 2 / (w**2).sum(), w.sum() / weight.max())
        share = (w * true[own]).sum() / w.sum()
        # of none or all of n the error is not 0: half a star is added to either side
        smooth = (share * effective + 0.5) / (effective + 1)
        error = np.sqrt(smooth * (1 - smooth) / effective)
        mean = (w * p[own]).sum() / w.sum()
        rows.append((start, end, int(own.sum()), mean, share, error, effective))
    names = ("p_from", "p_to", "n", "p", "share_true", "share_true_error", "n_effective")
    return Table(rows=rows, names=names)


def coverage(ejections, truth, name):
    """Share of true values within the 68 % interval, below and above it.

    Parameters
    ----------
    ejections : Table
        As from `posterior.explain_all`.
    truth : array_like, shape (n,)
        NaN counts as not known.
    name : str
        Quantity, such as ``t_ejection``.

    Returns
    -------
    inside, below, above : float
    n : int
        Stars whose truth is known.
    """
    low, high = (np.asarray(ejections[f"{name}_{end}"], float) for end in ("lower", "upper"))
    truth = np.asarray(truth, float)
    known = np.isfinite(truth) & np.isfinite(low)
    low, high, truth = low[known], high[known], truth[known]
    shares = (
        np.mean((truth >= low) & (truth <= high)),
        np.mean(truth < low),
        np.mean(truth > high),
    )
    return *(float(share) for share in shares), int(known.sum())


def found_before(p, right, wrong):
    """True origins among the likeliest before more than some wrong ones.

    Parameters
    ----------
    p : array_like, shape (n,)
        Probability of the best origin of each star.
    right : array_like of bool, shape (n,)
        Whether it is the true one.
    wrong : int

    Returns
    -------
    int
    """
    right = np.asarray(right, bool)[np.argsort(-np.asarray(p, float), kind="stable")]
    too_many = np.flatnonzero(np.cumsum(~right) > wrong)
    end = too_many[0] if len(too_many) else len(right)
    return int(right[:end].sum())


def origin_is_right(ejections, planted):
    """Whether the best cluster is the true one, shape (n,) of bool.

    Parameters
    ----------
    ejections : Table
        As from `posterior.explain_all`.
    planted : Table
        As from `mocks.plant`, in the same order.
    """
    name, truth = (np.asarray(t, str) for t in (ejections["cluster"], planted["true_cluster"]))
    return (name == truth) & (truth != "")


def interval(share, n):
    """Where the true share is, by Jeffreys' interval for a binomial: 15.9 and 84.1 %.

    Parameters
    ----------
    share : array_like
        Found among n; NaN of none.
    n : array_like
        Number, or effective number, of trials.

    Returns
    -------
    lower, upper : ndarray
        0 and 1 are the ends where none or all of n are true.
    """
    share, n = np.asarray(share, float), np.asarray(n, float)
    a, b = share * n + 0.5, (1 - share) * n + 0.5
    lower = np.where(share > 0, betaincinv(a, b, _TAIL), 0.0 * share)
    upper = np.where(share < 1, betaincinv(a, b, 1 - _TAIL), 0.0 * share + 1)
    return lower, upper


def null_rows(ejections, name):
    """Rows of table ``calibration_null`` from posteriors on one replicate of the catalogue."""
    out = Table({"star": np.asarray(ejections["star"], str)})
    out["replicate"] = np.full(len(out), name)
    for column in _NULL:
        out[column] = np.asarray(ejections[column])
    return out


def beside_truth(planted, ejections, listed):
    """Table ``calibration``: planted stars, what is true of them beside what their posterior says.

    Parameters
    ----------
    planted : Table
        As from `mocks.plant`.
    ejections, listed : Table
        As from `posterior.explain_all`, of the same stars in the same order.

    Returns
    -------
    Table
        With ``p_true``: of the source that is true, given ejection; of a star that stayed, that
        it was not ejected.
    """
    out = Table(
        {"star": np.asarray(planted["star"], str), "distance": 1 / np.asarray(planted["parallax"])}
    )
    for name in _TRUTH:
        out[name] = np.asarray(planted[name])
    for name in _FOUND:
        out[name] = np.asarray(ejections[name])
    pairs = zip(listed["star"], listed["source_of_ejection"], listed["p_source"])
    p = {(str(star), str(source)): float(value) for star, source, value in pairs}
    source = np.where(out["true_kind"] == "cluster", out["true_cluster"], out["true_kind"])
    # what is not listed has hardly any probability
    out["p_true"] = [p.get((str(star), str(name)), 0.0) for star, name in zip(out["star"], source)]
    out["p_true"][~np.isfinite(out["p_ejected"])] = np.nan
    return out


def reliabilities(calibration, listed):
    """Table ``calibration_reliability``: how often what has a probability is true, in bins of it.

    Parameters
    ----------
    calibration : Table
        As from `beside_truth`.
    listed : Table
        As from `posterior.explain_all`, of these stars.

    Returns
    -------
    Table
        Of being ejected, of any cluster given ejection, of each star and cluster given ejection.
    """
    known = np.isfinite(calibration["p_ejected"])
    kind, weight = (np.asarray(calibration[q]) for q in ("true_kind", "weight"))
    ejected = known & (kind != "stayed")
    truth = {str(row["star"]): (str(row["true_cluster"]), row["weight"]) for row in calibration}
    pairs = listed[
        (listed["source_kind"] == "cluster") & np.isin(listed["star"], calibration["star"][ejected])
    ]
    true, of_star = zip(*(truth[str(star)] for star in pairs["star"])) if len(pairs) else ((), ())
    right = np.asarray(pairs["source_of_ejection"], str) == np.array(true, str)
    parts = {
        "ejected": (calibration["p_ejected"][known], kind[known] != "stayed", weight[known]),
        "from a cluster, if ejected": (
            calibration["p_cluster"][ejected],
            kind[ejected] == "cluster",
            weight[ejected],
        ),
        "from this cluster, if ejected": (pairs["p_source"], right, np.array(of_star, float)),
    }
    tables = []
    for name, (p, is_true, w) in parts.items():
        part = reliability(p, is_true, w)
        part["probability_of"] = np.full(len(part), name)
        tables.append(part)
    out = vstack(tables)
    out.rename_columns(["n", "p", "share_true"], ["n_posteriors", "p_mean", "share"])
    # of as many stars as the weights leave
    out["share_lower"], out["share_upper"] = interval(out["share"], out["n_effective"])
    out.remove_columns(["share_true_error", "n_effective"])
    return out


def rates(calibration, null):
    """Table ``calibration_rates``: coverage of intervals, false rates, power.

    Parameters
    ----------
    calibration : Table
        As from `beside_truth`.
    null : Table
        As from `nulls.turned_posteriors`, with rows of the catalogue as it is.

    Returns
    -------
    Table
        One row for each share of stars, with its interval.
    """
    kind = np.asarray(calibration["true_kind"])
    likeliest = np.asarray(calibration["p_cluster"]) > MORE_LIKELY
    # when and how fast is asked of the likeliest source: compared where that is the true one
    same = np.where(likeliest, origin_is_right(calibration, calibration), kind == "field")
    rows = []
    for name in ("t_ejection", "v_ejection"):
        inside, below, above, n = coverage(
            calibration[same], calibration[same][f"true_{name[0]}"], name
        )
        for word, share in (("within", inside), ("below", below), ("above", above)):
            rows.append((f"true {name} {word} the 68 % interval", np.nan, np.nan, "", n, share))
    for name in dict.fromkeys(null["replicate"].tolist()):
        rows.append(_false(name, null["replicate"] == name, null))
    rows.append(_false("turned and mirrored", null["replicate"] != AS_IT_IS, null))
    own = calibration[(kind == "cluster") & np.isfinite(calibration["p_true"])]
    found = np.asarray(own["p_true"]) > MORE_LIKELY
    word = f"true cluster above {MORE_LIKELY:g}"
    rows.append((word, np.nan, np.nan, "", len(found), _share(found)))
    for unit, edges, values in (("Myr", TIMES, own["true_t"]), ("kpc", DISTANCES, own["distance"])):
        which = np.digitize(values, edges) - 1
        for i in np.unique(which):
            some = found[which == i]
            end = edges[i + 1] if i + 1 < len(edges) else np.inf
            rows.append((word, edges[i], end, unit, len(some), _share(some)))
    out = Table(
        rows=rows, names=("rate_of", "bin_from", "bin_to", "bin_unit", "n_posteriors", "share")
    )
    out["share_lower"], out["share_upper"] = interval(out["share"], out["n_posteriors"])
    return out


def _false(name, rows, null):
    best = np.asarray(null["p_cluster_best"][rows], float)
    best = best[np.isfinite(best)]
    text = f"one cluster above {MORE_LIKELY:g}, catalogue {name}"
    return text, np.nan, np.nan, "", len(best), _share(best > MORE_LIKELY)


def _share(true):
    return float(np.mean(true)) if len(true) else np.nan

"""Posteriors of planted stars held against the truth: reliability, intervals, origins found."""

import numpy as np
from astropy.table import Table

BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


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
        empty bin; ``share_true_error``, of as many stars as the weights leave.
    """
    p, true = np.asarray(p, float), np.asarray(true, float)
    weight = np.ones(len(p)) if weight is None else np.asarray(weight, float)
    which = np.clip(np.digitize(p, bins) - 1, 0, len(bins) - 2)
    rows = []
    for i, (start, end) in enumerate(zip(bins[:-1], bins[1:])):
        w, own = weight[which == i], which == i
        if not w.sum() > 0:
            rows.append((start, end, 0, np.nan, np.nan, np.nan))
            continue
        effective = w.sum() ** 2 / (w**2).sum()
        share = (w * true[own]).sum() / w.sum()
        # of none or all of n the error is not 0: half a star is added to either side
        smooth = (share * effective + 0.5) / (effective + 1)
        error = np.sqrt(smooth * (1 - smooth) / effective)
        rows.append((start, end, int(own.sum()), (w * p[own]).sum() / w.sum(), share, error))
    names = ("p_from", "p_to", "n", "p", "share_true", "share_true_error")
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

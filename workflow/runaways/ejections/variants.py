"""Where a verdict changes with the frame and the potential."""

from collections import Counter

import numpy as np

from runaways.ejections.verdicts import CLUSTER, NO_RESULT

RANGED = ("p_ejected", "p_cluster", "p_field", "p_cluster_best")


def compare(ejections, variants):
    """How far the ejections are those of any frame and potential that was tried.

    Parameters
    ----------
    ejections : Table
        Table ``ejections`` of the run.
    variants : list of Table
        The same stars in the same order, each in another frame or potential; may be empty.

    Returns
    -------
    Table
        A copy with ``verdict_variants`` (verdicts and how many variants have each, the most
        frequent first), ``verdict_stable`` (all have the run's own, a cluster by its name; False
        without variants or without a result), and ``_min`` and ``_max`` of the probabilities over
        run and variants.

    Raises
    ------
    ValueError
        If a variant has other stars.
    """
    out = ejections.copy()
    own, found = _labels(ejections), []
    for variant in variants:
        if variant["star"].tolist() != ejections["star"].tolist():
            raise ValueError("a variant of the ensemble has other stars than the run")
        found.append(_labels(variant))
    by_star = list(zip(*found)) if found else [()] * len(out)
    out["verdict_variants"] = [_counted(labels) for labels in by_star]
    out["verdict_stable"] = [
        bool(labels) and set(labels) == {mine} != {NO_RESULT} for labels, mine in zip(by_star, own)
    ]
    for name in RANGED:
        values = np.array([np.asarray(t[name], float) for t in (ejections, *variants)])
        # a NaN of one is a NaN of all: what is not known has no range
        out[f"{name}_min"], out[f"{name}_max"] = values.min(axis=0), values.max(axis=0)
    return out


def _labels(ejections):
    pairs = zip(ejections["verdict"], ejections["cluster"])
    return [f"{v} {name}" if v == CLUSTER else str(v) for v, name in pairs]


def _counted(labels):
    return ", ".join(f"{label}: {n}" for label, n in Counter(labels).most_common())

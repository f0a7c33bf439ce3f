"""What a weighed star says: probabilities with their errors, time, place, speed, and sources."""

import numpy as np
from astropy.table import Table

from runaways.ejections import plane, sites
from runaways.ejections.kernels import BLOCKS
from runaways.ejections.weighing import CLASSES
from runaways.tables import stack

N_SITES = 500  # draws kept for the figures of a star
LISTED_ABOVE = 0.01  # probability of a source that the table of sources lists
# Clusters of one complex are this near each other at the time of the ejection; assumed
COMPLEX_RADIUS = 0.1  # kpc
COMPLEX_SPEED = 15.0  # km/s
_TINY = 1e-300


def probabilities(weighed, sources, best):
    """Probabilities of the classes and of the best cluster, with Monte Carlo errors.

    Parameters
    ----------
    weighed : Weighed
        With a rate of ejection above zero.
    sources : ClusterSources
    best : int or None
        Position of the likeliest cluster; None if none is in reach.

    Returns
    -------
    dict
        ``p_ejected``; given ejection ``p_cluster p_field p_centre p_cluster_best p_dynamical``;
        each with ``_error``; ``cluster`` ("" if none is in reach); ``bayes_cluster`` [kpc^2 Myr].
    """
    classes = weighed.classes()
    ejected = classes[:3].sum(axis=0)
    binary = weighed.cluster[1].sum(axis=1) + weighed.field[1]
    dynamical = weighed.cluster[0].sum(axis=1) + weighed.field[0]
    mine = weighed.cluster[:, :, best].sum(axis=0) if best is not None else np.zeros(BLOCKS)
    out = {"cluster": "" if best is None else str(sources.name[best])}
    for name, part, whole in (
        ("p_ejected", ejected, ejected + classes[3]),
        ("p_cluster", classes[0], ejected),
        ("p_field", classes[1], ejected),
        ("p_centre", classes[2], ejected),
        ("p_cluster_best", mine, ejected),
        ("p_dynamical", dynamical, dynamical + binary),
    ):
        out[name], out[f"{name}_error"] = ratio(part, whole)
    out["bayes_cluster"] = np.nan if best is None else bayes(weighed, best, sources)
    return out


def ratio(part, whole):
    """Ratio of two sums over blocks, and its Monte Carlo error by the jackknife.

    Parameters
    ----------
    part, whole : ndarray, shape (b,)

    Returns
    -------
    float, float
        The error is that of b independent blocks: of a Sobol sequence an upper limit.
    """
    without = (part.sum() - part) / np.maximum(whole.sum() - whole, _TINY)
    n = len(part)
    error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    return float(part.sum() / max(whole.sum(), _TINY)), float(error)


def bayes(weighed, cluster, sources):
    """Bayes factor of a named cluster against the disk's field, without look-elsewhere.

    Rate per star formed in the cluster over the rate if the disk formed one star per kpc^2 and
    Myr [kpc^2 Myr]. Times an area and a span of time it is the factor against a birthplace
    anywhere in them; times the stars formed in the cluster, over those per kpc^2 and Myr, the odds.
    """
    rate = weighed.cluster[:, :, cluster].sum() / max(sources.formed[cluster], _TINY)
    return float(rate / max(weighed.reference.sum(), _TINY))


def draws(weighed, kind, galaxy, sources, cluster, rng):
    """Draws of an ejection by one class: of clusters by the one given.

    Parameters
    ----------
    weighed : Weighed
    kind : str
        ``cluster``, ``field`` or ``centre``.
    galaxy : Galaxy
    sources : ClusterSources
    cluster : int or None
    rng : numpy.random.Generator

    Returns
    -------
    dict or None
        As from `sites.from_passages`; None where that class has no rate.
    """
    p, like = galaxy.priors, weighed.match.likelihood
    if kind == "cluster":
        rows = weighed.passages.source == (-1 if cluster is None else cluster)
        found, rates = weighed.passages.pick(rows), weighed.passage_rates[:, rows]
        if not rates.any():
            return None
        birth = sources.birth[cluster]
        return sites.from_passages(found, rates, birth, like, galaxy, p.cluster_dispersion, rng)
    if kind == "field":
        field = weighed.field_rates
        if not field.any():
            return None
        return sites.from_field(weighed.kernels, field, weighed.crossings, like, galaxy, rng)
    if not weighed.centre.any():
        return None
    return sites.from_centre(
        weighed.centre_passages, weighed.centre_passage_rates, like, galaxy, rng
    )


def of_complex(weighed, sources, best, drawn, galaxy):
    """``p_complex``: the best cluster with all of its group, or of one place and time with it.

    Returns
    -------
    dict
        With ``p_complex_error``.
    """
    ejected = weighed.classes()[:3].sum(axis=0)
    if best is None or drawn is None:
        return {"p_complex": 0.0, "p_complex_error": 0.0}
    segment = np.searchsorted(galaxy.edges, np.median(drawn["t"])) - 1
    segment = int(np.clip(segment, 0, len(sources.x) - 1))
    apart = np.sqrt(((sources.x[segment] - sources.x[segment, best]) ** 2).sum(axis=1))
    speed = np.sqrt(((sources.v[segment] - sources.v[segment, best]) ** 2).sum(axis=1))
    with np.errstate(invalid="ignore"):
        together = (apart < COMPLEX_RADIUS) & (speed < COMPLEX_SPEED)
    if sources.group[best]:
        together |= sources.group == sources.group[best]
    together[best] = True
    p, error = ratio(weighed.cluster[:, :, together].sum(axis=(0, 2)), ejected)
    return {"p_complex": p, "p_complex_error": error}


def of_ejection(drawn):
    """Time, speed, delay with their limits, and place, of draws of an ejection."""
    out = {}
    for name, key in (("t_ejection", "t"), ("v_ejection", "v"), ("delay", "delay")):
        out |= limits(name, sites.quantiles(drawn[key]))
    place = np.median(drawn["site"], axis=0)
    out |= dict(zip(("x_ejection", "y_ejection", "z_ejection"), place.tolist()))
    out["r_ejection"] = float(np.median(np.hypot(drawn["site"][:, 0], drawn["site"][:, 1])))
    return out


def limits(name, three):
    """A quantity's 15.9, 50 and 84.1 % quantiles as three columns."""
    return dict(zip((f"{name}_lower", name, f"{name}_upper"), (float(q) for q in three)))


def of_plane(weighed, galaxy):
    """Last crossing of the plane within the star's age, and whether it is bound.

    Of the star's posterior before sources are looked at: every kernel counts alike.
    """
    kernels = weighed.kernels
    t, r, v = plane.last_crossing(kernels, galaxy)
    in_life = plane.older_than(t, weighed.match.likelihood, galaxy)
    out = {}
    for name, values in (("t_plane", t), ("r_plane", r), ("v_plane", v)):
        out |= limits(name, sites.quantiles(values, in_life))
    in_disk = np.nan_to_num(r, nan=np.inf) < plane.DISK_RADIUS
    out["p_from_disk"] = float(np.mean(in_life * in_disk))
    out["p_unbound"] = float(np.mean(galaxy.unbound(kernels.x_today, kernels.v_today)))
    return out


def listed(row, weighed, galaxy, sources, drawn, rng):
    """Every source above `LISTED_ABOVE`, the likeliest first.

    Returns
    -------
    list of dict
        Rows of table ``ejection_sources``: ``p_source`` is given ejection, of
        ``stayed`` that of not being ejected.
    """
    ejected = weighed.classes()[:3].sum(axis=0)
    found = []
    for c in np.flatnonzero(weighed.by_cluster() > LISTED_ABOVE * ejected.sum()):
        p, error = ratio(weighed.cluster[:, :, c].sum(axis=0), ejected)
        own = draws(weighed, "cluster", galaxy, sources, c, rng)
        entry = _entry(str(sources.name[c]), "cluster", p, error)
        found.append(entry | _when(own) | {"bayes_cluster": bayes(weighed, c, sources)})
    for kind in CLASSES[1:3]:
        entry = _entry(kind, kind, row[f"p_{kind}"], row[f"p_{kind}_error"])
        found.append(entry | _when(drawn[kind]))
    found.append(_entry("stayed", "stayed", 1 - row["p_ejected"], row["p_ejected_error"]))
    found = [{"star": row["star"]} | entry for entry in found if entry["p_source"] > LISTED_ABOVE]
    return sorted(found, key=lambda entry: -entry["p_source"])


def _entry(source, kind, p, error):
    names = ("source_of_ejection", "source_kind", "p_source", "p_source_error")
    return dict(zip(names, (source, kind, p, error)))


def _when(drawn):
    if drawn is None:
        return {}
    return {"t_ejection": float(np.median(drawn["t"])), "v_ejection": float(np.median(drawn["v"]))}


def sites_of(name, entries, weighed, galaxy, sources, drawn, rng, n=N_SITES):
    """Draws from the posterior of the ejection over all sources, given ejection.

    Parameters
    ----------
    name : str
        Of the star.
    entries : list of dict
        As from `listed`: sources below `LISTED_ABOVE` are left out.
    weighed, galaxy, sources, rng
        As for `draws`.
    drawn : dict
        Draws of the field and of the centre.
    n : int
        Draws in all, shared out by probability.

    Returns
    -------
    Table
        Table ``ejection_sites``.
    """
    entries = [entry for entry in entries if entry["source_kind"] != "stayed"]
    p = np.array([entry["p_source"] for entry in entries])
    ends = np.rint(np.append(0, np.cumsum(p) / max(p.sum(), _TINY)) * n).astype(int)
    parts = []
    for entry, k in zip(entries, np.diff(ends)):
        kind, source = entry["source_kind"], entry["source_of_ejection"]
        own = drawn.get(kind)
        if kind == "cluster":
            row = int(np.flatnonzero(sources.name == source)[0])
            own = draws(weighed, kind, galaxy, sources, row, rng)
        columns = {
            "star": [name] * k,
            "source_of_ejection": [source] * k,
            "source_kind": [kind] * k,
        }
        columns["look_back_time"] = own["t"][:k]
        columns |= dict(zip(("x_ejection", "y_ejection", "z_ejection"), own["site"][:k].T))
        columns |= {"v_ejection": own["v"][:k], "delay": own["delay"][:k]}
        parts.append(Table(columns))
    return stack(parts, "ejection_sites")

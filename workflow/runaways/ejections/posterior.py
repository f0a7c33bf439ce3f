"""The posterior of a star over all its sources, and what it says, as one row of a table."""

import numpy as np

from runaways.ejections import convergence, summaries
from runaways.ejections.hosts import in_words, missing
from runaways.ejections.kernels import KernelError, make_kernels
from runaways.ejections.power import detectable
from runaways.ejections.rows import number_columns, to_table
from runaways.ejections.stars import as_dict, lacking, read_star
from runaways.ejections.verdicts import NO_RESULT, verdict, why
from runaways.ejections.weighing import CLASSES, match_ages, weigh
from runaways.tables import stack

PROBABILITIES = ("p_ejected", "p_cluster", "p_field", "p_centre", "p_cluster_best", "p_complex")
PROBABILITIES += ("p_dynamical",)
MOST_NOISE = 0.05  # Monte Carlo error of a probability beyond which it has not converged


def explain(row, galaxy, sources, seed, *, power=True, check=True, factor=1.0, hosts=None):
    """Where, when and how fast a star was ejected.

    Parameters
    ----------
    row : mapping
        As for `stars.read_star`: a row of `measurements.complete` or a dict of the same names.
    galaxy : Galaxy
    sources : ClusterSources
        Traced in the same galaxy.
    seed : int
        The result is a function of it, the star's name and its measurements alone.
    power : bool
        Whether to find out ``p_detectable``, which costs half as much again.
    check : bool
        Whether to find out ``p_change``, which costs a third as much again; without it
        ``converged`` is by the Monte Carlo errors alone.
    factor : float
        Times the usual number of kernels, a power of 2.
    hosts : Table, optional
        As from `literature.read_hosts`: whether one near its orbit is missing is then told.

    Returns
    -------
    row : dict
        ``star p_ejected`` (against having stayed), given ejection ``p_cluster p_field p_centre``
        (sum 1) ``cluster p_cluster_best p_complex`` (the likeliest cluster; with those of one
        place and time) ``bayes_cluster`` (against the disk's field forming one star there per
        kpc^2 and Myr at the Sun [kpc^2 Myr]) ``p_dynamical``; of the likeliest class, its likeliest
        cluster: ``t_ejection`` [Myr] ``v_ejection`` [km/s] ``delay`` [Myr] with ``_lower
        _upper``, ``x_ejection y_ejection z_ejection r_ejection`` [kpc]; ``p_detectable``;
        ``t_plane`` [Myr] ``r_plane`` [kpc] ``v_plane`` [km/s] with limits (last crossing of the
        plane within its age) ``p_from_disk p_unbound``; Monte Carlo errors ``p_..._error``;
        ``p_change`` with kernels half as wide; ``hosts_missing``, known hosts near its orbit that
        are no source; ``converged verdict why reason``. A star that cannot be explained has NaN
        and a reason.
    listed : list of dict
        Rows of table ``ejection_sources``, every source above `LISTED_ABOVE`.
    sites : Table or None
        Draws of when and where, table ``ejection_sites``; None of a star without a result.
    """
    row = as_dict(row)
    name = str(row.get("star", ""))
    if reason := lacking(row):
        return unexplained(name, reason), [], None
    star = read_star(row, galaxy.priors)
    match = match_ages(star, galaxy, sources)
    try:
        kernels = make_kernels(star, galaxy, seed, segments=match.segments, factor=factor)
    except KernelError as error:
        return unexplained(name, str(error)), [], None
    weighed = weigh(star, kernels, match, galaxy, sources)
    if not weighed.classes()[:3].sum() > 0:
        return unexplained(name, "no source in reach: every rate of ejection is zero"), [], None
    rng = star.generator(seed, "ejection")
    found = weighed.by_cluster()
    best = int(np.argmax(found)) if found.any() else None
    kinds = CLASSES[:3]
    drawn = {kind: summaries.draws(weighed, kind, galaxy, sources, best, rng) for kind in kinds}
    out = {"star": name} | summaries.probabilities(weighed, sources, best)
    out |= summaries.of_complex(weighed, sources, best, drawn["cluster"], galaxy)
    out |= summaries.of_ejection(drawn[max(drawn, key=lambda kind: out[f"p_{kind}"])])
    out |= summaries.of_plane(weighed, galaxy)
    passed = [] if hosts is None else missing(star, galaxy, sources, hosts)
    out["hosts_missing"] = in_words(passed)
    out |= _judged(out, weighed, best, galaxy, sources, seed, power, check)
    listed = summaries.listed(out, weighed, galaxy, sources, drawn, rng)
    return out, listed, summaries.sites_of(name, listed, weighed, galaxy, sources, drawn, rng)


def _judged(row, weighed, best, galaxy, sources, seed, power, check):
    """What a true origin would show, whether the numbers have converged, and the verdict."""
    out = {"p_detectable": np.nan, "p_change": np.nan, "reason": ""}
    if best is not None and power:
        out["p_detectable"] = detectable(weighed, best, galaxy, sources, seed)
    out["converged"] = max(row[f"{p}_error"] for p in PROBABILITIES) < MOST_NOISE
    if check:
        out["p_change"], error = convergence.changes(weighed, galaxy, sources, seed)
        out["converged"] &= convergence.converged(out["p_change"], error)
    out["verdict"] = verdict(row)
    flags = "" if best is None else str(sources.rv_flags[best])
    return out | {"why": why(row | out, not weighed.star.rv_known, flags)}


def unexplained(name, reason):
    """The row of a star that cannot be explained: every number NaN, and the reason."""
    row = {"star": name, "cluster": ""} | dict.fromkeys(number_columns("ejections"), np.nan)
    row |= {"hosts_missing": "", "converged": False, "verdict": NO_RESULT}
    row |= {"reason": reason, "why": reason}
    return row


def explain_all(stars, galaxy, sources, seed, **options):
    """`explain` for every star of a list.

    Parameters
    ----------
    stars : iterable of mapping
        Rows of `measurements.complete`, or dicts.
    galaxy, sources, seed, **options
        As for `explain`.

    Returns
    -------
    ejections : Table
        One row per star, in their order.
    ejection_sources : Table
        Every star and source above `summaries.LISTED_ABOVE`, the likeliest first.
    ejection_sites : Table
        Draws of when and where.
    """
    rows, listed, sites = [], [], []
    for star in stars:
        row, sources_of_star, sites_of_star = explain(star, galaxy, sources, seed, **options)
        rows.append(row)
        listed += sources_of_star
        sites += [] if sites_of_star is None else [sites_of_star]
    tables = to_table(rows, "ejections"), to_table(listed, "ejection_sources")
    return *tables, stack(sites, "ejection_sites")

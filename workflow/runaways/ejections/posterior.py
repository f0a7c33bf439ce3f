"""The posterior of a star over all its sources, and what it says, as one row of a table."""

import numpy as np
from astropy.table import Table

from runaways.ejections import summaries
from runaways.ejections.kernels import KernelError, make_kernels
from runaways.ejections.power import detectable
from runaways.ejections.stars import as_dict, lacking, read_star
from runaways.ejections.verdicts import NO_RESULT, verdict, why
from runaways.ejections.weighing import CLASSES, match_ages, weigh

PROBABILITIES = ("p_ejected", "p_cluster", "p_field", "p_centre", "p_cluster_best", "p_complex")
PROBABILITIES += ("p_des",)
CONVERGED = 0.05  # largest Monte Carlo error of a probability that counts as converged

_LIMITED = {"t_ejection": "Myr", "v_ejection": "km / s", "delay": "Myr"}
_LIMITED |= {"t_plane": "Myr", "r_plane": "kpc", "v_plane": "km / s"}
_PLACES = ("x_ejection", "y_ejection", "z_ejection", "r_ejection")
UNITS = {f"{k}{end}": unit for k, unit in _LIMITED.items() for end in ("", "_lower", "_upper")}
UNITS |= dict.fromkeys(_PLACES, "kpc") | dict.fromkeys(("bayes_cluster", "bayes"), "kpc2 Myr")

_NUMBERS = [f"{p}{end}" for p in PROBABILITIES for end in ("", "_error")]
_NUMBERS += [*UNITS, "p_detectable", "p_from_disk", "p_unbound"]
_NUMBERS.remove("bayes")


def explain(row, galaxy, sources, seed, *, twins=8, factor=1.0):
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
    twins : int
        Stars planted in the best cluster for ``p_detectable``; none if 0.
    factor : float
        Times the usual number of kernels, a power of 2.

    Returns
    -------
    row : dict
        ``star p_ejected`` (against having stayed), given ejection ``p_cluster p_field p_centre``
        (sum 1) ``cluster p_cluster_best p_complex`` (the likeliest cluster; with those of one
        place and time) ``bayes_cluster`` (against the disk's field forming one star there per
        kpc^2 and Myr at the Sun [kpc^2 Myr]) ``p_des``; of the likeliest class, its likeliest
        cluster: ``t_ejection`` [Myr] ``v_ejection`` [km/s] ``delay`` [Myr] with ``_lower
        _upper``, ``x_ejection y_ejection z_ejection r_ejection`` [kpc]; ``p_detectable``;
        ``t_plane`` [Myr] ``r_plane`` [kpc] ``v_plane`` [km/s] with limits (last crossing of the
        plane within its age) ``p_from_disk p_unbound``; Monte Carlo errors ``p_..._error``;
        ``converged verdict why reason``. A star that cannot be explained has NaN and a reason.
    listed : list of dict
        ``star source kind p`` (given ejection; of ``stayed`` unconditional) ``bayes t_ejection
        v_ejection`` of every source above `LISTED_ABOVE`.
    """
    row = as_dict(row)
    name = str(row.get("star", ""))
    if reason := lacking(row):
        return unexplained(name, reason), []
    star = read_star(row, galaxy.priors)
    match = match_ages(star, galaxy, sources)
    try:
        kernels = make_kernels(star, galaxy, seed, segments=match.segments, factor=factor)
    except KernelError as error:
        return unexplained(name, str(error)), []
    weighed = weigh(star, kernels, match, galaxy, sources)
    if not weighed.classes()[:3].sum() > 0:
        return unexplained(name, "no source in reach: every rate of ejection is zero"), []
    out = {"star": name} | summaries.probabilities(weighed, sources)
    rng = star.generator(seed, "ejection")
    best = int(np.argmax(weighed.by_cluster())) if out["cluster"] else None
    kinds = CLASSES[:3]
    drawn = {kind: summaries.draws(weighed, kind, galaxy, sources, best, rng) for kind in kinds}
    out |= summaries.of_complex(weighed, sources, best, drawn["cluster"], galaxy)
    out |= summaries.of_ejection(drawn[max(drawn, key=lambda kind: out[f"p_{kind}"])])
    out |= summaries.of_plane(weighed, galaxy)
    out["p_detectable"] = np.nan
    if best is not None and twins:
        out["p_detectable"] = detectable(weighed, best, galaxy, sources, seed, twins)
    out["converged"] = bool(max(out[f"{p}_error"] for p in PROBABILITIES) < CONVERGED)
    out["verdict"], out["reason"] = verdict(out), ""
    out["why"] = why(out, missing_rv=not star.rv_known)
    return out, summaries.listed(out, weighed, galaxy, sources, drawn, rng)


def unexplained(name, reason):
    """The row of a star that cannot be explained: every number NaN, and the reason."""
    row = {"star": name, "cluster": ""} | dict.fromkeys(_NUMBERS, np.nan)
    row |= {"converged": False, "verdict": NO_RESULT, "reason": reason, "why": reason}
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
    """
    rows, listed = [], []
    for star in stars:
        row, sources_of_star = explain(star, galaxy, sources, seed, **options)
        rows.append(row)
        listed += sources_of_star
    return to_table(rows, COLUMNS), to_table(listed, summaries.SOURCE_COLUMNS)


def to_table(rows, columns):
    """Rows as a table with these columns, and units; one without rows keeps the columns."""
    table = Table()
    for name in columns:
        empty = "" if name in TEXTS else np.nan
        values = [row.get(name, empty) for row in rows]
        kind = "U1" if name in TEXTS else bool if name == "converged" else float
        table[name] = np.array(values, dtype=None if name in TEXTS and rows else kind)
        if name in UNITS:
            table[name].unit = UNITS[name]
    return table


TEXTS = ("star", "cluster", "verdict", "why", "reason", "source", "kind")
COLUMNS = ("star", *_NUMBERS[:2], "verdict", "cluster", *_NUMBERS[2:], "converged", "why", "reason")

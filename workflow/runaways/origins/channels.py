"""Binary supernova or dynamical ejection: the V_Sp - v sin i plane, clusters and flight times.

BSS is the binary supernova scenario: slow runaways, spun up by mass transfer. DES is dynamical
ejection from a young cluster: fast runaways that rotate like other stars.
"""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table, hstack
from scipy.special import ndtr

from runaways.encounters import verdicts
from runaways.selection.maxwellian import fit_speeds
from runaways.stars.draws import truncated_normal

BSS, DES, UNDECIDED, UNKNOWN = "BSS", "DES", "undecided", "unknown"
# Of a star that is no runaway and has no such origin
NONE = "none"
# Definitions of a line that is fitted to the list itself
FITTED = ("three_sigma", "quantile")
# Draws of a star's age, at equal steps of its distribution
AGE_DRAWS = 201
CLUSTER_COLUMNS = ("p_encounter", "p_chance", "flight_time")


@dataclass(frozen=True)
class OriginModel:
    """What is assumed of the two channels; every number is the caller's and belongs in a config.

    Attributes
    ----------
    prior_des : float
        Share of dynamical ejections among runaways, in (0, 1).
    region_purity : float
        Share of DES stars in the DES region of the plane, and of BSS stars in theirs, at equal
        numbers of both; in (0, 1).
    found_des, found_bss : float
        Probability that the orbit of a DES (BSS) star leads back to a cluster of the catalogue.
    delay_des, delay_bss : tuple of float
        Earliest and latest ejection after birth [Myr].
    unrelated : float
        Share of flight times that have nothing to do with the ejection, in (0, 1).
    p_chance_min : float
        Smallest chance of an encounter that its null could have shown, in (0, 1).
    decided_min : float
        Probability from which on an origin is named.
    """

    prior_des: float
    region_purity: float
    found_des: float
    found_bss: float
    delay_des: tuple[float, float]
    delay_bss: tuple[float, float]
    unrelated: float
    p_chance_min: float
    decided_min: float

    def __post_init__(self):
        shares = ("prior_des", "region_purity", "found_des", "found_bss", "unrelated")
        for name in (*shares, "p_chance_min"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"origins: {name} is between 0 and 1, not {getattr(self, name)}")
        for name in ("delay_des", "delay_bss"):
            earliest, latest = getattr(self, name)
            if not earliest < latest:
                raise ValueError(f"origins: {name} rises, not {earliest} to {latest} Myr")
        if not 0.5 < self.decided_min <= 1:
            raise ValueError(f"origins: decided_min is above 0.5, not {self.decided_min}")


def fit_line(values, definition):
    """A dividing line of the plane: "3 sigma" of a Maxwellian fit to the sample itself.

    Parameters
    ----------
    values : array_like, shape (n,)
        V_Sp or v sin i [km/s]; a value of 0 is an upper limit and, like NaN, left out.
    definition : {"three_sigma", "quantile"}
        As in `runaways.selection.maxwellian.MaxwellianFit.three_sigma`.

    Returns
    -------
    line, error : float
        [km/s].
    """
    values = np.asarray(values, float)
    return fit_speeds(values[values > 0], 3, tail=False).three_sigma(definition)


def classify(measured, velocities, lines, model, ejected, clusters=None):
    """Origin of every star of a list, from what is known of it.

    Parameters
    ----------
    measured : Table, n rows
        As from `measurements.complete`: ``star``, ``vsini`` [km/s], ``age`` [Myr], their errors.
    velocities : Table, n rows
        Table ``velocities`` of the same stars.
    lines : dict
        ``v_sp`` and ``vsini`` [km/s].
    model : OriginModel
    ejected : ndarray of bool, shape (n,)
        Stars that are taken for runaways; the origin of the others is ``none``, and their
        probabilities are those they would have.
    clusters : Table, optional
        Best cluster of a star: ``star p_encounter p_chance flight_time`` [Myr] and ``verdict``. It
        is the best of many, so that its odds over chance mean nothing by themselves: a cluster
        that is not better than chance says nothing, and an impossible one was not met.

    Returns
    -------
    Table
        Table ``origins``.
    """
    p_fast = exceedance(velocities["v_sp"], velocities["v_sp_error"], lines["v_sp"])
    p_spinning = exceedance(measured["vsini"], measured["vsini_error"], lines["vsini"])
    plane = plane_probabilities(p_fast, p_spinning)
    best = {name: np.full(len(measured), np.nan) for name in CLUSTER_COLUMNS}
    if clusters is not None:
        rows = {str(star): row for row, star in enumerate(clusters["star"])}
        here = [rows.get(str(star), -1) for star in measured["star"]]
        known = np.array(here) >= 0
        verdict = np.asarray(clusters["verdict"], str)[np.array(here)[known]]
        for name in CLUSTER_COLUMNS:
            values = np.asarray(clusters[name], float)[np.array(here)[known]]
            not_met = 0.0 if name == "p_encounter" else np.nan if name == "flight_time" else values
            values = np.where(verdict == verdicts.IMPOSSIBLE, not_met, values)
            best[name][known] = np.where(verdict == verdicts.CHANCE, np.nan, values)
    age, error = (np.asarray(measured[name])[:, None] for name in ("age", "age_error"))
    u = (np.arange(AGE_DRAWS) + 0.5) / AGE_DRAWS
    delay = age + error * truncated_normal(u, age, error) - best["flight_time"][:, None]
    combined = combine_origins(plane, model, best["p_encounter"], best["p_chance"], delay)
    region = plane_regions(velocities["v_sp"], measured["vsini"], lines["v_sp"], lines["vsini"])
    combined["origin"] = np.where(ejected, combined["origin"], NONE)
    return hstack([Table({"star": measured["star"], "region": region}), plane, combined])


def exceedance(value, error, line):
    """Probability that a positive quantity truly exceeds a line.

    Parameters
    ----------
    value, error : array_like, shape (n,)
        Measured, with normal error; the truth is not negative.
    line : float
        Of the same unit.

    Returns
    -------
    ndarray, shape (n,)
        NaN where value or error is unknown or the error not positive.
    """
    value, error = np.asarray(value, float), np.asarray(error, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = ndtr((value - line) / error) / ndtr(value / error)
    return np.where(error > 0, above, np.nan)


def plane_regions(v_sp, vsini, v_sp_line, vsini_line):
    """Region of every star in the plane, errors aside: the paper's figure 8.

    Parameters
    ----------
    v_sp, vsini : array_like, shape (n,)
        [km/s].
    v_sp_line, vsini_line : float
        [km/s].

    Returns
    -------
    ndarray of str, shape (n,)
        ``BSS``: slower than its line and rotating faster than its line; ``DES``: the reverse;
        ``undecided``: neither; ``unknown`` without one of the two.
    """
    v_sp, vsini = np.asarray(v_sp, float), np.asarray(vsini, float)
    fast, spinning = v_sp > v_sp_line, vsini > vsini_line
    unknown = np.isnan(v_sp) | np.isnan(vsini)
    return np.select([unknown, ~fast & spinning, fast & ~spinning], [UNKNOWN, BSS, DES], UNDECIDED)


def plane_probabilities(p_fast, p_spinning):
    """Probabilities of the regions of the plane, the two axes being measured independently.

    Parameters
    ----------
    p_fast, p_spinning : array_like, shape (n,)
        Probability to lie above the line in V_Sp and in v sin i: a fraction of draws, or
        `exceedance`.

    Returns
    -------
    Table, n rows
        ``p_bss_plane p_des_plane p_undecided_plane``; their sum is 1, or all are NaN.
    """
    p_fast, p_spinning = np.asarray(p_fast, float), np.asarray(p_spinning, float)
    table = Table()
    table["p_bss_plane"] = (1 - p_fast) * p_spinning
    table["p_des_plane"] = p_fast * (1 - p_spinning)
    table["p_undecided_plane"] = p_fast * p_spinning + (1 - p_fast) * (1 - p_spinning)
    return table


def combine_origins(plane, model, p_encounter, p_chance, delay):
    """One probability of origin from plane, cluster and flight time, with its parts.

    Every part is the ratio of the probabilities of what is seen under DES and under BSS; parts are
    taken as independent and multiply the prior odds. A part that is not known is 1.

    Parameters
    ----------
    plane : Table, n rows
        From `plane_probabilities`.
    model : OriginModel
    p_encounter, p_chance : array_like, shape (n,)
        Of the star's best cluster: fraction of draws that meet it, and the same for the cluster at
        random azimuths; NaN where no cluster was tried.
    delay : array_like, shape (n, m)
        Draws of the star's age minus its flight time from the cluster [Myr]; NaN where unknown.

    Returns
    -------
    Table, n rows
        ``ratio_plane ratio_cluster ratio_time``; ``p_association`` of star and cluster;
        ``p_des p_bss``; ``origin`` (``DES``, ``BSS``, ``undecided``, or ``unknown`` without any
        evidence); ``origin_evidence``, the parts that were known.
    """
    favoured = (
        model.region_purity * plane["p_des_plane"]
        + (1 - model.region_purity) * plane["p_bss_plane"]
        + 0.5 * plane["p_undecided_plane"]
    )
    ratio_plane = np.asarray(favoured / (1 - favoured), float)
    ratio_cluster, association = _cluster_ratio(p_encounter, p_chance, model)
    ratio_time = _time_ratio(delay, association, model)
    parts = dict(plane=ratio_plane, cluster=ratio_cluster, time=ratio_time)
    table = Table({f"ratio_{name}": np.where(np.isnan(x), 1.0, x) for name, x in parts.items()})
    table["p_association"] = association
    odds = model.prior_des / (1 - model.prior_des)
    for name in parts:
        odds = odds * table[f"ratio_{name}"]
    table["p_des"] = odds / (1 + odds)
    table["p_bss"] = 1 / (1 + odds)
    known = np.array([np.isfinite(ratio) for ratio in parts.values()])
    table["origin_evidence"] = [" ".join(np.array(list(parts))[star]) for star in known.T]
    table["origin"] = np.select(
        [
            ~known.any(axis=0),
            table["p_des"] >= model.decided_min,
            table["p_bss"] >= model.decided_min,
        ],
        [UNKNOWN, DES, BSS],
        UNDECIDED,
    )
    return table


def _cluster_ratio(p_encounter, p_chance, model):
    """Ratio of the evidence of an encounter, and the probability that it is real."""
    encounter = np.asarray(p_encounter, float)
    # how much better the cluster is met where it is than anywhere on its circle
    excess = encounter / np.maximum(np.asarray(p_chance, float), model.p_chance_min)
    ratio = (model.found_des * excess + 1 - model.found_des) / (
        model.found_bss * excess + 1 - model.found_bss
    )
    found = model.prior_des * model.found_des + (1 - model.prior_des) * model.found_bss
    return ratio, found * excess / (found * excess + 1 - found)


def _time_ratio(delay, association, model):
    """Ratio of the densities of the delay between birth and ejection.

    An age with large errors spreads the draws over both windows in proportion to their widths,
    and the ratio tends to 1; so it does for a cluster that is not the star's.
    """
    delay = np.atleast_2d(np.asarray(delay, float))
    windows = model.delay_des, model.delay_bss
    span = max(latest for _, latest in windows) - min(earliest for earliest, _ in windows)
    related = (1 - model.unrelated) * association
    density = []
    for earliest, latest in windows:
        inside = ((delay >= earliest) & (delay <= latest)).mean(axis=1)
        density.append(related * inside / (latest - earliest) + (1 - related) / span)
    return np.where(np.isfinite(delay).all(axis=1), density[0] / density[1], np.nan)

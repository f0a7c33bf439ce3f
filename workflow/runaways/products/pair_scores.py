"""Pairs of a star and a cluster that a paper states, beside our verdict, for the scoreboard."""

import numpy as np

from runaways.clusters.cluster_list import find
from runaways.ejections import verdicts as ejection
from runaways.encounters.verdicts import CANDIDATE

SAME_PLACE = 10 / 3600  # deg
NOT_LISTED = "no draw comes near; a pair named in `figures` is measured all the same"


def rows(catalogue, encounters, stated):
    """Rows of table ``scoreboard`` on stated pairs.

    Parameters
    ----------
    catalogue, encounters : Table
        Tables of these names.
    stated : list of dict
        ``ra``, ``dec`` [deg], ``cluster``, ``where``.

    Returns
    -------
    list of tuple
        For each pair the verdict, whether the star can have come from there, and the flight time.
    """
    found = []
    for pair in stated:
        star = str(_star(catalogue, pair)["star"])
        who = f"{star} and {pair['cluster']}"
        of_star = encounters[encounters["star"] == star]
        row = find(of_star["cluster"], pair["cluster"])
        quantity = f"origin of {star} in {pair['cluster']} ({pair['where']})"
        if row is None:
            found.append((quantity, "orbits intersect", "no encounter", "", False, NOT_LISTED))
            continue
        ours = of_star[row]
        verdict = str(ours["verdict"])
        agrees = verdict == CANDIDATE
        found.append((quantity, "orbits intersect", verdict, "", agrees, _circumstances(ours)))
        found.append(_reach(who, ours))
        found.append(_flight(who, ours))
    return found


def _star(catalogue, pair):
    """Row of the star that is nearest to the place stated."""
    apart = np.hypot(
        (catalogue["ra"] - pair["ra"]) * np.cos(np.radians(pair["dec"])),
        catalogue["dec"] - pair["dec"],
    )
    return catalogue[np.argmin(apart)]


def ejections(catalogue, listed, stated):
    """Rows of table ``scoreboard`` on where the stars were ejected.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.
    listed : Table
        Table ``ejection_sources``.
    stated : list of dict
        As for `rows`.

    Returns
    -------
    list of tuple
        For each pair the verdict on its star and the probability of the cluster stated; then, if
        there are pairs, how many stars of the list have one cluster, and how many come from where.
    """
    found = [_ejection(catalogue, pair, listed) for pair in stated]
    if not found:
        return []
    verdicts = np.asarray(catalogue["ejection_verdict"]).astype(str)
    one = catalogue[verdicts == ejection.CLUSTER]
    named = ", ".join(f"{row['star']} from {row['ejection_cluster']}" for row in one)
    agrees = len(one) == len(stated) and all(row[4] for row in found)
    quantity = "stars ejected from one cluster (Sect. 4.2)"
    found.append((quantity, str(len(stated)), str(len(one)), "0", agrees, named))
    return [*found, _from_disk(catalogue, verdicts)]


def _ejection(catalogue, pair, listed):
    """The verdict on one star, beside the cluster stated."""
    star = _star(catalogue, pair)
    if abs(star["dec"] - pair["dec"]) > SAME_PLACE:
        where = f"ejection of RA {pair['ra']}, Dec {pair['dec']} ({pair['where']})"
        return where, pair["cluster"], "", "", False, "the list has no star there"
    mine = np.asarray(listed["star"]).astype(str) == str(star["star"])
    mine &= np.asarray(listed["source_kind"]).astype(str) != "stayed"
    mine = listed[mine]
    row = find(mine["source_of_ejection"], pair["cluster"])
    p = 0.0 if row is None else float(mine["p_source"][row])
    ours = str(star["ejection_verdict"])
    if len(mine):
        ours += f"; likeliest {mine['source_of_ejection'][0]}, {mine['p_source'][0]:.2f}"
    same = find([str(star["ejection_cluster"])], pair["cluster"]) is not None
    agrees = bool(star["ejection_verdict"] == ejection.CLUSTER and same)
    reason = f"p of {pair['cluster']} {p:.2f}"
    if np.isfinite(star["p_detectable"]):
        reason += f"; a true origin in {star['ejection_cluster']} would show as "
        reason += f"{star['p_detectable']:.2f}"
    reason += f"; {star['ejection_why']}"
    quantity = f"ejection of {star['star']} ({pair['where']})"
    return quantity, pair["cluster"], ours, "", agrees, reason


def _from_disk(catalogue, verdicts):
    """How many stars come from where; by the paper all have a birthplace in the disk."""
    words = (ejection.CLUSTER, ejection.CLUSTERS, ejection.FIELD, ejection.CENTRE, ejection.OPEN)
    words += (ejection.NOT_EJECTED, ejection.NO_RESULT)
    counts = {word: int((verdicts == word).sum()) for word in words}
    said = ", ".join(f"{word} {count}" for word, count in counts.items() if count)
    below = int(np.sum(np.asarray(catalogue["p_from_disk"]) < 0.5))
    reason = f"{below} stars are likelier not to have crossed the plane within their age"
    agrees = not counts[ejection.CENTRE]
    quantity = "sources of the ejections of the list (Sect. 4.1)"
    return quantity, "all from the disk", said, "", agrees, reason


def _circumstances(ours):
    reason = f"{ours['why']}; by chance {ours['p_chance_disk']:.2g} anywhere in the disk"
    mh = ours["mh_difference"]
    return f"{reason}; [M/H] differs by {mh:.1f} sigma" if np.isfinite(mh) else reason


def _reach(who, ours):
    """Mean speed over the way, against what there is."""
    needed, available = ours["needed_speed"], ours["available_speed"]
    reason = "separation today over the younger age; V_Sp, shear and the cluster's own speed"
    return (
        f"mean speed between {who} [km/s]",
        f"{available:.0f} available",
        f"{needed:.0f} needed",
        "at most",
        bool(needed <= available),
        reason,
    )


def _flight(who, ours):
    """Flight time, against the age of the cluster."""
    age, flight = ours["cluster_age"], ours["flight_time"]
    printed = f"cluster {age:.0f} old" if np.isfinite(age) else "age of the cluster unknown"
    if np.isnan(flight):
        reason = "no draw meets; nearest passage of any draw: "
        reason += f"{ours['closest']:.0f} pc, {ours['closest_time']:.1f} Myr ago"
        return f"flight time of {who} [Myr]", printed, "none", "at most", False, reason
    bounds = f"{ours['flight_time_lower']:.1f} to {ours['flight_time_upper']:.1f}"
    reason = f"15.9 to 84.1 % of the draws that meet: {bounds}"
    agrees = not flight > age
    return f"flight time of {who} [Myr]", printed, f"{flight:.1f}", "at most", agrees, reason

"""Pairs of a star and a cluster that a paper states, beside our verdict, for the scoreboard."""

import numpy as np

from runaways.clusters.cluster_list import find
from runaways.encounters.verdicts import CANDIDATE

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
        apart = np.hypot(
            (catalogue["ra"] - pair["ra"]) * np.cos(np.radians(pair["dec"])),
            catalogue["dec"] - pair["dec"],
        )
        star = str(catalogue["star"][np.argmin(apart)])
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

"""The answer: where the stars come from, in words and numbers, and the story of each."""

from collections import Counter

import numpy as np

from runaways.ejections.verdicts import (
    CENTRE,
    CLUSTER,
    CLUSTERS,
    FIELD,
    MORE_LIKELY,
    NO_RESULT,
    NOT_EJECTED,
    OPEN,
)
from runaways.report.flags import number, share

# a verdict after a number of stars: of one, of several
SAID = {
    CLUSTER: "from one known cluster",
    CLUSTERS: "from a known cluster, which one is open",
    FIELD: "from the disk outside known clusters",
    CENTRE: "from the Galactic centre",
    OPEN: "ejected, from where is open",
    NOT_EJECTED: "probably never ejected",
    NO_RESULT: "without a result",
}
# how a star's origin is called in the table
SOURCES = {
    CLUSTERS: "a cluster, which is open",
    FIELD: "disk, no known cluster",
    CENTRE: "Galactic centre",
    OPEN: "open",
    NOT_EJECTED: "not ejected",
    NO_RESULT: "no result",
}


def counts(catalogue):
    """How many stars have each verdict.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.

    Returns
    -------
    list of (str, int)
        In words and in the order of `SAID`; verdicts of no star are left out.
    """
    found = Counter(map(str, catalogue["ejection_verdict"]))
    return [(SAID[verdict], found[verdict]) for verdict in SAID if found[verdict]]


def from_clusters(catalogue):
    """Stars that a cluster has more than half of, the surest first: rows of the catalogue."""
    rows = [row for row in catalogue if row["ejection_verdict"] == CLUSTER]
    return sorted(rows, key=lambda row: -row["p_cluster_best"])


def source(star):
    """Where a star comes from, in a few words.

    Parameters
    ----------
    star : mapping
        A row of table ``catalogue``.

    Returns
    -------
    str
    """
    if star["ejection_verdict"] == CLUSTER:
        return str(star["ejection_cluster"])
    return SOURCES.get(str(star["ejection_verdict"]), str(star["ejection_verdict"]))


def probability(star):
    """Probability of what `source` says; NaN where nothing can be said."""
    names = {CLUSTER: "p_cluster_best", CLUSTERS: "p_cluster", FIELD: "p_field"}
    names[CENTRE] = "p_centre"
    verdict = str(star["ejection_verdict"])
    if verdict == NOT_EJECTED:
        return 1 - float(star["p_ejected"])
    return float(star[names[verdict]]) if verdict in names else np.nan


def unseen(catalogue):
    """What could not have been seen, in sentences.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.

    Returns
    -------
    list of str
    """
    said = []
    judged = np.array([row["ejection_verdict"] not in (CLUSTER, NO_RESULT) for row in catalogue])
    asked = judged & np.isfinite(catalogue["p_detectable"])
    blind = asked & (np.asarray(catalogue["p_detectable"]) < MORE_LIKELY)
    if blind.any():
        said.append(
            f"For {blind.sum()} of the {judged.sum()} stars without one cluster as their source, a "
            "true origin in the likeliest cluster would not have shown with these errors (median "
            "probability below 0.5): that no cluster is named says little of them."
        )
    missing = [row for row in catalogue if row["hosts_missing"]]
    if missing:
        names = ", ".join(f"{row['star']} ({row['hosts_missing']})" for row in missing)
        said.append(
            f"Known hosts of runaways that the clusters lack lie near the orbit of {names}."
        )
    far = np.isfinite(catalogue["horizon"]) & (catalogue["age"] > catalogue["horizon"])
    if far.any():
        said.append(
            f"{far.sum()} stars are older than the time beyond which the azimuth of their "
            "birthplace is random: where on its circle they were born cannot be known."
        )
    bad = [str(row["star"]) for row in catalogue if row["ejection_verdict"] == NO_RESULT]
    if bad:
        said.append(f"No ejection could be sought for {', '.join(bad)}.")
    return said


def rests_on(meta):
    """Stand-ins and assumptions of a run, in words.

    Parameters
    ----------
    meta : dict
        Metadata of table ``catalogue``.

    Returns
    -------
    list of (str, str)
        What, and how.
    """
    names = {
        "stand_in": "Stellar tracks are a stand-in",
        "stand_in_spectra": "Spectra are a stand-in",
        "stand_in_clusters": "Clusters are a stand-in",
        "assumed_errors": "Errors that are assumed",
        "radial_velocities": "Radial velocities",
    }
    return [(words, str(meta[key])) for key, words in names.items() if meta.get(key)]


def story(star):
    """The story of a star in sentences.

    Parameters
    ----------
    star : mapping
        A row of table ``catalogue``.

    Returns
    -------
    list of str
    """
    parts = [_what(star), _moves(star), _origin(star), _orbit(star), _cluster(star), _channel(star)]
    return [part for part in parts if part]


def _what(star):
    kind = f"star of type {star['subtype']}" if star["subtype"] else "star of unknown type"
    said = [f"A {kind} at {number(star['distance'], star['distance_error'], 'kpc')}"]
    if np.isfinite(star["mass"]):
        said.append(f"{number(star['mass'], star['mass_error'])} solar masses")
    if np.isfinite(star["age"]):
        whose = f" ({star['age_source']})" if star["age_source"] else ""
        said.append(f"{number(star['age'], star['age_error'], 'Myr')} old{whose}")
    return ", ".join(said) + "."


def _moves(star):
    if np.isfinite(star["v_sp"]):
        speed = f"{number(star['v_sp'], star['v_sp_error'], 'km/s')} in space"
    elif np.isfinite(star["v_tan"]):
        speed = f"{number(star['v_tan'], star['v_tan_error'], 'km/s')} on the sky"
    else:
        return ""
    verdict = "a runaway" if star["is_runaway"] else "no runaway"
    p = f", with a probability of {share(star['p_runaway'])} to be one"
    return (
        f"It moves at {speed} against its surroundings: {verdict} by the thresholds"
        f"{p if np.isfinite(star['p_runaway']) else ''}."
    )


def _origin(star):
    if star["ejection_verdict"] == NO_RESULT:
        return f"Its ejection could not be sought: {star['ejection_why']}."
    times = (star["t_ejection_lower"], star["t_ejection_upper"])
    said = str(star["ejection_why"])
    if np.isfinite(times).all():
        speeds = (star["v_ejection_lower"], star["v_ejection_upper"])
        said += (
            f" Of an ejection, 68 % of the posterior lies between {number(times[0])} and "
            f"{number(times[1])} Myr ago, and between {number(speeds[0])} and "
            f"{number(speeds[1])} km/s."
        )
    return said


def _orbit(star):
    if not star["orbit_class"]:
        return f"Its birthplace is unknown: {star['reason']}." if star["reason"] else ""
    null = "likelier than by chance" if star["better_than_null"] else "no more than by chance"
    low, high = (number(star[f"z_max_{end}"]) for end in ("lower", "upper"))
    return (
        f"Traced back over its age, {number(100 * star['p_confined'])} % of the draws never leave "
        f"the disk and {number(100 * star['p_birth_in_disk'])} % are born in it, {null}: "
        f"{star['orbit_class']}. It rose to between {low} and {high} kpc."
    )


def _cluster(star):
    if star["cluster_verdict"] in ("", "no encounter"):
        return "It meets no cluster of the catalogue." if star["cluster_verdict"] else ""
    return (
        f"Of the clusters that it meets {star['cluster']} is the best: "
        f"{number(100 * star['p_encounter'])} % of the draws come near, "
        f"{number(100 * star['p_chance'])} % by chance ({star['cluster_verdict']})."
    )


def _channel(star):
    if star["origin"] not in ("DES", "BSS"):
        return ""
    how = {"DES": "dynamical ejection", "BSS": "the supernova of a companion"}[star["origin"]]
    p = star["p_des"] if star["origin"] == "DES" else star["p_bss"]
    return f"Speed and rotation speak for {how} ({share(p)})."

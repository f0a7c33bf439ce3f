"""Why each flag: of each star what was asked, what was found, and where the limit is."""

from dataclasses import dataclass

import numpy as np

from runaways.ejections.verdicts import MORE_LIKELY, NO_RESULT
from runaways.orbits.disk import UNBOUND_MIN


@dataclass(frozen=True)
class Flag:
    """One flag of one star, in words.

    stage, name: where it was set and what column it is; raised: whether it speaks of something
    out of the ordinary; value, limit: what was found and what decides; meaning: in a sentence.
    """

    stage: str
    name: str
    raised: bool
    value: str
    limit: str
    meaning: str


def number(value, error=np.nan, unit=""):
    """A number for people: three digits, its error in as many decimals, its unit.

    Parameters
    ----------
    value, error : float
        NaN where unknown.
    unit : str

    Returns
    -------
    str
    """
    if not np.isfinite(value):
        return "unknown"
    tail = f" {unit}" if unit else ""
    if np.isfinite(error) and error > 0:
        decimals = max(0, 1 - int(np.floor(np.log10(error))))
        return f"{value:.{decimals}f} ± {error:.{decimals}f}{tail}"
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2g}{tail}"
    return f"{value:.{max(0, 2 - int(np.floor(np.log10(abs(value) or 1))))}f}{tail}"


def share(p):
    """A probability for people, which is never 1.

    Parameters
    ----------
    p : float

    Returns
    -------
    str
    """
    return "above 0.99" if p > 0.995 else number(p)


def of_star(star, settings, thresholds):
    """All flags of a star, stage by stage.

    Parameters
    ----------
    star : mapping
        A row of table ``catalogue``.
    settings : dict
        The configuration, nested, with units as texts.
    thresholds : dict
        ``space`` and ``tangential`` [km/s], those that were used, given or fitted.

    Returns
    -------
    list of Flag
        Those that could be set for this star; where nothing was measured the flag is left out.
    """
    groups = (_data, _spectra, _labels, _old, _runaway, _orbit, _clusters, _ejection, _channel)
    found = [flag for group in groups for flag in group(star, settings, thresholds)]
    if star["status"] != "ok":
        why = str(star["reason"])
        found.insert(0, Flag("all", "status", True, "failed", "", f"No full result: {why}."))
    return found


def _words(star, name):
    return str(star[name]).replace(",", " ").split() if name in star.keys() else []


def _data(star, settings, _):
    inferred = str(star["rv_source"]).startswith("printed")
    yield Flag(
        "stars", "rv_source", inferred, str(star["rv_source"]) or "none", "measured",
        "The radial velocity follows from velocities that the list prints, or is unknown.",
    )  # fmt: skip
    if np.isfinite(star["rv_alternative"]):
        yield Flag(
            "stars", "rv_alternative", True,
            f"{number(star['rv'])} or {number(star['rv_alternative'], unit='km/s')}", "one",
            "Only the size of the peculiar radial velocity is known: both signs are traced.",
        )  # fmt: skip
    for name in _words(star, "failed_gates"):
        limit = settings["selection"]["quality"].get(f"{name}_max", "")
        limit = limit or settings["selection"]["quality"].get(f"{name}_min", "")
        yield Flag("selection", "failed_gates", True, name, str(limit), "A gate of quality failed.")
    for name in _words(star, "unknown_gates"):
        yield Flag("selection", "unknown_gates", True, name, "", "The list lacks this quantity.")


RV_FLAGS = {
    "edge": "The best velocity is at the end of the range that was tried.",
    "ambiguous": "Another velocity correlates nearly as well.",
    "low-correlation": "No template looks like this spectrum.",
    "header-disagrees": "The file's header has another velocity.",
    "no-header": "The file's header has no velocity to compare with.",
    "rv-variable": "The velocity differs from epoch to epoch: a companion, or pulsation.",
    "rv-unreliable": "The measured velocity should not be used.",
}
SUBTYPE_FLAGS = {
    "emission": "Balmer lines are filled or in emission.",
    "he-weak": "Helium lines are weaker than the type asks for.",
    "he-strong": "Helium lines are stronger than the type asks for.",
    "o-star": "Earlier than B0.",
    "a-star": "Later than B9.5.",
    "later-than-a": "Later than A: no star for a grid of B stars.",
    "unclassified": "No MK standard looks like it.",
}


def _spectra(star, *_):
    for name, words in (("rv_flags", RV_FLAGS), ("subtype_flags", SUBTYPE_FLAGS)):
        for word in _words(star, name):
            meaning = words.get(word, "See the column's description.")
            yield Flag("spectra", name, True, word, "none", meaning)
    if star["spectra_reason"]:
        yield Flag(
            "spectra", "spectra_reason", True, str(star["spectra_reason"]), "",
            "An instrument has no usable spectrum.",
        )  # fmt: skip


def _labels(star, settings, _):
    veto = settings["labels"]["veto"]
    if np.isfinite(star["misfit"]):
        limit = veto["misfit_max"]
        yield Flag(
            "labels", "misfit", bool(star["misfit"] > limit), number(star["misfit"]),
            f"at most {limit:g}", "How unlike the training grid the spectrum is; 1 is like it.",
        )  # fmt: skip
        yield Flag(
            "labels", "extrapolated", bool(star["extrapolated"]),
            "outside" if star["extrapolated"] else "inside", "hull of the training labels",
            "Measured labels beyond the grid of spectra are not to be trusted.",
        )  # fmt: skip
    if star["labels_reason"]:
        yield Flag(
            "labels", "labels_reason", True, str(star["labels_reason"]), "",
            "The spectrum was refused, and has no labels.",
        )  # fmt: skip
    if np.isfinite(star["grid_distance"]):
        yield Flag(
            "masses_ages", "inside_grid", not star["inside_grid"],
            f"{number(star['grid_distance'])} steps, p inside {share(star['p_inside_grid'])}",
            f"by {settings['tracks']['inside_by']}",
            "Whether the labels lie among the stellar tracks that give mass and age.",
        )  # fmt: skip
        yield Flag(
            "masses_ages", "age_ambiguous", bool(star["age_ambiguous"]),
            f"p before the main sequence {share(star['p_pre_main_sequence'])}", "none",
            "A star before the main sequence could have the same labels, and be younger.",
        )  # fmt: skip


def _old(star, settings, _):
    if star["is_bhb"]:
        yield Flag(
            "selection", "is_bhb", True, f"{star['bhb_catalogue']}, {star['bhb_matched_by']}",
            str(settings["bhb"]["radius"]), "A catalogue of old hot stars has it.",
        )  # fmt: skip
    if np.isfinite(star["p_bhb"]):
        yield Flag(
            "selection", "p_bhb", bool(star["p_bhb"] >= MORE_LIKELY), share(star["p_bhb"]),
            f"{MORE_LIKELY:g}", "Probability of an old star on or past the horizontal branch.",
        )  # fmt: skip
    if star["distance_check"] not in ("agrees", "unknown"):
        yield Flag(
            "selection", "distance_check", True,
            f"{star['distance_check']}, {number(star['distance_tension'])} sigma",
            f"{settings['bhb']['max_tension']:g} sigma",
            "Labels and parallax give other luminosities.",
        )  # fmt: skip


def _runaway(star, _, thresholds):
    about = (
        ("above_v_sp", "v_sp", "space", "Peculiar velocity in space above the threshold."),
        ("above_v_tan", "v_tan", "tangential", "Peculiar velocity on the sky above the threshold."),
    )
    for flag, name, key, meaning in about:
        if np.isfinite(star[name]):
            limit = f"above {number(float(thresholds[key]), unit='km/s')}"
            value = number(star[name], star[f"{name}_error"], "km/s")
            yield Flag("selection", flag, bool(star[flag]), value, limit, meaning)


def _orbit(star, settings, _):
    disk = settings["disk"]
    if not star["orbit_class"]:
        return
    value = f"confined {share(star['p_confined'])}, born in {share(star['p_birth_in_disk'])}"
    limit = f"confined from {disk['confined_min']:g}, passing from {disk['consistent_min']:g}"
    yield Flag(
        "orbits", "orbit_class", star["orbit_class"] == "outside-disk",
        f"{star['orbit_class']}: {value}", f"{limit}, within {disk['half_height']}",
        "Shares of the draws whose whole orbit, or whose birthplace, is in the disk.",
    )  # fmt: skip
    yield Flag(
        "orbits", "better_than_null", bool(star["better_than_null"]),
        f"odds {number(star['disk_odds'])}", f"at least {disk['evidence_min']:g}",
        "Whether being born in the disk is likelier than by chance; else it says nothing.",
    )  # fmt: skip
    yield Flag(
        "orbits", "unbound", bool(star["unbound"]), f"p {share(star['p_unbound'])}",
        f"{UNBOUND_MIN:g}", "Whether the star leaves the Galaxy.",
    )  # fmt: skip


def _clusters(star, settings, _):
    if star["cluster_verdict"]:
        value = f"{star['cluster']}: {star['cluster_verdict']}".removeprefix(": ")
        yield Flag(
            "encounters", "cluster_verdict", star["cluster_verdict"] == "candidate",
            f"{value}, P {share(star['p_encounter'])} against {share(star['p_chance'])} by chance",
            f"false discoveries {settings['clusters']['fdr']:g}",
            "Whether it met a cluster more closely than any star on its path would.",
        )  # fmt: skip


def _ejection(star, *_):
    if star["ejection_verdict"] == NO_RESULT:
        return
    yield Flag(
        "ejections", "ejection_verdict", star["ejection_verdict"] != "not ejected",
        f"{star['ejection_verdict']}: ejected {share(star['p_ejected'])}; then cluster "
        f"{share(star['p_cluster'])}, disk {share(star['p_field'])}, "
        f"centre {share(star['p_centre'])}",
        f"more than {MORE_LIKELY:g}", "The source that has more than half of the probability.",
    )  # fmt: skip
    yield Flag(
        "ejections", "converged", not star["converged"], "yes" if star["converged"] else "no",
        "yes", "Whether the numerical error of every probability is small.",
    )  # fmt: skip
    if star["verdict_variants"]:
        yield Flag(
            "ejections", "verdict_stable", not star["verdict_stable"],
            str(star["verdict_variants"]), "all alike",
            "The verdict in other frames and potentials of the Galaxy.",
        )  # fmt: skip
    if star["hosts_missing"]:
        yield Flag(
            "ejections", "hosts_missing", True, str(star["hosts_missing"]), "none",
            "Known hosts of runaways near its orbit that the clusters lack.",
        )  # fmt: skip


def _channel(star, settings, _):
    if np.isfinite(star["p_des"]) and star["origin_evidence"]:
        yield Flag(
            "origins", "origin", star["origin"] in ("DES", "BSS"),
            f"{star['origin']}: dynamical {share(star['p_des'])}, supernova "
            f"{share(star['p_bss'])}, by {star['origin_evidence']}",
            f"{settings['origins']['decided_min']:g}",
            "Dynamical ejection or a companion's supernova, by speed and rotation.",
        )  # fmt: skip

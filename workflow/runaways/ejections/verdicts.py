"""The verdict on a star in one word, and in a sentence."""

CLUSTER, CLUSTERS, FIELD, CENTRE = "cluster", "clusters", "field", "centre"
NOT_EJECTED, OPEN, NO_RESULT = "not ejected", "open", "no result"
MORE_LIKELY = 0.5
_SURE = 0.995
_POOR = {
    "no-rv": "is not known, that of rotation is taken",
    "few-stars": "is from few stars",
    "large-error": "has a large error",
}
_POWERLESS = 0.5


def verdict(p):
    """One word from the probabilities alone.

    Parameters
    ----------
    p : mapping
        ``p_ejected`` and, given ejection, ``p_cluster p_field p_centre p_cluster_best``.

    Returns
    -------
    str
        ``not ejected`` where staying is likelier; else what has more than half: ``cluster`` one
        cluster, ``clusters`` all of them together and none by itself, ``centre``, ``field``;
        ``open`` if nothing has.
    """
    if p["p_ejected"] < MORE_LIKELY:
        return NOT_EJECTED
    likely = (
        (CLUSTER, "p_cluster_best"),
        (CLUSTERS, "p_cluster"),
        (CENTRE, "p_centre"),
        (FIELD, "p_field"),
    )
    return next((word for word, name in likely if p[name] > MORE_LIKELY), OPEN)


def why(row, missing_rv=False, rv_flags=""):
    """What a person would say of a star.

    Parameters
    ----------
    row : mapping
        A row of `posterior.explain`.
    missing_rv : bool
        Whether the radial velocity is not known.
    rv_flags : str
        Of the likeliest cluster, as from `cluster_list.rv_flags`.

    Returns
    -------
    str
        A sentence or two.
    """
    word = row["verdict"]
    if word == NO_RESULT:
        return row["reason"]
    opening = "" if word != NOT_EJECTED else f"Probably never ejected ({_p(row['p_ejected'])}); "
    text = opening + _origin(row, bool(opening))
    if row["p_cluster"] < MORE_LIKELY and row["cluster"]:
        text += _unseen(row)
    if row["cluster"] and row["cluster"] in text:
        text += _poor_rv(row["cluster"], rv_flags)
    if row.get("hosts_missing"):
        text += f" Near its orbit, but not among the clusters: {row['hosts_missing']}."
    if missing_rv:
        text += " Its radial velocity is not known: all are allowed."
    if not row["converged"]:
        text += " Not converged: more kernels change it."
    return text


def _origin(row, after):
    """Where from, when and how fast, of the likeliest class given ejection."""
    p = {name: row[f"p_{name}"] for name in ("cluster", "field", "centre")}
    best = max(p, key=p.get)
    flight = f"{row['t_ejection']:.3g} Myr ago at {row['v_ejection']:.0f} km/s"
    word = "if it was, from" if after else "Ejected from"
    if best == "cluster":
        others = row["p_complex"] > row["p_cluster_best"] + 0.05
        complex_ = " (or its complex)" if others else ""
        return (
            f"{word} {row['cluster']}{complex_} {flight}: {_p(row['p_cluster'])} for a "
            f"catalogued cluster, {_p(row['p_cluster_best'])} for this one."
        )
    if best == "centre":
        return f"{word} the Galactic centre {flight}: {_p(row['p_centre'])}."
    place = f"R = {row['r_ejection']:.1f} kpc"
    return f"{word} the disk outside known clusters, {flight}, at {place}: {_p(row['p_field'])}."


def _unseen(row):
    if row["p_cluster_best"] < 0.01:
        return ""
    said = f" The likeliest cluster is {row['cluster']}, {_p(row['p_cluster_best'])}"
    if row["p_detectable"] < _POWERLESS:
        return said + f"; a true origin there would show as {_p(row['p_detectable'])} only."
    return said + "."


def _poor_rv(cluster, flags):
    """What is wrong with the radial velocity of a cluster; one without error is not told."""
    found = [word for flag, word in _POOR.items() if flag in flags.split(",")]
    return f" The radial velocity of {cluster} {' and '.join(found)}." if found else ""


def _p(value):
    return "above 0.99" if value > _SURE else f"{value:.2f}"

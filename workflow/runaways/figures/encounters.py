"""Encounters with clusters: orbits of a pair (Figs. 6 and 7), and all pairs against chance."""

from textwrap import fill

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D

from runaways.encounters.verdicts import CANDIDATE, CHANCE, IMPOSSIBLE
from runaways.figures import style
from runaways.figures.orbits import (
    BIRTH,
    BIRTH_EDGE,
    CIRCLE,
    LABELS,
    LINE_WIDTHS,
    SUN,
    TIME_COLOURS,
    TODAY,
    coloured,
    in_plane,
)

CLUSTER = {"color": "#D55E00", "linewidth": 1.1}
CLUSTER_TODAY = {"marker": "s", "markersize": 4.5, "color": "#D55E00", "linestyle": ""}
DRAWS = {"linestyle": "", "marker": ".", "markersize": 2, "markeredgewidth": 0, "color": "#888888"}
RADIUS = {"color": "#555555", "linewidth": 0.8, "linestyle": (0, (6, 3))}
DOTS = 6  # places of the cluster shown in the colour of their time
# Marker and colour: Okabe & Ito 2008, Color Universal Design; the shape alone tells them apart too
VERDICT_MARKS = {
    CANDIDATE: ("*", 9, "#D55E00"),
    CHANCE: ("o", 3, "#0072B2"),
    IMPOSSIBLE: ("x", 4, "#000000"),
}
NAMED = 5  # candidates whose names are written


def draw_pair(star, cluster, orbit, path, hits, found, frame, radius, stand_in=""):
    """Orbits of a star and of a cluster, and how near the star's draws come to it.

    Parameters
    ----------
    star, cluster : str
    orbit : Table
        Rows of table ``orbit`` of this star.
    path : Table
        Table ``cluster_path``.
    hits : Table
        Table ``closest_approaches`` of the pair.
    found : Row or None
        The pair in table ``encounters``; None if no draw meets.
    frame : frames.Frame
        The Sun's place.
    radius : float
        Of an encounter, where found has none [pc].
    stand_in : str
        What the clusters are in place of the real ones.

    Returns
    -------
    Figure
        180 mm wide.
    """
    figure = style.new_figure(style.PAGE, 90.0, stand_in)
    axes = figure.subplots(1, 3)
    handles = []
    radius = found["radius"] if found else radius
    if len(orbit) and len(hits):
        norm = Normalize(0, orbit["look_back_time"].max())
        for ax, plane in zip(axes, ("xy", "rz")):
            _draw_orbits(ax, plane, orbit, path, norm, frame)
        _draw_separations(axes[2], orbit, path, hits, radius, norm)
        bar = ScalarMappable(norm, TIME_COLOURS)
        look = {"location": "bottom", "aspect": 60, "label": "look-back time [Myr]"}
        figure.colorbar(bar, ax=list(axes), **look)
        handles = _handles(orbit, len(hits), radius)
    else:
        for ax, plane in zip(axes, ("xy", "rz", "xy")):
            ax.set(xlabel=LABELS[plane][0], ylabel=LABELS[plane][1], xticks=[], yticks=[])
            ax.set_box_aspect(1)
        axes[0].text(0.05, 0.5, "the star has no orbit", transform=axes[0].transAxes)
    verdict = f"{found['verdict']}, {found['why']}" if found else "no draw meets, P 0"
    title = fill(f"{star} and {cluster}: {verdict}", 120)
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=4)
    return figure


def _draw_orbits(ax, plane, orbit, path, norm, frame):
    seen = path[path["look_back_time"] <= norm.vmax]
    cluster = in_plane(plane, *(np.asarray(seen[k]) for k in "xyz"))
    branches = [orbit[orbit["rv_branch"] == b] for b in np.unique(orbit["rv_branch"])]
    stars = [in_plane(plane, *(np.asarray(one[k]) for k in "xyz")) for one in branches]
    sun = in_plane(plane, frame.r0, 0.0, frame.z_sun)
    places = np.hstack([cluster, *stars, np.reshape(sun, (2, 1))])
    low, high = places.min(axis=1), places.max(axis=1)
    half = (high - low) / 2
    half = 1.08 * (np.full(2, half.max()) if plane == "xy" else np.maximum(half, 0.05))
    middle = (low + high) / 2
    ax.set(xlabel=LABELS[plane][0], xlim=(middle[0] - half[0], middle[0] + half[0]))
    ax.set(ylabel=LABELS[plane][1], ylim=(middle[1] - half[1], middle[1] + half[1]))
    ax.set_box_aspect(1)
    if plane == "xy":
        angle = np.linspace(0, 2 * np.pi, 721)
        ax.plot(frame.r0 * np.cos(angle), frame.r0 * np.sin(angle), zorder=1.5, **CIRCLE)
    ax.plot(*cluster, zorder=2, **CLUSTER)
    dots = np.unique(np.linspace(0, len(seen) - 1, DOTS).astype(int))
    times = np.asarray(seen["look_back_time"])
    colours = TIME_COLOURS(norm(times[dots]))
    ax.scatter(*cluster[:, dots], s=14, c=colours, edgecolors="#D55E00", linewidths=0.7, zorder=3)
    ax.plot(*cluster[:, 0], zorder=4, **CLUSTER_TODAY)
    for branch, (one, star) in enumerate(zip(branches, stars)):
        times = np.asarray(one["look_back_time"])
        ax.add_collection(coloured(star, times, norm, 2 * half, branch), autolim=False)
        ax.plot(*star[:, -1], zorder=4 - 0.1 * branch, **BIRTH[branch], **BIRTH_EDGE)
    ax.plot(*stars[0][:, 0], zorder=5, **TODAY)
    ax.plot(*sun, zorder=4.5, **SUN)


def _draw_separations(ax, orbit, path, hits, radius, norm):
    """Closest approach of every draw, and the nominal separation against time."""
    ax.plot(hits["look_back_time"], hits["separation"], **DRAWS)
    for branch in np.unique(orbit["rv_branch"]):
        one = orbit[orbit["rv_branch"] == branch]
        apart = separation(one, path)
        known = np.isfinite(apart)
        line = np.array([np.asarray(one["look_back_time"])[known], apart[known]])
        size = np.array([np.ptp(line[0]), np.ptp(line[1])])
        lines = coloured(line, line[0], norm, size, branch)
        ax.add_collection(lines)
    ax.axhline(radius, **RADIUS)
    nearest = min(np.min(hits["separation"]), radius)
    ax.set(yscale="log", ylim=(0.5 * nearest, None), ylabel="separation [pc]")
    ax.set(xlabel="look-back time [Myr]", xlim=(-0.02 * hits["look_back_time"].max(), None))
    ax.set_box_aspect(1)


def separation(orbit, path):
    """Separation of a star's nominal orbit from a cluster's.

    Parameters
    ----------
    orbit : Table
        Table ``orbit``, one branch.
    path : Table
        Table ``cluster_path``.

    Returns
    -------
    ndarray, shape (m,)
        At the orbit's look-back times [pc]; NaN before the cluster was born.
    """
    times, known = np.asarray(orbit["look_back_time"]), np.asarray(path["look_back_time"])
    there = [np.interp(times, known, np.asarray(path[k]), right=np.nan) for k in "xyz"]
    here = [np.asarray(orbit[k]) for k in "xyz"]
    return 1000 * np.linalg.norm(np.subtract(here, there), axis=0)


def _handles(orbit, n_draws, radius):
    line = {"color": TIME_COLOURS(0.5)}
    entries = [("star today", {"linestyle": ""} | TODAY)]
    entries.append(("orbit of the star", line | {"linewidth": LINE_WIDTHS[0]}))
    entries.append(("its birthplace", BIRTH[0] | BIRTH_EDGE))
    if len(np.unique(orbit["rv_branch"])) > 1:
        thin = {"linewidth": LINE_WIDTHS[1], "linestyle": (0, (3, 2))}
        entries.append(("for the other radial velocity", line | thin))
        entries.append(("its birthplace", BIRTH[1] | BIRTH_EDGE))
    entries.append(("cluster today", CLUSTER_TODAY))
    entries.append(("orbit of the cluster", CLUSTER))
    entries.append(("Sun", {"linestyle": ""} | SUN))
    entries.append(("solar circle", CIRCLE))
    entries.append((f"closest approach of {n_draws} draws", DRAWS | {"markersize": 5}))
    entries.append((f"radius of an encounter, {radius:.0f} pc", RADIUS))
    return [Line2D([], [], label=label, **look) for label, look in entries]


def draw_encounters(encounters, n_stars, stand_in=""):
    """Probability of an encounter against that by chance, of all pairs.

    Parameters
    ----------
    encounters : Table
        Table ``encounters``.
    n_stars : int
        Stars held against the clusters.
    stand_in : str
        What the clusters are in place of the real ones.

    Returns
    -------
    Figure
        88 mm wide.
    """
    figure = style.new_figure(style.COLUMN, 92.0, stand_in)
    ax = figure.subplots()
    drawn = encounters[(encounters["p_encounter"] > 0) & (encounters["p_chance"] > 0)]
    x, y = np.asarray(drawn["p_chance"]), np.asarray(drawn["p_encounter"])
    handles = []
    for verdict, (marker, size, colour) in VERDICT_MARKS.items():
        these = np.asarray(drawn["verdict"]) == verdict
        look = {"linestyle": "", "marker": marker, "markersize": size, "color": colour}
        look |= {"markeredgewidth": 0.7 if marker == "x" else 0}
        ax.plot(x[these], y[these], zorder=3 if verdict == CANDIDATE else 2, **look)
        handles.append(Line2D([], [], label=f"{verdict} ({these.sum()})", **look))
    low = min([*x, *y, 1e-3]) / 2
    ax.plot([low, 1], [low, 1], color="#555555", linewidth=0.8)
    handles.append(Line2D([], [], color="#555555", linewidth=0.8, label="as by chance"))
    best = np.flatnonzero(np.asarray(drawn["verdict"]) == CANDIDATE)
    for i in best[np.argsort(np.asarray(drawn["q_value"])[best], kind="stable")][:NAMED]:
        name = f"{drawn['star'][i]}\n{drawn['cluster'][i]}"
        left = x[i] > np.sqrt(min(x) * max(x))
        look = {"textcoords": "offset points", "va": "center", "fontsize": 6}
        look |= {"xytext": (-6 if left else 6, 0), "ha": "right" if left else "left"}
        ax.annotate(name, (x[i], y[i]), **look)
    high = max([*x, 1e-2]) * 3
    ax.set(xscale="log", xlabel="probability by chance", xlim=(min([*x, 1e-3]) / 2, high))
    ax.set(yscale="log", ylabel="probability of an encounter", ylim=(min([*y, 1e-3]) / 2, 1.5))
    missing = len(encounters) - len(drawn)
    title = f"{len(drawn)} pairs of {n_stars} stars; {missing} left out, without an encounter"
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=2)
    return figure

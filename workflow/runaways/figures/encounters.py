"""Encounters with clusters: orbits of a pair (Figs. 6 and 7), and all pairs against chance."""

from textwrap import fill

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
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
    draw_path,
    in_plane,
)

# From purple to pink, which nothing of the star's orbit has; the broader line tells them apart too
CLUSTER_COLOURS = LinearSegmentedColormap.from_list(
    "look_back_time_of_cluster", colormaps["RdPu_r"](np.linspace(0, 0.65, 256))
)
CLUSTER_WIDTH = 3.2
CLUSTER_TODAY = {"marker": "s", "markersize": 5, "color": CLUSTER_COLOURS(0.0), "linestyle": ""}
DRAWS = {"linestyle": "", "marker": ".", "markersize": 2, "markeredgewidth": 0, "color": "#888888"}
RADIUS = {"color": "#555555", "linewidth": 0.8, "linestyle": (0, (6, 3))}
NEAR = 10.0  # radii of an encounter; where no draw comes so near, separations say no more
# Marker and colour: Okabe & Ito 2008, Color Universal Design; the shape alone tells them apart too
VERDICT_MARKS = {
    CANDIDATE: ("*", 9, "#D55E00"),
    CHANCE: ("o", 3, "#0072B2"),
    IMPOSSIBLE: ("x", 4, "#000000"),
}
ASKED = {"marker": "D", "markersize": 6.5, "markerfacecolor": "none", "linestyle": ""}
ASKED |= {"markeredgecolor": "#D55E00", "markeredgewidth": 1.0}
THRESHOLD = {"color": "#000000", "linewidth": 0.9, "linestyle": (0, (6, 3))}
EVEN = {"color": "#555555", "linewidth": 0.8, "linestyle": ":"}
REGION = {"color": "#EEEEEE", "linewidth": 0, "zorder": 0}
OVER = {"facecolor": "white", "linewidth": 0, "pad": 1.0}  # words on a line
NAMED = 5  # candidates whose names are written


def draw_pair(star, cluster, orbit, path, hits, found, frame, radius, notes=()):
    """Orbits of a star and of a cluster, and how near the star's draws come to it.

    Parameters
    ----------
    star : mapping
        ``star``, ``ra``, ``dec`` [deg].
    cluster : str
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
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide. Separations have a panel only if some draw comes within `NEAR` times the
        radius of an encounter.
    """
    radius = found["radius"] if found else radius
    traced = bool(len(orbit) and len(hits))
    near = traced and np.min(hits["separation"]) < NEAR * radius
    panels = 3 if near else 2
    figure = style.new_figure(style.PAGE, 88.0 if near else 112.0, notes)
    grid = figure.add_gridspec(2, 6, height_ratios=[1, 0.04])
    width = 6 // panels
    axes = [figure.add_subplot(grid[0, i * width : (i + 1) * width]) for i in range(panels)]
    handles = []
    if traced:
        norm = Normalize(0, orbit["look_back_time"].max())
        times = np.asarray(orbit["look_back_time"])[np.asarray(orbit["rv_branch"]) == 0]
        there = places_at(times, path)
        times, there = times[np.isfinite(there[0])], there[:, np.isfinite(there[0])]
        cluster_norm = Normalize(0, times.max() or norm.vmax)
        for ax, plane in zip(axes, ("xy", "rz")):
            _draw_orbits(ax, plane, orbit, times, there, (norm, cluster_norm), frame)
        if near:
            _draw_separations(axes[2], orbit, path, hits, radius, norm)
        bars = ("star", norm, TIME_COLOURS), ("cluster", cluster_norm, CLUSTER_COLOURS)
        for place, (whose, scale, colours) in zip((grid[1, :3], grid[1, 3:]), bars):
            look = {"orientation": "horizontal", "label": f"look-back time of the {whose} [Myr]"}
            figure.colorbar(ScalarMappable(scale, colours), figure.add_subplot(place), **look)
        handles = _handles(orbit, len(hits) if near else 0, radius)
    else:
        for ax, plane in zip(axes, ("xy", "rz")):
            ax.set(xlabel=LABELS[plane][0], ylabel=LABELS[plane][1], xticks=[], yticks=[])
            ax.set_box_aspect(1)
        axes[0].text(0.05, 0.5, "the star has no orbit", transform=axes[0].transAxes)
    verdict = f"{found['verdict']}, {found['why']}" if found else "no draw meets, P 0"
    title = fill(f"{star['star']} ({style.place(star)}) and {cluster}: {verdict}", 145)
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=4)
    return figure


def _draw_orbits(ax, plane, orbit, times, there, norms, frame):
    """The orbits of star and cluster; `there` are the cluster's places at `times`."""
    cluster = in_plane(plane, *there)
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
    line = coloured(cluster, times, norms[1], CLUSTER_COLOURS)
    line.set(linewidths=CLUSTER_WIDTH, zorder=2)
    ax.add_collection(line, autolim=False)
    ax.plot(*cluster[:, 0], zorder=4, **CLUSTER_TODAY)
    for branch, (one, star) in enumerate(zip(branches, stars)):
        draw_path(ax, star, np.asarray(one["look_back_time"]), norms[0], branch)
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
        size = np.array([np.ptp(line[0]), np.inf]) if branch else None
        lines = coloured(line, line[0], norm, TIME_COLOURS, size)
        lines.set(linewidths=LINE_WIDTHS[branch])
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
    here = [np.asarray(orbit[k]) for k in "xyz"]
    there = places_at(np.asarray(orbit["look_back_time"]), path)
    return 1000 * np.linalg.norm(np.subtract(here, there), axis=0)


def places_at(times, path):
    """Places of a cluster.

    Parameters
    ----------
    times : ndarray, shape (m,)
        Look-back times [Myr].
    path : Table
        Table ``cluster_path``.

    Returns
    -------
    ndarray, shape (3, m)
        [kpc]; NaN before the cluster was born.
    """
    known = np.asarray(path["look_back_time"])
    return np.array([np.interp(times, known, np.asarray(path[k]), right=np.nan) for k in "xyz"])


def _handles(orbit, n_draws, radius):
    line = {"color": TIME_COLOURS(0.2)}
    entries = [("star today", {"linestyle": ""} | TODAY)]
    entries.append(("orbit of the star", line | {"linewidth": LINE_WIDTHS[0]}))
    entries.append(("its birthplace", BIRTH[0] | BIRTH_EDGE))
    if len(np.unique(orbit["rv_branch"])) > 1:
        thin = {"linewidth": LINE_WIDTHS[1], "linestyle": (0, (3, 2))}
        entries.append(("for the other radial velocity", line | thin))
        entries.append(("its birthplace", BIRTH[1] | BIRTH_EDGE))
    entries.append(("cluster today", CLUSTER_TODAY))
    look = {"color": CLUSTER_COLOURS(0.5), "linewidth": CLUSTER_WIDTH}
    entries.append(("orbit of the cluster", look))
    entries.append(("Sun", {"linestyle": ""} | SUN))
    entries.append(("solar circle", CIRCLE))
    if n_draws:
        entries.append((f"closest approach of {n_draws} draws", DRAWS | {"markersize": 5}))
        entries.append((f"radius of an encounter, {radius:.0f} pc", RADIUS))
    return [Line2D([], [], label=label, **look) for label, look in entries]


def draw_encounters(encounters, n_stars, asked=(), fdr=0.05, p_encounter_min=0.05, notes=()):
    """Probability of an encounter against the evidence that it is none of chance, of all pairs.

    Parameters
    ----------
    encounters : Table
        Table ``encounters``.
    n_stars : int
        Stars held against the clusters.
    asked : sequence of (str, str)
        Star and cluster of pairs to mark, whether they meet or not.
    fdr, p_encounter_min : float
        As of `verdicts.Thresholds`.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        88 mm wide. A first candidate needs an evidence of n_stars / fdr (`verdicts`), a second
        half of it, and so on.
    """
    figure = style.new_figure(style.COLUMN, 96.0, notes)
    ax = figure.subplots()
    drawn = encounters[(encounters["p_encounter"] > 0) & (encounters["evidence"] > 0)]
    x, y = np.asarray(drawn["evidence"], float), np.asarray(drawn["p_encounter"], float)
    handles = []
    for verdict, (marker, size, colour) in VERDICT_MARKS.items():
        these = np.asarray(drawn["verdict"]) == verdict
        look = {"linestyle": "", "marker": marker, "markersize": size, "color": colour}
        look |= {"markeredgewidth": 0.7 if marker == "x" else 0}
        ax.plot(x[these], y[these], zorder=3 if verdict == CANDIDATE else 2, **look)
        handles.append(Line2D([], [], label=f"{verdict} ({these.sum()})", **look))
    needed = max(n_stars, 1) / fdr
    low, high = min([*x, 0.1]) / 2, max([*x, needed]) * 5
    bottom = min([*y, 1e-3]) / 2
    ax.set(xscale="log", xlim=(low, high), yscale="log", ylim=(bottom, 1.5))
    ax.set(xlabel="evidence against chance", ylabel="probability of an encounter")
    ax.fill_between([needed, high], p_encounter_min, 1.5, **REGION)
    ax.axvline(1.0, **EVEN)
    ax.axvline(needed, **THRESHOLD)
    ax.axhline(p_encounter_min, **THRESHOLD)
    _name_candidates(ax, drawn, x, y)
    handles.append(Line2D([], [], label="as by chance", **EVEN))
    least = f"a candidate's least: {needed:.3g}, {p_encounter_min:g}"
    handles.append(Line2D([], [], label=least, **THRESHOLD))
    if _mark_asked(ax, encounters, asked):
        handles.append(Line2D([], [], label="pair asked for", **ASKED))
    missing = len(encounters) - len(drawn)
    title = f"{len(drawn)} pairs of {n_stars} stars; {missing} left out, without an encounter"
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=2)
    return figure


def _name_candidates(ax, drawn, x, y):
    best = np.flatnonzero(np.asarray(drawn["verdict"]) == CANDIDATE)
    for i in best[np.argsort(np.asarray(drawn["q_value"])[best], kind="stable")][:NAMED]:
        look = {"textcoords": "offset points", "va": "center", "fontsize": 6, "bbox": OVER}
        name = f"{drawn['star'][i]}\n{drawn['cluster'][i]}"
        ax.annotate(name, (x[i], y[i]), xytext=(-6, 0), ha="right", **look)


def _mark_asked(ax, encounters, asked):
    """A mark at each pair asked for, and their number; those that never meet are listed."""
    unmet = []
    for star, cluster in asked:
        found = encounters[(encounters["star"] == star) & (encounters["cluster"] == cluster)]
        if len(found) and found["evidence"][0] > 0:
            ax.plot(found["evidence"][0], found["p_encounter"][0], zorder=4, **ASKED)
        else:
            nearest = f", {found['closest'][0]:.0f} pc at the nearest" if len(found) else ""
            unmet.append(f"{star}, {cluster}{nearest}")
    if unmet:
        text = "\n".join(["asked for; no draw meets:", *unmet])
        look = {"ha": "left", "va": "top", "fontsize": 6, "linespacing": 1.3, "bbox": OVER}
        ax.text(0.03, 0.97, text, transform=ax.transAxes, **look)
    return len(asked) - len(unmet)

"""Named hypotheses: where and when two bodies parted, or one left its cluster."""

from textwrap import fill

import numpy as np
from matplotlib.lines import Line2D

from runaways.figures.ejections import TITLE_WIDTH, draw_around, three_panels
from runaways.figures.orbits import LABELS, in_plane

# Okabe & Ito 2008, Color Universal Design; dashes and markers tell them apart too
FIRST = {"color": "#0072B2", "linestyle": "-", "linewidth": 1.1, "zorder": 3}
SECOND = {"color": "#D55E00", "linestyle": (0, (5, 1.5)), "linewidth": 1.1, "zorder": 3.1}
CLUSTER = {"color": "#CC79A7", "linestyle": (0, (1, 1)), "linewidth": 1.6, "zorder": 2.9}
TODAY = {"first": ("o", 4.5), "second": ("s", 4.2), "cluster": ("^", 5.0)}
SITES = {"marker": ".", "markersize": 3.5, "color": "#777777", "linestyle": ""}
MEDIAN = {"color": "black", "linewidth": 1.0}
LIMIT = {"color": "black", "linewidth": 0.8, "linestyle": ":"}
BINS = 40
SHOWN = 0.95  # of the draws, the latest


def draw_bodies(pair, orbits, path, sites, frame, notes=()):
    """Where and when the bodies of a named hypothesis were in one place.

    Parameters
    ----------
    pair : Row
        Of table ``pairs``.
    orbits : Table
        Rows of table ``orbit`` of its one or two stars; of a star whose radial velocity is not
        known there are none.
    path : Table
        Table ``cluster_path``; without rows where no cluster is named.
    sites : Table
        Table ``pair_sites``.
    frame : frames.Frame
        The Sun's place.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide: X-Y and R-Z with nominal orbits and draws of the place, and the look-back
        time; the earliest 5 % of the draws are left out.
    """
    title = fill(f"{pair['pair']}: {pair['why']}", TITLE_WIDTH)
    figure, axes = three_panels(title, notes)
    times = np.asarray(sites["look_back_time"])
    # the earliest few would shrink all the others to a point
    end = 1.1 * np.quantile(times, SHOWN) if len(times) else np.inf
    sites = sites[times <= end]
    lines = _lines(pair, orbits, path, end)
    for ax, plane in zip(axes, ("xy", "rz")):
        _draw_places(ax, plane, lines, sites, frame)
    _draw_times(axes[2], pair, np.asarray(sites["look_back_time"]))
    handles = _handles(pair, lines, len(sites) > 0)
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=4)
    return figure


def _lines(pair, orbits, path, end):
    """(who, name, look, orbits of shape (m,) in time) of every body that has a nominal orbit."""
    bodies = [("first", pair["first"], FIRST), ("second", pair["second"], SECOND)]
    found = []
    for who, name, look in bodies:
        mine = orbits[(orbits["star"] == name) & (orbits["look_back_time"] <= end)]
        branches = [mine[mine["rv_branch"] == branch] for branch in np.unique(mine["rv_branch"])]
        if name and branches:
            found.append((who, str(name), look, branches))
    one = path[: np.searchsorted(path["look_back_time"], end) + 1]
    if len(one):
        found.append(("cluster", str(pair["cluster"]), CLUSTER, [one]))
    return found


def _handles(pair, lines, some):
    handles = []
    drawn = [name for _, name, _, _ in lines]
    for who, name, look, _ in lines:
        marker, size = TODAY[who]
        handles.append(Line2D([], [], **look, marker=marker, markersize=size, label=name))
    for name in (pair["first"], pair["second"], pair["cluster"]):
        if name and name not in drawn:
            label = f"{name}: no nominal orbit"
            handles.append(Line2D([], [], linestyle="", marker="", label=label))
    if some:
        handles.append(Line2D([], [], **SITES, label="draws of the place"))
    return handles


def _draw_places(ax, plane, lines, sites, frame):
    ax.set(xlabel=LABELS[plane][0], ylabel=LABELS[plane][1])
    places = in_plane(plane, *(np.asarray(sites[f"{k}_ejection"]) for k in "xyz"))
    shown = [places]
    for who, _, look, orbits in lines:
        for orbit in orbits:
            path = in_plane(plane, *(np.asarray(orbit[k]) for k in "xyz"))
            ax.plot(*path, **look)
            shown.append(path[:, np.isfinite(path).all(axis=0)])
        marker, size = TODAY[who]
        today = path[:, 0]
        ax.plot(*today, marker=marker, markersize=size, color=look["color"], zorder=5)
    ax.plot(*places, zorder=2.5, **SITES)
    shown = np.hstack(shown)
    if not shown.size:
        ax.set(xticks=[], yticks=[])
        return
    draw_around(ax, plane, shown, frame)


def _draw_times(ax, pair, times):
    """Posterior density of the look-back time, with its median and 15.9 and 84.1 %."""
    ax.set(xlabel="look-back time [Myr]", ylabel="probability density [Myr$^{-1}$]")
    if not len(times):
        ax.set(xticks=[], yticks=[])
        return
    ax.hist(times, BINS, density=True, color=SITES["color"], alpha=0.6)
    ax.axvline(pair["t_ejection"], **MEDIAN)
    for end in ("lower", "upper"):
        ax.axvline(pair[f"t_ejection_{end}"], **LIMIT)

"""Ejections: where and when one star left its source, and the sources of all stars."""

from textwrap import fill

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from runaways.ejections.verdicts import (
    CENTRE,
    CLUSTER,
    CLUSTERS,
    FIELD,
    NO_RESULT,
    NOT_EJECTED,
    OPEN,
)
from runaways.figures import style
from runaways.figures.orbits import CIRCLE, LABELS, SUN, TODAY, in_plane
from runaways.frames import MYR_PER_KPC_KM_S, galactic

# Okabe & Ito 2008, Color Universal Design; hatching and marker tell them apart too
OTHER = "other clusters"
SOURCES = {
    CLUSTER: ("#D55E00", ""),
    OTHER: ("#E69F00", "////"),
    FIELD: ("#0072B2", ""),
    CENTRE: ("#000000", "...."),
}
MARKS = {
    CLUSTER: ("*", 9, "#D55E00"),
    CLUSTERS: ("P", 5.5, "#E69F00"),
    FIELD: ("o", 3.5, "#0072B2"),
    CENTRE: ("s", 4, "#000000"),
    OPEN: ("D", 3.5, "#CC79A7"),
    NOT_EJECTED: ("x", 4, "#555555"),
    NO_RESULT: ("+", 5, "#999999"),
}
ORBIT = {"color": "#555555", "linewidth": 0.9, "zorder": 2}
SITES = {"s": 5, "linewidths": 0, "alpha": 0.45, "zorder": 3}
HOST = {"marker": "o", "markersize": 5, "markerfacecolor": "none", "color": "#D55E00", "zorder": 5}
SKY_ROOM = 6.0  # deg, around the stars
BINS = 40
SHOWN = 0.95  # of the draws, the latest
TITLE_WIDTH = 115  # letters
PANELS, LINE = 60.5, 5.0  # mm: three panels with their labels, a line above
NAMED = 6  # stars with a cluster whose names are written


def draw_ejection(ejection, orbit, sites, frame, notes=()):
    """Where and when one star was ejected, by source.

    Parameters
    ----------
    ejection : Row
        Of table ``ejections``.
    orbit : Table
        Rows of table ``orbit`` of this star.
    sites : Table
        Rows of table ``ejection_sites`` of this star.
    frame : frames.Frame
        The Sun's place.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide: X-Y and R-Z with the posterior of the place, and the look-back time; the
        earliest 5 % of the draws are left out.
    """
    title = fill(f"{ejection['star']}: {ejection['why']}", TITLE_WIDTH)
    figure, axes = three_panels(title, notes)
    # the earliest few would shrink all the others to a point
    end = 1.1 * np.quantile(sites["look_back_time"], SHOWN) if len(sites) else 0.0
    sites = sites[sites["look_back_time"] <= end]
    kinds = kinds_of(sites, ejection["cluster"])
    for ax, plane in zip(axes, ("xy", "rz")):
        _draw_sites(ax, plane, orbit[orbit["look_back_time"] <= end], sites, kinds, frame)
    _draw_times(axes[2], sites, kinds)
    handles = [_patch(kind, ejection) for kind in SOURCES if (kinds == kind).any()]
    if handles:
        handles.append(Line2D([], [], **ORBIT, label="nominal orbit"))
        handles.append(Line2D([], [], linestyle="", **TODAY, label="today"))
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=6)
    return figure


def three_panels(title, notes=()):
    """A figure of three square panels below the lines of a title and one row of a legend.

    Parameters
    ----------
    title : str
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide, as high as the title needs.
    ndarray of Axes, shape (3,)
    """
    height = PANELS + LINE * (title.count("\n") + 2)
    figure = style.new_figure(style.PAGE, height, notes)
    axes = figure.subplots(1, 3)
    for ax in axes:
        ax.set_box_aspect(1)
        # what the layout leaves over is below, not between panels and legend
        ax.set_anchor("N")
    return figure, axes


def kinds_of(sites, cluster):
    """Key of `SOURCES` of each draw.

    Parameters
    ----------
    sites : Table, n rows
        Table ``ejection_sites``.
    cluster : str
        The likeliest.

    Returns
    -------
    ndarray of str, shape (n,)
    """
    kinds = np.asarray(sites["source_kind"]).astype("U20")
    others = (kinds == CLUSTER) & (np.asarray(sites["source_of_ejection"]) != cluster)
    return np.where(others, OTHER, kinds)


def _patch(kind, ejection):
    p = {CLUSTER: "p_cluster_best", FIELD: "p_field", CENTRE: "p_centre"}
    value = ejection[p[kind]] if kind in p else ejection["p_cluster"] - ejection["p_cluster_best"]
    name = {CLUSTER: ejection["cluster"], FIELD: "the disk elsewhere", CENTRE: "the centre"}
    colour, hatch = SOURCES[kind]
    label = f"{name.get(kind, kind)}, {value:.2f}"
    return Patch(facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0, label=label)


def _draw_sites(ax, plane, orbit, sites, kinds, frame):
    ax.set(xlabel=LABELS[plane][0], ylabel=LABELS[plane][1])
    if not len(sites):
        ax.set(xticks=[], yticks=[])
        return
    places = in_plane(plane, *(np.asarray(sites[f"{k}_ejection"]) for k in "xyz"))
    sun = in_plane(plane, frame.r0, 0.0, frame.z_sun)
    shown = [places, np.reshape(sun, (2, 1))]
    for branch in np.unique(orbit["rv_branch"]):
        one = orbit[orbit["rv_branch"] == branch]
        path = in_plane(plane, *(np.asarray(one[k]) for k in "xyz"))
        ax.plot(*path, **ORBIT)
        shown.append(path)
        if not branch:
            ax.plot(*path[:, 0], zorder=5, **TODAY)
    for kind, (colour, _) in reversed(SOURCES.items()):
        ax.scatter(*places[:, kinds == kind], color=colour, **SITES)
    draw_around(ax, plane, np.hstack(shown), frame)


def draw_around(ax, plane, shown, frame):
    """The Sun and its circle, and limits around what is shown.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    plane : str
        ``xy`` or ``rz``.
    shown : ndarray, shape (2, n)
        Places in that plane [kpc].
    frame : frames.Frame
    """
    if plane == "xy":
        angle = np.linspace(0, 2 * np.pi, 721)
        ax.plot(frame.r0 * np.cos(angle), frame.r0 * np.sin(angle), zorder=1.5, **CIRCLE)
    ax.plot(*in_plane(plane, frame.r0, 0.0, frame.z_sun), zorder=4.5, **SUN)
    low, high = shown.min(axis=1), shown.max(axis=1)
    half = 0.55 * (high - low)
    half = np.full(2, half.max()) if plane == "xy" else np.maximum(half, 0.05)
    middle = (low + high) / 2
    ax.set(xlim=(middle[0] - half[0], middle[0] + half[0]))
    ax.set(ylim=(middle[1] - half[1], middle[1] + half[1]))


def _draw_times(ax, sites, kinds):
    """Posterior density of the look-back time, given ejection, by source."""
    ax.set(xlabel="look-back time of the ejection [Myr]", ylabel="probability density [Myr$^{-1}$]")
    if not len(sites):
        ax.set(xticks=[], yticks=[])
        return
    times = np.asarray(sites["look_back_time"])
    edges = np.linspace(times.min(), times.max(), BINS + 1)
    drawn = [kind for kind in SOURCES if (kinds == kind).any()]
    share = 1 / len(times) / (edges[1] - edges[0])
    _, _, bars = ax.hist(
        [times[kinds == kind] for kind in drawn],
        edges,
        weights=[np.full((kinds == kind).sum(), share) for kind in drawn],
        stacked=True,
        color=[SOURCES[kind][0] for kind in drawn],
    )
    for kind, bar in zip(drawn, bars if len(drawn) > 1 else [bars]):
        for patch in bar:
            patch.set(hatch=SOURCES[kind][1], edgecolor="white", linewidth=0)
    ax.set(xlim=(0, None))


def draw_sources(ejections, catalogue, clusters, frame, notes=()):
    """Where all stars come from: on the sky, and in the disk as it is turned today.

    Parameters
    ----------
    ejections : Table
        Table ``ejections``.
    catalogue : Table
        Table ``catalogue``, of the same stars in the same order.
    clusters : Table
        Table ``clusters``.
    frame : frames.Frame
        The Sun's place, and the rotation that turns places of ejection to today.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide. Arrows run from the source to the star: on the sky from the likeliest cluster
        where it has more than half, in the disk from where the star left.
    """
    figure = style.new_figure(style.PAGE, 96.0, notes)
    sky, disk = figure.subplots(1, 2, width_ratios=(1.25, 1))
    verdicts = np.asarray(ejections["verdict"]).astype(str)
    _draw_sky(sky, ejections, catalogue, clusters, verdicts)
    _draw_disk(disk, ejections, catalogue, frame, verdicts)
    handles = [
        Line2D([], [], linestyle="", marker=m, markersize=s, color=c, label=_counted(v, verdicts))
        for v, (m, s, c) in MARKS.items()
        if (verdicts == v).any()
    ]
    if (verdicts == CLUSTER).any():
        handles.append(Line2D([], [], linestyle="", **HOST, label="its cluster"))
    handles.append(Line2D([], [], linestyle="", **SUN, label="Sun"))
    figure.legend(
        handles=handles, title="source of the ejection", loc="outside upper center", ncols=4
    )
    return figure


def _counted(verdict, verdicts):
    words = {
        CLUSTER: "one cluster",
        CLUSTERS: "a cluster, which is open",
        FIELD: "the disk elsewhere",
    }
    words |= {CENTRE: "the Galactic centre"}
    return f"{words.get(verdict, verdict)} ({(verdicts == verdict).sum()})"


def _mark(ax, x, y, verdicts):
    for verdict, (marker, size, colour) in MARKS.items():
        some = verdicts == verdict
        look = {"linestyle": "", "marker": marker, "markersize": size, "color": colour}
        ax.plot(x[some], y[some], zorder=4, **look)


def _degrees(places):
    lon, lat = galactic(np.asarray(places["ra"], float), np.asarray(places["dec"], float))
    return np.array([np.degrees(lon), np.degrees(lat)])


def _draw_sky(ax, ejections, catalogue, clusters, verdicts):
    """The part of the sky with the stars, in its middle; the likeliest clusters of some."""
    from_one = np.flatnonzero(verdicts == CLUSTER)
    rows = {str(name): i for i, name in enumerate(clusters["name"])}
    left = [rows[str(ejections["cluster"][i])] for i in from_one]
    stars, hosts = _degrees(catalogue), _degrees(clusters[left])
    # of a cut through the stars an axis of longitude would be all gap
    middle = np.round(np.degrees(np.angle(np.exp(1j * np.radians(stars[0])).sum())) / 30) * 30
    for places in (stars, hosts):
        places[0] = middle + (places[0] - middle + 180) % 360 - 180
    _mark(ax, *stars, verdicts)
    for i, host, row in zip(from_one, hosts.T, left):
        if abs(host[0] - stars[0, i]) < 180:  # an arrow over the edge of the map would cross it all
            _arrow(ax, host, stars[:, i])
        ax.plot(*host, **HOST)
        if len(from_one) <= NAMED:
            look = {"ha": "center", "va": "bottom", "fontsize": 6, "zorder": 6}
            ax.annotate(clusters["name"][row], host, (0, 4), textcoords="offset points", **look)
    ax.axhline(0, **CIRCLE)
    shown = np.hstack([stars, hosts, [[middle] * 2, [-10, 10]]])
    low, high = shown.min(axis=1) - SKY_ROOM, shown.max(axis=1) + SKY_ROOM
    ax.set(xlim=(high[0], low[0]), ylim=(max(low[1], -90), min(high[1], 90)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value % 360:g}"))
    ax.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 2, 3, 6, 10]))
    ax.set(xlabel="Galactic longitude [deg]", ylabel="Galactic latitude [deg]")


def _draw_disk(ax, ejections, catalogue, frame, verdicts):
    known = ~np.isin(verdicts, (NOT_EJECTED, NO_RESULT))
    known &= np.isfinite(ejections["x_ejection"])
    x, y = np.asarray(catalogue["x"]), np.asarray(catalogue["y"])
    _mark(ax, x, y, verdicts)
    radius = np.hypot(ejections["x_ejection"], ejections["y_ejection"])
    turn = frame.v_circ / radius / MYR_PER_KPC_KM_S * ejections["t_ejection"]
    angle = np.arctan2(ejections["y_ejection"], ejections["x_ejection"]) + turn
    left = np.array([radius * np.cos(angle), radius * np.sin(angle)])
    for i in np.flatnonzero(known):
        _arrow(ax, left[:, i], (x[i], y[i]))
    around = np.linspace(0, 2 * np.pi, 721)
    ax.plot(frame.r0 * np.cos(around), frame.r0 * np.sin(around), **CIRCLE)
    ax.plot(frame.r0, 0, zorder=4.5, **SUN)
    shown = np.hstack([left[:, known], [x, y]])
    shown = shown[:, np.isfinite(shown).all(axis=0)]
    if shown.size:
        middle = (shown.min(axis=1) + shown.max(axis=1)) / 2
        half = 0.55 * max(np.ptp(shown, axis=1).max(), 1.0)
        ax.set(xlim=(middle[0] - half, middle[0] + half), ylim=(middle[1] - half, middle[1] + half))
    ax.set(xlabel="$X$ [kpc]", ylabel="$Y$ [kpc], the disk as it is turned today")
    ax.set_box_aspect(1)


def _arrow(ax, start, end):
    look = {"arrowstyle": "->", "color": "#555555", "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2}
    ax.annotate("", end, start, arrowprops=look, zorder=3)

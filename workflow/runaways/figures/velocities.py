"""The sample: parallax against magnitude (Fig. 1), distributions of velocity with their fits."""

import numpy as np
from matplotlib import ticker
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from runaways.figures.style import COLUMN, new_figure
from runaways.selection.population import LEFT_IN, SPACE, TAKEN_OUT, TANGENTIAL, fit_of
from runaways.tables import column

# Okabe & Ito 2008, Color Universal Design; the marks differ too
RUNAWAY = {"marker": "o", "color": "#0072B2", "label": "runaway"}
OTHER = {"marker": ".", "color": "#888888", "label": "below the thresholds"}
BHB = {"marker": "x", "color": "#D55E00", "label": "horizontal branch"}
FAILED_GATE = {"marker": "s", "markersize": 6, "markerfacecolor": "none", "color": "#CC79A7"}
FAILED_GATE |= {"label": "fails a gate of quality"}
BARS = {"fmt": "none", "ecolor": "#BBBBBB", "elinewidth": 0.6, "zorder": 1}
# More stars than this are drawn without bars, and as pixels in the PDF
MANY = 500
NO_G = "neither the list nor figures.figure_1 has it"
COLOUR_OF_ERRORS = {LEFT_IN: "#0072B2", TAKEN_OUT: "#D55E00"}
CORE = {"linewidth": 1.0, "linestyle": "-"}
TAIL = {"linewidth": 0.8, "linestyle": ":"}
THRESHOLD = {"color": "#000000", "linewidth": 0.9, "linestyle": (0, (6, 3))}
# Bins in a threshold, and the most of them up to the fastest star
FINE, BINS = 15, 240
SYMBOLS = {SPACE: r"$V_\mathrm{Sp}$", TANGENTIAL: r"$V_\mathrm{tan}$"}
COLUMNS = {SPACE: "v_sp", TANGENTIAL: "v_tan"}


def draw_parallaxes(catalogue, notes=()):
    """Parallax against G, and the parallaxes of stars without a magnitude (Fig. 1).

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``, with ``phot_g_mean_mag`` [mag] where it is known.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        88 mm wide.
    """
    drawn = catalogue[np.isfinite(catalogue["parallax"])]
    g = column(drawn, "phot_g_mean_mag")
    with_g, without = drawn[np.isfinite(g)], drawn[~np.isfinite(g)]
    figure = new_figure(COLUMN, 80.0, notes)
    widths = [3.0 * bool(len(with_g)), 1.0 * bool(len(without) or not len(drawn))]
    axes = figure.subplots(
        1, sum(w > 0 for w in widths), sharey=True, width_ratios=[w for w in widths if w]
    )
    axes = list(np.atleast_1d(axes))
    axes[0].set_ylabel("parallax [mas]")
    handles = []
    if len(with_g):
        handles = _scatter(axes[0], with_g, g[np.isfinite(g)])
        axes[0].set_xlabel("$G$ [mag]")
    if widths[1]:
        _without_magnitude(axes[-1], without, beside=bool(len(with_g)))
    missing = len(catalogue) - len(drawn)
    title = f"{len(drawn)} stars; {missing} left out, without a parallax"
    title += f"\n{len(without)} without $G$: {NO_G}" if len(without) else ""
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=2)
    return figure


def _scatter(ax, stars, g):
    y = np.asarray(stars["parallax"], float)
    if len(stars) <= MANY:
        ax.errorbar(g, y, yerr=np.asarray(stars["parallax_error"], float), **BARS)
    handles = []
    bhb, runaway = (np.asarray(stars[name]) for name in ("is_bhb", "is_runaway"))
    groups = (OTHER, ~runaway & ~bhb), (RUNAWAY, runaway & ~bhb), (BHB, bhb)
    for look, these in (*groups, (FAILED_GATE, ~np.asarray(stars["passes_quality"]))):
        if these.any():
            style = look | {"label": f"{look['label']} ({these.sum()})", "linestyle": ""}
            if len(stars) > MANY:
                style |= {"rasterized": True, "markersize": look.get("markersize", 3) / 1.5}
            handles += ax.plot(g[these], y[these], **style)
    ax.axhline(0, color="#555555", linewidth=0.5)
    return handles


def _without_magnitude(ax, stars, beside):
    parallax = np.asarray(stars["parallax"], float)
    ax.hist(parallax, bins="auto", orientation="horizontal", color="#BBBBBB", edgecolor="#555555")
    ax.set_xlabel("stars\nwithout $G$" if beside else "number of stars per bin")


def draw_velocities(catalogue, fits, thresholds, notes=()):
    """Distributions of the peculiar velocities, their fits and thresholds.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.
    fits : Table
        Table ``velocity_fits``; may be empty.
    thresholds : dict
        ``space`` and ``tangential`` [km/s].
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        88 mm wide.
    """
    usable = np.asarray(catalogue["passes_quality"] & ~catalogue["is_bhb"])
    figure = new_figure(COLUMN, 132.0, notes)
    axes = figure.subplots(2, 1)
    for ax, letter, velocity in zip(axes, "ab", (SPACE, TANGENTIAL)):
        speed = np.asarray(catalogue[COLUMNS[velocity]], float)[usable]
        mine = fits[fits["velocity"] == velocity] if len(fits) else []
        _draw_distribution(ax, speed[np.isfinite(speed)], mine, thresholds[velocity])
        ax.set_title(f"({letter})", loc="left")
        ax.set_xlabel(f"{SYMBOLS[velocity]} [km s$^{{-1}}$]")
        ax.set_ylabel("stars per bin")
    handles = [Patch(facecolor="#DDDDDD", edgecolor="#888888", label="stars")]
    handles.append(Line2D([], [], label="threshold", **THRESHOLD))
    for errors, words in ((LEFT_IN, "errors left in"), (TAKEN_OUT, "errors taken out")):
        if len(fits):
            colour = COLOUR_OF_ERRORS[errors]
            handles.append(Line2D([], [], color=colour, label=f"core, {words}", **CORE))
            handles.append(Line2D([], [], color=colour, label=f"tail, {words}", **TAIL))
    title = f"{usable.sum()} stars; {np.sum(~usable)} left out, horizontal branch or quality"
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=2)
    return figure


def _draw_distribution(ax, speed, fits, threshold):
    # to the fastest star: the tail is what the figure is for
    end = max(2.0 * threshold, 1.02 * speed.max(initial=0.0))
    counts, edges = np.histogram(speed, min(BINS, round(FINE * end / threshold)), (0.0, end))
    ax.set(xlim=(0.0, end), ylim=(0.5, max(10.0, 4.0 * counts.max(initial=1))))
    ax.set_yscale("log")
    look = {"facecolor": "#DDDDDD", "edgecolor": "#888888", "linewidth": 0.4}
    ax.stairs(counts, edges, fill=True, **look)
    ax.axvline(threshold, **THRESHOLD)
    x = np.linspace(0.0, end, 801)
    for row in fits:
        colour = COLOUR_OF_ERRORS[str(row["errors"])]
        for part, style in zip(fit_of(row).density(x), (CORE, TAIL)):
            ax.plot(x, len(speed) * part * (edges[1] - edges[0]), color=colour, **style)
    ax.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    text = f"{np.sum(speed > threshold)} above {threshold:.1f} km s$^{{-1}}$"
    look = {"ha": "right", "va": "top", "fontsize": 7}
    ax.text(0.97, 0.95, text, transform=ax.transAxes, **look)

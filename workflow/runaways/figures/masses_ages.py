"""The grid of stellar tracks with the stars on it (Fig. 3), and our masses and ages."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from runaways.figures import style
from runaways.tables import column

# Okabe & Ito 2008, Color Universal Design
INSIDE, OUTSIDE = "#0072B2", "#D55E00"
MOST_MODELS = 20_000  # model stars drawn; more hide each other
TICKS = np.outer(10.0 ** np.arange(-2, 5), [1, 2, 5]).ravel()
CENTRED = {"ha": "center", "va": "center"}
MASS_COLOURS = colormaps["viridis_r"]
WHITE = 0.6  # in the colours of the grid, that stars stand out from it
PALE = ListedColormap(WHITE + (1 - WHITE) * MASS_COLOURS(np.linspace(0, 1, 256))[:, :3])
MARK = {"linestyle": "", "color": "k", "markerfacecolor": MASS_COLOURS(0.5)}
MODEL = {"linestyle": "", "marker": ".", "color": PALE(0.5), "markersize": 5}
TEFF_TICKS = (7000, 10_000, 15_000, 20_000, 30_000, 45_000)


def draw_grid(tracks, catalogue, notes=()):
    """Training grid and stars in log g against Teff, both coloured by mass (Fig. 3).

    Parameters
    ----------
    tracks : Table
        Table ``tracks``, cut to the training grid.
    catalogue : Table
        Table ``catalogue``; stars have the colour of ``mass_predicted``.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        88 mm wide. Stars without a predicted mass are white.
    """
    figure = style.new_figure(style.COLUMN, 88.0, notes)
    ax = figure.subplots()
    shown = tracks[:: max(1, len(tracks) // MOST_MODELS)]
    shown = shown[np.argsort(shown["mass"], kind="stable")]
    norm = LogNorm(max(1.0, shown["mass"].min()), min(80.0, shown["mass"].max()))
    look = {"s": 1.5, "linewidths": 0, "cmap": PALE, "norm": norm, "rasterized": True}
    ax.scatter(shown["teff"], shown["logg"], c=shown["mass"], **look)
    catalogue = catalogue[np.isfinite(catalogue["teff"])]
    inside = np.asarray(catalogue["inside_grid"], bool)
    mass = column(catalogue, "mass_predicted")
    for these, marker in ((inside, "o"), (~inside, "^")):
        look = {"s": 22, "marker": marker, "edgecolors": "k", "linewidths": 0.7, "zorder": 3}
        place = catalogue["teff"][these], catalogue["logg"][these]
        ax.scatter(*place, facecolors="white", **look)
        dots = ax.scatter(*place, c=mass[these], cmap=MASS_COLOURS, norm=norm, **look)
    ax.set(xscale="log", xlabel=r"$T_\mathrm{eff}$ [K]", ylabel=r"$\log\,g$ [dex(cm s$^{-2}$)]")
    ax.set_xticks(TEFF_TICKS, [f"{teff}" for teff in TEFF_TICKS])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(1.05 * np.nanmax([*tracks["teff"], *catalogue["teff"]]), 6600)
    ax.invert_yaxis()
    bar = figure.colorbar(dots, ax=ax, label=r"mass predicted, or of the model star [$M_\odot$]")
    bar.ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    bar.ax.yaxis.set_major_formatter(ScalarFormatter())
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
    handles = [
        Line2D([], [], **MARK, marker="o", label=f"star inside the grid ({inside.sum()})"),
        Line2D([], [], **MARK, marker="^", label=f"outside ({(~inside).sum()})"),
        Line2D([], [], **MODEL, label="model star, in paler colours"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure


def draw_masses_ages(catalogue, printed, notes=()):
    """Our mass and age against the list's.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.
    printed : Table
        Table ``stars`` of the same stars, with ``mass`` and ``age``.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide.
    """
    figure = style.new_figure(style.PAGE, 92.0, notes)
    flag = "inside_grid_published"
    inside = np.asarray(catalogue[flag if flag in catalogue.colnames else "inside_grid"], bool)
    axes = figure.subplots(1, 2)
    for ax, name, unit in zip(axes, ("mass", "age"), (r"$M_\odot$", "Myr")):
        ours = np.asarray(catalogue[f"{name}_predicted"], float)
        low, high = (
            np.asarray(catalogue[f"{name}_predicted_{end}"], float) for end in ("lower", "upper")
        )
        theirs = column(printed, name)
        both = np.isfinite(ours + theirs)
        if not both.any():
            ax.text(0.5, 0.5, f"no star with a {name}\nin the list and from labels", **CENTRED)
            ax.set_axis_off()
            continue
        for these, marker, colour in ((inside, "o", INSIDE), (~inside, "^", OUTSIDE)):
            face = colour if marker == "o" else "white"
            bars = np.clip([ours - low, high - ours], 0, None)[:, these]
            look = {"ecolor": "#BBBBBB", "elinewidth": 0.6, "markerfacecolor": face}
            ax.errorbar(theirs[these], ours[these], bars, fmt=marker, color=colour, **look)
        ends = np.array([theirs[both], low[both], high[both]])
        ends = np.array([ends.min() / 1.2, ends.max() * 1.2])
        ax.plot(ends, ends, color="#555555", linewidth=0.8, zorder=1)
        ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
        ax.set(xlabel=f"{name} in the list [{unit}]", ylabel=f"{name} from the labels [{unit}]")
        ticks = TICKS[(TICKS > ends[0]) & (TICKS < ends[1])]
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
            axis.set_minor_formatter(NullFormatter())
    handles = [
        Line2D([], [], linestyle="", marker="o", color=INSIDE, label="flagged inside the grid"),
        Line2D([], [], linestyle="", marker="^", color=OUTSIDE, markerfacecolor="white",
               label="flagged outside"),
        Line2D([], [], color="#555555", linewidth=0.8, label="equal"),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure

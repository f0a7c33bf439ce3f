"""Orbits and birthplaces of stars, in X-Y and R-Z (Figs. 4 and 5)."""

from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from runaways.figures import contours, style

FRACTIONS = (0.95, 0.68)
# Births in red, as in the paper; times from blue to yellow, so that no green is beside the red
SHADES = ("#F9DFDA", "#EFB3A9")
CONTOUR, RED = "#A32C1C", "#D3301A"
# cividis without its yellow end, which is faint on white
TIME_COLOURS = LinearSegmentedColormap.from_list(
    "look_back_time", colormaps["cividis"](np.linspace(0, 0.92, 256))
)
# The orbit for rv, and that for rv_alternative where only a sign is unknown: dashes along a white
# gap, so that they show where both run in one place
LINE_WIDTHS, GAP = (2.2, 0.8), 1.2
DASHES = 40  # in an orbit as long as a panel is wide
PIECES = 250  # of one colour, in an orbit
# Layout [mm]: a row is a title, two square panels side by side with a colour bar, and their labels
TITLE, PANEL, ROW, LEGEND = 5.0, 66.0, 80.0, 14.0
LEFT, MIDDLE, BAR, BAR_WIDTH = 13.0, 95.0, 163.0, 3.0
PLANES = ("xy", "rz")
RVS = ("rv", "rv_alternative")
LABELS = {"xy": ("$X$ [kpc]", "$Y$ [kpc]"), "rz": ("$R$ [kpc]", "$Z$ [kpc]")}
# The open star is the larger, so that it shows behind the filled one
BIRTH = (
    {"marker": "*", "markersize": 7, "markerfacecolor": RED},
    {"marker": "*", "markersize": 12, "markerfacecolor": "white"},
)
BIRTH_EDGE = {"markeredgecolor": CONTOUR, "markeredgewidth": 0.7, "linestyle": ""}
TODAY = {"marker": "o", "markersize": 4.5, "color": "black"}
SUN = {"marker": r"$\odot$", "markersize": 7, "color": "black", "markeredgewidth": 0.0}
CENTRE = {"marker": "+", "markersize": 7, "color": "black", "markeredgewidth": 1.0}
PLANE = {"color": "#555555", "linewidth": 0.8, "linestyle": (0, (6, 3))}
CIRCLE = {"color": "#888888", "linewidth": 0.7, "linestyle": ":"}


@dataclass(frozen=True)
class _Panel:
    """One plane of one star.

    Attributes
    ----------
    plane : str
        ``xy`` or ``rz``.
    orbits : list of (rv_branch, path, times)
        Path with shape (2, m) [kpc], look-back times [Myr].
    births : Contours or None
    limits : tuple of ndarray, shape (2,)
        Lower left and upper right corner [kpc].
    """

    plane: str
    orbits: list
    births: contours.Contours | None
    limits: tuple


def draw_orbits(stars, orbits, births, frame, half_height, notes=()):
    """Orbits of stars from today to birth, with their birthplaces: one row for each star.

    Parameters
    ----------
    stars : Table
        ``star``, ``ra``, ``dec`` [deg], ``rv``, ``rv_alternative`` [km/s], from top to bottom.
    orbits : Table
        Table ``orbit`` with these stars.
    births : Table
        Table ``birthplaces`` with all draws of these stars.
    frame : frames.Frame
        The Sun's place.
    half_height : float
        Of the disk [kpc].
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide.
    """
    figure = style.new_figure(style.PAGE, len(stars) * ROW + LEGEND, notes)
    figure.set_layout_engine("none")
    drawn = []
    for row, star in enumerate(stars):
        axes = [_axes(figure, row, left, PANEL) for left in (LEFT, MIDDLE)]
        path = orbits[(orbits["star"] == star["star"]) & np.isfinite(orbits["x"])]
        mine = births[births["star"] == star["star"]]
        usable = mine[np.isfinite(mine["birth_z"])]
        axes[0].set_title(_title(star, path), loc="left")
        axes[1].set_title(f"{len(usable)} of {len(mine)} draws", loc="right")
        if len(path) == 0:
            _say_why_not(axes, mine)
            continue
        norm = Normalize(0, path["look_back_time"].max())
        for ax, plane in zip(axes, PLANES):
            drawn.append(_panel(plane, path, usable, frame, half_height))
            _draw(ax, drawn[-1], norm, frame, half_height)
        bar = _axes(figure, row, BAR, BAR_WIDTH)
        figure.colorbar(ScalarMappable(norm, TIME_COLOURS), cax=bar, label="look-back time [Myr]")
    _legend(figure, len(stars), drawn, half_height)
    return figure


def _axes(figure, row, left, width):
    full_width, full_height = style.MM_PER_INCH * figure.get_size_inches()
    low = full_height - row * ROW - TITLE - PANEL
    place = (left / full_width, low / full_height, width / full_width, PANEL / full_height)
    return figure.add_axes(place)


def _title(star, path):
    title = f"{star['star']}, {style.place(star)}"
    if len(path) == 0:
        return title
    title += f", age {path['look_back_time'].max():.1f} Myr"
    return f"{title}, {_radial_velocities(star, path)}" if np.isfinite(star["rv"]) else title


def _radial_velocities(star, path):
    """The radial velocities that the orbits are for, in words."""
    words = [f"{star[name]:+.1f}".replace("-", "\N{MINUS SIGN}") for name in RVS]
    if len(np.unique(path["rv_branch"])) == 1:
        return f"RV {words[0]} km s$^{{-1}}$"
    if words[0] == words[1]:
        return f"RV {words[0]} km s$^{{-1}}$ by either sign"
    return f"RV {words[0]} or {words[1]} km s$^{{-1}}$"


def _say_why_not(axes, births):
    reason = births["reason"][0] or "its nominal orbit failed"
    for ax, plane in zip(axes, PLANES):
        ax.set(xlabel=LABELS[plane][0], ylabel=LABELS[plane][1], xticks=[], yticks=[])
    axes[0].text(0.05, 0.5, fill(f"not traced: {reason}", 60), transform=axes[0].transAxes)


def in_plane(plane, x, y, z):
    """Galactocentric places as seen in a plane.

    Parameters
    ----------
    plane : str
        ``xy`` or ``rz``.
    x, y, z : ndarray, shape (n,)
        [kpc].

    Returns
    -------
    ndarray, shape (2, n)
        [kpc].
    """
    return np.array([x, y]) if plane == "xy" else np.array([np.hypot(x, y), z])


def _panel(plane, orbit, births, frame, half_height):
    paths = []
    for branch in np.unique(orbit["rv_branch"]):
        one = orbit[orbit["rv_branch"] == branch]
        path = in_plane(plane, *(np.asarray(one[k]) for k in "xyz"))
        paths.append((branch, path, np.asarray(one["look_back_time"])))
    draws = in_plane(plane, *(np.asarray(births[f"birth_{k}"]) for k in "xyz"))
    found = contours.enclosing(*draws, FRACTIONS) if len(births) else None
    places = [*(path for _, path, _ in paths), in_plane(plane, [frame.r0], [0.0], [frame.z_sun])]
    if found is not None:
        inside = found.density >= found.levels.min()
        places.append(np.array([found.x[inside], found.y[inside]]))
    if plane == "rz":
        places.append(np.array([[frame.r0, frame.r0], [-half_height, half_height]]))
    return _Panel(plane, paths, found, _limits(np.hstack(places), equal=plane == "xy"))


def _limits(places, equal):
    """Lowest and highest value of either axis, with room; of one length if equal."""
    low, high = places.min(axis=1), places.max(axis=1)
    half = (high - low) / 2
    half = np.full(2, half.max()) if equal else half
    middle = (high + low) / 2
    return middle - 1.08 * half, middle + 1.08 * half


def _draw(ax, panel, norm, frame, half_height):
    low, high = panel.limits
    ax.set(xlabel=LABELS[panel.plane][0], xlim=(low[0], high[0]))
    ax.set(ylabel=LABELS[panel.plane][1], ylim=(low[1], high[1]))
    if panel.births is not None:
        grid = (panel.births.x, panel.births.y, panel.births.density)
        levels = panel.births.levels  # ascending, as matplotlib wants them
        ax.contourf(*grid, levels=[*levels, np.inf], colors=SHADES, zorder=1)
        ax.contour(*grid, levels=levels, colors=CONTOUR, linewidths=0.5, zorder=1.2)
    if panel.plane == "xy":
        angle = np.linspace(0, 2 * np.pi, 721)
        ax.plot(frame.r0 * np.cos(angle), frame.r0 * np.sin(angle), zorder=1.5, **CIRCLE)
        if _centre_in(panel):
            ax.plot(0, 0, zorder=4, **CENTRE)
    else:
        for height in (-half_height, half_height):
            ax.axhline(height, zorder=1.5, **PLANE)
    for branch, path, times in panel.orbits:
        draw_path(ax, path, times, norm, branch)
        ax.plot(*path[:, -1], zorder=4 - 0.1 * branch, **BIRTH[branch], **BIRTH_EDGE)
    ax.plot(*panel.orbits[0][1][:, 0], zorder=5, **TODAY)
    sun = in_plane(panel.plane, frame.r0, 0.0, frame.z_sun)
    ax.plot(*sun, zorder=4.5, **SUN)


def _centre_in(panel):
    low, high = panel.limits
    return panel.plane == "xy" and (low < 0).all() and (high > 0).all()


def draw_path(ax, path, times, norm, branch=0):
    """An orbit, coloured by look-back time.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Whose limits are set.
    path : ndarray, shape (2, m)
        In a plane [kpc].
    times : ndarray, shape (m,)
        Look-back times [Myr].
    norm : Normalize
        From time to colour.
    branch : int
        0, or 1 for the orbit of rv_alternative, which is dashed.
    """
    size = np.array([abs(np.diff(ax.get_xlim())[0]), abs(np.diff(ax.get_ylim())[0])])
    zorder = 3 + 0.1 * branch
    if branch:
        ax.plot(*path, color="white", linewidth=GAP, zorder=zorder - 0.05)
    line = coloured(path, times, norm, TIME_COLOURS, size if branch else None)
    line.set(linewidths=LINE_WIDTHS[branch], zorder=zorder)
    ax.add_collection(line, autolim=False)


def coloured(path, times, norm, colours, dashed_in=None):
    """A line in pieces of one colour each.

    Parameters
    ----------
    path : ndarray, shape (2, m)
    times : ndarray, shape (m,)
    norm : Normalize
        From time to colour.
    colours : Colormap
    dashed_in : ndarray, shape (2,), optional
        Size of the panel in the units of path, for a dashed line.

    Returns
    -------
    LineCollection
    """
    piece = max(1, path.shape[1] // PIECES)
    starts = np.arange(0, path.shape[1] - 1, piece)
    pieces = [path[:, i : i + piece + 1].T for i in starts]
    middle = np.array([times[i : i + piece + 1].mean() for i in starts])
    keep = np.ones(len(pieces), bool)
    if dashed_in is not None:
        steps = np.hypot(*(np.diff(path, axis=1) / dashed_in[:, None]))
        keep = (np.append(0, np.cumsum(steps))[starts] * DASHES) % 1 < 0.6
    return LineCollection(
        [line for line, kept in zip(pieces, keep) if kept],
        array=middle[keep],
        cmap=colours,
        norm=norm,
        capstyle="round" if dashed_in is None else "butt",
    )


def _legend(figure, rows, panels, half_height):
    line, mark = {"color": TIME_COLOURS(0.2)}, {"linestyle": ""}
    entries = [("star today", mark | TODAY)]
    entries.append(("nominal orbit", line | {"linewidth": LINE_WIDTHS[0]}))
    entries.append(("its birthplace", BIRTH[0] | BIRTH_EDGE))
    if any(branch for panel in panels for branch, _, _ in panel.orbits):
        thin = {"linewidth": LINE_WIDTHS[1], "linestyle": (0, (3, 2))}
        entries.append(("orbit for the other radial velocity", line | thin))
        entries.append(("its birthplace", BIRTH[1] | BIRTH_EDGE))
    handles = [Line2D([], [], label=label, **look) for label, look in entries]
    for shade, fraction in zip(SHADES[::-1], FRACTIONS[::-1]):
        label = f"{100 * fraction:.0f} % of drawn birthplaces"
        handles.append(Patch(facecolor=shade, edgecolor=CONTOUR, label=label))
    entries = [(f"disk half height, {half_height:g} kpc", PLANE), ("Sun", mark | SUN)]
    entries.append(("solar circle", CIRCLE))
    if any(_centre_in(panel) for panel in panels):
        entries.append(("Galactic centre", mark | CENTRE))
    handles += [Line2D([], [], label=label, **look) for label, look in entries]
    top = 1 - rows * ROW / (style.MM_PER_INCH * figure.get_figheight())
    figure.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, top), ncols=4)

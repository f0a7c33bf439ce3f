"""How stars got their speed (Fig. 8), and whether they began in the disk."""

import numpy as np
from matplotlib import ticker
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.ndimage import gaussian_filter

from runaways.figures import style
from runaways.orbits.disk import CONFINED, OUTSIDE, PASSING
from runaways.origins.channels import BSS, DES, NEITHER, NONE, UNDECIDED, UNKNOWN
from runaways.tables import column

# Marker and colour: Okabe & Ito 2008, Color Universal Design; the shape alone tells them apart too
CLASS_MARKS = {
    CONFINED: ("o", "#0072B2"),
    PASSING: ("^", "#D55E00"),
    OUTSIDE: ("s", "#000000"),
    "": ("X", "#888888"),
}
BARS = {"fmt": "none", "ecolor": "#AAAAAA", "elinewidth": 0.6, "zorder": 1}
LINE = {"color": "#555555", "linewidth": 0.8, "linestyle": (0, (6, 3)), "zorder": 1.5}
UNDECIDED_REGION = {"color": "#EFEFEF", "linewidth": 0, "zorder": 0, "gid": "undecided"}
SECOND_LINE = LINE | {"linestyle": ":"}
EQUAL = LINE | {"linestyle": "-"}
EVIDENCE = LINE | {"linestyle": "-."}
# Of a star's origin, likewise; and how the densities of the channels are drawn
ORIGIN_MARKS = {
    DES: ("^", "#D55E00"),
    BSS: ("s", "#0072B2"),
    NEITHER: ("o", "#888888"),
    UNDECIDED: ("x", "#000000"),
    UNKNOWN: ("+", "#000000"),
}
DENSITIES = {DES: ("#D55E00", "-"), BSS: ("#0072B2", "--")}
HELD = (0.95, 0.68, 0.38)  # shares of a channel's listed stars within its contours
# A ring about a star whose origin is named
NAMED = {"linestyle": "", "marker": "o", "markersize": 8, "markerfacecolor": "none"}
NAMED |= {"markeredgecolor": "#CC79A7", "markeredgewidth": 1.0}
# Share of the height of Fig. 8 kept free of data above and below, for the names of its regions
STRIP = 0.13
SMOOTHED = 1.5  # cells
TICKS = np.outer(10.0 ** np.arange(-4, 5), [1, 2, 5]).ravel()  # of a log axis
FRACTION_TICKS = (0.01, 0.1, 0.5, 0.9, 0.99)
# Corner, name, and what it means. The paper, Sect. 4.3, has a scenario for two of the regions:
# dynamical ejection (DES) and binary supernova (BSS)
REGIONS = (
    ("left", "top", "DES", "fast, slowly rotating"),
    ("right", "bottom", "BSS", "slow, fast rotating"),
    ("right", "top", "undecided", "fast, fast rotating"),
    ("left", "bottom", "undecided", "slow, slowly rotating"),
)


def draw_rotation(catalogue, v_sp_line, vsini_line, decided_min=0.8, notes=()):
    """Peculiar space velocity against projected rotation (Fig. 8).

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.
    v_sp_line, vsini_line : float
        Lines between the regions [km/s].
    decided_min : float
        Least probability of a named origin.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        88 mm wide.
    """
    runaways = catalogue[catalogue["origin"] != NONE]
    drawn = runaways[(runaways["v_sp"] > 0) & np.isfinite(runaways["vsini"])]
    figure = style.new_figure(style.COLUMN, 92.0, notes)
    ax = figure.subplots()
    x, y = column(drawn, "vsini"), column(drawn, "v_sp")
    ax.errorbar(x, y, xerr=_bars(drawn, "vsini"), yerr=_bars(drawn, "v_sp"), **BARS)
    inside = np.ones(len(drawn), bool)
    if "inside_grid_published" in drawn.colnames:
        inside = np.asarray(drawn["inside_grid_published"])
    _points(ax, x, y, drawn["orbit_class"], inside)
    named = np.isin(drawn["origin"], (DES, BSS))
    ax.plot(x[named], y[named], **NAMED)
    ax.axhline(v_sp_line, **LINE)
    ax.axvline(vsini_line, **LINE)
    ax.fill_between([-1e6, vsini_line], 0, v_sp_line, **UNDECIDED_REGION)
    ax.fill_between([vsini_line, 1e6], v_sp_line, 1e6, **UNDECIDED_REGION)
    right = 1.06 * max([*(x + _errors(drawn, "vsini")), 1.6 * vsini_line])
    ax.set(xlim=(-0.04 * right, right), xlabel=r"$v\,\sin i$ [km s$^{-1}$]")
    ax.set(yscale="log", ylabel=r"$V_\mathrm{Sp}$ [km s$^{-1}$]")
    _plain_ticks(ax.yaxis)
    ax.set_ylim(*_with_strips(y, _errors(drawn, "v_sp"), v_sp_line))
    _name_regions(ax)
    missing = len(runaways) - len(drawn)
    title = f"{len(drawn)} stars; {missing} left out, without $V_\\mathrm{{Sp}}$ or $v\\,\\sin i$"
    handles = _class_handles(drawn["orbit_class"])
    if not inside.all():
        handles.append(_handle("o", "white", "black", "outside the grid of tracks"))
    handles.append(Patch(facecolor=UNDECIDED_REGION["color"], label="decides nothing"))
    if len(runaways) < len(catalogue):
        title += f"\n{len(catalogue) - len(runaways)} more are no runaways"
    if named.any():
        counts = " and ".join(f"{np.sum(drawn['origin'] == name)} {name}" for name in (DES, BSS))
        title += f"\nringed: {counts}, with a probability of {decided_min:g} or more"
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=2)
    return figure


def draw_channels(catalogue, v_sp, vsini, densities, posterior, cut, notes=()):
    """V_Sp against v sin i over the densities of the two channels, and the share of DES.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.
    v_sp, vsini : ndarray, shape (m,), (k,)
        Of the densities [km/s].
    densities : dict
        ``DES`` and ``BSS`` to arrays of shape (m, k), of equal cells in ln(v_sp) and vsini; NaN
        where no star is listed.
    posterior : Table
        Table ``origin_posterior``, the run's own priors first.
    cut : float
        Speed above which stars are listed [km/s].
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        88 mm wide.
    """
    figure = style.new_figure(style.COLUMN, 140.0, notes)
    plane, share = figure.subplots(2, 1, gridspec_kw={"height_ratios": [3, 2]})
    runaways = catalogue[catalogue["origin"] != NONE]
    drawn = runaways[(runaways["v_sp"] > 0) & np.isfinite(runaways["vsini"])]
    x, y = column(drawn, "vsini"), column(drawn, "v_sp")
    plane.errorbar(x, y, xerr=_bars(drawn, "vsini"), yerr=_bars(drawn, "v_sp"), **BARS)
    handles = []
    for kind, (colour, line) in DENSITIES.items():
        density = _smooth(densities[kind])
        levels = sorted(_levels_of_shares(density))
        look = {"colors": colour, "linestyles": line, "linewidths": 0.9, "zorder": 2}
        plane.contour(vsini, v_sp, density, levels=levels, **look)
        handles.append(Line2D([], [], color=colour, linestyle=line, label=f"{kind} expected"))
    for name, (marker, colour) in ORIGIN_MARKS.items():
        these = np.asarray(drawn["origin"]) == name
        if these.any():
            look = {"markeredgecolor": colour, "markerfacecolor": colour, "zorder": 3}
            plane.plot(x[these], y[these], linestyle="", marker=marker, **look)
            handles.append(_handle(marker, colour, colour, f"{name} ({these.sum()})"))
    plane.axhline(cut, **SECOND_LINE)
    plane.set(xlim=(-15, 1.06 * max([300, *x])), xlabel=r"$v\,\sin i$ [km s$^{-1}$]")
    plane.set(yscale="log", ylabel=r"$V_\mathrm{Sp}$ [km s$^{-1}$]")
    plane.set_ylim(0.85 * min([cut, *y]), 1.2 * max([300, *y]))
    _plain_ticks(plane.yaxis)
    plane.set_title("(a)", loc="left")
    _draw_share(share, posterior)
    share.set_title("(b)", loc="left")
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure


def _smooth(density):
    """A density of cells, for contours: what was drawn to find it shows where it is flat."""
    known = np.isfinite(density).astype(float)
    kept = gaussian_filter(np.nan_to_num(density), SMOOTHED, mode="nearest")
    with np.errstate(invalid="ignore"):
        kept /= gaussian_filter(known, SMOOTHED, mode="nearest")
    return np.where(known, kept, np.nan)


def _levels_of_shares(density):
    """Levels that hold shares of a density of equal cells."""
    flat = np.sort(np.nan_to_num(density).ravel())[::-1]
    held = np.cumsum(flat) / flat.sum()
    return [flat[np.searchsorted(held, share)] for share in HELD]


def _draw_share(ax, posterior):
    """Posterior of the share of DES: the run's own priors, and others in grey."""
    for i, name in enumerate(dict.fromkeys(posterior["prior"].tolist())):
        some = posterior[posterior["prior"] == name]
        look = {"color": "#BBBBBB", "linewidth": 0.7, "zorder": 1}
        label = "other priors" if i == 1 else None
        if i == 0:
            look, label = {"color": "black", "linewidth": 1.4, "zorder": 2}, "own priors"
        ax.plot(some["fraction_des"], some["density"], label=label, **look)
    ax.set(xlim=(-0.03, 1.03), xlabel="fraction of DES among the list's ejected stars")
    ax.set(ylim=(-0.03 * posterior["density"].max(), None))
    ax.set(ylabel="posterior density of the fraction")
    ax.legend(loc="best")


def _errors(table, name):
    """Errors of a column, 0 where there are none."""
    return np.nan_to_num(column(table, f"{name}_error"))


def _bars(table, name):
    """Error bars of a speed, none of which goes below zero; shape (2, n)."""
    errors = _errors(table, name)
    return np.array([np.minimum(errors, column(table, name)), errors])


def _points(ax, x, y, classes, filled):
    for name, (marker, colour) in CLASS_MARKS.items():
        for full in (True, False):
            these = (np.asarray(classes) == name) & (np.asarray(filled) == full)
            face = colour if full else "white"
            look = {"markerfacecolor": face, "markeredgecolor": colour, "zorder": 3}
            ax.plot(x[these], y[these], linestyle="", marker=marker, gid=name, **look)


def _handle(marker, face, edge, label):
    look = {"markerfacecolor": face, "markeredgecolor": edge}
    return Line2D([], [], linestyle="", marker=marker, label=label, **look)


def _class_handles(classes):
    """Entries of the legend for the classes present, with the number of stars in each."""
    handles = []
    for name, (marker, colour) in CLASS_MARKS.items():
        n = int(np.sum(np.asarray(classes) == name))
        if n:
            handles.append(_handle(marker, colour, colour, f"{name or 'no class'} ({n})"))
    return handles


def _plain_ticks(axis):
    axis.set_major_locator(ticker.FixedLocator(TICKS))
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(ticker.NullFormatter())


def _with_strips(y, error, line):
    """Limits of a log axis that leave a strip free of data at either end."""
    # a bar that ends near zero would leave the stars no room
    low = np.maximum(np.where(error < y, y - error, y), y / 3)
    low, high = np.log([min([*low, 0.6 * line]), max([*(y + error), 1.6 * line])])
    room = STRIP / (1 - 2 * STRIP) * (high - low)
    return np.exp(low - room), np.exp(high + room)


def _name_regions(ax):
    for side, end, name, meaning in REGIONS:
        place = (0.03 if side == "left" else 0.97, 0.97 if end == "top" else 0.03)
        look = {"ha": side, "va": end, "fontsize": 7, "linespacing": 1.1}
        ax.text(*place, f"{name}\n{meaning}", transform=ax.transAxes, **look)


def draw_disk_origin(catalogue, half_height, check_half_height, evidence_min, notes=()):
    """Largest height against velocity, and birth in the disk against chance.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.
    half_height, check_half_height : float
        Of the disk [kpc].
    evidence_min : float
        Least odds over the null of a star better than chance.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide.
    """
    drawn = catalogue[(catalogue["v_sp"] > 0) & np.isfinite(catalogue["z_max"])]
    figure = style.new_figure(style.PAGE, 106.0, notes)
    heights, chance = figure.subplots(1, 2)
    _draw_heights(heights, drawn, half_height, check_half_height)
    _draw_chance(chance, drawn, evidence_min)
    missing = len(catalogue) - len(drawn)
    title = f"{len(drawn)} stars; {missing} left out, without an orbit or $V_\\mathrm{{Sp}}$"
    handles = _class_handles(drawn["orbit_class"])
    handles += [
        Line2D([], [], label=f"disk half height, {half_height:g} kpc", **LINE),
        Line2D([], [], label=f"check half height, {check_half_height:g} kpc", **SECOND_LINE),
        _handle("o", "white", "black", "(b) not better than chance"),
        Line2D([], [], label="(b) as by chance", **EQUAL),
        Line2D([], [], label=f"(b) odds {evidence_min:g} times those by chance", **EVIDENCE),
    ]
    figure.legend(handles=handles, title=title, loc="outside upper center", ncols=3)
    return figure


def _draw_heights(ax, drawn, half_height, check_half_height):
    x, y = column(drawn, "v_sp"), column(drawn, "z_max")
    bars = np.clip([y - column(drawn, "z_max_lower"), column(drawn, "z_max_upper") - y], 0, None)
    ax.errorbar(x, y, xerr=_errors(drawn, "v_sp"), yerr=bars, **BARS)
    _points(ax, x, y, drawn["orbit_class"], np.ones(len(drawn), bool))
    ax.axhline(half_height, **LINE)
    ax.axhline(check_half_height, **SECOND_LINE)
    ax.set_title("(a)", loc="left")
    ax.set(xscale="log", xlabel=r"$V_\mathrm{Sp}$ [km s$^{-1}$]")
    ax.set(yscale="log", ylabel=r"$|Z|_\mathrm{max}$ since birth [kpc]")
    for axis in (ax.xaxis, ax.yaxis):
        _plain_ticks(axis)
    if len(drawn) == 0:  # a log axis finds no limits by itself
        ax.set_xlim(10, 1000)


def _draw_chance(ax, drawn, evidence_min):
    n = np.asarray(drawn["n_draws"]) - np.asarray(drawn["n_draws_failed"])
    null, born = (
        inside_0_1(column(drawn, name), n) for name in ("p_birth_in_disk_null", "p_birth_in_disk")
    )
    _points(ax, null, born, drawn["orbit_class"], drawn["better_than_null"])
    odds = np.geomspace(1e-9, 1e9, 601)
    ax.plot(odds / (1 + odds), odds / (1 + odds), **EQUAL)
    ax.plot(odds / (1 + odds), evidence_min * odds / (1 + evidence_min * odds), **EVIDENCE)
    _count_coincident(ax, null, born)
    ax.set_title("(b)", loc="left")
    ax.set(xscale="logit", xlabel="fraction in the disk by the null")
    ax.set(yscale="logit", ylabel="fraction of draws born in the disk")
    none, every = inside_0_1(np.array([0.0, 1.0]), n.max(initial=1))
    # room above for the numbers of coinciding stars
    ends = (min([*null, *born, 0.01]) / 3, 1 - (1 - every) / 8)
    ax.set(xlim=ends, ylim=ends)
    ticks = [tick for tick in FRACTION_TICKS if 4 * none < tick < 1 - 4 * none]
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(ticker.FixedLocator([none, *ticks, every]))
        axis.set_major_formatter(ticker.FixedFormatter(["0", *map(str, ticks), "1"]))
        axis.set_minor_locator(ticker.NullLocator())


def inside_0_1(fraction, n):
    """A fraction of n draws as it stands on an axis of odds, where 0 and 1 have no place.

    Parameters
    ----------
    fraction : ndarray, shape (m,)
    n : int or ndarray, shape (m,)
        Number of draws.

    Returns
    -------
    ndarray, shape (m,)
        With the half draw of `disk.odds_over_null`.
    """
    return (fraction * n + 0.5) / (n + 1)


def _count_coincident(ax, x, y):
    """Write how many stars share one place."""
    places, counts = np.unique(np.round([x, y], 12), axis=1, return_counts=True)
    for place, count in zip(places.T, counts):
        if count > 1:
            look = {"xytext": (4, 0), "textcoords": "offset points", "va": "center"}
            ax.annotate(f"$\\times${count}", place, fontsize=6, **look)

"""Spectra along the types (Fig. 2), best fits over spectra, measured against known labels."""

import numpy as np
from matplotlib.lines import Line2D

from runaways.figures import style
from runaways.labels.fit import band_mask
from runaways.spectra.wavelengths import air_to_vacuum
from runaways.tables import column

# Okabe & Ito 2008, Color Universal Design
DATA, MODEL, MASKED = "#000000", "#D55E00", "#56B4E9"
RANGE = (3900.0, 4750.0)  # A, of Fig. 2
# Name and air wavelength [A] of the lines that order B stars: Guo et al. 2025, Sect. 3.1
LINES = {
    r"H$\epsilon$": 3970.1,
    "He I 4026": 4026.2,
    r"H$\delta$": 4101.7,
    "He I 4121": 4120.8,
    "He I 4144": 4143.8,
    "C II 4267": 4267.2,
    r"H$\gamma$": 4340.5,
    "He I 4387": 4387.9,
    "He I 4471": 4471.5,
    "Mg II 4481": 4481.2,
    "He I 4713": 4713.1,
}
NARROWEST_LABEL = 21.0  # A, between two names of lines
WAVELENGTH = r"rest wavelength in vacuum [$\mathrm{\AA}$]"
MASK_LOOK = {"color": MASKED, "alpha": 0.35, "linewidth": 0}
FOUND = {"linestyle": "", "marker": "o", "markersize": 3, "color": "#0072B2"}
FOUND_BARS = {"ecolor": "#999999", "elinewidth": 0.6}
LIMIT = {"linestyle": "", "marker": "v", "markersize": 3, "color": "#D55E00"}
LIMIT |= {"markerfacecolor": "white"}
LABELS = (
    ("teff", r"$T_\mathrm{eff}$", "K"),
    ("logg", r"$\log\,g$", "dex"),
    ("mh", "[M/H]", "dex"),
    ("vsini", r"$v\,\sin i$", r"km s$^{-1}$"),
)


def draw_types(spectra, subtypes, stars, notes=()):
    """Normalised low-resolution spectra of some stars, one above the other (Fig. 2).

    Parameters
    ----------
    spectra : Table
        Table ``spectra``.
    subtypes : dict
        Star to the type written beside it.
    stars : Table
        ``star``, ``ra``, ``dec`` [deg], from the top.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide.
    """
    figure = style.new_figure(style.PAGE, 26.0 + 16.0 * len(stars), notes)
    ax = figure.subplots()
    for row, star in enumerate(stars):
        name = star["star"]
        mine = spectra[(spectra["star"] == name) & (spectra["arm"] == "lrs")]
        shown = (mine["wave"] > RANGE[0]) & (mine["wave"] < RANGE[1])
        level = (len(stars) - 1 - row) * 0.5
        ax.plot(mine["wave"][shown], mine["flux_normalised"][shown] + level, color=DATA, lw=0.6)
        ax.text(1.008, 1 + level, f"{subtypes[name]}\n{name}\n{style.place(star)}", va="center",
                fontsize=6, transform=ax.get_yaxis_transform())  # fmt: skip
    ax.set(xlim=RANGE, ylim=(0.25, 0.5 * len(stars) + 0.72))
    ax.set(xlabel=WAVELENGTH, ylabel="normalised flux + constant")
    _name_lines(ax)
    return figure


def _name_lines(ax):
    """Dotted lines at the lines' wavelengths, their names above, pushed apart where they crowd."""
    waves = air_to_vacuum(np.array(list(LINES.values())))
    at = np.array(waves)
    for _ in range(50):
        short = np.maximum(NARROWEST_LABEL - np.diff(at), 0.0) / 2
        at[:-1] -= short
        at[1:] += short
    for name, wave, x in zip(LINES, waves, at):
        ax.axvline(wave, color="#999999", linewidth=0.5, linestyle=":", zorder=0)
        ax.annotate(name, (wave, 1.0), (x, 1.04), xycoords=("data", "axes fraction"),
                    textcoords=("data", "axes fraction"), rotation=90, ha="center", va="bottom",
                    fontsize=6, arrowprops={"arrowstyle": "-", "lw": 0.4, "color": "#999999",
                                            "shrinkA": 0, "shrinkB": 0})  # fmt: skip


def draw_fit(star, fits, labels, rv, notes=()):
    """A star's spectra with the best fit over them, the residuals and the pixels left out.

    Parameters
    ----------
    star : str
    fits : Table
        Table ``best_fits`` of the star.
    labels : Table
        Table ``label_fits`` of the star.
    rv : dict
        Arm to the velocity its spectrum was shifted by [km/s].
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide, a row for each instrument.
    """
    arms = [arm for arm in ("lrs", "mrs") if (fits["arm"] == arm).any()]
    figure = style.new_figure(style.PAGE, 14.0 + 58.0 * max(1, len(arms)), notes)
    if not arms:
        figure.text(0.5, 0.5, f"{star}: no spectrum", ha="center", va="center")
        return figure
    for part, arm in zip(np.atleast_1d(figure.subfigures(len(arms), 1)), arms):
        mine = fits[fits["arm"] == arm]
        row = labels[labels["arm"] == arm][0]
        part.suptitle(f"{star}, {arm.upper()}: {_in_words(row)}", fontsize=8)
        pieces = _pieces(mine)
        widths = [np.ptp(mine["wave"][piece]) for piece in pieces]
        axes = part.subplots(2, len(pieces), sharex="col", squeeze=False,
                             width_ratios=np.maximum(widths, 0.25 * max(widths)),
                             height_ratios=(3, 1))  # fmt: skip
        for panels, piece in zip(axes.T, pieces):
            _draw_piece(panels, mine[piece], band_mask(mine["wave"][piece], rv=rv[arm]))
        axes[0, 0].set_ylabel("flux")
        axes[1, 0].set_ylabel(r"$\Delta/\sigma$")
        part.supxlabel(WAVELENGTH, fontsize=8)
    handles = [
        Line2D([], [], color=DATA, lw=0.8, label="spectrum"),
        Line2D([], [], color=MODEL, lw=0.8, label="best fit"),
        Line2D([], [], color="#888888", lw=0.8, ls="--", label="continuum"),
        Line2D([], [], color=MASKED, lw=4, alpha=0.5, label="not used"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4)
    return figure


def _in_words(row):
    if row["labels_reason"]:
        return str(row["labels_reason"])
    limit = row["vsini_is_limit"]
    rotation = (
        f"< {row['vsini_limit']:.0f}" if limit else f"{row['vsini']:.0f} ± {row['vsini_error']:.0f}"
    )
    return (
        rf"$T_\mathrm{{eff}}$ = {row['teff']:.0f} ± {row['teff_error']:.0f} K, "
        rf"$\log\,g$ = {row['logg']:.2f} ± {row['logg_error']:.2f}, "
        f"[M/H] = {row['mh']:.2f} ± {row['mh_error']:.2f}, "
        rf"$v\,\sin i$ {'' if limit else '= '}{rotation} km s$^{{-1}}$"
        + (", extrapolated" if row["extrapolated"] else "")
    ).replace("= -", "= \N{MINUS SIGN}")


def _pieces(fit):
    """Runs of pixels without a gap between them, where there is a model."""
    with_model = np.flatnonzero(np.isfinite(fit["model_flux"]))
    if not with_model.size:
        return [np.arange(len(fit))]
    inside = np.arange(with_model[0], with_model[-1] + 1)
    steps = np.diff(np.log(np.asarray(fit["wave"])[inside]))
    return np.split(inside, np.flatnonzero(steps > 50 * np.median(steps)) + 1)


def _draw_piece(axes, fit, in_band):
    top, bottom = axes
    wave, used = np.asarray(fit["wave"]), np.asarray(fit["used"], bool)
    top.plot(wave, fit["flux"], color=DATA, lw=0.5)
    top.plot(wave, fit["continuum"], color="#888888", lw=0.6, ls="--")
    top.plot(wave, fit["model_flux"], color=MODEL, lw=0.7)
    sigma = 1 / np.sqrt(np.where(fit["ivar"] > 0, fit["ivar"], np.nan))
    bottom.plot(wave, (fit["flux"] - fit["model_flux"]) / sigma, color=DATA, lw=0.4)
    bottom.axhline(0, color=MODEL, lw=0.7)
    bottom.set_ylim(-6, 6)
    for ax in axes:
        ax.fill_between(wave, 0, 1, where=~used | in_band, transform=ax.get_xaxis_transform(),
                        **MASK_LOOK)  # fmt: skip
        ax.set_xlim(wave[0], wave[-1])


def draw_recovered(labels, known, known_as, notes=()):
    """Labels measured from the spectra against those of the list.

    Parameters
    ----------
    labels : Table
        Table ``labels``.
    known : Table
        Table ``stars``, the same stars in the same order.
    known_as : str
        What the list's labels are called.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide.
    """
    figure = style.new_figure(style.PAGE, 76.0, notes)
    axes = figure.subplots(2, len(LABELS), sharex="col", height_ratios=(3, 1))
    for panels, (name, symbol, unit) in zip(axes.T, LABELS):
        panels[0].set_ylabel(f"{symbol} measured [{unit}]")
        panels[1].set(xlabel=f"{symbol} {known_as} [{unit}]", ylabel=rf"$\Delta$ [{unit}]")
        _draw_recovered(panels, labels, known, name)
    figure.align_ylabels(axes)
    handles = [
        Line2D([], [], **FOUND, label="measured"),
        Line2D([], [], **LIMIT, label="95 % upper limit of an unresolved rotation"),
        Line2D([], [], color="#555555", lw=0.8, label="equal"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure


def _draw_recovered(panels, labels, known, name):
    """Measured against known labels above, and their differences below."""
    found, true = np.asarray(labels[name], float), column(known, name)
    both = np.isfinite(found + true)
    if not both.any():
        place = {"ha": "center", "va": "center", "transform": panels[0].transAxes}
        panels[0].text(0.5, 0.5, "no star", **place)
        return
    error = np.asarray(labels[f"{name}_error"], float)
    upper = np.asarray(labels["vsini_limit"], float)
    limit = both & np.asarray(labels["vsini_is_limit"], bool) & (name == "vsini")
    these = both & ~limit
    shown = np.where(limit, upper, found)
    for ax, less in zip(panels, (0.0, true)):
        ax.errorbar(true[these], (found - less)[these], error[these], **FOUND, **FOUND_BARS)
        ax.plot(true[limit], (shown - less)[limit], **LIMIT)
    ends = np.array([min(true[both].min(), shown[both].min()), true[both].max()])
    ends[1] = max(ends[1], shown[both].max())
    ends += np.array([-0.06, 0.06]) * np.ptp(ends)
    panels[0].plot(ends, ends, color="#555555", linewidth=0.8, zorder=1)
    panels[1].axhline(0.0, color="#555555", linewidth=0.8, zorder=1)
    panels[0].set(xlim=ends, ylim=ends)
    for ax in panels:
        ax.locator_params(nbins=4)

"""Whether the probabilities of ejection are what they say: reliability, power, chance alone."""

from textwrap import fill

import numpy as np
from matplotlib.lines import Line2D

from runaways.ejections.calibration import AS_IT_IS, MIRRORED
from runaways.figures import style

# Okabe & Ito 2008, Color Universal Design; marker and dashes tell them apart too
LOOKS = (
    {"color": "#0072B2", "marker": "o"},
    {"color": "#E69F00", "marker": "s"},
    {"color": "#D55E00", "marker": "^"},
)
TURNED_LOOK = {"color": "#999999", "linewidth": 0.7}
MIRRORED_LOOK = {"color": "#0072B2", "linestyle": "--"}
OWN_LOOK = {"color": "#D55E00", "linewidth": 1.4}
DIAGONAL = {"color": "black", "linewidth": 0.6, "linestyle": ":"}
BARS = {"linestyle": "", "capsize": 1.5, "elinewidth": 0.7, "markersize": 4}
ABOVE = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}  # of the panel, off its data
APART = 0.012  # of the three kinds of probability in a bin


def draw_calibration(reliability, rates, null, survey, notes=()):
    """How far the posteriors of a list can be trusted.

    Parameters
    ----------
    reliability, rates, null : Table
        Tables ``calibration_reliability``, ``calibration_rates``, ``calibration_null``.
    survey : str
        What the list was taken to be.
    notes : sequence of str
        As for `style.new_figure`.

    Returns
    -------
    Figure
        180 mm wide: reliability of planted stars, the list on turned and mirrored catalogues,
        power against flight time and distance. Error bars are 68 %.
    """
    figure = style.new_figure(style.PAGE, 165.0, notes)
    (reliable, chance), (times, distances) = figure.subplots(2, 2)
    _draw_reliability(reliable, reliability)
    _draw_chance(chance, null)
    label = "flight time of the planted star [Myr]"
    _draw_power(times, rates[rates["bin_unit"] == "Myr"], label)
    label = "distance of the planted star [kpc]"
    _draw_power(distances, rates[rates["bin_unit"] == "kpc"], label)
    figure.suptitle(fill(f"planted stars: {survey}", 120), fontsize=8)
    return figure


def _errors(table):
    share = np.asarray(table["share"])
    ends = np.array([share - table["share_lower"], table["share_upper"] - share])
    return np.maximum(ends, 0)


def _draw_reliability(ax, table):
    ax.plot([0, 1], [0, 1], **DIAGONAL)
    for i, name in enumerate(dict.fromkeys(table["probability_of"].tolist())):
        some = table[(table["probability_of"] == name) & (table["n_posteriors"] > 0)]
        p = np.asarray(some["p_mean"]) + APART * (i - 1)
        label = f"{name} ({some['n_posteriors'].sum()})"
        ax.errorbar(p, some["share"], _errors(some), label=label, **LOOKS[i], **BARS)
    ax.set(xlabel="mean probability in the bin", ylabel="share that is true")
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    ax.set_box_aspect(1)
    ax.legend(**ABOVE)


def _draw_chance(ax, null):
    """Share of stars whose best cluster has more than p, on each catalogue."""
    p = np.asarray(null["p_cluster_best"], float)
    for name in dict.fromkeys(null["replicate"].tolist()):
        best = np.sort(p[(null["replicate"] == name) & np.isfinite(p)])[::-1]
        if not len(best):
            continue
        look = {AS_IT_IS: OWN_LOOK, MIRRORED: MIRRORED_LOOK}.get(name, TURNED_LOOK)
        share = np.arange(len(best) + 1) / len(best)
        ax.step(np.concatenate([[1], best, [0]]), np.append(share, 1), where="post", **look)
    ax.axvline(0.5, **DIAGONAL)
    n = (np.isfinite(p) & (null["replicate"] == AS_IT_IS)).sum()
    handles = [
        Line2D([], [], label=f"the clusters as they are ({n} stars)", **OWN_LOOK),
        Line2D([], [], label="turned jointly", **TURNED_LOOK),
        Line2D([], [], label="mirrored", **MIRRORED_LOOK),
    ]
    ax.legend(handles=handles, **ABOVE)
    ax.set(xlabel="probability of the best cluster", ylabel="share of the list above it")
    ax.set(xlim=(0, 1), ylim=(0, 1.03))
    ax.set_box_aspect(1)


def _draw_power(ax, rates, label):
    ax.set(xlabel=label, ylabel="share of true clusters above 0.5", ylim=(-0.03, 1.12))
    ax.set_box_aspect(1)
    if not len(rates):
        ax.set(xticks=[], yticks=[])
        return
    x = np.arange(len(rates))
    ax.errorbar(x, rates["share"], _errors(rates), **LOOKS[2], **BARS)
    for i, n in enumerate(rates["n_posteriors"]):
        note = {"textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": 6}
        ax.annotate(f"{n}", (i, rates["share_upper"][i]), (0, 2), **note)
    ends = zip(rates["bin_from"], rates["bin_to"])
    ax.set_xticks(x, [f"{start:g} to {end:g}" for start, end in ends])
    ax.tick_params(axis="x", which="both", top=False, bottom=False)
    ax.set(xlim=(-0.5, len(rates) - 0.5))

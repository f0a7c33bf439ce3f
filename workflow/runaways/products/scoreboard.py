"""The scoreboard: every number a paper states beside ours, and the cause where they differ."""

import html

import numpy as np
from astropy.table import Table

from runaways.frames import galactic
from runaways.origins.channels import INSIDE, OWN
from runaways.origins.plane import fit_line
from runaways.products import pair_scores
from runaways.products.label_scores import compare_labels

SAME_PLACE = 1 / 3600  # deg
# half a unit of the last printed digit, and one more for the digits of the printed inputs
POSITION_TOLERANCE = 0.01  # kpc
SPEED_TOLERANCE = 0.1  # km/s
FIT_TOLERANCE = 2.0  # errors of the fit
RARE = 0.05  # a share of which one cannot speak of a channel; assumed
# columns of mass and age of a run with forests, and what rows of the second add to their name
WAYS = {"predicted": "", "posterior": ", posterior"}
BESIDE = {"predicted": "", "posterior": "; its priors, which the paper has not, prefer low masses"}


def compare(
    catalogue,
    stars,
    audit,
    hold_out,
    encounters,
    stated,
    frame,
    labels=None,
    planted=None,
    ejections=None,
    fractions=None,
):
    """Compare a catalogue with what a paper states.

    Parameters
    ----------
    catalogue, stars, audit, encounters : Table
        Tables of these names.
    hold_out : Table or None
        Table of this name, where masses are by forests.
    stated : dict
        ``numbers``: quantity, published, tolerance, measure, where, optional reason;
        ``classes``: ra, dec [deg], published, where; ``pairs``: ra, dec, cluster, where; ``lines``
        of the plane of v_sp and vsini: column, published [km/s], where, reason; ``origins``:
        published, where. Empty for no paper.
    frame : frames.Frame
    labels : Table, optional
        Table ``labels``, where there are spectra.
    planted : ndarray, shape (n_stars,), optional
        Radial velocities of stand-in spectra [km/s].
    ejections : Table, optional
        Table ``ejection_sources``.
    fractions : Table, optional
        Table ``origin_fractions``.

    Returns
    -------
    Table
        Table ``scoreboard``; per-star quantities only where the list brings published columns.
    """
    rows = [_count(catalogue, number) for number in stated.get("numbers", [])]
    rows += [_class(catalogue, entry) for entry in stated.get("classes", [])]
    rows += pair_scores.rows(catalogue, encounters, stated.get("pairs", []))
    if ejections is not None:
        rows += pair_scores.ejections(catalogue, ejections, stated.get("pairs", []))
    if fractions is not None and "origins" in stated:
        rows += _origins(fractions, stated["origins"])
    rows += [_line(catalogue, line) for line in stated.get("lines", [])]
    rows += _masses_ages(catalogue, stars, hold_out, stated)
    rows += compare_labels(labels, stars, planted) if labels is not None else []
    rows += _speeds(catalogue, stars, audit)
    rows += _positions(catalogue, stars, frame)
    names = ("quantity", "published", "ours", "tolerance", "agrees", "reason")
    if not rows:
        return Table(names=names, dtype=("U1", "U1", "U1", "U1", "bool", "U1"))
    return Table(rows=rows, names=names)


def _count(catalogue, number):
    value = count(catalogue, number["measure"])
    agrees = abs(value - number["published"]) <= number["tolerance"]
    if agrees and value != number["published"]:
        reason = "fractions of the draws in place of one nominal orbit"
    else:
        reason = "" if agrees else number.get("reason", "not explained")
    quantity = f"{number['quantity']} ({number['where']})"
    return quantity, str(number["published"]), str(value), str(number["tolerance"]), agrees, reason


def count(catalogue, measure):
    """Count stars of a catalogue.

    Parameters
    ----------
    catalogue : Table
    measure : str
        ``stars``, ``inside_grid``, ``outside_grid``, ``runaways``, ``below_thresholds`` (with a
        velocity, but no runaway), ``bhb``, or an orbit class among the stars that the list flags
        as inside the grid, with ``, check`` at check_half_height.

    Returns
    -------
    int
    """
    inside = np.ones(len(catalogue), bool)
    if "inside_grid_published" in catalogue.colnames:
        inside = np.asarray(catalogue["inside_grid_published"], bool)
    if measure == "stars":
        return len(catalogue)
    if measure == "inside_grid":
        return int(inside.sum())
    if measure == "outside_grid":
        return int((~inside).sum())
    if measure == "runaways":
        return int(np.sum(catalogue["is_runaway"]))
    if measure == "below_thresholds":
        return int(np.sum(~catalogue["is_runaway"] & np.isfinite(catalogue["v_tan"])))
    if measure == "bhb":
        return int(np.sum(catalogue["is_bhb"]))
    column = "orbit_class_check" if measure.endswith(", check") else "orbit_class"
    return int(np.sum(inside & (catalogue[column] == measure.removesuffix(", check"))))


def _class(catalogue, entry):
    quantity = f"class of RA {entry['ra']}, Dec {entry['dec']} ({entry['where']})"
    near = np.hypot(
        (catalogue["ra"] - entry["ra"]) * np.cos(np.radians(entry["dec"])),
        catalogue["dec"] - entry["dec"],
    )
    star = catalogue[np.argmin(near)]
    if near.min() > SAME_PLACE:
        return quantity, entry["published"], "", "", False, "the list has no star there"
    ours = str(star["orbit_class"])
    fractions = f"{star['p_confined']:.3f} confined, {star['p_birth_in_disk']:.3f} born in the disk"
    null = "" if star["better_than_null"] else ", no better than its null"
    phase, ages = (star[f"p_birth_in_disk_null_{kind}"] for kind in ("phase", "ages"))
    reason = f"{fractions}, {phase:.3f} at random phase, {ages:.3f} at others' ages{null}"
    return quantity, entry["published"], ours, "", ours == entry["published"], reason


def _line(catalogue, entry):
    """A line that is 3 sigma of a Maxwellian fit, beside the fit to this catalogue."""
    ours, error = fit_line(catalogue[entry["column"]], "three_sigma")
    agrees = bool(abs(ours - entry["published"]) <= FIT_TOLERANCE * error)
    quantity = f"3 sigma of a Maxwellian fit of {entry['column']} [km/s] ({entry['where']})"
    value = f"{ours:.1f} +- {error:.1f}"
    reason = "" if agrees else entry["reason"]
    tolerance = f"{FIT_TOLERANCE:g} errors"
    return quantity, str(entry["published"]), value, tolerance, agrees, reason


def _origins(fractions, stated):
    """The paper's sentence on two origins beside the shares, and what its lines are worth."""
    inside = fractions[fractions["prior"] == INSIDE]
    row = inside[0] if len(inside) else fractions[0]
    others = fractions[(fractions["prior"] != INSIDE) & (fractions["prior"] != OWN)]
    both = bool(row["fraction_des_lower"] > RARE and row["fraction_des_upper"] < 1 - RARE)
    moved = f"{min(others['fraction_des']):.2f} to {max(others['fraction_des']):.2f}"
    neither = f"{row['fraction_neither']:.2f} of {row['n_stars']} stars were not ejected at all"
    rows = [
        (
            f"share of dynamical ejections among those of the list ({stated['where']})",
            stated["published"],
            "{:.2f} ({:.2f} to {:.2f})".format(
                *(row[f"fraction_des{end}"] for end in ("", "_lower", "_upper"))
            ),
            f"68 % range within {RARE} to {1 - RARE}",
            both,
            f"{neither}; with other priors {moved} of all stars",
        )
    ]
    for kind, regions in fractions.meta["of_lines"].items():
        right = regions[kind]
        words = ", ".join(f"{name} {share:.2f}" for name, share in regions.items())
        quantity = f"regions in which the two lines put mock stars that are all {kind}"
        reason = f"{stated['where']}: the regions hold stars of both channels"
        rows.append((quantity, kind, words, "half of them", right >= 0.5, reason))
    return rows


def _masses_ages(catalogue, stars, hold_out, stated):
    """The forests' scatter, mass and age over the printed ones, and the stars that stand out."""
    if "scatter" not in stated or "mass" not in stars.colnames:
        return []
    rows = [] if hold_out is None else _scatter(hold_out, stated)
    inside = np.asarray(catalogue["inside_grid_published"], bool)
    metal_poor = inside & (catalogue["mh"] < stated["grid"]["mh"][0])
    # assumed: the paper states no error of its own
    limits = {"mass": (0.95, 1.10), "age": (0.75, 1.2)}
    source = catalogue.meta.get("stand_in", "PARSEC")
    ways = {"posterior": ", posterior"} if hold_out is None else WAYS
    for way, words in ways.items():
        for name, (low, high) in limits.items():
            ratio = np.asarray(catalogue[f"{name}_{way}"]) / np.asarray(stars[name])
            for who, these in (
                ("39 I stars", inside),
                ("ten I stars below [M/H] -0.6", metal_poor),
            ):
                middle = float(np.nanmedian(ratio[these]))
                spread = np.nanquantile(ratio[these], [0.16, 0.84])
                reason = f"16 to 84 %: {spread[0]:.2f} to {spread[1]:.2f}; {source}{BESIDE[way]}"
                quantity = f"median {name} over the printed one, {who}{words}"
                agrees = bool(low <= middle <= high)
                rows.append((quantity, "1", f"{middle:.3f}", f"{low} to {high}", agrees, reason))
    for entry in stated.get("ages", []):
        i = int(np.argmin(np.hypot(stars["ra"] - entry["ra"], stars["dec"] - entry["dec"])))
        low, _, high = _interval(catalogue[i], "age_predicted")
        quantity = f"age of {entry['name']} [Myr]"
        agrees = bool(low <= entry["published"] <= high)
        ours = _words(catalogue[i], "age_predicted")
        row = (quantity, f"{entry['published']}", ours, "68 % range", agrees, entry["reason"])
        rows.append(row)
    for i in np.flatnonzero(inside):
        rows += [_both_ways(catalogue[i], stars[i], name, ways) for name in limits]
    return rows


def _scatter(hold_out, stated):
    forest = hold_out[hold_out["model"] == "forest"][0]
    rows = []
    for name, ours, form in (
        ("mass", forest["mass_scatter"], "{:.3f}"),
        ("age", forest["age_scatter_gyr"], "{:.3f} Gyr"),
    ):
        paper = stated["scatter"][name]
        agrees = bool(ours <= paper)
        reason = "clean labels of tracks that were not trained on; smaller is better"
        quantity = f"scatter of the forests in {name} (Sect. 3.3)"
        rows.append((quantity, form.format(paper), form.format(ours), "at most", agrees, reason))
    return rows


def _both_ways(star, printed, name, ways):
    """A star's mass or age by the run's own way, and by the posterior beside it."""
    inside = {}
    for way in ways:
        low, _, high = _interval(star, f"{name}_{way}")
        inside[way] = bool(low <= printed[name] <= high)
    own = "predicted" if "predicted" in ways else "posterior"
    said = {"predicted": "forests", "posterior": "posterior"}
    ours = ", ".join(f"{said[way]} {_words(star, f'{name}_{way}')}" for way in ways)
    reason = "; ".join(
        f"{'within' if ok else 'not within'} {said[way]}" for way, ok in inside.items()
    )
    unit = {"mass": "Msun", "age": "Myr"}[name]
    quantity = f"{name} of {star['star']} [{unit}]"
    return quantity, f"{printed[name]:g}", ours, "68 % range", inside[own], reason


def _interval(star, column):
    return (float(star[f"{column}{end}"]) for end in ("_lower", "", "_upper"))


def _words(star, column):
    low, middle, high = _interval(star, column)
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def _speeds(catalogue, stars, audit):
    if "v_sp_published" not in stars.colnames:
        return []
    faults = {
        str(row["star"]): str(row["note"])
        for row in audit
        if row["check"] == "speed" and row["severity"] == "fault"
    }
    rows = []
    for star, printed, source in zip(catalogue, stars["v_sp_published"], catalogue["rv_source"]):
        difference = star["v_sp"] - printed
        agrees = bool(abs(difference) <= SPEED_TOLERANCE)
        reason = "by construction: rv is taken from it" if "V_Sp" in source else ""
        if not agrees:
            reason = faults.get(str(star["star"]), f"differs by {difference:+.2f} km/s")
        name = f"V_Sp of {star['star']} [km/s]"
        rows.append(
            (name, f"{printed:.2f}", f"{star['v_sp']:.2f}", f"{SPEED_TOLERANCE}", agrees, reason)
        )
    return rows


def _positions(catalogue, stars, frame):
    """X, Y, Z per star; where they differ, whether the printed conventions explain it."""
    if "x_published" not in stars.colnames:
        return []
    lon, lat = galactic(catalogue["ra"], catalogue["dec"])
    distance = np.asarray(catalogue["distance"])
    towards = distance * np.cos(lat) * np.cos(lon)
    # the R0 behind the printed X, from the table itself
    r0 = float(np.median(np.asarray(stars["x_published"]) + towards))
    unsigned = distance * np.abs(np.sin(lat)) + frame.z_sun
    causes = {
        "x": (r0 - towards, f"printed with R0 = {r0:.3f} kpc; this run has {frame.r0:g}"),
        "y": (distance * np.cos(lat) * np.sin(lon), "printed without rounding error"),
        "z": (unsigned, "printed without its sign, and the Sun's height added to |z|"),
    }
    rows = []
    for i, star in enumerate(catalogue):
        for axis, (conventional, cause) in causes.items():
            printed = float(stars[f"{axis}_published"][i])
            agrees = bool(abs(star[axis] - printed) <= POSITION_TOLERANCE)
            explained = abs(conventional[i] - printed) <= POSITION_TOLERANCE
            reason = "" if agrees else cause if explained else "not explained"
            rows.append(
                (
                    f"{axis.upper()} of {star['star']} [kpc]",
                    f"{printed:.2f}",
                    f"{star[axis]:.3f}",
                    f"{POSITION_TOLERANCE}",
                    agrees,
                    reason,
                )
            )
    return rows


def page(board):
    """The scoreboard as an HTML page.

    Parameters
    ----------
    board : Table
        Table ``scoreboard``.

    Returns
    -------
    str
    """
    head = "".join(f"<th>{name}</th>" for name in board.colnames)
    lines = []
    for row in board:
        cells = [html.escape(str(value)) for value in row]
        cells[board.colnames.index("agrees")] = "yes" if row["agrees"] else "no"
        style = "" if row["agrees"] else ' style="background:#fbe5d6"'
        lines.append(f"<tr{style}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    agree = int(np.sum(board["agrees"])) if len(board) else 0
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Scoreboard</title><style>"
        "body{font:14px sans-serif;margin:2em} td,th{padding:2px 8px;text-align:left;"
        "border-bottom:1px solid #ddd}</style></head><body><h1>Scoreboard</h1>"
        f"<p>{agree} of {len(board)} stated numbers agree within the stated tolerance.</p>"
        f"<table><tr>{head}</tr>{''.join(lines)}</table></body></html>\n"
    )

"""Audit of a published table of stars: does it agree with itself?

Each check needs some columns and is passed over where they are missing. A *fault* is a row in
which the table contradicts itself; a *note* is worth knowing: what its columns were made with,
or what they hide.
"""

import re
from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.audit import axes, distances, identifiers, labels
from runaways.audit.distances import Positions, fit_positions
from runaways.audit.numbers import TABLE, Finding, texts
from runaways.audit.speeds import (
    Speeds,
    check_radial_velocity,
    check_speed,
    check_threshold,
    speeds_as_printed,
)
from runaways.audit.vectors import VECTOR, Vectors, check_vector, fit_vectors
from runaways.frames import Frame

_SKY = ("ra", "dec")
_MOTION = (*_SKY, "pmra", "pmdec")

# Stars listed one by one in the summary, for each kind of finding.
MOST_LISTED = 60

BOTH, COMPUTED, STAR = "{star} ({printed} -> {computed})", "{star} ({computed})", "{star}"

# name, function, columns needed, what a finding says, how the summary lists a star
CHECKS = (
    (
        "source_id", identifiers.check_source_id, ("source_id", *_SKY),
        "A Gaia id names a pixel of the sky; these ids do not name the one their star is in.",
        BOTH,
    ),
    (
        "source_id_repeated", identifiers.check_source_id_repeated, ("source_id",),
        "One Gaia id is printed for several stars.", "{star} ({printed})",
    ),
    (
        "name_repeated", identifiers.check_name_repeated, ("name",),
        "One name is printed for several stars.", "{star} ({printed})",
    ),
    (
        "distance", distances.check_distance, _SKY,
        "The distance that the printed coordinates were computed with.", BOTH,
    ),
    (
        "x", axes.check_x, (*_SKY, "x_published"),
        "The Sun's distance from the centre behind X, fitted; any star listed disagrees.", BOTH,
    ),
    (
        "y", axes.check_y, (*_SKY, "y_published"),
        "Y disagrees with the star's position and distance.", BOTH,
    ),
    (
        "z", axes.check_z, (*_SKY, "z_published"),
        "The Sun's height behind Z, fitted; any star listed disagrees.", BOTH,
    ),
    (
        "z_sign", axes.check_z_sign, (*_SKY, "z_published"),
        "Z lost its sign.", BOTH,
    ),
    (
        "vector", check_vector, (*_MOTION, *VECTOR),
        "U, V, W and what was added to the heliocentric velocity, fitted; no radial velocity "
        "gives the vectors of the stars listed, so they are not their own.", COMPUTED,
    ),
    (
        "radial_velocity", check_radial_velocity, _MOTION,
        "Radial velocities that the printed velocities hide, or contradict.", COMPUTED,
    ),
    (
        "speed", check_speed, (*_MOTION, "v_sp_published"),
        "The r0 behind V_Sp, fitted; the stars listed print another V_Sp than their velocity's.",
        BOTH,
    ),
    (
        "threshold", check_threshold, ("v_sp_published",),
        "Too slow for the stated limits.", BOTH,
    ),
    (
        "labels", labels.check_labels, labels.LABELS,
        "Stars share Teff, log g and [M/H] to the last digit.", STAR,
    ),
    (
        "vsini", labels.check_vsini, ("vsini",),
        "v sin i is exactly zero.", STAR,
    ),
    (
        "grid_flag", labels.check_grid_flag, ("inside_grid_published",),
        "Flags and the stated limits of the grid disagree.", COMPUTED,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What the publication states, and what its table turned out to be made with.

    Attributes
    ----------
    frame : Frame
        Stated.
    box : dict or None
        Stated limits of the grid, column name to (lowest, highest).
    v_sp_min, v_tan_min : float or None
        Stated limits [km/s].
    positions : Positions
    vectors : Vectors or None
    speeds : Speeds or None
    """

    frame: Frame
    box: dict | None
    v_sp_min: float | None
    v_tan_min: float | None
    positions: Positions
    vectors: Vectors | None
    speeds: Speeds | None


def audit(
    stars: Table,
    frame: Frame,
    box: dict | None = None,
    v_sp_min: float | None = None,
    v_tan_min: float | None = None,
) -> Table:
    """Check a published table against itself.

    Parameters
    ----------
    stars : Table
        n rows: ``star`` (text, unique) and any of ``source_id`` (text or integer) ``name
        ra dec parallax pmra pmdec distance rv teff logg mh vsini inside_grid_published
        v_sp_published x_published y_published z_published u_published v_published
        w_published``, in the units of the schema or with their own.
    frame : Frame
        Stated by the publication.
    box : dict, optional
        Stated limits of the grid: column name to (lowest, highest), in the column's unit.
    v_sp_min, v_tan_min : float, optional
        Stated limits of the sample: a star should reach one of them [km/s].

    Returns
    -------
    Table
        One row per finding, all columns text: ``star`` (``(table)`` when it concerns all),
        ``check``, ``severity`` (``fault`` or ``note``), ``printed``, ``computed``, ``note``.
        ``meta`` has the number of ``stars``, ``checks_run`` and ``checks_skipped``.

    Raises
    ------
    ValueError
        When ``star`` is missing or not unique, a numeric column holds text, or ``box`` names a
        column that the table has not.
    """
    _require(stars, box)
    reading = _read(stars, frame, box, v_sp_min, v_tan_min)
    findings, run, skipped = [], [], {}
    for name, check, needed, *_ in CHECKS:
        missing = [column for column in needed if column not in stars.colnames]
        if missing:
            skipped[name] = "no " + " ".join(missing)
            continue
        run.append(name)
        findings += check(stars, reading)
    columns = zip(*findings, strict=True) if findings else [()] * len(Finding._fields)
    table = Table([np.array(column, dtype=str) for column in columns], names=Finding._fields)
    table.meta.update(stars=len(stars), checks_run=run, checks_skipped=skipped)
    return table


def _require(stars, box):
    if "star" not in stars.colnames:
        raise ValueError("audited table: expected a column star, unique for each row")
    names = texts(stars, "star")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"audited table, column star: {twice} occurs more than once")
    missing = [name for name in box or {} if name not in stars.colnames]
    if missing:
        raise ValueError(f"audited table: no column {missing[0]}, of which the grid has limits")


def _read(stars, frame, box, v_sp_min, v_tan_min):
    nothing = np.full(len(stars), np.nan)
    positions, vectors, speeds = Positions("unknown", nothing, nothing, {}), None, None
    if set(_SKY) <= set(stars.colnames):
        positions = fit_positions(stars, frame)
        vectors = fit_vectors(stars, positions, frame)
        speeds = speeds_as_printed(stars, positions, vectors, frame)
    return Reading(frame, box, v_sp_min, v_tan_min, positions, vectors, speeds)


def summary(audit_table: Table) -> str:
    """A readable page of an audit.

    Parameters
    ----------
    audit_table : Table
        As from `audit`, also when read back from a file.

    Returns
    -------
    str
        reStructuredText: counts per check, then one paragraph for each that found something.
    """
    columns = (texts(audit_table, name) for name in Finding._fields)
    rows = [Finding(*row) for row in zip(*columns, strict=True)]
    faults = [row for row in rows if row.severity == "fault"]
    faulty = {row.star for row in faults} - {TABLE}
    meta = audit_table.meta
    title = "Audit of the published table"
    lines = [title, "=" * len(title), ""]
    lines += [
        f"{meta.get('stars', 'Unknown number of')} stars; {len(faults)} faults, where the table "
        f"contradicts itself, in {len(faulty)} of them; {len(rows) - len(faults)} notes, of what "
        "its columns were made with or hide.",
        "",
    ]
    lines += _counts(rows, meta)
    for name, _, _, sentence, shown in CHECKS:
        found = [row for row in rows if row.check == name]
        if found:
            lines += _paragraph(name, sentence, shown, found)
    return "\n".join(lines).rstrip() + "\n"


def _counts(rows, meta):
    run = meta.get("checks_run", [name for name, *_ in CHECKS])
    skipped = meta.get("checks_skipped", {})
    lines = [".. list-table::", "   :header-rows: 1", ""]
    lines += ["   * - check", "     - faults", "     - notes"]
    for name in run:
        severities = [row.severity for row in rows if row.check == name]
        lines += [f"   * - {name}"]
        lines += [f"     - {severities.count(kind)}" for kind in ("fault", "note")]
    lines.append("")
    if skipped:
        why = "; ".join(f"{name} ({reason})" for name, reason in skipped.items())
        lines += [f"Not checked, for want of columns: {why}.", ""]
    return lines


def _paragraph(name, sentence, shown, found):
    lines, groups = [f"**{name}.** {sentence}", ""], {}
    for row in found:
        if row.star == TABLE:
            stated = f" (stated: {row.printed})" if row.printed else ""
            lines.append("* " + _plain(f"{row.computed}{stated}: {row.note}"))
        else:
            groups.setdefault((row.severity, row.note), []).append(row)
    for (severity, note), same in groups.items():
        listed = [shown.format(**row._asdict()).replace(" -> )", ")") for row in same]
        if len(same) == 1:
            lines.append("* " + _plain(f"{severity}: {listed[0]}: {note}"))
            continue
        stars = ", ".join(listed[:MOST_LISTED])
        if len(listed) > MOST_LISTED:
            stars += f" and {len(listed) - MOST_LISTED} more"
        lines.append("* " + _plain(f"{severity}, {len(same)} stars: {note}: {stars}"))
    return lines + [""]


def _plain(text):
    """Text on one line whose characters reStructuredText shall not interpret, nor make links of."""
    return re.sub(r"([^\w\s]|_)", r"\\\1", " ".join(text.split()))

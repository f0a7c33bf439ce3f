"""The star list: read from any common format, checked value by value, never corrected."""

import hashlib
import re
import unicodedata
from collections import Counter

import numpy as np
from astropy.table import Table

from runaways.inputs.files import InputError
from runaways.inputs.values import SAID, read_columns, schema_of
from runaways.tables import column_schema, table_schema

STAR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")
LONGEST_NAME = 64  # characters; a folder and a column of FITS and MRT carry it
# What Windows keeps for itself, and what folders of batches are called
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|batch_\d+", re.IGNORECASE)
# how far a position may lie outside its id's pixel: epochs, proper motion, printed digits
PIXEL_TOLERANCE = 5 / 3600  # deg


def read(path, distance_method="inverse_parallax"):
    """Read and check a star list.

    Parameters
    ----------
    path : str or Path
        Any format of `inputs.files`, with our names or those of `inputs.names`; units of the file
        are converted to the schema's, columns without unit are taken to be in it.
    distance_method : str
        ``given`` needs the column distance, ``inverse_parallax`` a positive parallax.

    Returns
    -------
    stars : Table
        Table ``stars``: the list's columns, `status` and `reason`; a bad value is NaN or empty.
        `star` is made of the Gaia id or the position where the list has no names; of a name that
        no folder can have, and then `name` is the list's. ``meta["notes"]``: lines on what
        columns were taken for and which are not used.
    problems : Table
        Table ``list_problems``: row (from 1), star, column, value, expected, severity: ``stop``
        for an impossible value, ``failed`` for a missing one, ``warning``.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, has one in another unit's dimension or one
        whose name is nearly a known one.
    """
    schema = table_schema("star_list")
    names = schema["required"] + schema["optional"]
    needed = [name for name in schema["required"] if name != "star"]
    needed += ["distance" if distance_method == "given" else "parallax"]
    columns, problems, notes = read_columns(path, schema_of(names), needed, strict=True)
    if len(columns["ra"]) == 0:
        raise InputError(f"{path}: there is no star in it")
    if "star" not in columns:
        columns["star"] = _designations(columns)
        notes.append(f"{path}: no column 'star': stars are named by id or position")
    columns["star"], columns["name"], found = _check_names(columns["star"], columns.get("name"))
    problems += found
    stars = Table()
    for name in names:
        if columns.get(name) is not None:
            stars[name] = columns[name]
            stars[name].unit = column_schema(name).get("unit")
    problems += _check_missing(stars, needed, problems)
    problems += _check_parallaxes(stars, distance_method) + _check_gaia_ids(stars)
    problems = _problem_table(problems, stars["star"])
    stars["status"], stars["reason"] = _status(problems, len(stars))
    stars.meta["notes"] = notes + _said_of(problems, path)
    return stars, problems


def _said_of(problems, path):
    """A line for each column with warnings: they stop nothing, and are not to be missed."""
    warned = problems[problems["severity"] == "warning"]
    lines = []
    for name in dict.fromkeys(warned["column"].tolist()):
        rows = warned[warned["column"] == name]
        first = rows[0]
        what = first["expected"]
        what = what if what == SAID else f"expected {what}"
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        lines.append(
            f"{path}: row {first['row']} ({first['star']}){more}, column {name}: "
            f"{first['value']}, {what}"
        )
    return lines


def refuse(problems, path, shown=20):
    """Stop a run whose list holds impossible values.

    Raises
    ------
    InputError
        One line for each impossible value, `shown` at most, and how to go on without them.
    """
    stop = problems[problems["severity"] == "stop"]
    if len(stop) == 0:
        return
    lines = [
        f"{path}: row {row['row']} ({row['star']}), column {row['column']}: "
        f"{row['value'] or 'empty'}, expected {row['expected']}"
        for row in stop[:shown]
    ]
    if len(stop) > shown:
        lines.append(f"{path}: and {len(stop) - shown} more")
    lines.append("To carry such rows as failed stars, set `bad_rows: carry` in the configuration.")
    raise InputError("\n".join(lines))


def row_hashes(stars):
    """Hash of each star's row, in the order of the list: what its jobs depend on.

    Parameters
    ----------
    stars : Table
        As from `read`.

    Returns
    -------
    dict
        Star name to hexadecimal hash.
    """
    text = zip(*(stars[name].tolist() for name in stars.colnames))
    names = stars["star"].tolist()
    head = repr(stars.colnames).encode()
    return {
        name: hashlib.sha256(head + repr(row).encode()).hexdigest()[:12]
        for name, row in zip(names, text)
    }


def _designations(columns):
    """Names for a list without: of the Gaia id if it is one star's, else of the position."""
    empty = np.full(len(columns["ra"]), "")
    ids = columns.get("source_id", empty).tolist()
    places = zip(columns["ra"].tolist(), columns["dec"].tolist())
    times = Counter(ids)
    return np.array(
        [f"Gaia_{i}" if i and times[i] == 1 else _designation(*at) for i, at in zip(ids, places)],
        "U",
    )


def _designation(ra, dec):
    """``JHHMMSS.ss+DDMMSS.s``, cut and not rounded; empty without a position."""
    if not np.isfinite(ra + dec):
        return ""
    hours, degrees = int(ra / 15 * 3600 * 100 + 1e-6), int(abs(dec) * 3600 * 10 + 1e-6)
    h, d = divmod(hours, 360000), divmod(degrees, 36000)
    right = f"{h[0]:02d}{h[1] // 6000:02d}{h[1] % 6000 / 100:05.2f}"
    return f"J{right}{'-' if dec < 0 else '+'}{d[0]:02d}{d[1] // 600:02d}{d[1] % 600 / 10:04.1f}"


def _safe(name):
    """A name that can be a folder: blanks and signs become ``_``, and none stand at its ends."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9+_.-]+", "_", plain).lstrip("+_.-").rstrip("_.")


def _check_names(given, literature):
    """A usable and unique name for every row; a bad one is replaced by the row's number.

    Returns
    -------
    names : ndarray of str
    literature : ndarray of str or None
        Column `name`, the list's own name where it had to be changed and there is none yet.
    problems : list
    """
    names, problems, seen, own = [], [], {}, {}
    for row, name in enumerate(given.tolist()):
        safe = name if STAR_NAME.fullmatch(name) else _safe(name)
        if not safe or "/" in name or "\\" in name or not name.isprintable():
            expected = "a name of letters, digits and + - _ . (it becomes a folder)"
        elif len(safe) > LONGEST_NAME:
            expected = f"a name of at most {LONGEST_NAME} characters"
        elif RESERVED.fullmatch(safe) or safe.endswith("."):
            expected = "another name: this one is reserved"
        elif safe.casefold() in seen:
            first, other = seen[safe.casefold()]
            expected = f"a name not used in row {first + 1}"
            if other != name:
                expected += f": {other!r} would be the same folder"
        else:
            seen[safe.casefold()] = row, name
            names.append(safe)
            if safe != name:
                own[row] = name
            continue
        shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
        problems.append((row, "star", shown, expected, "stop"))
        names.append("")
    for row in (row for row, name in enumerate(names) if not name):
        names[row] = f"row_{row + 1}" + ("_" if f"row_{row + 1}" in seen else "")
    if own:
        before = [""] * len(names) if literature is None else literature.tolist()
        literature = np.array([text or own.get(row, "") for row, text in enumerate(before)], "U")
    return np.array(names, "U"), literature, problems


def _check_missing(stars, needed, problems):
    known = {(row, name) for row, name, *_, severity in problems if severity != "warning"}
    return [
        (row, name, "", "a value", "failed")
        for name in needed
        if stars[name].dtype.kind == "f"
        for row in np.flatnonzero(np.isnan(stars[name]))
        if (row, name) not in known
    ]


def _check_parallaxes(stars, distance_method):
    if distance_method != "inverse_parallax":
        return []
    return [
        (row, "parallax", f"{stars['parallax'][row]:g} mas", "more than 0 mas to invert", "failed")
        for row in np.flatnonzero(stars["parallax"] <= 0)
    ]


def _check_gaia_ids(stars):
    if "source_id" not in stars.colnames:
        return []
    problems, seen = [], {}
    from runaways.stars.gaia_ids import id_separation  # healpix: only for lists with ids

    separation = id_separation(stars["source_id"], stars["ra"], stars["dec"])
    for row, source_id in enumerate(stars["source_id"].tolist()):
        if not source_id:
            continue
        if np.isnan(separation[row]):
            if np.isfinite(stars["ra"][row] + stars["dec"][row]):
                expected = "a Gaia source_id (a positive integer below 2^63)"
                problems.append((row, "source_id", source_id, expected, "warning"))
        elif separation[row] > PIXEL_TOLERANCE:
            expected = f"an id of its position; this one's pixel is {separation[row]:.3g} deg away"
            problems.append((row, "source_id", source_id, expected, "warning"))
        if source_id in seen:
            expected = f"an id not used in row {seen[source_id] + 1}"
            problems.append((row, "source_id", source_id, expected, "warning"))
        seen.setdefault(source_id, row)
    return problems


def _problem_table(problems, names):
    problems = sorted(problems, key=lambda problem: problem[0])
    columns = list(zip(*problems)) if problems else [[]] * 5
    rows = np.array(columns[0], int)
    table = Table({"row": rows + 1, "star": np.asarray(names, "U")[rows]})
    for name, values in zip(("column", "value", "expected", "severity"), columns[1:]):
        table[name] = np.array(values, "U")
    return table


def _status(problems, n):
    reasons = {}
    for problem in problems[problems["severity"] != "warning"]:
        text = (
            f"{problem['column']}: {problem['value'] or 'missing'}, expected {problem['expected']}"
        )
        reasons.setdefault(problem["row"] - 1, []).append(text)
    status = np.where([row in reasons for row in range(n)], "failed", "ok")
    return status, np.array(["; ".join(reasons.get(row, [])) for row in range(n)], "U")

"""The star list: read from any common format, checked value by value, never corrected."""

import hashlib
import re
from pathlib import Path

import numpy as np
from astropy.table import Table, meta
from astropy.units import Unit, UnitConversionError

from runaways.tables import column_schema, floats, table_schema

STAR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")
MISSING = ("", "nan", "null", "none", "--", "n/a")
TRUE, FALSE = ("true", "t", "1", "i", "yes"), ("false", "f", "0", "o", "no")
FORMATS = {".csv": "csv", ".ecsv": "ecsv", ".vot": "votable", ".xml": "votable"}
FORMATS |= {".fits": "fits", ".parquet": "parquet"}
# how far a position may lie outside its id's pixel: epochs, proper motion, printed digits
PIXEL_TOLERANCE = 5 / 3600  # deg


class ListError(ValueError):
    """A star list that cannot be used; the message names file, row, column and expectation."""


def read(path, distance_method="inverse_parallax"):
    """Read and check a star list.

    Parameters
    ----------
    path : str or Path
        .csv .ecsv .vot .xml .fits or .parquet; units of the file are converted to the schema's,
        columns without unit are taken to be in it.
    distance_method : str
        ``given`` needs the column distance, ``inverse_parallax`` a positive parallax.

    Returns
    -------
    stars : Table
        Table ``stars``: the list's columns, `status` and `reason`; a bad value is NaN or empty.
    problems : Table
        Table ``list_problems``: row (from 1), star, column, value, expected, severity: ``stop``
        for an impossible value, ``failed`` for a missing one, ``warning``.

    Raises
    ------
    ListError
        If the file cannot be read, lacks a column or has one in another unit's dimension.
    """
    raw = _read_file(Path(path))
    schema = table_schema("star_list")
    needed = schema["required"] + ["distance" if distance_method == "given" else "parallax"]
    missing = [name for name in needed if name not in raw.colnames]
    if missing:
        raise ListError(
            f"{path}: column {missing[0]!r} is missing; the columns are {', '.join(raw.colnames)}"
        )
    if len(raw) == 0:
        raise ListError(f"{path}: there is no star in it")
    stars, problems = Table(), []
    for name in schema["required"] + schema["optional"]:
        if name in raw.colnames:
            stars[name], found = _read_column(raw[name], name, path)
            stars[name].unit = column_schema(name).get("unit")
            problems += found
    stars["star"], found = _check_names(stars["star"])
    problems += found + _check_missing(stars, needed, problems)
    problems += _check_parallaxes(stars, distance_method) + _check_gaia_ids(stars)
    problems = _problem_table(problems, stars["star"])
    stars["status"], stars["reason"] = _status(problems, len(stars))
    return stars, problems


def refuse(problems, path, shown=20):
    """Stop a run whose list holds impossible values.

    Raises
    ------
    ListError
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
    raise ListError("\n".join(lines))


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


def _read_file(path):
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in FORMATS:
        raise ListError(f"{path}: a star list is one of {' '.join(FORMATS)}")
    try:
        if suffix in (".csv", ".ecsv"):
            return _read_text(path)
        return Table.read(path, format=FORMATS[suffix])
    except FileNotFoundError:
        raise ListError(f"{path}: there is no such file") from None
    except Exception as error:  # whatever a damaged file makes a reader say
        reason = str(error).strip().split("\n")[0]
        raise ListError(f"{path}: cannot be read as {suffix[1:]}: {reason}") from None


def _read_text(path):
    """CSV or ECSV with every value as text: ids stay to the letter, bad values keep their row."""
    import pandas  # heavy, and needed only here

    comments = []
    with open(path) as lines:
        for line in lines:
            if not line.startswith("#"):
                break
            comments.append(line[1:].strip("\n").removeprefix(" "))
    header = {"delimiter": ",", "datatype": []}
    if comments and comments[0].startswith("%ECSV"):
        header |= {"delimiter": " "} | meta.get_header_from_yaml(comments[1:])
    frame = pandas.read_csv(
        path,
        sep=header["delimiter"],
        dtype=str,
        keep_default_na=False,
        skiprows=len(comments),
        skipinitialspace=True,
        index_col=False,
    )
    table = Table({str(name).strip(): frame[name].to_numpy("U") for name in frame})
    for column in header["datatype"]:
        if "unit" in column and column["name"] in table.colnames:
            table[column["name"]].unit = column["unit"]
    return table


def _read_column(column, name, path):
    schema = column_schema(name)
    if schema["dtype"] == "str":
        return _text(column), []
    if schema["dtype"] == "bool":
        return _booleans(column, name)
    values, problems = _numbers(column, name)
    if column.unit is not None and "unit" in schema:
        try:
            values = values * Unit(column.unit).to(Unit(schema["unit"]))
        except (UnitConversionError, TypeError):
            raise ListError(
                f"{path}: column {name!r} is in {column.unit}, expected {schema['unit']}"
            ) from None
    problems += _out_of_range(values, name, schema)
    values[[row for row, *_ in problems]] = np.nan
    return values, problems


def _text(column):
    values = np.ma.filled(np.ma.asarray(column), "") if column.dtype.kind in "SUO" else column
    return np.char.strip(np.asarray(values).astype("U"))


def _numbers(column, name):
    if column.dtype.kind not in "SUO":
        return floats(column), []
    import pandas

    text = _text(column)
    values = np.array(pandas.to_numeric(pandas.Series(text), errors="coerce"), float)
    suspects = np.flatnonzero(np.isnan(values))
    bad = suspects[~np.isin(np.char.lower(text[suspects]), MISSING)]
    return values, [(row, name, text[row], "a number", "stop") for row in bad]


def _booleans(column, name):
    if column.dtype.kind == "b":
        return np.asarray(column), []
    text = np.char.lower(_text(column))
    bad = np.flatnonzero(~np.isin(text, TRUE + FALSE))
    found = [(row, name, text[row], "I or O, true or false", "stop") for row in bad]
    return np.isin(text, TRUE), found


def _out_of_range(values, name, schema):
    unit = f" {schema['unit']}" if "unit" in schema else ""
    limits = [
        ("positive", lambda: values <= 0, f"more than 0{unit}"),
        ("min", lambda: values < schema["min"], f"at least {schema.get('min')}{unit}"),
        ("max", lambda: values > schema["max"], f"at most {schema.get('max')}{unit}"),
        ("below", lambda: values >= schema["below"], f"less than {schema.get('below')}{unit}"),
    ]
    found = [
        (row, name, f"{values[row]:g}{unit}", expected, "stop")
        for key, outside, expected in limits
        if key in schema
        for row in np.flatnonzero(outside())
    ]
    return found + [
        (row, name, f"{values[row]}", "a finite number", "stop")
        for row in np.flatnonzero(np.isinf(values))
    ]


def _check_names(names):
    """A usable and unique name for every row; a bad one is replaced by the row's number."""
    names, problems, seen = names.astype("U64"), [], {}
    for row, name in enumerate(names.tolist()):
        if not STAR_NAME.fullmatch(name):
            expected = "a name of letters, digits and + - _ . (it becomes a folder)"
        elif name in seen:
            expected = f"a name not used in row {seen[name] + 1}"
        else:
            seen[name] = row
            continue
        problems.append((row, "star", name, expected, "stop"))
        names[row] = f"row_{row + 1}"
    return names, problems


def _check_missing(stars, needed, problems):
    known = {(row, name) for row, name, *_ in problems}
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

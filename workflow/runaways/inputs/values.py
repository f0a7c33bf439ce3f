"""Values of a column as the schema wants them; what is impossible is found with its row."""

import re

import numpy as np

from runaways.inputs.files import InputError, read_file
from runaways.inputs.names import find_columns, nearest
from runaways.inputs.units import converted
from runaways.tables import column_schema, floats

MISSING = ("", "nan", "null", "none", "--", "---", "-", "n/a", "na", "<na>", "\\n", "...", "masked")
TRUE, FALSE = ("true", "t", "1", "1.0", "i", "yes"), ("false", "f", "0", "0.0", "o", "no")
# Numbers that catalogues write for nothing: the first always; the second in magnitudes and errors,
# and where a value with two decimals has no error, for 99.9 may be a rotation.
NOTHING = (-999, -9999, -99999, -999.9, -999.99, -9999.9, -9999.99, -32768)
NOTHING_TOO = (99.99, 99.999, 999.99, 999.999, 9999.99)
NO_ERROR = (99.9, 999.9, 9999.9, 999, 9999, *NOTHING_TOO)
IDS = ("source_id", "obsid")
SAID = "a number that stands for nothing"
SEXAGESIMAL = re.compile(
    r"([+-]?)(\d{1,3})(?:[hd°:]\s*|\s+)(\d{1,2})(?:[m'′:]\s*|\s+)(\d{1,2}(?:\.\d*)?)\s*[s\"″]?"
)
INTEGER = re.compile(r"(\d+)(?:\.0*)?")
EXACT = 2**53  # a float holds every integer below it


def read_columns(path, wanted, required=(), strict=False):
    """Read a table and those of its columns that are wanted, in the schema's units.

    Parameters
    ----------
    path : str or Path
    wanted : dict
        Name to the schema of the column: dtype, and perhaps unit, min, max, positive, below.
    required : sequence of str
        What the table may not lack.
    strict : bool
        As for `names.find_columns`.

    Returns
    -------
    columns : dict of ndarray
        Those that are there.
    faults : list of tuple
        (row from 0, column, value, what was expected, severity) of every bad value, which is NaN or
        empty in its column; severity ``stop`` or ``warning``.
    notes : list of str
        What was mapped and what is not used.

    Raises
    ------
    InputError
        If the file is no table, lacks a column or has one in a wrong unit.
    """
    raw = read_file(path)
    found, notes = find_columns(raw.colnames, list(wanted), path, strict)
    for name in required:
        if name not in found:
            there = ", ".join(raw.colnames[:30]) + (", ..." if raw.colnames[30:] else "")
            hint = nearest(name, raw.colnames)
            raise InputError(f"{path}: column {name!r} is missing{hint}; the columns are {there}")
    if raw.meta["comments"]:
        notes.append(f"{path}: {raw.meta['comments']} lines below the header are comments")
    return *convert(raw, found, wanted, path), notes


def convert(raw, found, wanted, path):
    """Columns of a raw table by the schema.

    Parameters
    ----------
    raw : Table
        As from `files.read_file`.
    found : dict
        Name to `names.Source`.
    wanted : dict
        As for `read_columns`.
    path : str or Path

    Returns
    -------
    columns : dict of ndarray
    faults : list of tuple
        As from `read_columns`.
    """
    columns, faults = {}, []
    for name in wanted:
        if name not in found:
            continue
        source, schema = found[name], wanted[name]
        column = raw[source.name]
        if column.ndim != 1:
            raise InputError(f"{path}: column {source.name!r} has several values in a row")
        if name in IDS:
            columns[name], bad = ids(column, name)
        elif schema["dtype"] == "str":
            columns[name], bad = texts(column), []
        elif schema["dtype"] == "bool":
            columns[name], bad = booleans(column, name)
        else:
            unit = raw.meta["units"].get(source.name) or source.unit
            columns[name], bad = _quantities(column, name, schema, unit, source.name, path)
        faults += bad
    for name, values in columns.items():
        if wanted[name].get("unit") not in (None, "deg") and values.dtype.kind == "f":
            error = columns.get(f"{name}_error", np.full(len(values), np.nan))
            faults += _nothing(np.isin(values, NOTHING_TOO) & np.isnan(error), values, name)
    return columns, faults


def refuse(faults, path):
    """Refuse a catalogue with an impossible value, the first of them.

    Returns
    -------
    list of str
        A line for each column where numbers stood for nothing.

    Raises
    ------
    InputError
        Naming file, row, column, value and what was expected.
    """
    stop = [fault for fault in faults if fault[4] == "stop"]
    if stop:
        row, column, value, expected, _ = stop[0]
        more = f"; and {len(stop) - 1} more such values" if stop[1:] else ""
        raise InputError(
            f"{path}: row {row + 1}, column {column}: {value or 'empty'}, expected {expected}{more}"
        )
    return said_of(faults, path)


def said_of(faults, path):
    """A line for each column in which a number stood for nothing."""
    counts = {}
    for _, column, value, expected, _ in faults:
        if expected == SAID:
            counts.setdefault((column, value), []).append(value)
    return [
        f"{path}: column {column}: {value} in {len(rows)} rows, {SAID}, is taken for missing"
        for (column, value), rows in counts.items()
    ]


def texts(column):
    """A column as text without blanks around it; empty where masked or one of `MISSING`."""
    hidden = np.ma.getmaskarray(column)
    if column.dtype.kind in "SUO":
        values = np.char.strip(np.asarray(column).astype("U"))
    else:
        values = np.asarray(np.ma.getdata(column)).astype("U")
    gone = hidden | np.isin(np.char.lower(values), MISSING)
    return np.where(gone, "", values) if gone.any() else values


def numbers(column, name):
    """A column as floats, NaN where it is silent.

    Parameters
    ----------
    column : Column, shape (n,)
        Of numbers, or of text that holds numbers, words of `MISSING` and, for ra and dec,
        sexagesimal positions.
    name : str
        For the faults.

    Returns
    -------
    values : ndarray, shape (n,)
    faults : list of tuple
        As from `read_columns`.
    sexagesimal : ndarray of bool, shape (n,)
        Where a position was in hours or degrees, minutes and seconds: in degrees now.
    """
    sexagesimal = np.zeros(len(column), bool)
    if column.dtype.kind not in "SUO":
        return floats(column), [], sexagesimal
    text = texts(column)
    values, faults = np.full(len(text), np.nan), []
    plain = (text != "") & (np.char.find(text, "_") < 0)  # 1_000 is a number to Python alone
    try:
        values[plain] = text[plain].astype(float)
    except ValueError:
        pass  # one by one, below
    for row in np.flatnonzero(np.isnan(values) & (text != "")):
        value = str(text[row]).replace("−", "-")
        try:
            if name in ("ra", "dec") and SEXAGESIMAL.fullmatch(value):
                values[row], sexagesimal[row] = _degrees(value, name), True
            else:
                values[row] = float(value) if "_" not in value else np.nan
        except ValueError:
            pass
        if np.isnan(values[row]):
            expected = "a number"
            if re.fullmatch(r"[+-]?\d+,\d+", value):
                expected = "a number, with a point and not a comma"
            faults.append((row, name, str(text[row]), expected, "stop"))
    return values, faults, sexagesimal


def _degrees(text, name):
    """A sexagesimal position, in hours for ra."""
    sign, whole, minutes, seconds = SEXAGESIMAL.fullmatch(text).groups()
    if int(minutes) >= 60 or float(seconds) >= 60:
        return np.nan
    value = int(whole) + int(minutes) / 60 + float(seconds) / 3600
    return (-value if sign == "-" else value) * (15 if name == "ra" else 1)


def _quantities(column, name, schema, unit, own_name, path):
    values, faults, sexagesimal = numbers(column, name)
    values = values.copy()
    nothing = np.isin(values, NOTHING)
    if schema.get("unit") == "mag" or name.endswith("_error"):
        nothing |= np.isin(values, NO_ERROR)
    faults += _nothing(nothing, values, name)
    try:
        values = np.where(sexagesimal, values, converted(values, unit, schema.get("unit")))
    except ValueError as error:
        raise InputError(f"{path}: column {own_name!r} {error}") from None
    faults += out_of_range(values, name, schema)
    values[[row for row, *_ in faults]] = np.nan
    if schema["dtype"] == "int64":
        values = np.nan_to_num(values).astype(int)
    return values, faults


def _nothing(rows, values, name):
    """Faults of numbers that stand for nothing; they are NaN from here on."""
    faults = [(row, name, f"{values[row]:g}", SAID, "warning") for row in np.flatnonzero(rows)]
    values[rows] = np.nan
    return faults


def out_of_range(values, name, schema):
    """Faults of values outside the limits of the schema."""
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
        if key in schema and schema[key] is not False
        for row in np.flatnonzero(outside())
    ]
    return found + [
        (row, name, f"{values[row]}", "a finite number", "stop")
        for row in np.flatnonzero(np.isinf(values))
    ]


def booleans(column, name):
    """A column of yes and no."""
    text = np.char.lower(texts(column))
    bad = np.flatnonzero(~np.isin(text, TRUE + FALSE))
    found = [(row, name, text[row], "I or O, true or false", "stop") for row in bad]
    return np.isin(text, TRUE), found


def ids(column, name):
    """Ids as text, to the last digit; what has lost digits as a float is no id any more.

    Parameters
    ----------
    column : Column
        Integers, text, or floats; an obsid may be several, separated by blanks.
    name : str

    Returns
    -------
    values : ndarray of str
        Empty where there is none: 0 and negative numbers are no ids.
    faults : list of tuple
        As from `read_columns`.
    """
    if column.dtype.kind == "f":
        values = floats(column)
        text = np.array(
            ["" if np.isnan(v) else str(int(v)) if v == np.floor(v) else repr(v) for v in values]
        )
        spoilt = np.abs(np.nan_to_num(values)) >= EXACT
    else:
        text = texts(column)
        spoilt, text = np.zeros(len(text), bool), text.copy()
        for row in np.flatnonzero(~np.char.isdigit(text) & (text != "")):
            spoilt[row] = _through_float(str(text[row]))
            text[row] = INTEGER.sub(r"\1", text[row]) if INTEGER.fullmatch(text[row]) else text[row]
    faults = []
    for row in np.flatnonzero(spoilt):
        expected = "an id with all its digits: this one went through a float"
        faults.append((row, name, str(text[row]), expected, "warning"))
        text[row] = ""
    if name == "obsid":
        for row, value in enumerate(text.tolist()):
            words = [INTEGER.fullmatch(word) for word in value.split()]
            if not all(words):
                faults.append((row, name, value, "LAMOST OBSIDs, integers", "stop"))
            kept = [word[1] for word in words if word and int(word[1]) > 0]
            text[row] = "" if not all(words) else " ".join(kept)
        return text, faults
    nothing = (text == "0") | np.char.startswith(text, "-")
    return np.where(nothing, "", text), faults


def _through_float(text):
    """Whether an id has the form of a float that cannot hold it."""
    if re.fullmatch(r"\d+\.\d+", text):
        return float(text) >= EXACT
    return bool(re.fullmatch(r"\d(\.\d+)?e\+?\d+", text.lower())) and float(text) >= EXACT


def schema_of(names):
    """Schema of columns by their names."""
    return {name: column_schema(name) for name in names}

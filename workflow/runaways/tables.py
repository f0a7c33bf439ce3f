"""Tables on disk: read, check against the schema, write. Alone in the library in doing so."""

import hashlib
import json
import re
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import numpy as np
import yaml
from astropy.table import Column, Table, vstack

from runaways.layout import data_file

SCHEMA = data_file("tables.yaml")
DERIVED = ("_error", "_lower", "_upper", "_published", "_check", "_measured")
# UCD1+ 1.5 (IVOA, 2023): first words of what is derived; the second are those of the column
UCDS = {"_error": "stat.error", "_lower": "stat.percentile", "_upper": "stat.percentile"}
FORMATS = {".parquet": "parquet", ".ecsv": "ascii.ecsv", ".vot": "votable", ".fits": "fits"}
FORMATS |= {".mrt": "ascii.mrt", ".xml": "votable", ".csv": "ascii.csv", ".txt": "ascii.mrt"}
KINDS = {"float64": "fiu", "int64": "iu", "str": "UO", "bool": "b"}
HASHED = (".parquet", ".ecsv")
ROWS_AT_ONCE = 10_000  # of a table as text
STAMPED_VERSIONS = ("numpy", "scipy", "astropy", "galpy")


class TableError(ValueError):
    """A table that does not match its schema."""


@cache
def _schema():
    # every job reads it: by libyaml, seven times as fast, where PyYAML has it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(SCHEMA.read_text(), Loader=loader)


@cache
def column_schema(name):
    """Schema of one column: dtype, unit, description, UCD, limits.

    Raises
    ------
    TableError
        If neither the column nor what it is derived from is in the schema.
    """
    columns = _schema()["columns"]
    if name in columns:
        return columns[name]
    for suffix in filter(name.endswith, DERIVED):
        stem = name.removesuffix(suffix)
        base = column_schema(stem) if stem.endswith("_measured") else columns.get(stem)
        if base:
            words = {"_error": "Error", "_lower": "15.9 % quantile", "_upper": "84.1 % quantile"}
            words |= {"_published": "Published value", "_check": "At check_half_height"}
            words["_measured"] = "Measured from the spectra"
            derived = {key: base[key] for key in ("dtype", "unit", "ucd") if key in base}
            if suffix == "_error":
                derived["positive"] = True
            if suffix in UCDS:
                derived["ucd"] = f"{UCDS[suffix]};{base['ucd']}"
            return derived | {"description": f"{words[suffix]}: {base['description']}"}
    raise TableError(f"column {name!r} is not in {SCHEMA.name}")


def is_column(name):
    """Whether the schema knows a column."""
    try:
        return bool(column_schema(name))
    except TableError:
        return False


def table_schema(name):
    """Columns of one table: ``required`` and ``optional``, in order, ``key``, and which are kept in
    ``single_precision`` and ``half_precision``."""
    entry = _schema()["tables"][name]
    base = table_schema(entry["extends"]) if "extends" in entry else {}
    return {
        "description": entry["description"],
        "key": entry.get("key", []),
        "required": base.get("required", []) + entry["required"],
        "optional": base.get("optional", []) + entry.get("optional", []),
        "single_precision": entry.get("single_precision", []),
        "half_precision": entry.get("half_precision", []),
    }


def conform(table, name):
    """A copy of a table with the schema's columns, order, dtypes and units.

    Parameters
    ----------
    table : Table
        With at least the required columns; columns with a unit are converted.
    name : str
        Name of the table in the schema.

    Raises
    ------
    TableError
        On a missing, unknown or ill-typed column, or a key that is not unique.
    """
    schema = table_schema(name)
    missing = [column for column in schema["required"] if column not in table.colnames]
    allowed = schema["required"] + schema["optional"]
    unknown = [column for column in table.colnames if column not in allowed]
    if missing or unknown:
        raise TableError(f"table {name}: missing columns {missing}, unknown columns {unknown}")
    out = Table(meta=dict(table.meta))
    for column in allowed:
        if column in table.colnames:
            out[column] = _conform_column(table[column], column)
    if schema["key"] and len(out):
        keys = {tuple(row) for row in zip(*(out[key].tolist() for key in schema["key"]))}
        if len(keys) < len(out):
            raise TableError(f"table {name}: {' '.join(schema['key'])} is not unique")
    return out


def _conform_column(column, name):
    schema = column_schema(name)
    if np.ma.is_masked(column):
        if column.dtype.kind not in "fSUO":
            raise TableError(f"column {name}: {column.dtype} with values missing")
        column = column.filled(np.nan if column.dtype.kind == "f" else "")
    if schema["dtype"] == "float64" and column.unit is not None and "unit" in schema:
        column = column.quantity.to(schema["unit"])
    values = np.asarray(getattr(column, "value", column))
    if len(values) and values.dtype.kind not in KINDS[schema["dtype"]]:
        raise TableError(f"column {name}: {values.dtype} where {schema['dtype']} is due")
    return Column(
        values.astype(schema["dtype"]),
        unit=schema.get("unit"),
        description=schema["description"],
        meta={"ucd": schema["ucd"]},
    )


def stack(parts, name):
    """Stack parts of one table, which may be none.

    Parameters
    ----------
    parts : list of Table
    name : str
        Name of the table in the schema.

    Returns
    -------
    Table
        Without a row, but with the required columns, where there is no part.
    """
    columns = table_schema(name)["required"]
    kinds = [column_schema(column)["dtype"] for column in columns]
    empty = Table(names=columns, dtype=[{"str": "U1"}.get(kind, kind) for kind in kinds])
    return vstack([empty, *parts], metadata_conflicts="silent") if parts else empty


def write(table, path, name, **stamp):
    """Check a table against its schema, stamp it, write it.

    Parameters
    ----------
    table : Table
    path : str or Path
        .parquet or .ecsv, which keep the stamps; `products.export` is for all others.
    name : str
        Name of the table in the schema.
    **stamp
        Provenance to keep with it: run, config, seed, code, stand_in, ...
    """
    out = conform(table, name)
    for bits, key in ((24, "single_precision"), (11, "half_precision")):
        for column in set(table_schema(name)[key]) & set(out.colnames):
            out[column][:] = _rounded(np.asarray(out[column]), bits)
    out.meta |= {"table": name} | stamp
    out.meta["versions"] = " ".join(f"{p}={version(p)}" for p in STAMPED_VERSIONS)
    save(out, path)


def _rounded(values, bits):
    """Numbers to some significant bits; the zeros behind cost next to nothing in a file."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits)


def _digest(table):
    """Hash of all that a table holds, the same before it is written and after it is read."""
    digest = hashlib.blake2b(digest_size=8)
    stamps = {key: _plain(value) for key, value in table.meta.items() if key != "content"}
    digest.update(json.dumps(stamps, sort_keys=True).encode())
    for name in table.colnames:
        column = table[name]
        text = [name, str(column.unit or ""), column.description or "", _plain(column.meta)]
        if column.dtype.kind == "f":
            values = floats(column)
            digest.update(np.where(np.isnan(values), np.nan, values).tobytes())
        elif column.dtype.kind in "iub":
            digest.update(np.asarray(column, np.int64).tobytes())
        else:
            values, counts = _runs(np.ma.filled(np.ma.asarray(column), ""))
            text += values
            digest.update(np.asarray(counts, np.int64).tobytes())
        digest.update(json.dumps(text).encode())
    return digest.hexdigest()


def _runs(texts):
    """Texts without repetitions of the one before, and how often each stands there.

    A star's name stands in thousands of rows.
    """
    first = np.flatnonzero(np.append(True, texts[1:] != texts[:-1])[: len(texts)])
    return [str(text) for text in texts[first].tolist()], np.diff(np.append(first, len(texts)))


def _plain(value):
    """A stamp as it comes back from a file."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(part) for part in value]
    if isinstance(value, (np.generic, float)):
        return repr(float(value)) if isinstance(value, (float, np.floating)) else value.item()
    return value if isinstance(value, (int, str, type(None))) else str(value)


@contextmanager
def intact(path):
    """Reading a file of a run: whatever a damaged one makes a library say becomes one line.

    Raises
    ------
    TableError
        Naming the file and what to do.
    """
    try:
        yield
    except (FileNotFoundError, TableError):
        raise
    except Exception as error:  # damage shows anywhere
        if isinstance(error, ValueError) and str(path) in str(error):
            raise  # what the reader itself says of the file
        said = " ".join(str(error).split())[:150] or type(error).__name__
        raise TableError(
            f"{path}: damaged or cut short, delete it and run again ({said})"
        ) from error


def save(table, path):
    """Write a table as it is, in the format of the suffix; with a hash of it where `read` reads."""
    path = Path(path)
    if path.suffix in HASHED:
        table = table.copy(copy_data=False)
        table.meta["content"] = _digest(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        path.unlink(missing_ok=True)  # another file that it is a link to stays as it is
        _write_parquet(table, path)
    elif path.suffix == ".ecsv":
        _write_ecsv(table, path)
    else:
        table.write(path, format=FORMATS[path.suffix], overwrite=True)


def _write_ecsv(table, path):
    """As `Table.write` does, but some rows at a time: all their texts at once take GB."""
    path.unlink(missing_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        for start in range(0, max(len(table), 1), ROWS_AT_ONCE):
            part = StringIO()
            table[start : start + ROWS_AT_ONCE].write(part, format="ascii.ecsv")
            # the header, comments and one line of names, comes with each of them
            text = part.getvalue()
            header = re.match(r"(#.*\n)*.*\n", text).end() if start else 0
            file.write(text[header:])


def _write_parquet(table, path):
    """As `Table.write` does for `Table.read`, but small, and without the import of pandas.

    Its header, astropy's of ECSV, is written as the JSON that is YAML too.
    """
    import pyarrow as pa  # not where no table is kept
    from pyarrow import parquet

    columns, header, metadata = {}, [], {}
    for name in table.colnames:
        values = np.asarray(table[name])
        kind = values.dtype.kind
        columns[name] = _to_arrow(values)
        datatype = {"U": "string", "b": "bool"}.get(kind, values.dtype.name)
        entry = {"name": name, "unit": str(table[name].unit or ""), "datatype": datatype}
        entry |= {"description": table[name].description, "meta": dict(table[name].meta)}
        header.append({key: value for key, value in entry.items() if value})
        if kind == "U":
            metadata[f"table::len::{name}"] = str(values.dtype.itemsize // 4)
    header = {"datatype": header, "meta": dict(table.meta)}
    metadata["table_meta_yaml"] = json.dumps(header, default=_plain)
    arrow = pa.table(columns).replace_schema_metadata(metadata)
    split = [name for name in table.colnames if table[name].dtype.kind == "f"]
    parquet.write_table(
        arrow,
        path,
        compression="zstd",
        use_dictionary=[name for name in table.colnames if name not in split],
        use_byte_stream_split=split,
        # a hash of the content says more, and costs less room
        write_statistics=False,
    )


def _to_arrow(values):
    """An array for pyarrow; its own conversion imports pandas to see whether it is of pandas."""
    import pyarrow as pa

    n, kind = len(values), values.dtype.kind
    if kind == "U":
        values, counts = _runs(values)
        texts = [value.encode() for value in values]
        lengths = np.repeat(np.array([len(text) for text in texts], int), counts)
        offsets = np.append(0, np.cumsum(lengths)).astype(np.int32)
        joined = b"".join(text * count for text, count in zip(texts, counts.tolist()))
        return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(joined))
    if kind == "b":
        values, arrow = np.packbits(values, bitorder="little"), pa.bool_()
    else:
        arrow = {"f": pa.float64, "i": pa.int64}[kind]()
    return pa.Array.from_buffers(arrow, n, [None, pa.py_buffer(np.ascontiguousarray(values))])


def _read_parquet(path):
    """In one thread: at exit Arrow may abort for those of its own (apache/arrow issue 34314)."""
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        arrow = file.read(use_threads=False)
    header = json.loads(arrow.schema.metadata[b"table_meta_yaml"])
    out = Table(meta=header["meta"])
    for entry in header["datatype"]:
        column = arrow.column(entry["name"]).combine_chunks()
        if pa.types.is_string(column.type):
            column = column.dictionary_encode()
            # no wider than they are: a name stands in thousands of rows, four bytes a letter
            texts = np.array(column.dictionary.to_pylist(), str)
            values = texts[np.from_dlpack(column.indices)]
        elif pa.types.is_boolean(column.type):
            values = np.array(column.to_pylist(), bool)
        else:
            values = np.array(np.from_dlpack(column))
        kept = {key: entry[key] for key in ("unit", "description", "meta") if key in entry}
        out[entry["name"]] = Column(values, **kept)
    return out


def read(path, name=None):
    """Read a table of a run.

    Parameters
    ----------
    path : str or Path
    name : str, optional
        Name of the table in the schema; checked when given.

    Raises
    ------
    TableError
        If the file holds another table, or is not what was written.
    """
    with intact(path):
        if Path(path).suffix == ".parquet":
            table = _read_parquet(path)
        else:
            table = Table.read(path, format=FORMATS[Path(path).suffix])
        content = table.meta.get("content")
        if content is not None and content != _digest(table):
            raise ValueError("its content is not what was written")
    if name and table.meta.get("table") != name:
        raise TableError(f"{path}: holds {table.meta.get('table')!r}, expected {name!r}")
    if name and content is None:
        raise TableError(f"{path}: damaged: its hash is lost; delete it and run again")
    table.meta.pop("content", None)
    return table


def gather(paths, name, **stamp):
    """Read parts of one table and stack them, after checking that they belong together.

    Parameters
    ----------
    paths : list of str
        Files of the same table, in order.
    name : str
        Name of the table in the schema.
    **stamp
        Stamps every part must carry, such as ``config`` and ``code``.

    Raises
    ------
    TableError
        If a part is of another table or was made with other settings or other code; names the
        file and says how to mend it.
    """
    parts = [read(path, name) for path in paths]
    for path, part in zip(paths, parts):
        for key, value in stamp.items():
            if str(part.meta.get(key)) != str(value):
                raise TableError(
                    f"{path}: made with another {key} than this run's; delete it and run again"
                )
    return vstack(parts, metadata_conflicts="silent") if len(parts) > 1 else parts[0]


def check_draws(births, star, n):
    """Check that a star's draws are complete: 0 to n - 1, each once, in order.

    Raises
    ------
    TableError
        Naming the star and what is there.
    """
    if births["draw"].tolist() != list(range(n)):
        raise TableError(f"{star}: {len(births)} draws of table birthplaces, expected 0 to {n - 1}")


def column(table, name):
    """A numeric column, NaN where the table is silent.

    Parameters
    ----------
    table : Table, n rows
    name : str

    Returns
    -------
    ndarray of float, shape (n,)
        NaN where masked, and throughout where there is no such column.
    """
    if name not in table.colnames:
        return np.full(len(table), np.nan)
    return floats(table[name])


def floats(values):
    """Numbers as an array of floats, NaN where masked."""
    return np.ma.filled(np.ma.asarray(values, float), np.nan)

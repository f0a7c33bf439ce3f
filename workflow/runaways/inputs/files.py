"""A file that somebody brings, to a table of raw values: the one reader of all kinds of lists."""

import csv
import gzip
import io
import re
import warnings
import zlib
from pathlib import Path

import numpy as np
from astropy.table import MaskedColumn, Table, meta

PLAIN = (".csv", ".tsv", ".txt", ".dat", ".ecsv", ".mrt")
BINARY = {".fits": "FITS", ".fit": "FITS", ".fts": "FITS", ".parquet": "Parquet", ".pq": "Parquet"}
BINARY |= {".vot": "VOTable", ".xml": "VOTable", ".votable": "VOTable"}
# Files told by how they begin, and what to do with those that are no tables
MAGIC = {b"SIMPLE": "FITS", b"PAR1": "Parquet"}
FOREIGN = {b"PK\x03\x04": "a spreadsheet or zip archive: export it as CSV"}
FOREIGN |= {b"\x89HDF": "HDF5: export it as Parquet, FITS or CSV"}
FOREIGN |= {b"BZh": "packed by bzip2: unpack it", b"\xfd7zXZ": "packed by xz: unpack it"}
FITS_BLOCK = 2880  # bytes; FITS Standard 4.0, section 3.1
DELIMITERS = ("\t", ";", ",", "|")
RULER = re.compile(r"[-\t;,| ]*--[-\t;,| ]*")
# A larger table does not fit the memory of a job; a bomb of a few kB unpacks to more
LARGEST = 4 * 2**30  # bytes; assumed
MOST_CARDS = 20_000  # of one FITS header; assumed: a thousand columns need six thousand
LONGEST = 1000  # characters of a value; a quote that is never closed swallows more


class InputError(ValueError):
    """A table that cannot be used: one line that names file, row, column and expectation."""


def read_file(path):
    """Read a table of any format, told by its content; nothing is converted.

    CSV, TSV, semicolons or blanks between the values, ECSV, VizieR's text with units and a ruler
    below the header, VOTable, FITS, Parquet and MRT, each also packed by gzip.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Table
        Text formats as text, every value to the letter; the others as they are, with masks.
        ``meta["units"]``: column to the text of its unit; ``meta["comments"]``: rows that were
        commented out.

    Raises
    ------
    InputError
        If there is no such file, or it is damaged or no table.
    """
    path = Path(path)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix not in PLAIN and suffix not in BINARY:
        raise InputError(f"{path}: a table is one of {' '.join((*PLAIN, *BINARY))}, or packed .gz")
    content = unpacked(path)
    kind = _kind(content, BINARY.get(suffix), path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # astropy only warns of a file shorter than its header promises
            warnings.filterwarnings("error", message=".*truncated.*")
            table = READERS[kind](content, path)
    except InputError:
        raise
    except Exception as error:  # whatever a damaged file makes a library say
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path}: cannot be read as {kind}: {said}") from None
    _check_names(table.colnames, path)
    return table


def unpacked(path, largest=LARGEST):
    """Content of a file, unpacked where gzip packed it, whatever its name.

    Raises
    ------
    InputError
        If there is no such file, it is cut short, or it holds more than `largest` bytes.
    """
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream = gzip.GzipFile(fileobj=file) if packed else file
            content = stream.read(largest + 1)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: packed file cut short or damaged ({error})") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    if len(content) > largest:
        raise InputError(f"{path}: holds more than {largest / 2**20:g} MB")
    return content


def check_cards(content, path):
    """Refuse a FITS file with a header that takes minutes to read.

    Raises
    ------
    InputError
        If a header has more than `MOST_CARDS` cards.
    """
    for head in re.finditer(rb"SIMPLE  =|XTENSION=", content):
        if head.start() % FITS_BLOCK == 0:
            end = content.find(b"END" + b" " * 77, head.start())
            if end - head.start() > 80 * MOST_CARDS:
                raise InputError(f"{path}: a FITS header of more than {MOST_CARDS} cards")


def _kind(content, wanted, path):
    """What a file is by its first bytes."""
    if not content.strip():
        raise InputError(f"{path}: the file is empty")
    for start, what in FOREIGN.items():
        if content.startswith(start):
            raise InputError(f"{path}: {what}")
    kind = next((kind for start, kind in MAGIC.items() if content.startswith(start)), None)
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if kind is None and head.startswith(b"<"):
        if b"<votable" not in content[:65536].lower():
            raise InputError(f"{path}: a web page or other XML, expected a table")
        kind = "VOTable"
    if kind is None and wanted:
        raise InputError(f"{path}: cannot be read as {wanted}: it does not begin like one")
    if kind is None:
        kind = "MRT" if head.startswith(b"title:") else "text"
    return kind


def _check_names(names, path):
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{path}: column {twice[0]!r} is there twice")


def _text(content, path):
    """Delimited text, ECSV among it, with every value as text."""
    lines = _decoded(content, path).split("\n")
    said = [line for line in lines if line.startswith("#")]
    body = [line for line in lines if line.strip() and not line.startswith("#")]
    if not body:
        raise InputError(f"{path}: there is no header in it")
    units, delimiter = {}, None
    if said and said[0].startswith("# %ECSV"):
        header = _ecsv_header(said, path)
        delimiter = header.get("delimiter", " ")
        units = {str(c["name"]): str(c["unit"]) for c in header["datatype"] if "unit" in c}
    if delimiter is None:
        found = {mark: _outside_quotes(body[0]).count(mark) for mark in DELIMITERS}
        delimiter = max(DELIMITERS, key=found.get)
        if not found[delimiter] and len(body[0].split()) > 1:
            delimiter, body = " ", [re.sub(r"[ \t]+", " ", line.strip()) for line in body]
    # VizieR writes units and a ruler below the header
    first = 3 if len(body) > 2 and RULER.fullmatch(body[2]) else 1
    columns = list(zip(*_rows(body, delimiter, first, path)))
    names = [_clean(column[0]) for column in columns]
    if first == 3:
        units = {name: _clean(column[1]) for name, column in zip(names, columns)}
    filled = {}
    for number, (name, column) in enumerate(zip(names, columns), start=1):
        if len(longest := max(column, key=len)) > LONGEST:
            raise InputError(f"{path}: column {name!r}: a value of {len(longest)} characters")
        if name:
            _check_names([*filled, name], path)
            filled[name] = np.array(column[first:], "U")
        elif any(_clean(value) for value in column[first:]):
            raise InputError(f"{path}: column {number} has values and no name")
    out = Table(filled)
    at = lines.index(body[0]) if body[0] in lines else 0
    out.meta = {"units": units, "comments": sum(line.startswith("#") for line in lines[at:])}
    return out


def _clean(value):
    return value.strip(" \t\r\x00")


def _decoded(content, path):
    """Text of a file, with newlines alone at the ends of lines."""
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(coding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}: line {row}: not UTF-8 text; save it as UTF-8") from None
    if "\x00" in text:
        row = text[: text.index("\x00")].count("\n") + 1
        raise InputError(f"{path}: line {row}: not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _ecsv_header(said, path):
    try:
        return meta.get_header_from_yaml([line[1:].removeprefix(" ") for line in said[1:]])
    except Exception as error:  # any fault of the YAML in it
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: the header of the ECSV cannot be read: {reason}") from None


def _outside_quotes(line):
    return re.sub(r'"[^"]*"', "", line)


def _rows(body, delimiter, first, path):
    """Values of every line, the header's among them, as many as it names."""
    rows, reader = [], csv.reader(body, delimiter=delimiter, strict=True)
    while True:
        where = f"{path}: row {len(rows) - first + 1}" if len(rows) >= first else f"{path}: header"
        try:
            row = next(reader)
        except StopIteration:
            return rows
        except csv.Error:
            raise InputError(f"{where}: a quote that is not closed") from None
        if reader.line_num > len(rows) + 1:
            raise InputError(f"{where}: a quote that is not closed on its line")
        if rows and len(row) != len(rows[0]):
            raise InputError(
                f"{where} has {len(row)} values where the header names {len(rows[0])} columns"
            )
        rows.append(row)


def _votable(content, path):
    from astropy.io import votable

    if re.search(rb"<STREAM[^>]*href", content, re.IGNORECASE):
        raise InputError(f"{path}: a VOTable whose data are elsewhere")
    document = votable.parse(io.BytesIO(content), verify="ignore")
    tables = list(document.iter_tables())
    _check_alone(len(tables), path)
    fields = list(tables[0].fields)
    _check_names([field.name for field in fields], path)
    out = tables[0].to_table(use_names_over_ids=True)
    return _bare(out, {f.name: str(f.unit) for f in fields if f.unit is not None})


def _fits(content, path):
    from astropy.io import fits

    check_cards(content, path)
    with fits.open(io.BytesIO(content), memmap=False) as hdus:
        tables = [hdu for hdu in hdus if isinstance(hdu, (fits.BinTableHDU, fits.TableHDU))]
        _check_alone(len(tables), path)
        if tables[0].size > len(content):
            raise InputError(f"{path}: cut short: the table is longer than the file")
        columns = tables[0].columns
        _check_names(list(columns.names), path)
        units = {c.name: c.unit for c in columns if c.unit}
        return _bare(Table.read(tables[0], unit_parse_strict="silent"), units)


def _check_alone(n, path):
    if n != 1:
        raise InputError(f"{path}: holds {n or 'no'} tables, expected one")


def _mrt(content, path):
    out = Table.read(_decoded(content, path).rstrip("\n").split("\n"), format="ascii.mrt")
    return _bare(out, {c.name: c.unit.to_string() for c in out.itercols() if c.unit is not None})


def _parquet(content, path):
    import pyarrow as pa
    from pyarrow import parquet

    file = parquet.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > LARGEST:
        raise InputError(f"{path}: holds more than {LARGEST / 2**30:g} GB")
    raw = file.read(use_threads=False)  # see `tables`: its threads may abort a job at its end
    _check_names(raw.column_names, path)
    kept = (raw.schema.metadata or {}).get(b"table_meta_yaml", b"").decode()
    header = meta.get_header_from_yaml(kept.split("\n")) if kept else {"datatype": []}
    units = {c["name"]: c["unit"] for c in header["datatype"] if "unit" in c}
    names = [name for name in raw.column_names if not name.startswith("__index_level_")]
    return _bare(Table({name: _from_arrow(raw[name]) for name in names}), units)


def _from_arrow(column):
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind, missing = column.type, np.asarray(column.is_null())
    if pa.types.is_decimal(kind):
        column, kind = column.cast(pa.float64()), pa.float64()
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return MaskedColumn(column.fill_null(False if kind == pa.bool_() else 0), mask=missing)
    values = ["" if value is None else value for value in column.to_pylist()]
    return np.array([v.decode() if isinstance(v, bytes) else str(v) for v in values], "U")


def _bare(table, units):
    """A table without units and masks of its library's kind, its texts as text."""
    out = Table(meta={"units": {k: str(v) for k, v in units.items()}, "comments": 0})
    for name in table.colnames:
        column = table[name]
        if column.dtype.kind in "SO" and column.ndim == 1:
            hidden = np.ma.getmaskarray(column)
            values = np.ma.getdata(column).tolist()
            texts = [
                "" if gone or value is None else _word(value) for value, gone in zip(values, hidden)
            ]
            out[name] = np.array(texts, "U")
        else:
            out[name] = MaskedColumn(np.ma.asarray(column))
    return out


def _word(value):
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


READERS = {"text": _text, "VOTable": _votable, "FITS": _fits, "MRT": _mrt, "Parquet": _parquet}

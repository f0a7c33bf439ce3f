"""A table as the Virtual Observatory describes it: VOTable, alone or in the footer of Parquet."""

import io

import numpy as np
import pyarrow.parquet as pq
from astropy.io import votable
from astropy.io.votable import tree
from astropy.table import MaskedColumn
from astropy.units import UnrecognizedUnit

from runaways import tables
from runaways.stars.gaia_ids import MAX_ID

# of the positions of Gaia DR3; Lindegren et al. 2021 (2021A&A...649A...2L), abstract
GAIA_EPOCH, GAIA_SCALE = 2016.0, "TCB"
ON_THE_SKY = ("ra", "dec", "parallax", "pmra", "pmdec", "rv", "distance")
# VOParquet 1.0, Sect. 2 (Taylor et al. 2025, IVOA Note)
VOPARQUET = "IVOA.VOTable-Parquet"
# of logarithms, as VOUnits 1.1 and FITS 4.0 write them; [M/H] is said to be in dex
UNITS = {"dex(cm / s2)": "log(cm.s**-2)", "dex(yr)": "log(yr)", "dex": "dex"}


def stamps(table):
    """Provenance of a table as pairs of texts: run, settings, versions, stand-ins, what is assumed.

    Parameters
    ----------
    table : Table

    Returns
    -------
    list of (str, str)
    """
    return [(key, str(value)) for key, value in table.meta.items() if key != "content"]


def gaia_ids(values):
    """Gaia ids as numbers.

    Parameters
    ----------
    values : array_like of str, shape (n,)

    Returns
    -------
    MaskedColumn of int64, shape (n,)
        Masked, and 0 below the mask, where the text is no positive integer below 2^63.
    """
    texts = [str(value).strip() for value in np.asarray(values).tolist()]
    known = [text.isdigit() and 0 < int(text) <= MAX_ID for text in texts]
    numbers = [int(text) if is_id else 0 for text, is_id in zip(texts, known)]
    return MaskedColumn(numbers, dtype=np.int64, mask=~np.array(known, bool), fill_value=0)


def bare(table, ids):
    """What a format can hold that knows no logarithms.

    Parameters
    ----------
    table : Table
    ids : bool
        Whether ``source_id`` becomes a number.

    Returns
    -------
    Table
        Without stamps and without units of logarithms.
    dict
        Column name to such a unit, as `UNITS` has it.
    """
    out = table.copy(copy_data=False)
    out.meta, logarithms = {}, {}
    for name in out.colnames:
        if str(out[name].unit) in UNITS:
            logarithms[name] = UNITS[str(out[name].unit)]
            out[name].unit = None
    if ids and "source_id" in out.colnames:
        numbers = gaia_ids(out["source_id"])
        numbers.description = "Gaia DR3 source_id"
        out.replace_column("source_id", numbers)
    return out, logarithms


def as_votable(table, ids=True):
    """A table as VOTable 1.4: units, UCDs, the frame of the sky and of time, stamps as INFO.

    Parameters
    ----------
    table : Table
        With columns of the schema.
    ids : bool
        Whether ``source_id`` is a number.

    Returns
    -------
    astropy.io.votable.tree.VOTableFile
    """
    out, logarithms = bare(table, ids)
    of_gaia = "source_id" in out.colnames and not np.all(gaia_ids(table["source_id"]).mask)
    file = votable.from_table(out)
    resource, inside = file.resources[0], file.resources[0].tables[0]
    inside.name = str(table.meta.get("table", "catalogue"))
    epoch = f"J{GAIA_EPOCH}" if of_gaia else None
    sky = tree.CooSys(ID="sky", system="ICRS", epoch=epoch)
    resource.coordinate_systems.append(sky)
    if of_gaia:
        # without an origin: a time in years of the calendar (VOTable 1.4, Sect. 3.4)
        clock = {"timescale": GAIA_SCALE, "refposition": "BARYCENTER"}
        time = tree.TimeSys(ID="time", config={"version_1_4_or_later": True}, **clock)
        resource.time_systems.append(time)
        about = {"datatype": "double", "unit": "yr", "ucd": "meta.ref;time.epoch", "ref": "time"}
        param = tree.Param(file, name="ref_epoch", value=GAIA_EPOCH, **about)
        param.description = "Epoch of the positions"
        inside.params.append(param)
    for key, value in stamps(table):
        info = tree.Info(name=key, value=value)
        info.ID = None  # else its name, which a column may have
        inside.infos.append(info)
    for field in inside.fields:
        field.ucd = tables.column_schema(field.name)["ucd"]
        if field.name in logarithms:
            # to astropy no unit, and written as it stands
            field._unit = UnrecognizedUnit(logarithms[field.name])
        if field.datatype in ("char", "unicodeChar"):
            # of a length of 1 VOTable would make one character; astropy's reader of VOParquet
            # wants lengths
            field.arraysize = "*" if ids else str(max(2, int(field.arraysize)))
        if field.name.removesuffix("_error") in ON_THE_SKY:
            field.ref = "sky"
        if field.name == "source_id" and ids:
            field.values.null = 0
    return file


def write_votable(file, target):
    """Write a VOTable with its rows as text.

    Parameters
    ----------
    file : astropy.io.votable.tree.VOTableFile
    target : str or file-like

    Notes
    -----
    By astropy's writer in Python: that in C writes a byte past its buffer where a row is as long as
    that, and what is overwritten ends the process later (astropy issue 20419; seen in 8.0.2).
    """
    file.to_xml(target, _debug_python_based_parser=True)


def add_votable(path, table):
    """Put the description of a table into the footer of its Parquet file, as VOParquet 1.0 has it.

    Parameters
    ----------
    path : str or Path
        A file that `tables.write` has written; all that is in it stays.
    table : Table
        What is in it.

    References
    ----------
    Taylor et al. 2025, Best practices for the use of Parquet in the VO, IVOA Note, Sect. 2.
    """
    file = as_votable(table[:1], ids=False)
    text = io.BytesIO()
    write_votable(file, text)
    xml = text.getvalue().decode()
    # metadata alone: the rows are Parquet's
    start, end = xml.index("<DATA>"), xml.index("</DATA>") + len("</DATA>")
    xml = xml[:start].rstrip() + xml[end:]
    content = pq.ParquetFile(path).read(use_threads=False)
    footer = {f"{VOPARQUET}.version": "1.0", f"{VOPARQUET}.content": xml}
    pq.write_table(content.replace_schema_metadata({**content.schema.metadata, **footer}), path)

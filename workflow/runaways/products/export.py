"""The catalogue in the formats that TOPCAT, CDS and journals take, each with its stamps."""

from pathlib import Path

from astropy.io import fits

from runaways import tables
from runaways.products import cds
from runaways.products.vo import as_votable, bare, stamps, write_votable

LINE = 68  # characters of a card of text in a FITS header


def write(table, path):
    """Write a catalogue in the format of the suffix.

    Parameters
    ----------
    table : Table
        Table ``catalogue``, as from `tables.read`.
    path : str or Path
        ``.vot``, ``.fits``, ``.mrt``, or ``.ecsv`` and ``.parquet``, which hold it as it is. In
        VOTable and FITS ``source_id`` is an integer, missing where the list has none or one that
        no Gaia source can have; the others keep it as it stands in the list.
    """
    suffix = Path(path).suffix
    if suffix == ".vot":
        write_votable(as_votable(table), str(path))
    elif suffix == ".fits":
        as_fits(table).writeto(path, overwrite=True)
    elif suffix == ".mrt":
        cds.write_mrt(table, path)
    else:
        tables.save(table, path)


def as_fits(table):
    """A table as FITS: EXTNAME, units, UCDs (TUCDn), descriptions (TCOMMn), stamps as COMMENT.

    Parameters
    ----------
    table : Table
        With columns of the schema.

    Returns
    -------
    astropy.io.fits.HDUList
    """
    out, logarithms = bare(table, ids=True)
    hdu = fits.table_to_hdu(out)
    hdu.name = str(table.meta.get("table", "catalogue")).upper()
    for i, name in enumerate(out.colnames, 1):
        schema = tables.column_schema(name)
        hdu.header[f"TUCD{i}"] = schema["ucd"]
        hdu.header[f"TCOMM{i}"] = out[name].description
        if name in logarithms:
            hdu.header[f"TUNIT{i}"] = logarithms[name]
    for key, value in stamps(table):
        text = f"{key}: {value}"
        for start in range(0, len(text), LINE):
            hdu.header.add_comment(text[start : start + LINE])
    return fits.HDUList([fits.PrimaryHDU(), hdu])

"""The catalogue as CDS and the AAS journals take it: MRT, and a ReadMe with a table of bytes."""

import re
from pathlib import Path
from textwrap import wrap

import cdspyreadme
import numpy as np
from astropy.table import Column, MaskedColumn

# more than any column is known to: 1e-6 deg is 0.004 arcsec, 1e-6 kpc a thousandth of a parsec;
# what is smaller keeps its digits
DECIMALS, DIGITS = 6, 7
# CDS writes logarithms in brackets (Standards for Astronomical Catalogues 2.0, Sect. 3.2); AAS
# journals the shortest of what is allowed, km/s and not km.s-1, and Msun (MRT Unit Standards,
# http://journals.aas.org/authors/MRT/MRTunits.html, rules 1 to 4)
UNITS = {"dex(cm / s2)": "[cm/s2]", "dex": "[-]", "dex(yr)": "[yr]"}
UNITS |= {"km / s": "km/s", "mas / yr": "mas/yr", "km2 / s2": "km2/s2", "kpc km / s": "kpc.km/s"}
UNITS |= {"solMass": "Msun", "solLum": "Lsun", "solRad": "Rsun"}
BLANK, HYPHEN = "\x1f", "\x1e"  # at which no line ends
WIDTH = 80  # of a line of a ReadMe
# stamps that a reader of the numbers must know
SAID = ("run", "stand_in", "stand_in_spectra", "stand_in_clusters", "assumed_errors")
SAID += ("radial_velocities", "versions")


def write_mrt(table, path):
    """Write one file with its own description, as AAS journals and astropy's ``mrt`` take it.

    Parameters
    ----------
    table : Table
        Table ``catalogue``.
    path : str or Path
    """
    _maker(table, Path(path)).toMRT()
    _part(path)


def write_folder(table, readme):
    """Write a ReadMe, and ``catalogue.dat`` beside it, as CDS takes them.

    Parameters
    ----------
    table : Table
        Table ``catalogue``.
    readme : str or Path
        Its name is always ``ReadMe``.
    """
    maker = _maker(table, Path(readme).parent / "catalogue.dat")
    maker.writeCDSTables()
    maker.makeReadMe()
    _part(readme)


def _maker(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    maker = cdspyreadme.CDSTablesMaker(outfolder=str(path.parent))
    maker.title = f"Origins of runaway stars: {table.meta.get('run', '')}"
    maker.author = maker.authors = "runaway-origins"
    maker.date, maker.bibcode = "", "unpublished"
    maker.abstract = "Where and when each star of a list was ejected, and what says so."
    notes = [f"{key}: {value}" for key, value in table.meta.items() if key in SAID]
    maker.more_description = "; ".join(notes) or "None."
    plain = table.copy(copy_data=False)
    plain.meta = {}
    for name in table.colnames:
        plain.replace_column(name, _plain(table[name]))
    made = maker.addTable(plain, name=path.name, description="One row for each star of the list")
    made.notes = [line for note in notes for line in _note(note)]
    for column in made.get_column():
        column.unit = UNITS.get(str(table[column.name].unit), column.unit)
    return maker


def _note(text):
    return wrap(f"Note: {_ascii(text)}", WIDTH, subsequent_indent="  ")


def _ascii(text):
    return str(text).encode("ascii", "replace").decode()


def _part(path):
    path = Path(path)
    path.write_text(path.read_text().replace(BLANK, " ").replace(HYPHEN, "-"))


def _plain(column):
    """A column as MRT can hold it: rounded, blank where unknown, ASCII, booleans as words."""
    # a line of an explanation that began with a number would be read as a column of its own, and
    # one that ends at a hyphen would be read with a blank behind it
    words = re.sub(r" (?=\d)", BLANK, _ascii(column.description)).replace("-", HYPHEN)
    about = {"unit": column.unit, "description": words}
    if column.dtype.kind == "b":
        return Column(np.asarray(column).astype("U5"), description=about["description"])
    if column.dtype.kind in "UO":
        texts = np.array([_ascii(text) for text in column.tolist()], "U")
        return Column(texts, description=about["description"])
    if column.dtype.kind != "f":
        return Column(np.asarray(column), **about)
    values = np.ma.filled(np.ma.asarray(column), np.nan)
    unknown, rounded = ~np.isfinite(values), [_rounded(v) for v in values.tolist()]
    # elements of a masked column cost a hundred times those of another
    return (
        MaskedColumn(rounded, mask=unknown, **about) if any(unknown) else Column(rounded, **about)
    )


def _rounded(value):
    if not np.isfinite(value) or value == 0:
        return 0.0
    return round(value, max(DECIMALS, DIGITS - 1 - int(np.floor(np.log10(abs(value))))))

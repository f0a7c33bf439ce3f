"""The catalogue as other formats can hold it."""

import numpy as np
from astropy.table import Column, MaskedColumn

# more than any column is known to: 1e-6 deg is 0.004 arcsec, 1e-6 kpc a thousandth of a parsec
MRT_DECIMALS = 6


def prepared(table, suffix):
    """A table as a file of some format can hold it, its stamps where they find room.

    Parameters
    ----------
    table : Table
    suffix : str
        ``.vot``, ``.fits`` or ``.mrt``; a table is left as it is for any other.

    Returns
    -------
    Table
        For MRT rounded and without the stamps.
    """
    out = table.copy(copy_data=False)
    lines = [f"{key}: {value}" for key, value in out.meta.items()]
    if suffix == ".mrt":
        out.meta = {}
        for name, column in out.columns.items():
            if column.dtype.kind == "b":
                out[name] = column.astype("U5")
            if column.dtype.kind == "f":
                out.replace_column(name, _rounded(column))
    elif suffix == ".fits":
        out.meta = {"comments": lines}  # a FITS keyword is too short for them
    elif suffix == ".vot":
        out.meta = {"description": "; ".join(lines)}
    return out


def _rounded(column):
    """A column of numbers as MRT can hold it: what is unknown is blank there."""
    values = np.round(column.data, MRT_DECIMALS)
    unit, description = column.unit, column.description
    if np.isnan(values).all():
        # astropy gives a column without a value two bytes in the header and none in the rows
        words = f"{description} [{unit}]" if unit is not None else description
        return Column(np.full(len(values), "", "U1"), description=words)
    if "dex" in str(unit):  # the CDS units have no dex
        unit, description = None, f"{description} [{unit}]"
    return MaskedColumn(values, mask=np.isnan(values), unit=unit, description=description)

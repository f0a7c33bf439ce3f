"""Results as tables of the schema: the same columns whether there are rows or not."""

import numpy as np
from astropy.table import Table

from runaways.tables import column_schema, conform, table_schema


def number_columns(name):
    """Columns of a table of the schema that are floats, in order."""
    required = table_schema(name)["required"]
    return [column for column in required if column_schema(column)["dtype"] == "float64"]


def to_table(rows, name):
    """Rows as a table of the schema.

    Parameters
    ----------
    rows : list of dict
        A number that is absent is NaN, a text "".
    name : str

    Returns
    -------
    Table
        With all its columns, also without a row.
    """
    table = Table()
    for column in table_schema(name)["required"]:
        kind = column_schema(column)["dtype"]
        empty = {"str": "", "bool": False}.get(kind, np.nan)
        values = [row.get(column, empty) for row in rows]
        table[column] = np.array(values, dtype="U" if kind == "str" else kind)
    return conform(table, name)

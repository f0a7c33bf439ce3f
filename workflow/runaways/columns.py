"""Columns of tables that may lack them."""

import numpy as np


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
    return np.ma.filled(np.ma.asarray(table[name], float), np.nan)

"""Predicted ages as the orbits take them; apart from what predicts them."""

from astropy.table import Table


def predicted_ages(masses_ages):
    """Ages from the labels by the tracks.

    Parameters
    ----------
    masses_ages : Table
        Table of this name.

    Returns
    -------
    Table
        ``star``, ``age`` and ``age_error``, half the 68 % range [Myr].
    """
    half = (masses_ages["age_predicted_upper"] - masses_ages["age_predicted_lower"]) / 2
    columns = [masses_ages["star"], masses_ages["age_predicted"], half]
    return Table(columns, names=("star", "age", "age_error"))

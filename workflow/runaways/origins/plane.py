"""The plane of V_Sp and v sin i (Guo et al. 2025, Sect. 4.3), its two lines and their regions."""

import numpy as np
from astropy.table import Table
from scipy.special import ndtr

from runaways.origins.channels import BSS, DES, UNDECIDED, UNKNOWN
from runaways.selection.maxwellian import fit_speeds

# Definitions of a line that is fitted to the list itself
FITTED = ("three_sigma", "quantile")


def fit_line(values, definition):
    """A dividing line of the plane: "3 sigma" of a Maxwellian fit to the sample itself.

    Parameters
    ----------
    values : array_like, shape (n,)
        V_Sp or v sin i [km/s]; a value of 0 is an upper limit and, like NaN, left out.
    definition : {"three_sigma", "quantile"}
        As in `runaways.selection.maxwellian.MaxwellianFit.three_sigma`.

    Returns
    -------
    line, error : float
        [km/s].
    """
    values = np.asarray(values, float)
    return fit_speeds(values[values > 0], 3, tail=False).three_sigma(definition)


def exceedance(value, error, line):
    """Probability that a positive quantity truly exceeds a line.

    Parameters
    ----------
    value, error : array_like, shape (n,)
        Measured, with normal error; the truth is not negative.
    line : float
        Of the same unit.

    Returns
    -------
    ndarray, shape (n,)
        NaN where value or error is unknown or the error not positive.
    """
    value, error = np.asarray(value, float), np.asarray(error, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = ndtr((value - line) / error) / ndtr(value / error)
    return np.where(error > 0, above, np.nan)


def plane_regions(v_sp, vsini, v_sp_line, vsini_line):
    """Region of every star in the plane, errors aside: the paper's figure 8.

    Parameters
    ----------
    v_sp, vsini : array_like, shape (n,)
        [km/s].
    v_sp_line, vsini_line : float
        [km/s].

    Returns
    -------
    ndarray of str, shape (n,)
        ``BSS``: slower than its line and rotating faster than its line; ``DES``: the reverse;
        ``undecided``: neither; ``unknown`` without one of the two.
    """
    v_sp, vsini = np.asarray(v_sp, float), np.asarray(vsini, float)
    fast, spinning = v_sp > v_sp_line, vsini > vsini_line
    unknown = np.isnan(v_sp) | np.isnan(vsini)
    return np.select([unknown, ~fast & spinning, fast & ~spinning], [UNKNOWN, BSS, DES], UNDECIDED)


def plane_probabilities(p_fast, p_spinning):
    """Probabilities of the regions of the plane, the two axes being measured independently.

    Parameters
    ----------
    p_fast, p_spinning : array_like, shape (n,)
        Probability to lie above the line in V_Sp and in v sin i: a fraction of draws, or
        `exceedance`.

    Returns
    -------
    Table, n rows
        ``p_bss_plane p_des_plane p_undecided_plane``; their sum is 1, or all are NaN.
    """
    p_fast, p_spinning = np.asarray(p_fast, float), np.asarray(p_spinning, float)
    table = Table()
    table["p_bss_plane"] = (1 - p_fast) * p_spinning
    table["p_des_plane"] = p_fast * (1 - p_spinning)
    table["p_undecided_plane"] = p_fast * p_spinning + (1 - p_fast) * (1 - p_spinning)
    return table

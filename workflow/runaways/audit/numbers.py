"""Numbers as a publication prints them: rounded, in known units, sometimes misprinted."""

from typing import NamedTuple

import numpy as np
from astropy.table import Table

from runaways.tables import column_schema, floats

MAX_DECIMALS = 10  # more than any table prints
# Relative difference that different values of the same constants make (k = 4.74 or 4.7405).
CONSTANTS = 1e-4


class Finding(NamedTuple):
    """One row of an audit."""

    star: str
    check: str
    severity: str
    printed: str
    computed: str
    note: str


TABLE = "(table)"  # the star of a finding about the table as a whole


def values(stars: Table, name: str) -> np.ndarray:
    """A numeric column as plain floats.

    Parameters
    ----------
    stars : Table
        n rows.
    name : str
        Column; it need not exist.

    Returns
    -------
    ndarray, shape (n,)
        In the unit of the schema; NaN where masked, and everywhere when there is no such column.

    Raises
    ------
    ValueError
        When the column holds text, or a unit that does not convert.
    """
    if name not in stars.colnames:
        return np.full(len(stars), np.nan)
    column = stars[name]
    try:
        plain = floats(column)
        unit = getattr(column, "unit", None)
        return plain if unit is None else plain * unit.to(column_schema(name).get("unit", ""))
    except (ValueError, TypeError) as error:
        expected = f"numbers [{column_schema(name).get('unit', 'no unit')}]"
        raise ValueError(f"column {name}: expected {expected}; {error}") from None


def texts(stars: Table, name: str) -> list[str]:
    """A column as stripped text, empty where masked.

    Parameters
    ----------
    stars : Table
        n rows.
    name : str
        Column.

    Returns
    -------
    list of str, length n
    """
    masked = np.ma.getmaskarray(np.ma.asarray(stars[name]))
    return ["" if hide else str(v).strip() for v, hide in zip(stars[name], masked, strict=True)]


def decimals(numbers, fewest: int = 0) -> int:
    """Number of decimals with which a column was printed.

    Parameters
    ----------
    numbers : array_like, shape (n,)
        Any unit; NaN are passed over.
    fewest : int
        -2 also recognises values rounded to hundreds.

    Returns
    -------
    int
        The smallest that keeps every value; `MAX_DECIMALS` when none does.
    """
    numbers = np.asarray(numbers, float)
    numbers = numbers[np.isfinite(numbers)]
    slack = 4 * np.finfo(float).eps * np.abs(numbers)
    for digits in range(fewest, MAX_DECIMALS):
        if np.all(np.abs(numbers - np.round(numbers, digits)) <= 1e-6 * 10.0**-digits + slack):
            return digits
    return MAX_DECIMALS


def half_unit(numbers) -> float:
    """Largest rounding error of a printed column: half a unit of its last decimal.

    Parameters
    ----------
    numbers : array_like, shape (n,)
        Any unit. A column printed to significant digits counts as its most precise value.

    Returns
    -------
    float
        In the unit of `numbers`.
    """
    return 0.5 * 10.0 ** -decimals(numbers)


def with_error(value: float, error: float) -> str:
    """A number with its error, to the error's first digit.

    Parameters
    ----------
    value, error : float
        Same unit.

    Returns
    -------
    str
        ``8.2697 +- 0.0005``.
    """
    digits = int(np.clip(-np.floor(np.log10(error)), 0, MAX_DECIMALS)) if error > 0 else 4
    return f"{value:.{digits}f} +- {error:.{digits}f}"


def one_digit_apart(printed: float, computed: float, bound: float, digits: int) -> bool:
    """Whether changing one digit of a printed number gives the computed one.

    Parameters
    ----------
    printed, computed : float
        Same unit.
    bound : float
        How far two equal numbers may differ by rounding. Digits worth less than ten times
        that are not tried: changing them always comes close.
    digits : int
        Decimals of the printed column.

    Returns
    -------
    bool
    """
    text = f"{printed:.{digits}f}"
    point = text.index(".") if "." in text else len(text)
    for place, old in enumerate(text):
        worth = 10.0 ** (point - place - 1 if place < point else point - place)
        if not old.isdigit() or worth < 10 * bound:
            continue
        for new in "0123456789":
            if abs(float(text[:place] + new + text[place + 1 :]) - computed) <= bound:
                return new != old
    return False


def centre(numbers, bounds) -> tuple[float, float, float, int]:
    """Robust mean of numbers of which some are wrong by any amount.

    Parameters
    ----------
    numbers, bounds : array_like, shape (n,)
        Values, and how far rounding can take each from the true one. Same unit.

    Returns
    -------
    mean, error, scatter : float
        Mean of the values that rounding reconciles with the median, its standard error and
        their standard deviation; NaN when fewer than three do.
    used : int
        How many.
    """
    numbers, bounds = np.asarray(numbers, float), np.asarray(bounds, float)
    good = np.isfinite(numbers)
    if good.sum() < 3:
        return np.nan, np.nan, np.nan, 0
    # twice the bound: the median itself may be off by one of them
    good &= np.abs(numbers - np.median(numbers[good])) <= 2 * bounds
    used = int(good.sum())
    if used < 3:
        return np.nan, np.nan, np.nan, used
    scatter = float(np.std(numbers[good], ddof=1))
    # few rows may agree by luck: rounding errors, evenly distributed, scatter at least by this
    error = max(scatter, np.mean(bounds[good]) / np.sqrt(3)) / np.sqrt(used)
    return float(np.mean(numbers[good])), float(error), scatter, used

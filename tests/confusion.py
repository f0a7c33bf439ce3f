"""True against assigned subtypes, for the tests on standards."""

import numpy as np
from astropy.table import Table

from runaways.subtypes.classification import B_STAR, LATER, Subtype


def confusion_matrix(true_numbers, subtypes: list[Subtype]) -> Table:
    """Counts of true against assigned subtype.

    Parameters
    ----------
    true_numbers : array_like, shape (n_stars,)
        Type numbers of the standards.
    subtypes : list of Subtype, n_stars

    Returns
    -------
    Table
        One row per true class (O, B0 to B9, A, later), column ``true`` its name, and one column
        per assigned class (the same, and unclassified).
    """
    rows = ["O", *(f"B{k}" for k in range(10)), "A", "later"]
    counts = {row: dict.fromkeys([*rows, "unclassified"], 0) for row in rows}
    for number, result in zip(true_numbers, subtypes, strict=True):
        assigned = (
            "unclassified"
            if "unclassified" in result.flags
            else _whole_class(result.subtype_number)
        )
        counts[_whole_class(number)][assigned] += 1
    table = Table({"true": rows})
    for column in counts["O"]:
        table[column] = [counts[row][column] for row in rows]
    return table


def _whole_class(number: float) -> str:
    """O, B0 ... B9, A or later: the class a type number belongs to (B9.5 counts as B9)."""
    if number < B_STAR[0]:
        return "O"
    if number >= B_STAR[1]:
        return "A" if number < LATER else "later"
    return f"B{int(np.clip(np.floor(number + 0.25), 0, 9))}"

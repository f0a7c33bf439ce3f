"""Whose mass and age count: the list's, those predicted from the labels, or the better of the two.

Apart from what predicts them, for the stages that only use them.
"""

from __future__ import annotations

import numpy as np
from astropy.table import Table

from runaways.tables import column

PUBLISHED, PREDICTED, BEST = "published", "predicted", "best"


def with_masses_ages(stars: Table, masses_ages: Table | None, whose: str) -> Table:
    """The stars with the mass and age that count, and their sources.

    Parameters
    ----------
    stars : Table
        Table ``stars``.
    masses_ages : Table or None
        Table of this name, with every star; not needed where the list's count.
    whose : {"best", "published", "predicted"}
        ``best`` is the list's where it has one, with the predicted relative error where it has
        none, and else the predicted one.

    Returns
    -------
    Table
        With ``age``, ``age_error`` [Myr], ``mass``, ``mass_error`` [Msun], NaN where unknown (an
        error that stays so is assumed later), and ``age_source``, ``mass_source``: ``published``,
        ``predicted`` or empty. A predicted error is half the 68 % range.
    """
    out = stars.copy()
    for name in ("mass", "age"):
        value, error = column(stars, name), column(stars, f"{name}_error")
        source = np.where(np.isfinite(value), PUBLISHED, "")
        if whose != PUBLISHED:
            predicted, half = _predicted(stars, masses_ages, name)
            listed = np.isfinite(value) & (whose == BEST)
            relative = np.where(np.isfinite(error), error, value * half / predicted)
            source = np.where(listed, PUBLISHED, np.where(np.isfinite(predicted), PREDICTED, ""))
            value, error = np.where(listed, (value, relative), (predicted, half))
        out[name], out[f"{name}_error"], out[f"{name}_source"] = value, error, source
    return out


def _predicted(stars: Table, masses_ages: Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Predicted mass or age of each star, and half its 68 % range."""
    row = {str(star): i for i, star in enumerate(masses_ages["star"])}
    mine = masses_ages[[row[str(star)] for star in stars["star"]]]
    low, middle, high = (column(mine, f"{name}_predicted{end}") for end in ("_lower", "", "_upper"))
    return middle, (high - low) / 2

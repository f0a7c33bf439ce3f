"""Expected equivalent widths over MK type and luminosity class, interpolated between standards.

A Gaussian process per index: it smooths over the standards' own scatter, and says how uncertain
it is between and beyond them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.layout import data_file

#: Index and its scatter between stars of one type and class [Angstrom], such that the
#: leave-one-out residuals of the observed B standards over their predicted errors have an rms
#: near 1. Ca II K carries an interstellar line as well, hence its larger scatter.
INDEX_SCATTER = {
    "HeI4026": 0.08,
    "HeI4144": 0.06,
    "HeI4387": 0.06,
    "HeI4471": 0.08,
    "MgII4481": 0.04,
    "SiII4130": 0.04,
    "CII4267": 0.04,
    "SiIII45xx": 0.10,
    "OII4072": 0.06,
    "Hd_W": 0.70,
    "Hg_W": 0.70,
    "HeII4542": 0.05,
    "CaK": 0.30,
    "Ca4227": 0.04,
    "G4300": 0.25,
    "Fe4383": 0.20,
    "Fe4531": 0.10,
}
#: More scatter where metals rule the spectrum, from A0 on and in full from G0 on: [Angstrom], and
#: as a share of the width; so that the same residuals of A to K standards have an rms near 1.
COOL_SCATTER, COOL_SHARE = 0.25, 0.2
TYPE_LENGTH, CLASS_LENGTH = 3.0, 2.0  # correlation lengths of the interpolation [subtypes, classes]
TYPE_GRID = np.round(np.arange(-2.0, 47.01, 0.1), 1)  # O8 to K7 in tenths
CLASS_GRID = np.arange(0.0, 5.01, 0.25)  # Ia to V in quarters
#: Type numbers of the standards used. A to K stars belong in, or the weak Balmer lines of an F
#: star would pass for those of a B supergiant.
STANDARDS_RANGE = (-3.0, 48.0)


@dataclass(frozen=True)
class StandardGrid:
    """Expected indices over type and class.

    Attributes
    ----------
    names : tuple of str
        Index names, n_indices.
    mean, variance : ndarray, shape (n_types, n_classes, n_indices)
        Equivalent width [Angstrom] and its variance, star-to-star scatter included.
    """

    names: tuple[str, ...]
    mean: np.ndarray
    variance: np.ndarray


def interpolate_standards(
    standards: Table, scatter: dict[str, float] | None = None
) -> StandardGrid:
    """Interpolate the standards' equivalent widths over type and luminosity class.

    Parameters
    ----------
    standards : Table
        With ``type_number luminosity is_blend`` and a column per index, as
        `runaways.subtypes.standards.measure_standards` makes it. Blends are not used.
    scatter : dict, optional
        Star-to-star scatter [Angstrom] by index; `INDEX_SCATTER` by default.

    Returns
    -------
    StandardGrid

    Raises
    ------
    ValueError
        When an index has no column or fewer than 10 observed standards are in range.

    References
    ----------
    Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", eqs. 2.25 and 2.26.
    """
    scatter = INDEX_SCATTER if scatter is None else scatter
    missing = [name for name in scatter if name not in standards.colnames]
    if missing:
        raise ValueError(f"table of standards: no column {missing}")
    number = np.asarray(standards["type_number"], float)
    pick = (
        (number >= STANDARDS_RANGE[0])
        & (number <= STANDARDS_RANGE[1])
        & ~np.asarray(standards["is_blend"], bool)
    )
    if pick.sum() < 10:
        raise ValueError(
            f"table of standards: {pick.sum()} observed standards between O6 and K7, "
            "expected at least 10"
        )
    at = np.column_stack([number[pick], np.asarray(standards["luminosity"], float)[pick]])
    grid = np.stack(np.meshgrid(TYPE_GRID, CLASS_GRID, indexing="ij"), axis=-1)
    # All indices share the kernel up to its power, so its eigenvectors serve them all.
    eigenvalues, vectors = np.linalg.eigh(_kernel(at, at))
    cross = _kernel(grid.reshape(-1, 2), at) @ vectors
    widths = np.column_stack([np.asarray(standards[name], float)[pick] for name in scatter])
    sigma2, power = np.array(list(scatter.values())) ** 2, widths.var(axis=0)
    damping = eigenvalues[:, None] + sigma2 / power
    mean = cross @ (vectors.T @ (widths - widths.mean(axis=0)) / damping) + widths.mean(axis=0)
    prior = _kernel(at[:1], at[:1])[0, 0]
    variance = power * np.maximum(prior - cross**2 @ (1 / damping), 0) + sigma2
    cool = np.clip((grid[..., 0].reshape(-1, 1) - 10.0) / 20.0, 0.0, 1.0)
    variance += cool**2 * (COOL_SCATTER**2 + (COOL_SHARE * mean) ** 2)
    shape = (len(TYPE_GRID), len(CLASS_GRID), len(scatter))
    return StandardGrid(tuple(scatter), mean.reshape(shape), variance.reshape(shape))


def mk_standards() -> StandardGrid:
    """The MK standards that come with the library, interpolated."""
    path = data_file("mk_standards_equivalent_widths.ecsv")
    return interpolate_standards(Table.read(path, format="ascii.ecsv"))


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared exponential plus a constant of twice its size (an unknown overall level)."""
    scale = np.array([TYPE_LENGTH, CLASS_LENGTH])
    distance = (((a[:, None] - b[None]) / scale) ** 2).sum(axis=-1)
    return np.exp(-0.5 * distance) + 4.0

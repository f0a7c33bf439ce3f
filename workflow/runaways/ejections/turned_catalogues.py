"""The list's stars on the whole cluster catalogue turned jointly: every origin is by chance."""

import numpy as np
from astropy.table import vstack

from runaways.ejections.calibration import MIRRORED, QUICK, null_rows
from runaways.ejections.posterior import explain_all
from runaways.ejections.sources import mirrored, turned


def turned_posteriors(stars, galaxy, sources, seed, angles, factor=1.0):
    """Posteriors of stars on the whole catalogue turned jointly, and mirrored: all are by chance.

    Parameters
    ----------
    stars, galaxy, sources, seed, factor
        As for `posterior.explain_all`.
    angles : sequence of float
        [deg], along Galactic rotation.

    Returns
    -------
    Table
        Table ``calibration_null``, one row for each star and replicate.
    """
    parts = []
    for angle in (*angles, None):
        name = MIRRORED if angle is None else f"{angle:+g} deg"
        moved = mirrored(sources) if angle is None else turned(sources, np.radians(angle))
        rows, *_ = explain_all(stars, galaxy, moved, seed, factor=factor, **QUICK)
        parts.append(null_rows(rows, name))
    return vstack(parts)

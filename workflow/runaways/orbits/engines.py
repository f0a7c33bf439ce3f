"""Orbits by `lanes` held against orbits by galpy."""

from dataclasses import replace

import numpy as np

from runaways.orbits import force_table
from runaways.orbits.integration import OrbitError, trace
from runaways.orbits.potentials import galpy_parts, import_galpy

ORBITS = 16  # are traced by both
SPAN = 1000.0  # Myr
TOLERANCE = 1e-12  # of galpy's dop853_c
# pc; assumed: ten times what is seen, and far below what the errors of any star make
MEDIAN_APART, MOST_APART = 0.1, 10.0


def tabulated(pot):
    """The forces of a potential as tables, once they are seen to give galpy's orbits.

    Parameters
    ----------
    pot : potentials.Potential
        By name.

    Returns
    -------
    force_table.ForceTable
        With ``median_apart`` and ``most_apart`` [pc] in its meta: how far `ORBITS` planted ones
        end from those that galpy traces through its own potential.

    Raises
    ------
    OrbitError
        If they are far from them.
    """
    parts = galpy_parts(pot.name)
    table = force_table.make(import_galpy(), list(parts), pot.name)
    apart = differences(replace(pot, table=table), replace(pot, given=parts))
    median, most = float(np.median(apart)), float(apart.max())
    if not (median < MEDIAN_APART and most < MOST_APART):
        raise OrbitError(
            f"{pot.name}: by lanes and by galpy orbits end {median:.3g} pc apart in the median, "
            f"{most:.3g} pc at most; orbits.engine: galpy does without lanes"
        )
    found = {"median_apart": round(median, 6), "most_apart": round(most, 6)}
    return replace(table, meta=table.meta | found)


def differences(pot, exact):
    """How far apart planted orbits end in two potentials, shape (16,) [pc]."""
    today = planted(pot.frame)
    times = np.broadcast_to([0.0, SPAN], (ORBITS, 2))
    ends = [
        trace(*today, times, pot)[0][:, -1],
        trace(*today, times, exact, "dop853_c", TOLERANCE)[0][:, -1],
    ]
    return 1000 * np.linalg.norm(ends[0] - ends[1], axis=1)


def planted(frame):
    """Orbits of a disk and a halo, every fourth retrograde: position, velocity, shape (3, 16)."""
    rng = np.random.default_rng(1)
    r, azimuth = frame.r0 * rng.uniform(0.5, 1.5, ORBITS), rng.uniform(0, 2 * np.pi, ORBITS)
    hot = rng.choice([20.0, 100.0], ORBITS)  # km/s, in each direction
    v_r, v_t, v_z = hot * rng.normal(size=(3, ORBITS))
    v_t = (v_t + frame.v_circ) * np.where(np.arange(ORBITS) % 4 == 3, -1, 1)
    cos, sin = np.cos(azimuth), np.sin(azimuth)
    position = np.array([r * cos, r * sin, rng.normal(0, 0.2, ORBITS)])
    return position, np.array([v_r * cos - v_t * sin, v_r * sin + v_t * cos, v_z])

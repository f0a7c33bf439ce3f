"""Stand-in tracks: single-star evolution by COSMIC's SSE engine, where PARSEC is not at hand."""

from __future__ import annotations

import contextlib
import tempfile

import numpy as np
from astropy.table import Table

from runaways.masses_ages.cosmic import Z_SUN, default_settings
from runaways.masses_ages.phases import EVOLVED, MAIN_SEQUENCE
from runaways.masses_ages.tracks import track_table

# Hurley et al. 2000 fitted Z = 1e-4 to 0.03; COSMIC extrapolates beyond without a word.
Z_RANGE = (1e-4, 0.03)
LOGG_SUN = 4.4381  # IAU 2015 nominal solar values
NO_COMPANION = 15  # `kstar` of a massless remnant
MAX_AGE = 13_000.0  # Myr


def _evolve(mass: np.ndarray, mh: np.ndarray, steps: int):
    """COSMIC's table of time steps, one `bin_num` per star."""
    from cosmic.evolve import Evolve
    from cosmic.sample.initialbinarytable import InitialBinaryTable

    n = len(mass)
    initial = InitialBinaryTable.InitialBinaries(
        m1=mass,
        m2=np.zeros(n),
        porb=-np.ones(n),
        ecc=-np.ones(n),
        tphysf=np.full(n, MAX_AGE),
        kstar1=np.ones(n, dtype=int),
        kstar2=np.full(n, NO_COMPANION),
        metallicity=Z_SUN * 10**mh,
    )
    # Its Fortran writes fort.99 into the working folder. The seed only drives supernova kicks.
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        return Evolve.evolve(
            initialbinarytable=initial, BSEDict=default_settings(steps), dtp=0, randomseed=1
        )[1]


def evolve_sse(
    *,
    mass_min: float = 1.1,
    mass_max: float = 80.0,
    n_masses: int = 100,
    mh_min: float = -0.6,
    mh_max: float = 0.6,
    n_mh: int = 10,
    steps: int = 50,
) -> Table:
    """Evolve single stars with COSMIC, as a stand-in for PARSEC.

    SSE has no pre-main sequence, no rotation and its own overshooting; it is meant to exercise
    the pipeline. COSMIC runs in a scratch folder of its own (so not from several threads).

    Parameters
    ----------
    mass_min, mass_max : float
        Range of initial masses [Msun], spaced geometrically.
    n_masses : int
        Number of masses.
    mh_min, mh_max : float
        Range of [M/H] [dex], cut to the metallicities SSE was fitted for, Z = 1e-4 to 0.03
        ([M/H] = -2.18 to +0.295).
    n_mh : int
        Number of metallicities.
    steps : int
        Steps along each main sequence, about.

    Returns
    -------
    Table
        The main sequence and what follows it up to the early asymptotic giant branch, with the
        columns of `tracks.track_table`; a track is one initial mass and metallicity.
        ``meta["stand_in"]`` says what this is.

    Raises
    ------
    ValueError
        If the ranges are empty.

    References
    ----------
    Hurley, Pols & Tout 2000, MNRAS 315, 543 (2000MNRAS.315..543H); Breivik et al. 2020, ApJ 898,
    71 (2020ApJ...898...71B).
    """
    low, high = np.log10(np.array(Z_RANGE) / Z_SUN)
    mh_low, mh_high = max(mh_min, low), min(mh_max, high)
    if not (0 < mass_min < mass_max and mh_low < mh_high and min(n_masses, n_mh, steps) > 1):
        raise ValueError(
            f"no SSE grid from {mass_min:g} to {mass_max:g} Msun ({n_masses}) and [M/H] "
            f"{mh_min:g} to {mh_max:g} ({n_mh}) in {steps} steps"
        )
    mass, mh = (
        grid.ravel()
        for grid in np.meshgrid(
            np.geomspace(mass_min, mass_max, n_masses), np.linspace(mh_low, mh_high, n_mh)
        )
    )
    evolution = _evolve(mass, mh, steps)
    star = evolution["bin_num"].to_numpy()
    kind = evolution["kstar_1"].to_numpy()
    # kstar 0 and 1: main sequence below and above 0.7 Msun. At age 0 nothing has a log age.
    keep = (kind <= 1) & (evolution["tphys"].to_numpy() > 0)
    keep &= _thin(star, keep, steps)
    # 2 to 5: Hertzsprung gap, first giant branch, helium burning, early asymptotic giant branch
    evolved = (kind >= 2) & (kind <= 5)
    keep |= evolved
    rows, star = evolution[keep], star[keep]
    now = rows["mass_1"].to_numpy()
    table = track_table(
        teff=rows["teff_1"],
        logg=LOGG_SUN + np.log10(now) - 2 * np.log10(rows["rad_1"].to_numpy()),
        mh=mh[star],
        luminosity=rows["lum_1"],
        mass=now,
        age=rows["tphys"],
        mass_initial=mass[star],
        evolutionary_phase=np.where(evolved[keep], EVOLVED, MAIN_SEQUENCE),
        track=[f"track {z:+.2f} {m:.2f}" for z, m in zip(mh[star], mass[star], strict=True)],
        source="SSE by COSMIC",
    )
    table.meta = {
        "tracks": "SSE by COSMIC",
        "track": "track",
        "stand_in": f"SSE tracks by cosmic-popsynth, [M/H] {mh_low:+.2f} to {mh_high:+.2f}, "
        "in place of PARSEC",
    }
    return table


def _thin(star: np.ndarray, keep: np.ndarray, steps: int) -> np.ndarray:
    """Every k-th row of tracks that COSMIC cut into many more steps (those above 40 Msun)."""
    index = np.flatnonzero(keep)
    groups = star[index]
    count = np.bincount(groups)
    first = np.concatenate([[0], np.cumsum(count)])[:-1]
    order = np.empty(len(index), dtype=int)
    order[np.argsort(groups, kind="stable")] = np.arange(len(index))
    position = order - first[groups]
    chosen = np.zeros(len(star), dtype=bool)
    chosen[index] = position % np.maximum(1, count[groups] // steps) == 0
    return chosen

"""The table of stellar tracks: its columns, the paper's cuts, and what is held out of it.

Every source of tracks (`parsec`, `sse`) gives the same table, one row per
model star. A track is what neighbouring rows share: an isochrone (one metallicity and age) for
PARSEC, an evolutionary track (one metallicity and initial mass) for SSE.
"""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.table import Table, vstack

from runaways.masses_ages.phases import MAIN_SEQUENCE

COLUMNS = {
    "teff": (u.K, "effective temperature"),
    "logg": (u.dex(u.cm / u.s**2), "surface gravity"),
    "mh": (u.dex, "metallicity [M/H]"),
    "luminosity": (u.solLum, "luminosity"),
    "mass": (u.solMass, "mass at that age"),
    "age": (u.Myr, "age since birth (PARSEC: from the pre-main sequence)"),
    "mass_initial": (u.solMass, "mass at birth"),
}
LABELS = ("teff", "logg", "mh")
TARGETS = ("luminosity", "mass", "age")

# The grid of Guo et al. 2025, section 3.3.
PAPER_GRID = {
    "teff_min": 7000.0,
    "teff_max": 49_000.0,
    "logg_min": 0.55,
    "logg_max": 4.52,
    "mh_min": -0.6,
    "mh_max": 0.6,
}


# PARSEC has stars of more than 40 Msun in the paper's box only below 5 Myr, in sets without a label
# (CMD 2.7) and without a hook, so where their main sequence ends is a guess; leaving them in
# raises the scatter in mass of tracks held out from 3 to 4-6 %.
MASS_MAX = 40.0


def track_table(*, evolutionary_phase, track, source, **columns) -> Table:
    """Put model stars into the common table of tracks.

    Parameters
    ----------
    evolutionary_phase : array of int, shape (n,)
        0 before, 1 on, 2 and more after the main sequence.
    track : array of str, shape (n,)
        Name of the isochrone or evolutionary track of each row.
    source : str
        Where the tracks come from.
    **columns : array, shape (n,)
        One array for each entry of `COLUMNS`, in its unit.

    Returns
    -------
    Table
        One row per model star, units and descriptions set.
    """
    table = Table()
    for name, (unit, description) in COLUMNS.items():
        table[name] = np.asarray(columns[name], dtype=float)
        table[name].unit = unit
        table[name].description = description
    table["evolutionary_phase"] = np.asarray(evolutionary_phase, dtype=np.int8)
    table["evolutionary_phase"].description = "0 before, 1 on, 2 and more after the main sequence"
    table["track"] = np.asarray(track)
    table["track"].description = "isochrone or evolutionary track of the row"
    table["source"] = np.full(len(table), source)
    table["source"].description = "origin of the tracks"
    return table


def matrix(table: Table, names: tuple[str, ...]) -> np.ndarray:
    """Columns of a table as one plain array, shape (n, len(names)), in the table's units."""
    return np.column_stack([np.asarray(table[name], dtype=float) for name in names])


def checked_labels(labels: np.ndarray, *, finite: bool = True) -> np.ndarray:
    """Labels as a float array of shape (n, 3), or a ValueError saying what is wrong with them."""
    labels = np.asarray(labels, dtype=float)
    if labels.ndim != 2 or labels.shape[1] != len(LABELS):
        raise ValueError(f"labels of shape {labels.shape}: expected (n, 3): {', '.join(LABELS)}")
    if finite and not np.isfinite(labels).all():
        row = np.flatnonzero(~np.isfinite(labels).all(axis=1))[0]
        raise ValueError(f"row {row}: labels {labels[row]} are not all finite")
    return labels


def in_box(labels: np.ndarray, box: dict[str, float] = PAPER_GRID) -> np.ndarray:
    """Whether labels lie in a box of Teff, log g and [M/H], by default the one the paper states.

    The edges count as inside: published labels are rounded to 0.1 dex, and the paper's [M/H] of
    -0.6 may be -0.55.

    Parameters
    ----------
    labels : array, shape (n, 3)
        Teff [K], log g [dex of cm/s2] and [M/H] [dex].
    box : dict
        ``<label>_min`` and ``<label>_max`` in those units.

    Returns
    -------
    array of bool, shape (n,)
        False too where a label is missing.

    References
    ----------
    Guo et al. 2025, section 3.3.
    """
    labels = checked_labels(labels, finite=False)
    low = np.array([box[f"{name}_min"] for name in LABELS])
    high = np.array([box[f"{name}_max"] for name in LABELS])
    return ((labels >= low) & (labels <= high)).all(axis=1)


def select_grid(
    table: Table,
    *,
    teff_min: float = PAPER_GRID["teff_min"],
    teff_max: float = PAPER_GRID["teff_max"],
    logg_min: float = PAPER_GRID["logg_min"],
    logg_max: float = PAPER_GRID["logg_max"],
    mh_min: float = PAPER_GRID["mh_min"],
    mh_max: float = PAPER_GRID["mh_max"],
    mass_max: float = MASS_MAX,
    phases: tuple[int, ...] = (MAIN_SEQUENCE,),
) -> Table:
    """Cut the tracks to a grid, by default the one the paper states.

    Parameters
    ----------
    table : Table
        Tracks.
    teff_min, teff_max : float
        Range of Teff [K].
    logg_min, logg_max : float
        Range of log g [dex of cm/s2].
    mh_min, mh_max : float
        Range of [M/H] [dex].
    mass_max : float
        Largest mass [Msun]; the paper states none, but prints none above 34.7.
    phases : tuple of int
        Evolutionary phases to keep.

    Returns
    -------
    Table
        The rows inside.

    Raises
    ------
    ValueError
        If no row is left.

    References
    ----------
    Guo et al. 2025, section 3.3.
    """
    box = {
        "teff_min": teff_min,
        "teff_max": teff_max,
        "logg_min": logg_min,
        "logg_max": logg_max,
        "mh_min": mh_min,
        "mh_max": mh_max,
    }
    inside = np.isin(table["evolutionary_phase"], phases) & in_box(matrix(table, LABELS), box)
    inside &= np.asarray(table["mass"]) <= mass_max
    if not inside.any():
        raise ValueError(
            f"no track left with Teff {teff_min:g} to {teff_max:g} K, log g {logg_min:g} to "
            f"{logg_max:g}, [M/H] {mh_min:g} to {mh_max:g}, up to {mass_max:g} Msun and "
            f"evolutionary phase {phases}"
        )
    return table[inside]


def _between(low: Table, high: Table, weight: float, mh: float) -> Table:
    """Main sequence of one age between two metallicities, at equal fractions of the lifetime.

    Stars of one age are compared at equal ratio of their mass to that of the star leaving the
    main sequence, which is nearly an equal fraction of their main-sequence lifetimes.
    """
    ends = [np.log10(np.asarray(t["mass_initial"]) / t["mass_initial"][-1]) for t in (low, high)]
    grid = max(ends, key=len)
    grid = grid[grid >= max(ends[0][0], ends[1][0])]

    def mix(name: str, log: bool) -> np.ndarray:
        a, b = (
            np.interp(grid, end, np.log10(t[name]) if log else np.asarray(t[name]))
            for end, t in zip(ends, (low, high), strict=True)
        )
        value = (1 - weight) * a + weight * b
        return 10**value if log else value

    age = float(low["age"][0])
    return track_table(
        **{n: mix(n, True) for n in ("teff", "luminosity", "mass", "mass_initial")},
        logg=mix("logg", False),
        mh=np.full(len(grid), mh),
        age=np.full(len(grid), age),
        evolutionary_phase=np.full(len(grid), MAIN_SEQUENCE),
        track=np.full(len(grid), f"isochrone {mh:+.2f} {np.log10(age) + 6:.2f}"),
        source=f"{low['source'][0]}, interpolated in [M/H]",
    )


def refine_metallicity(table: Table, step: float = 0.25) -> Table:
    """Fill gaps in [M/H] with main-sequence isochrones interpolated between their neighbours.

    A forest is constant between the metallicities it was trained on, so a gap of 1 dex (as in
    PARSEC sets from Z = 0.0005 to 0.0055) makes a step in its mass and age.

    Parameters
    ----------
    table : Table
        Isochrones; of several at one age and metallicity the one with most rows is used.
    step : float
        Largest gap to leave [dex].

    Returns
    -------
    Table
        The main-sequence rows of `table` followed by the interpolated ones.

    Raises
    ------
    ValueError
        If the tracks are not isochrones.
    """
    if table.meta.get("track") != "isochrone":
        raise ValueError("only isochrones can be interpolated in [M/H]")
    table = table[table["evolutionary_phase"] == MAIN_SEQUENCE]
    by_age: dict[float, dict[float, Table]] = {}
    names = np.char.add(np.char.add(table["track"], "|"), table["source"])
    unique, first, inverse = np.unique(names, return_index=True, return_inverse=True)
    rows = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
    for i in np.argsort(first):
        one = table[rows[i]]
        if len(one) < 2:
            continue
        same_age = by_age.setdefault(round(float(np.log10(one["age"][0])), 2), {})
        mh = round(float(one["mh"][0]), 2)
        if mh not in same_age or len(one) > len(same_age[mh]):
            same_age[mh] = one
    new = []
    for same_age in by_age.values():
        known = sorted(same_age)
        for a, b in zip(known[:-1], known[1:], strict=True):
            # Tolerance: two sets that differ by one step and rounding need nothing between.
            n = int(np.ceil((b - a) / step - 1e-6))
            for k in range(1, n):
                weight = k / n
                new.append(_between(same_age[a], same_age[b], weight, a + weight * (b - a)))
    refined = vstack([table, *new], metadata_conflicts="silent") if new else table
    refined.meta = dict(table.meta)
    return refined


def hold_out(table: Table, fraction: float = 0.2, seed: int = 0, by: str = "track") -> np.ndarray:
    """Choose whole tracks to be kept out of the training, to test on.

    Neighbouring rows of a track are nearly equal, so rows drawn at random would be tested on
    their own neighbours.

    Parameters
    ----------
    table : Table
        Tracks as read, before `refine_metallicity`.
    fraction : float
        Fraction of the tracks to hold out.
    seed : int
        Seed of the choice.
    by : {"track", "age"}
        Single tracks, or all isochrones of an age (of every metallicity) together, the harder
        test: nothing of that age is left in the training.

    Returns
    -------
    array of bool, shape (n,)
        True for rows held out.

    Raises
    ------
    ValueError
        If `by` is unknown or the fraction leaves nothing on one side.
    """
    if by == "track":
        groups = np.asarray(table["track"])
    elif by == "age" and table.meta.get("track") == "isochrone":
        groups = np.round(np.log10(np.asarray(table["age"])), 2)
    else:
        raise ValueError(f"cannot hold out by {by!r}: expected 'track', or 'age' for isochrones")
    names = np.unique(groups)
    n = int(round(fraction * len(names)))
    if not 0 < n < len(names):
        raise ValueError(f"holding out {fraction:g} of {len(names)} tracks leaves one side empty")
    chosen = np.random.default_rng(seed).choice(names, size=n, replace=False)
    return np.isin(groups, chosen)


def with_finer_metallicity(table: Table, step: float = 0.25) -> Table:
    """Isochrones with `refine_metallicity` of their main sequence, and what is before it.

    Parameters
    ----------
    table : Table
        Isochrones.
    step : float
        Largest gap to leave [dex]; 0 to leave all.

    Returns
    -------
    Table
        Main sequence and pre-main sequence.
    """
    refined = refine_metallicity(table, step) if step > 0 else table
    main_sequence = refined[refined["evolutionary_phase"] == MAIN_SEQUENCE]
    before = table[table["evolutionary_phase"] < MAIN_SEQUENCE]
    out = vstack([main_sequence, before], metadata_conflicts="silent")
    out.meta = dict(table.meta)
    return out

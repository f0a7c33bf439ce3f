"""Stellar tracks as a fine grid of model stars, each with the cell of mass, age and [M/H] it fills.

A mean over a population of stars is then a sum over model stars, weighed by their cells and by
priors. Tracks come as curves: isochrones, of one age, along which the initial mass runs, or
evolutionary tracks, of one initial mass, along which the age runs. Neighbouring curves are joined
at equal fractions of each phase of evolution, and cut into equal steps of Teff and log g.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from astropy.table import Table

from runaways.masses_ages.phases import EVOLVED, MAIN_SEQUENCE, PRE_MAIN_SEQUENCE

PHASES = (PRE_MAIN_SEQUENCE, MAIN_SEQUENCE, EVOLVED)
# Steps along a curve, in dex of Teff and log g; between curves, in dex of age or mass; between
# metallicities [dex]. All assumed: below the errors of good labels, 2 %, 0.05 dex and 0.1 dex.
STEP_LOGTEFF, STEP_LOGG = 0.01, 0.05
STEP_ACROSS, STEP_MH = 0.0125, 0.15
TEFF_MIN = 6000.0  # K; assumed
# Sets print one metallicity to different digits, and a set of few ages beside a fuller one of
# nearly its metallicity (PARSEC: -0.18 and -0.15) would only leave wide gaps.
SAME_MH = 0.05
REMNANT = 9  # PARSEC's label of what comes after the thermal pulses
DEAD = 1e-9  # Lsun: CMD closes an isochrone with a remnant of log L = -9.999
JOINED = ("teff", "logg", "luminosity", "mass")  # between curves, all but log g in log10


@dataclass(frozen=True)
class ModelStars:
    """Model stars by increasing age; arrays of shape (n,).

    Attributes
    ----------
    teff, logg, mh, luminosity, mass, age, mass_initial : ndarray
        As in `tracks.COLUMNS`.
    phase : ndarray
        0 before, 1 on, 2 after the main sequence.
    mass_width, age_width, mh_width : ndarray
        Of the cell: initial mass [Msun], age [Myr], [M/H] [dex].
    """

    teff: np.ndarray
    logg: np.ndarray
    mh: np.ndarray
    luminosity: np.ndarray
    mass: np.ndarray
    age: np.ndarray
    mass_initial: np.ndarray
    phase: np.ndarray
    mass_width: np.ndarray
    age_width: np.ndarray
    mh_width: np.ndarray

    def __len__(self) -> int:
        return len(self.age)


@dataclass(frozen=True)
class _Curve:
    """One phase of a curve: log10 initial mass or age along it, shape (n,), and JOINED, (n, 4)."""

    along: np.ndarray
    values: np.ndarray

    @property
    def fraction(self) -> np.ndarray:
        return (self.along - self.along[0]) / (self.along[-1] - self.along[0])

    def at(self, fraction: np.ndarray) -> np.ndarray:
        """What runs along it, and JOINED, at fractions of the phase, shape (m, 5)."""
        along = self.along[0] + fraction * (self.along[-1] - self.along[0])
        joined = [np.interp(fraction, self.fraction, value) for value in self.values.T]
        return np.column_stack([along, *joined])


def model_stars(table: Table) -> ModelStars:
    """Cut tracks into a fine grid of model stars.

    Parameters
    ----------
    table : Table
        Tracks as read, all phases; ``meta["track"]`` is ``isochrone`` where they are such.

    Returns
    -------
    ModelStars
        Those hotter than `TEFF_MIN`.

    Raises
    ------
    ValueError
        If the tracks are of fewer than two ages (or masses).
    """
    isochrones = table.meta["track"] == "isochrone"
    curves = _curves(table, isochrones)
    metallicities = np.array(sorted({mh for mh, _, _ in curves}))
    known = np.unique([u for _, u, _ in curves])
    if len(known) < 2:
        raise ValueError("tracks of a single age or mass: no grid of model stars")
    nodes, across = _nodes(metallicities, STEP_MH), _nodes(known, STEP_ACROSS)
    edges = 10 ** _edges(across)
    if isochrones:
        edges[0] = 0.0  # the youngest stand for all that are younger
    parts = []
    for phase in PHASES:
        here = {mh: {} for mh in metallicities}
        for (mh, u, which), curve in curves.items():
            if which == phase:
                here[mh][u] = curve
        for mh, mh_width in zip(nodes, np.diff(_edges(nodes))):
            for u, width in zip(across, np.diff(edges)):
                corners = _corners(here, mh, u)
                for along, *joined, step in _cells(corners, isochrones):
                    teff, logg, luminosity, mass = joined
                    first, last = 10**along if isochrones else along, np.full(len(along), 10**u)
                    initial, age = (first, last) if isochrones else (last, first)
                    widths = (step, width) if isochrones else (width, step)
                    parts.append(
                        np.broadcast_arrays(
                            10**teff, logg, mh, 10**luminosity, 10**mass, age, initial, phase,
                            *widths, mh_width,
                        )
                    )  # fmt: skip
    columns = np.concatenate(parts, axis=1)
    order = np.argsort(columns[5], kind="stable")
    return ModelStars(*columns[:, order].astype(np.float32))


def _curves(table: Table, isochrones: bool) -> dict:
    """Each phase of each curve, by metallicity, log10 age or initial mass, and phase.

    Of several curves of one metallicity and age that with most rows counts; of metallicities closer
    than `SAME_MH` that with most curves.
    """
    alive = np.asarray(table["luminosity"]) > DEAD
    table = table[alive & (np.asarray(table["evolutionary_phase"]) < REMNANT)]
    across, along = ("age", "mass_initial") if isochrones else ("mass_initial", "age")
    across = np.log10(np.asarray(table[across], float)).round(3)
    along = np.asarray(table[along], float)
    along = np.log10(along) if isochrones else along
    values = np.column_stack([np.asarray(table[name], float) for name in JOINED])
    values[:, [0, 2, 3]] = np.log10(values[:, [0, 2, 3]])
    mh = np.asarray(table["mh"], float).round(2)
    phases = np.minimum(np.asarray(table["evolutionary_phase"]), EVOLVED)
    names = [f"{track}|{source}" for track, source in zip(table["track"], table["source"])]
    _, run = np.unique(names, return_inverse=True)
    order = np.argsort(run, kind="stable")
    best = {}
    for rows in np.split(order, np.flatnonzero(np.diff(run[order])) + 1):
        key = float(mh[rows[0]]), float(across[rows[0]])
        if len(rows) > len(best.get(key, [])):
            best[key] = rows
    kept = []
    counts = {z: sum(key[0] == z for key in best) for z in {key[0] for key in best}}
    for z in sorted(counts, key=lambda z: (-counts[z], z)):
        if all(abs(z - other) >= SAME_MH for other in kept):
            kept.append(z)
    curves = {}
    for (z, u), rows in best.items():
        for phase in PHASES if z in kept else ():
            mine = np.flatnonzero(phases[rows] == phase)
            if len(mine):
                # to the first row of the next phase, so that no mass or time is left out
                part = rows[mine[0] : mine[-1] + 2]
                run = along[part]
                if not isochrones and phase == MAIN_SEQUENCE:
                    run[0] = 0.0  # tables of tracks begin a step after birth
                if run[-1] > run[0]:
                    curves[z, u, phase] = _Curve(run, values[part])
    return curves


def _nodes(known: np.ndarray, step: float) -> np.ndarray:
    """Values and as many between each two that no gap is above a step."""
    parts = [
        np.linspace(a, b, int(np.ceil((b - a) / step - 1e-6)), endpoint=False)
        for a, b in zip(known[:-1], known[1:])
    ]
    return np.concatenate([*parts, known[-1:]])


def _edges(nodes: np.ndarray) -> np.ndarray:
    """Edges of the cells of nodes: half way between them, and at both ends a node itself."""
    return np.concatenate([nodes[:1], (nodes[1:] + nodes[:-1]) / 2, nodes[-1:]])


def _around(known, x: float) -> list:
    """The values on either side of x and their weights; empty where there is one side only."""
    known = np.array(sorted(known))
    i = int(np.searchsorted(known, x))
    if i < len(known) and known[i] - x < 1e-9:
        return [(known[i], 1.0)]
    if i in (0, len(known)):
        return []
    weight = (x - known[i - 1]) / (known[i] - known[i - 1])
    return [(known[i - 1], 1 - weight), (known[i], weight)]


def _corners(curves: dict, mh: float, u: float) -> list:
    """Up to four curves around a metallicity and log age (or mass), and their weights."""
    corners = [
        (curves[z][v], w * x) for z, w in _around(curves, mh) for v, x in _around(curves[z], u)
    ]
    return corners if abs(sum(weight for _, weight in corners) - 1) < 1e-9 else []


def _cells(corners: list, isochrones: bool):
    """Cells of equal steps in Teff and log g on the curve between some others.

    Yields, for each run hotter than `TEFF_MIN`, what runs along it and JOINED at the middle of
    each cell, and its width in initial mass [Msun] or age [Myr].
    """
    if not corners:
        return
    knots = np.unique(np.concatenate([curve.fraction for curve, _ in corners]))
    curve = sum(weight * curve.at(knots) for curve, weight in corners)
    hot = np.concatenate([[False], curve[:, 1] > np.log10(TEFF_MIN), [False]])
    ends = np.flatnonzero(np.diff(hot.astype(int))).reshape(-1, 2)
    for start, end in ends:
        run = curve[start:end]
        length = np.hypot(np.diff(run[:, 1]) / STEP_LOGTEFF, np.diff(run[:, 2]) / STEP_LOGG)
        length = np.concatenate([[0.0], np.cumsum(length + 1e-9)])
        if len(run) < 2:
            continue
        cells = np.linspace(0, length[-1], int(np.ceil(length[-1])) + 1)
        middle = (cells[1:] + cells[:-1]) / 2
        edges = np.interp(cells, length, run[:, 0])
        width = np.diff(10**edges if isochrones else edges)
        yield *(np.interp(middle, length, value) for value in run.T), width


def save(stars: ModelStars, path: str | Path) -> None:
    """Keep model stars in one file."""
    np.savez(path, **asdict(stars))


def load(path: str | Path) -> ModelStars:
    """Model stars kept by `save`.

    Raises
    ------
    ValueError
        If the file holds none.
    """
    try:
        with np.load(path) as kept:
            return ModelStars(**kept)
    except (ValueError, TypeError, EOFError, BadZipFile) as error:
        what = "no model stars, or damaged: delete it and run again"
        raise ValueError(f"{path}: {what} ({error})") from error

"""Orbits in a Galactic potential: by `lanes`, or by galpy with its silent failures fenced off.

Plain arrays: kpc, km/s, Myr, in the frame of `runaways.frames`; look-back times are positive.
"""

import warnings
from contextlib import chdir
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from astropy.table import Table

from runaways.frames import (
    FITTED_WITH,
    MYR_PER_KPC_KM_S,
    Frame,
    galactocentric,
    heliocentric,
    is_own_frame,
)

# of galpy's dop853_c, relative and absolute: 0.015 pc at the 99th percentile, 0.8 Gyr
TOLERANCE = 1e-8
# of `lanes`, absolute, in natural units: 0.02 pc at the 99th percentile of the same
LANES_TOLERANCE = 4e-8
# An error grows with the square of the time, and each plunge past the centre makes it many times
# larger. So the tolerance of `lanes` falls: with the square of the time from here on [Myr], and
# with the square of the angular momentum below this one [that of the Sun's circular orbit]; to no
# less than what its arithmetic leaves.
AT_TOLERANCE = 300.0
PLUNGING = 0.5
LEAST_TOLERANCE = 1e-13
# relative; a step from far above the thin disk to far below does not see it: an orbit whose energy
# drifts by more is traced again, a thousand times as closely
RETRACED = 1e-6
# relative; assumed: far above what TOLERANCE leaves, far below what a star's errors make
MAX_ENERGY_DRIFT = 1e-5
MAX_LZ_DRIFT = 1e-6
# Below this a Galactocentric radius is a failed draw: dop853_c does not return from R = 0.
MIN_RADIUS = 1e-6  # kpc
NOMINAL_STEPS = 1000  # of the orbit that figures draw
SPHERICAL_GRID = np.geomspace(1e-3, 300.0, 2001)  # in natural units: from 8 pc to 2.4 Mpc
# (km/s)^2/kpc^2 per solMass/pc^3: G of IAU 2015 GM_sun, IAU 2015 parsec
G_SOLAR_MASS_PC3 = 4300.917270
# Energies are relative to rest at this radius in the plane. galpy's own zero differs from model to
# model: MWPotential2014, its spheres interpolated, is +64 000 km2/s2 far out. The halos' masses
# grow without end, so that infinity itself would be no better a zero.
FAR = 2000.0  # kpc


CURVE_RADII = np.geomspace(0.05, 100.0, 400)  # kpc, of `rotation_curve`


class OrbitError(RuntimeError):
    """An integration whose result cannot be trusted."""


class ForeignFrame(ValueError):
    """A potential in a frame that it was not fitted with; the message says what it would become."""


@dataclass(frozen=True)
class Potential:
    """A potential in natural units, and the Sun in it.

    Attributes
    ----------
    given : object
        Of galpy, axisymmetric; None for that of the name, when it is needed.
    frame : Frame
        Where the Sun is and how it moves.
    length, speed : float
        Natural units [kpc, km/s]: what the potential was fitted with or, if it is rescaled, the
        r0 and v_circ of the frame.
    name : str
    pattern : object, optional
        What turns within it as a whole, a bar or spiral arms: as from `patterns`; galpy traces
        orbits through it.
    table : force_table.ForceTable, optional
        Its forces for `lanes`; without one galpy traces orbits.
    """

    given: object
    frame: Frame
    length: float
    speed: float
    name: str = ""
    pattern: object = None
    table: object = None

    @property
    def galpy(self):
        """The potential of galpy."""
        return _galpy(self.name) if self.given is None else self.given

    @property
    def in_lanes(self):
        """Whether `lanes` trace its orbits."""
        return self.table is not None and self.pattern is None

    @property
    def myr(self):
        """Natural unit of time [Myr]."""
        return self.length / self.speed * MYR_PER_KPC_KM_S

    @property
    def far(self):
        """The potential at `FAR`, where a body that arrives with any speed is lost [km2/s2]."""
        return float(self.depth(FAR / self.length, 0.0)) * self.speed**2

    def depth(self, r, z):
        """The potential at R and z, all in natural units; its zero is that of galpy's parts."""
        if self.table is not None:
            return self.table.potential(r, z)
        evaluate = import_galpy().potential.evaluatePotentials
        return evaluate(self.galpy, r, z, use_physical=False)

    @property
    def rescaled(self):
        """Whether this is another Galaxy than the one that was fitted."""
        return (self.length, self.speed) != FITTED_WITH.get(self.name, (self.length, self.speed))

    def density(self, r):
        """Mass density in the plane at a Galactocentric radius [kpc to solMass/pc3]."""
        evaluate = import_galpy().potential.evaluateDensities
        unit = self.speed**2 / self.length**2 / G_SOLAR_MASS_PC3
        return float(evaluate(self.galpy, r / self.length, 0.0, use_physical=False)) * unit

    def vertical_period(self, r):
        """Period of small oscillations about the plane at a radius [kpc to Myr]."""
        curvature = import_galpy().potential.evaluatez2derivs
        squared = curvature(self.galpy, r / self.length, 0.0, use_physical=False)
        return 2 * np.pi / float(np.sqrt(squared)) * self.myr

    def circular(self, r):
        """Circular velocities at Galactocentric radii [kpc], shape (n,) [km/s]."""
        force = import_galpy().potential.evaluateRforces
        r = np.asarray(r, float) / self.length
        pull = [force(self.galpy, one, 0.0, use_physical=False) for one in r.tolist()]
        return np.sqrt(-np.array(pull, float) * r) * self.speed

    def summary(self):
        """What to know of the potential: a dict of plain values for logs and records.

        Returns
        -------
        dict
            ``name``; ``r0`` [kpc] and ``v_circ`` [km/s] of its scale, those it was fitted with,
            ``rescaled``; at the Sun ``density`` [solMass/pc3], ``vertical_period`` [Myr],
            ``v_circ_at_sun`` [km/s]; where rescaled the first two of the potential as fitted.
        """
        known = {"name": self.name, "r0": self.length, "v_circ": self.speed}
        known |= dict(zip(("fitted_r0", "fitted_v_circ"), FITTED_WITH[self.name]))
        known["rescaled"] = self.rescaled
        known["density"] = round(self.density(self.frame.r0), 4)
        known["vertical_period"] = round(self.vertical_period(self.frame.r0), 1)
        known["v_circ_at_sun"] = round(float(self.circular([self.frame.r0])[0]), 2)
        if self.rescaled:
            own = replace(self, length=known["fitted_r0"], speed=known["fitted_v_circ"])
            known["fitted_density"] = round(own.density(own.length), 4)
            known["fitted_vertical_period"] = round(own.vertical_period(own.length), 1)
        return known

    def __str__(self):
        known = self.summary()
        text = f"{self.name} at r0 = {self.length:g} kpc, v_circ = {self.speed:g} km/s"
        at_sun = f"{known['density']:.3g} solMass/pc3 and a vertical period of "
        at_sun += f"{known['vertical_period']:.3g} Myr at the Sun"
        if not self.rescaled:
            return f"{text}, as fitted: {at_sun}"
        fitted = f"{known['fitted_density']:.3g} and {known['fitted_vertical_period']:.3g}"
        return f"{text}, rescaled: {at_sun}, where the fit has {fitted}"


def potential(name, frame, rescale=False, table=None):
    """A Galactic potential by galpy's name.

    For galpy the spherical parts of MWPotential2014 and Irrgang13I are merged into one force
    table, which costs 3e-10 in the force and makes an orbit three times cheaper.

    Parameters
    ----------
    name : str
        MWPotential2014 (Bovy 2015, 2015ApJS..216...29B), McMillan17 (McMillan 2017,
        2017MNRAS.465...76M) or Irrgang13I (Irrgang et al. 2013, 2013A&A...549A.137I).
    frame : Frame
        Where the Sun is.
    rescale : bool
        Whether the potential is scaled to the frame's r0 and v_circ, which makes a Galaxy that
        nobody fitted. Else it is as fitted, and the frame must be its own.
    table : force_table.ForceTable, optional
        Its forces, as from `engines.tabulated`; then `lanes` trace its orbits, else galpy.

    Returns
    -------
    Potential

    Raises
    ------
    ForeignFrame
        If the frame is not the potential's own.
    """
    if table is not None and table.meta["potential"] != name:
        raise ValueError(f"forces of {table.meta['potential']}, expected {name}")
    if rescale:
        return Potential(None, frame, frame.r0, frame.v_circ, name, table=table)
    if not is_own_frame(name, frame):
        raise ForeignFrame(_foreign(Potential(None, frame, frame.r0, frame.v_circ, name)))
    return Potential(None, frame, *FITTED_WITH[name], name, table=table)


def galpy_parts(name):
    """A potential of galpy in natural units, its parts as they are."""
    galpy_potential = import_galpy().potential
    if name == "MWPotential2014":
        return galpy_potential.MWPotential2014
    parts = getattr(galpy_potential.mwpotentials, name)
    galpy_potential.turn_physical_off(parts)
    return parts


@cache
def _galpy(name):
    """A potential of galpy, all that is round in it as one table where the rest is one disk."""
    parts, galpy_potential = galpy_parts(name), import_galpy().potential
    if name == "McMillan17":
        return parts
    bulge, disk, halo = parts
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'where' used without 'out'")  # galpy's own
        return disk + galpy_potential.interpSphericalPotential(bulge + halo, rgrid=SPHERICAL_GRID)


def _foreign(scaled):
    """Why a potential is refused in a frame, and what it would be there."""
    known = scaled.summary()
    change = known["density"] / known["fitted_density"] - 1
    return (
        f"{scaled.name} was fitted with r0 = {known['fitted_r0']:g} kpc and v_circ = "
        f"{known['fitted_v_circ']:g} km/s, not {scaled.length:g} kpc and {scaled.speed:g} km/s; "
        f"scaled to these it would have {known['density']:.4f} solMass/pc3 at the Sun instead of "
        f"{known['fitted_density']:.4f} ({change:+.0%}) and a vertical period of "
        f"{known['vertical_period']:.3g} Myr instead of {known['fitted_vertical_period']:.3g}"
    )


def with_rotation_curve(pot):
    """The frame of a potential, peculiar velocities relative to the potential's own rotation.

    Parameters
    ----------
    pot : Potential

    Returns
    -------
    Frame
    """
    return replace(pot.frame, curve=(tuple(CURVE_RADII), tuple(pot.circular(CURVE_RADII))))


def import_galpy():
    """The package, set up for what is done with it here."""
    # galpy reads .galpyrc from the working folder, else writes one into the home folder, goes
    # online once a day and changes its defaults by it: it reads ours, whoever runs it
    with chdir(Path(__file__).parent):
        import galpy.util._load_extension_libs as extensions
    # skips a second Python that galpy starts to look for OpenMP; a private name, so only if there
    if hasattr(extensions, "_checked_openmp_issue"):
        extensions._checked_openmp_issue = True
    import galpy.orbit
    import galpy.potential

    return galpy


def trace(position, velocity, times, pot, method=None, tolerance=None):
    """Trace orbits back in time.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Today, Galactocentric [kpc, km/s].
    times : ndarray, shape (n, m)
        Look-back times of each orbit, rising strictly from 0 [Myr].
    pot : Potential
    method : str, optional
        galpy's integrator. Else `lanes` trace the orbits, or dop853_c where the potential has no
        table or a pattern.
    tolerance : float, optional
        Of a step, else `LANES_TOLERANCE` or, for galpy, `TOLERANCE`.

    Returns
    -------
    position, velocity : ndarray, shape (n, m, 3)
        Along each orbit [kpc, km/s]; NaN for an orbit that cannot be traced: input that is
        not finite or at the centre, energy or L_z not conserved.

    Raises
    ------
    ValueError
        If times do not start at 0 or do not rise.
    OrbitError
        If a part of an orbit is not finite, though its start was.
    """
    times = np.asarray(times, float)
    finite = np.isfinite(times).all(axis=1)
    if (times[finite, 0] != 0).any() or (np.diff(times[finite], axis=1) <= 0).any():
        raise ValueError("look-back times must rise strictly from 0")
    # galpy never returns from one NaN: only sound draws reach it
    usable = finite & traceable(position, velocity)
    out = np.full((2,) + times.shape + (3,), np.nan)
    if usable.any() and pot.in_lanes and method is None:
        m, kept = times.shape[1], slice(None) if usable.all() else usable
        start = position[:, kept], velocity[:, kept]
        first = np.arange(usable.sum() + 1) * m
        path, *_ = follow(
            *start, times[kept].ravel(), first, pot, tolerance=tolerance or LANES_TOLERANCE
        )
        out[:, kept] = path.reshape(2, -1, m, 3)
    elif usable.any():
        start = natural(position[:, usable], velocity[:, usable], pot)
        when = -times[usable] / pot.myr
        path = _integrate(start, when, pot, method or "dop853_c", tolerance or TOLERANCE)
        sound = conserved(path, pot, when)
        rows = np.flatnonzero(usable)[sound]
        out[:, rows] = _physical(path[sound], pot)
    return out[0], out[1]


def traceable(position, velocity):
    """Whether orbits, shape (3, n), have a start that they can be traced from."""
    finite = np.isfinite(position).all(axis=0) & np.isfinite(velocity).all(axis=0)
    return finite & (np.hypot(position[0], position[1]) > MIN_RADIUS)


def follow(position, velocity, times, first, pot, also=None, until=None, tolerance=LANES_TOLERANCE):
    """Trace orbits back by `lanes`, each to times of its own.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Today, Galactocentric [kpc, km/s], finite.
    times : ndarray, shape (m,)
        Look-back times, those of one orbit after those of another, each rising from 0 [Myr].
    first : ndarray of int, shape (n + 1,)
        Where those of each orbit begin.
    pot : Potential
        With a table.
    also : ndarray, shape (n,), optional
        Another look-back time of each orbit, which may lie beyond the others [Myr].
    until : ndarray, shape (n,), optional
        Look-back times up to which the extremes of each orbit are sought [Myr].
    tolerance : float
        Of a step, absolute, in natural units; of orbits that are long or plunge it is less.

    Returns
    -------
    path, beside : ndarray, shape (2, m, 3), (2, n, 3)
        Position and velocity at times and at `also` [kpc, km/s]; NaN for an orbit whose energy or
        L_z is not conserved.
    found : dict of ndarray, shape (n,)
        ``r_peri r_apo z_max`` [kpc] and ``crossings`` of the plane up to `until`; NaN likewise.
    """
    n, scale = len(first) - 1, np.repeat([pot.length, -pot.speed], 3)
    # an orbit run backwards in time is the mirrored orbit run forwards
    start = (np.concatenate([position, velocity]).T / scale).copy()
    also = np.full(n, -1.0) if also is None else also / pot.myr
    until = np.zeros(n) if until is None else until / pot.myr
    times = times / pot.myr
    longest = np.maximum(times[first[1:] - 1], also)
    within = tolerance / np.maximum(longest * (pot.myr / AT_TOLERANCE), 1) ** 2
    squares = np.sum(position**2, axis=0) * np.sum(velocity**2, axis=0)
    spin2 = squares - np.sum(position * velocity, axis=0) ** 2
    spin2 /= (PLUNGING * pot.length * pot.speed) ** 2
    within = np.maximum(within * np.minimum(spin2, 1), LEAST_TOLERANCE)
    out, beside, found, drift = _in_lanes(start, times, first, also, until, within, pot)
    again = ~(drift < RETRACED)
    if again.any():
        rows, count = np.repeat(again, np.diff(first)), np.diff(first)[again]
        asked = (times[rows], np.append(0, np.cumsum(count)), also[again], until[again])
        closer = np.maximum(within[again] / 1000, LEAST_TOLERANCE)
        traced = _in_lanes(start[again], *asked, closer, pot)
        out[rows], beside[again], found[again], drift[again] = traced
    lost = ~(drift < MAX_ENERGY_DRIFT)
    if lost.any():
        out[np.repeat(lost, np.diff(first))] = beside[lost] = found[lost] = np.nan
    path, beside = ((q * scale).reshape(-1, 2, 3).swapaxes(0, 1) for q in (out, beside))
    sizes = found[:, :3].T * pot.length
    return path, beside, dict(zip(("r_peri", "r_apo", "z_max", "crossings"), [*sizes, found[:, 3]]))


def _in_lanes(start, times, first, also, until, tolerance, pot):
    """States, those at `also`, extremes and crossings, and the larger drift, of energy or L_z."""
    from runaways.orbits import lanes  # numba: only where it is used

    out, beside = np.empty((len(times), 6)), np.full((len(start), 6), np.nan)
    found = np.empty((len(start), len(lanes.QUANTITIES)))
    order = np.argsort(-np.maximum(times[first[1:] - 1], also))
    asked = (order, start, times, first, also, until, tolerance)
    lanes.trace(*pot.table.arrays, *asked, out, beside, found)
    energy, energy_drift, l_z_drift = found[:, :3].T
    l_z = start[:, 0] * start[:, 4] - start[:, 1] * start[:, 3]
    # of L_z less is allowed
    turn = _drift(l_z_drift, l_z) * (MAX_ENERGY_DRIFT / MAX_LZ_DRIFT)
    return out, beside, found[:, 3:], np.maximum(_drift(energy_drift, energy), turn)


def _drift(change, value):
    """A change relative to a value; where that is close to 0, to a tenth of the Sun's."""
    return np.abs(change) / np.maximum(np.abs(value), 0.1)


def natural(position, velocity, pot):
    """Galpy's phase-space coordinates.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Galactocentric [kpc, km/s].
    pot : Potential

    Returns
    -------
    ndarray, shape (n, 6)
        R, v_R, v_T, z, v_z, phi in natural units.
    """
    x, y, z = position / pot.length
    v_x, v_y, v_z = velocity / pot.speed
    r = np.hypot(x, y)
    v_r, v_t = (x * v_x + y * v_y) / r, (x * v_y - y * v_x) / r
    return np.array([r, v_r, v_t, z, v_z, np.arctan2(y, x)]).T


def _physical(path, pot):
    """Position and velocity, shape (2, n, m, 3) [kpc, km/s]."""
    r, v_r, v_t, z, v_z, phi = np.moveaxis(path, -1, 0)
    cos, sin = np.cos(phi), np.sin(phi)
    position = np.stack([r * cos, r * sin, z], axis=-1) * pot.length
    velocity = np.stack([v_r * cos - v_t * sin, v_r * sin + v_t * cos, v_z], axis=-1)
    return np.array([position, velocity * pot.speed])


def _integrate(start, times, pot, method, tolerance):
    orbit = import_galpy().orbit.Orbit(start, ro=pot.length, vo=pot.speed)
    orbit.turn_physical_off()
    # positional, one row of times for each orbit, never dt: other calls lose steps silently
    with warnings.catch_warnings():
        # instead of its C code galpy would take a slower and less accurate integrator
        warnings.filterwarnings("error", message="Cannot use C integration")
        warnings.filterwarnings("ignore", message="Using C implementation")
        forces = pot.galpy if pot.pattern is None else pot.galpy + pot.pattern
        orbit.integrate(
            times, forces, method=method, progressbar=False, rtol=tolerance, atol=tolerance
        )
    path = orbit.getOrbit()
    if not np.isfinite(path).all():
        raise OrbitError(
            f"{method}: {np.sum(~np.isfinite(path))} values of an orbit are not finite"
        )
    return path


def energy_and_lz(path, pot):
    """Energy and angular momentum along orbits.

    Parameters
    ----------
    path : ndarray, shape (n, m, 6)
        In natural units, as from `natural`.
    pot : Potential

    Returns
    -------
    energy, l_z : ndarray, shape (n, m)
        Per mass, in natural units; the energy with galpy's zero, which is not `Potential.far`.
    """
    r, v_r, v_t, z, v_z, _ = np.moveaxis(path, -1, 0)
    phi = pot.depth(r.ravel(), z.ravel()).reshape(r.shape)
    return phi + (v_r**2 + v_t**2 + v_z**2) / 2, r * v_t


def conserved(path, pot, times):
    """Whether each orbit keeps its energy and L_z between its two ends.

    Where a pattern turns neither is kept, but Jacobi's integral: energy less pattern speed times
    L_z.

    Parameters
    ----------
    path : ndarray, shape (n, m, 6)
        galpy's orbit in natural units.
    pot : Potential
    times : ndarray, shape (n, m)
        Of the orbit, today 0, in natural units.

    Returns
    -------
    sound : ndarray of bool, shape (n,)
    """
    ends = path[:, [0, -1]]
    energy, l_z = energy_and_lz(ends, pot)
    own = energy[:, 0]
    if pot.pattern is not None:
        r, z, phi = (ends[..., i].ravel() for i in (0, 3, 5))
        t = times[:, [0, -1]].ravel()
        energy = energy + pot.pattern(r, z, phi=phi, t=t, use_physical=False).reshape(l_z.shape)
        jacobi = energy - pot.pattern.OmegaP() * l_z
        return _drift(np.diff(jacobi, axis=1)[:, 0], own) < MAX_ENERGY_DRIFT
    drift = _drift(np.diff(energy, axis=1)[:, 0], own)
    turn = _drift(np.diff(l_z, axis=1)[:, 0], l_z[:, 0])
    return (drift < MAX_ENERGY_DRIFT) & (turn < MAX_LZ_DRIFT)


def nominal(star, pot):
    """Orbit of a star from today to its birth, without errors.

    Parameters
    ----------
    star : mapping
        Row of `measurements.complete`.
    pot : Potential

    Returns
    -------
    Table
        Table ``orbit``: 1001 rows, twice that where the sign of rv is unknown, none where there
        can be no orbit.
    """
    columns = ("star", "rv_branch", "look_back_time", "x", "y", "z", "v_x", "v_y", "v_z")
    rv = np.array([star["rv"], star["rv_alternative"]])
    rv = rv[np.isfinite(rv)] if not star["reason"] else rv[:0]
    times = np.tile(np.linspace(0, 1, NOMINAL_STEPS + 1), (len(rv), 1)) * star["age"]
    measured = (star[name] for name in ("ra", "dec", "distance", "pmra", "pmdec"))
    today = galactocentric(*heliocentric(*measured, rv), pot.frame)
    path, speed = trace(*today, times, pot) if len(rv) else np.empty((2, 0, NOMINAL_STEPS + 1, 3))
    name = np.full(times.size, str(star["star"]))
    branch = np.repeat(np.arange(len(rv)), NOMINAL_STEPS + 1)
    values = [*path.reshape(-1, 3).T, *speed.reshape(-1, 3).T]
    return Table([name, branch, times.ravel(), *values], names=columns)

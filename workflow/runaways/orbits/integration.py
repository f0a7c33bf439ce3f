"""Orbits in a Galactic potential, integrated by galpy, with its silent failures fenced off.

Plain arrays: kpc, km/s, Myr, in the frame of `runaways.frames`; look-back times are positive.
"""

import warnings
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

from runaways.frames import MYR_PER_KPC_KM_S, Frame, galactocentric, heliocentric

TOLERANCE = 1e-8  # relative and absolute, of dop853_c: 0.015 pc at the 99th percentile, 0.8 Gyr
# relative; assumed: far above what TOLERANCE leaves, far below what a star's errors make
MAX_ENERGY_DRIFT = 1e-5
MAX_LZ_DRIFT = 1e-6
# Below this a Galactocentric radius is a failed draw: dop853_c does not return from R = 0.
MIN_RADIUS = 1e-6  # kpc
NOMINAL_STEPS = 1000  # of the orbit that figures draw
SPHERICAL_GRID = np.geomspace(1e-3, 300.0, 2001)  # r / r0: from 9 pc to 2.5 Mpc
# Energies are relative to rest at this radius in the plane. galpy's own zero differs from model to
# model: MWPotential2014, its spheres interpolated, is +64 000 km2/s2 far out. The halos' masses
# grow without end, so that infinity itself would be no better a zero.
FAR = 2000.0  # kpc


class OrbitError(RuntimeError):
    """An integration whose result cannot be trusted."""


@dataclass(frozen=True)
class Potential:
    """A galpy potential in natural units, scaled to a frame's r0 and v_circ.

    Attributes
    ----------
    galpy : object
        Axisymmetric.
    frame : Frame
    pattern : object, optional
        What turns within it as a whole, a bar or spiral arms: as from `patterns`.
    """

    galpy: object
    frame: Frame
    pattern: object = None

    @property
    def myr(self):
        """Natural unit of time [Myr]."""
        return self.frame.r0 / self.frame.v_circ * MYR_PER_KPC_KM_S

    @property
    def far(self):
        """The potential at `FAR`, where a body that arrives with any speed is lost [km2/s2]."""
        evaluate = import_galpy().potential.evaluatePotentials
        far = evaluate(self.galpy, FAR / self.frame.r0, 0.0, use_physical=False)
        return float(far) * self.frame.v_circ**2


def potential(name, frame):
    """A Galactic potential by galpy's name.

    The two spherical parts of MWPotential2014 are merged into one force table, which costs
    3e-10 in the force and makes an orbit three times cheaper.

    Parameters
    ----------
    name : str
        MWPotential2014 (Bovy 2015, 2015ApJS..216...29B), McMillan17 (McMillan 2017,
        2017MNRAS.465...76M) or Irrgang13I (Irrgang et al. 2013, 2013A&A...549A.137I).
    frame : Frame
        Its r0 and v_circ scale the potential.

    Returns
    -------
    Potential
    """
    galpy_potential = import_galpy().potential
    if name == "MWPotential2014":
        bulge, disk, halo = galpy_potential.MWPotential2014
        spherical = galpy_potential.interpSphericalPotential(bulge + halo, rgrid=SPHERICAL_GRID)
        parts = disk + spherical
    else:
        parts = getattr(galpy_potential.mwpotentials, name)
        galpy_potential.turn_physical_off(parts)
    return Potential(parts, frame)


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


def trace(position, velocity, times, pot, method="dop853_c", tolerance=TOLERANCE):
    """Trace orbits back in time.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Today, Galactocentric [kpc, km/s].
    times : ndarray, shape (n, m)
        Look-back times of each orbit, rising strictly from 0 [Myr].
    pot : Potential
    method : str
        galpy's integrator.
    tolerance : float
        Relative and absolute tolerance.

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
    usable = finite & np.isfinite(position).all(axis=0) & np.isfinite(velocity).all(axis=0)
    usable &= np.hypot(position[0], position[1]) > MIN_RADIUS
    out = np.full((2,) + times.shape + (3,), np.nan)
    if usable.any():
        start = natural(position[:, usable], velocity[:, usable], pot.frame)
        when = -times[usable] / pot.myr
        path = _integrate(start, when, pot, method, tolerance)
        sound = conserved(path, pot, when)
        rows = np.flatnonzero(usable)[sound]
        out[:, rows] = _physical(path[sound], pot.frame)
    return out[0], out[1]


def natural(position, velocity, frame):
    """Galpy's phase-space coordinates.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Galactocentric [kpc, km/s].
    frame : Frame

    Returns
    -------
    ndarray, shape (n, 6)
        R, v_R, v_T, z, v_z, phi in units of r0 and v_circ.
    """
    x, y, z = position / frame.r0
    v_x, v_y, v_z = velocity / frame.v_circ
    r = np.hypot(x, y)
    v_r, v_t = (x * v_x + y * v_y) / r, (x * v_y - y * v_x) / r
    return np.array([r, v_r, v_t, z, v_z, np.arctan2(y, x)]).T


def _physical(path, frame):
    """Position and velocity, shape (2, n, m, 3) [kpc, km/s]."""
    r, v_r, v_t, z, v_z, phi = np.moveaxis(path, -1, 0)
    cos, sin = np.cos(phi), np.sin(phi)
    position = np.stack([r * cos, r * sin, z], axis=-1) * frame.r0
    velocity = np.stack([v_r * cos - v_t * sin, v_r * sin + v_t * cos, v_z], axis=-1)
    return np.array([position, velocity * frame.v_circ])


def _integrate(start, times, pot, method, tolerance):
    orbit = import_galpy().orbit.Orbit(start, ro=pot.frame.r0, vo=pot.frame.v_circ)
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
    evaluate = import_galpy().potential.evaluatePotentials
    phi = evaluate(pot.galpy, r.ravel(), z.ravel(), use_physical=False).reshape(r.shape)
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
    # natural units: where the orbit's own is close to 0, a tenth of the Sun's circular orbit's
    least = np.maximum(np.abs(energy[:, 0]), 0.1)
    if pot.pattern is not None:
        r, z, phi = (ends[..., i].ravel() for i in (0, 3, 5))
        t = times[:, [0, -1]].ravel()
        energy = energy + pot.pattern(r, z, phi=phi, t=t, use_physical=False).reshape(l_z.shape)
        jacobi = energy - pot.pattern.OmegaP() * l_z
        return np.abs(np.diff(jacobi, axis=1)[:, 0]) / least < MAX_ENERGY_DRIFT
    drift = np.abs(np.diff(energy, axis=1)[:, 0]) / least
    turn = np.abs(np.diff(l_z, axis=1)[:, 0]) / np.maximum(np.abs(l_z[:, 0]), 0.1)
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
    name = np.full(times.size, star["star"], "U64")
    branch = np.repeat(np.arange(len(rv)), NOMINAL_STEPS + 1)
    values = [*path.reshape(-1, 3).T, *speed.reshape(-1, 3).T]
    return Table([name, branch, times.ravel(), *values], names=columns)

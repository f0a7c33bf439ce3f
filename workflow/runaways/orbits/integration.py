"""Orbits in a Galactic potential, integrated by galpy, with its silent failures fenced off.

Plain arrays: kpc, km/s, Myr, in the frame of `runaways.frames`; look-back times are positive.
"""

import warnings
from contextlib import chdir
from dataclasses import dataclass, replace
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

TOLERANCE = 1e-8  # relative and absolute, of dop853_c: 0.015 pc at the 99th percentile, 0.8 Gyr
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
    """A galpy potential in natural units, and the Sun in it.

    Attributes
    ----------
    galpy : object
        Axisymmetric.
    frame : Frame
        Where the Sun is and how it moves.
    length, speed : float
        Natural units [kpc, km/s]: what the potential was fitted with or, if it is rescaled, the
        r0 and v_circ of the frame.
    name : str
    pattern : object, optional
        What turns within it as a whole, a bar or spiral arms: as from `patterns`.
    """

    galpy: object
    frame: Frame
    length: float
    speed: float
    name: str = ""
    pattern: object = None

    @property
    def myr(self):
        """Natural unit of time [Myr]."""
        return self.length / self.speed * MYR_PER_KPC_KM_S

    @property
    def far(self):
        """The potential at `FAR`, where a body that arrives with any speed is lost [km2/s2]."""
        evaluate = import_galpy().potential.evaluatePotentials
        far = evaluate(self.galpy, FAR / self.length, 0.0, use_physical=False)
        return float(far) * self.speed**2

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


def potential(name, frame, rescale=False):
    """A Galactic potential by galpy's name.

    The spherical parts of MWPotential2014 and Irrgang13I are merged into one force table, which
    costs 3e-10 in the force and makes an orbit three times cheaper.

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

    Returns
    -------
    Potential

    Raises
    ------
    ForeignFrame
        If the frame is not the potential's own.
    """
    parts = _parts(name)
    if rescale:
        return Potential(parts, frame, frame.r0, frame.v_circ, name)
    if not is_own_frame(name, frame):
        raise ForeignFrame(_foreign(Potential(parts, frame, frame.r0, frame.v_circ, name)))
    return Potential(parts, frame, *FITTED_WITH[name], name)


def _parts(name):
    galpy_potential = import_galpy().potential
    if name == "MWPotential2014":
        bulge, disk, halo = galpy_potential.MWPotential2014
    else:
        parts = getattr(galpy_potential.mwpotentials, name)
        galpy_potential.turn_physical_off(parts)
        if name != "Irrgang13I":
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
        start = natural(position[:, usable], velocity[:, usable], pot)
        when = -times[usable] / pot.myr
        path = _integrate(start, when, pot, method, tolerance)
        sound = conserved(path, pot, when)
        rows = np.flatnonzero(usable)[sound]
        out[:, rows] = _physical(path[sound], pot)
    return out[0], out[1]


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

"""The Galaxy's potential: of galpy by name, in natural units, with the Sun in it."""

import warnings
from contextlib import chdir
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from runaways.frames import FITTED_WITH, MYR_PER_KPC_KM_S, Frame, is_own_frame

SPHERICAL_GRID = np.geomspace(1e-3, 300.0, 2001)  # in natural units: from 8 pc to 2.4 Mpc
# (km/s)^2/kpc^2 per solMass/pc^3: G of IAU 2015 GM_sun, IAU 2015 parsec
G_SOLAR_MASS_PC3 = 4300.917270
# Energies are relative to rest at this radius in the plane. galpy's own zero differs from model to
# model: MWPotential2014, its spheres interpolated, is +64 000 km2/s2 far out. The halos' masses
# grow without end, so that infinity itself would be no better a zero.
FAR = 2000.0  # kpc
CURVE_RADII = np.geomspace(0.05, 100.0, 400)  # kpc, of `rotation_curve`


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

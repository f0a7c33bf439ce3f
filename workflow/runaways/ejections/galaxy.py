"""The Galaxy that stars are ejected in: rotation, star formation, and the grid of times."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from runaways.ejections.priors import Priors
from runaways.ejections.speeds import Speeds
from runaways.ejections.times import AgeGrid
from runaways.orbits.conservation import energy_and_lz
from runaways.orbits.potentials import Potential

# Length of a segment of look-back time, from its start on [Myr]. Bodies that meet move straight
# against each other within it; the crossing itself is integrated in closed form.
SEGMENTS = ((0.0, 0.5), (20.0, 1.0), (100.0, 2.0))
_RADII = np.geomspace(0.02, 400.0, 500)  # kpc
_DISK_RADII = np.linspace(0.05, 30.0, 600)  # kpc
_AT_INFINITY = 240.0  # natural units: 2 Mpc, within galpy's table of spherical forces


@dataclass(frozen=True)
class Galaxy:
    """Potential, frame, priors and what follows from them once for all stars.

    Attributes
    ----------
    potential : Potential
    look_back_max : float
        How far back stars are traced [Myr].
    priors : Priors
    """

    potential: Potential
    look_back_max: float = 400.0
    priors: Priors = field(default_factory=Priors)

    @property
    def frame(self):
        """Frame of the potential."""
        return self.potential.frame

    @cached_property
    def edges(self):
        """Ends of the segments of look-back time, shape (m + 1,) [Myr]."""
        ends = [start for start, _ in SEGMENTS[1:]] + [max(self.look_back_max, SEGMENTS[-1][0])]
        parts = [np.arange(start, end, step) for (start, step), end in zip(SEGMENTS, ends)]
        edges = np.concatenate([*parts, ends[-1:]])
        return edges[edges <= self.look_back_max]

    @cached_property
    def tau(self):
        """Middles of the segments, shape (m,) [Myr]."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @cached_property
    def width(self):
        """Lengths of the segments, shape (m,) [Myr]."""
        return np.diff(self.edges)

    @cached_property
    def ages(self):
        """The `AgeGrid` over these segments."""
        return AgeGrid(self.tau, self.priors)

    @cached_property
    def speeds(self):
        """The `Speeds` of these priors."""
        return Speeds(self.priors)

    @cached_property
    def _rotation(self):
        # v^2 = dPhi / dlnR, by the potential's own energies of bodies at rest
        step = 1e-3
        r = _RADII / self.potential.length * np.exp([[-step], [step]])
        phi = self._depth(r, 0 * r)
        return np.sqrt(np.maximum((phi[1] - phi[0]) / (2 * step), 0)) * self.potential.speed

    def _depth(self, r, z):
        """Potential at R and z, all in natural units."""
        zero = np.zeros(np.shape(r))
        return energy_and_lz(np.stack([r, zero, zero, z, zero, zero], axis=-1), self.potential)[0]

    def rotation(self, r):
        """Circular velocity at Galactocentric radii [kpc] in the plane [km/s]."""
        return np.interp(r, _RADII, self._rotation)

    def rotating(self, x):
        """Velocity of rotation at places, shape (..., 3) [kpc to km/s]."""
        r = np.hypot(x[..., 0], x[..., 1])
        rate = self.rotation(r) / np.maximum(r, 1e-9)
        return np.stack([-rate * x[..., 1], rate * x[..., 0], 0 * r], axis=-1)

    def surface(self, r):
        """Star formation per area at radii [kpc], 1 at the Sun's."""
        p = self.priors
        inside = np.minimum((r - p.hole_radius) / p.hole_scale, 0)
        return np.exp(-(r - self.frame.r0) / p.disk_scale - inside**2)

    @cached_property
    def disk_area(self):
        """Star formation of the whole disk over that of a kpc^2 at the Sun [kpc^2]."""
        step = _DISK_RADII[1] - _DISK_RADII[0]
        return float((2 * np.pi * _DISK_RADII * self.surface(_DISK_RADII)).sum() * step)

    def listed(self, distance):
        """Share of the newest star formation that a catalogue lists, at distances [kpc]."""
        p = self.priors
        return p.listed_share * np.exp(-((distance / p.listed_distance) ** 2))

    def unbound(self, x, v):
        """Whether bodies can reach 2 Mpc; place and velocity of shape (n, 3) [kpc, km/s]."""
        r = np.hypot(x[:, 0], x[:, 1]) / self.potential.length
        far = self._depth(np.array([_AT_INFINITY]), np.zeros(1))
        # against the potential out there: the zero of galpy's spherical table is another
        depth = self._depth(r, x[:, 2] / self.potential.length) - far
        return depth + (v**2).sum(axis=1) / 2 / self.potential.speed**2 > 0

"""The forces of an axisymmetric Galaxy as tables for `lanes`: made once, read by every job.

What is round in a potential is one table over the distance, and a Miyamoto-Nagai disk needs none:
that is all of MWPotential2014 and Irrgang13I. Whatever else there is, as the disks and the bulge
of McMillan17, is tabulated over R and |z|.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from runaways.orbits import lanes
from runaways.tables import intact

# |z| or R [natural units] in place of 0, where F_z / z and F_R / R are their limits
_LEAST = 1e-7


@dataclass(frozen=True)
class ForceTable:
    """Forces and potential, in natural units.

    Attributes
    ----------
    disk : ndarray, shape (3,)
        GM, a and b^2 of a Miyamoto-Nagai disk; GM may be 0.
    sphere : ndarray, shape (c, 2, 4)
        For cells of r^2: polynomials of -F_r / r and of the potential.
    plane : ndarray, shape (c, c, 3, 8, 8)
        For cells of R and |z|: polynomials of -F_R / R, -F_z / z and of the potential of the rest;
        without a cell where there is none.
    meta : dict
        What it is of, and how well it was seen to do.
    """

    disk: np.ndarray
    sphere: np.ndarray
    plane: np.ndarray
    meta: dict = field(default_factory=dict)

    @property
    def arrays(self):
        """What the functions of `lanes` take first."""
        return self.disk, self.sphere, self.plane

    def potential(self, r, z):
        """The potential at R and z, arrays of one shape."""
        r, z = np.broadcast_arrays(np.asarray(r, float), np.asarray(z, float))
        out = np.empty(r.size)
        lanes.potential(*self.arrays, r.ravel(), z.ravel(), out)
        return out.reshape(r.shape)


def make(galpy, parts, name):
    """Tabulate a potential.

    Parameters
    ----------
    galpy : module
        As from `potentials.import_galpy`.
    parts : list of galpy potentials
    name : str

    Returns
    -------
    ForceTable
    """
    disk, spheres, others = np.array([0.0, 1.0, 1.0]), [], []
    for part in parts:
        if disk[0] == 0 and isinstance(part, galpy.potential.MiyamotoNagaiPotential):
            disk = np.array([part._amp, part._a, part._b2], float)
        else:
            (spheres if _is_round(part) else others).append(part)
    return ForceTable(disk, _sphere(spheres), _plane(others), {"potential": name})


def _is_round(part):
    """Whether forces at the same distance are the same, in the plane and above it."""
    force, potential = _galpy_c()
    r = np.array([0.01, 0.1, 1.0, 10.0])
    flat, high = (force([part], x, z)[0] / x for x, z in ((r, 0 * r), (0.6 * r, 0.8 * r)))
    return bool(np.allclose(flat, high, rtol=1e-12))


def _galpy_c():
    # galpy's forces for many places in one call, by its C code: a thousand times the speed of
    # its Python for McMillan17
    from galpy.potential.interpRZPotential import eval_force_c, eval_potential_c

    return eval_force_c, eval_potential_c


def _nodes(grid, terms):
    """Chebyshev nodes of every cell, shape (c, terms), and what makes values coefficients."""
    lowest, highest, bits = grid
    first, last = (int(np.float64(x).view(np.int64)) >> (52 - bits) for x in (lowest, highest))
    edges = (np.arange(first, last + 1) << (52 - bits)).view(np.float64)
    node = 0.5 - 0.5 * np.cos(np.pi * (np.arange(terms) + 0.5) / terms)
    places = edges[:-1, None] + np.diff(edges)[:, None] * node
    return places, np.linalg.inv(np.vander(node, increasing=True))


def _sphere(parts):
    force, potential = _galpy_c()
    r2, solve = _nodes(lanes.SPHERE, lanes.SPHERE_TERMS)
    if not parts:
        return np.zeros((len(r2), 2, lanes.SPHERE_TERMS))
    r = np.sqrt(r2.ravel())
    values = np.array([-force(parts, r, 0 * r)[0] / r, potential(parts, r, 0 * r)[0]])
    return np.einsum("qcn,tn->cqt", values.reshape(2, *r2.shape), solve).copy()


def _plane(parts):
    force, potential = _galpy_c()
    x, solve = _nodes(lanes.PLANE, lanes.PLANE_TERMS)
    if not parts:
        return np.zeros((0, 0, 3, lanes.PLANE_TERMS, lanes.PLANE_TERMS))
    axis = np.maximum(x.ravel() - lanes.PLANE[0], _LEAST)
    r, z = (q.ravel() for q in np.meshgrid(axis, axis, indexing="ij"))
    values = [-force(parts, r, z)[0] / r, -force(parts, r, z, zforce=True)[0] / z]
    values = np.array([*values, potential(parts, r, z)[0]]).reshape(3, *x.shape, *x.shape)
    return np.einsum("qinjm,tn,sm->ijqts", values, solve, solve, optimize=True).copy()


def write(table, path, **stamp):
    """Keep a table in an `.npz` file, with its meta and where it comes from."""
    meta = json.dumps(table.meta | stamp, sort_keys=True)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, disk=table.disk, sphere=table.sphere, plane=table.plane, meta=meta)


def read(path):
    """A table as kept by `write`."""
    with intact(path), np.load(path) as kept:
        meta = json.loads(str(kept["meta"]))
        return ForceTable(kept["disk"], kept["sphere"], kept["plane"], meta)

"""Energy and angular momentum: what an orbit that can be trusted keeps."""

import numpy as np

# relative; assumed: far above what the tolerances of `integration` leave, far below what a star's
# errors make
MAX_ENERGY_DRIFT = 1e-5
MAX_LZ_DRIFT = 1e-6


def drift(change, value):
    """A change relative to a value; where that is close to 0, to a tenth of the Sun's.

    In natural units.
    """
    return np.abs(change) / np.maximum(np.abs(value), 0.1)


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
        return drift(np.diff(jacobi, axis=1)[:, 0], own) < MAX_ENERGY_DRIFT
    of_energy = drift(np.diff(energy, axis=1)[:, 0], own)
    of_lz = drift(np.diff(l_z, axis=1)[:, 0], l_z[:, 0])
    return (of_energy < MAX_ENERGY_DRIFT) & (of_lz < MAX_LZ_DRIFT)

"""The orbit of one star from plain numbers, for Python: the scripts start from a star list."""

import numpy as np

from runaways.frames import PRESETS
from runaways.orbits.integration import nominal
from runaways.orbits.potentials import potential
from runaways.tables import conform


def trace_star(*, ra, dec, distance, pmra, pmdec, rv, age, pot=None):
    """Orbit of one star from today to its birth, without errors.

    Parameters
    ----------
    ra, dec : float
        ICRS [deg].
    distance : float
        [kpc].
    pmra, pmdec : float
        Proper motion, pmra with the cos(dec) [mas/yr].
    rv : float
        Barycentric radial velocity [km/s].
    age : float
        How far back [Myr].
    pot : potentials.Potential, optional
        By default Irrgang13I in the frame of GRAVITY Collaboration 2021, as of a run.

    Returns
    -------
    Table
        1001 rows with units: look_back_time, x, y, z, v_x, v_y, v_z.

    See Also
    --------
    runaways.orbits.birthplaces.draw_birthplaces : with errors, draw by draw.
    """
    pot = potential("Irrgang13I", PRESETS["gravity_2021"]) if pot is None else pot
    star = {"star": "", "ra": ra, "dec": dec, "distance": distance, "pmra": pmra, "pmdec": pmdec}
    star |= {"rv": rv, "rv_alternative": np.nan, "age": age, "reason": ""}
    orbit = conform(nominal(star, pot), "orbit")
    orbit.remove_columns(["star", "rv_branch"])
    return orbit

"""The orbit of one star from plain numbers, for Python: the scripts start from a star list."""

import numpy as np

from runaways.frames import Frame
from runaways.orbits.integration import nominal, potential
from runaways.tables import conform

# Guo et al. 2025, Sect. 3.4: the Sun's motion of Schoenrich et al. 2010 (2010MNRAS.403.1829S), its
# height of Bennett & Bovy 2019 (2019MNRAS.482.1417B)
GUO2025 = Frame(r0=8.5, v_circ=220.0, v_sun=(11.10, 12.24, 7.25), z_sun=0.0208)


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
    pot : integration.Potential, optional
        By default MWPotential2014 in the frame of Guo et al. 2025.

    Returns
    -------
    Table
        1001 rows with units: look_back_time, x, y, z, v_x, v_y, v_z.

    See Also
    --------
    runaways.orbits.birthplaces.draw_birthplaces : with errors, draw by draw.
    """
    pot = potential("MWPotential2014", GUO2025) if pot is None else pot
    star = {"star": "", "ra": ra, "dec": dec, "distance": distance, "pmra": pmra, "pmdec": pmdec}
    star |= {"rv": rv, "rv_alternative": np.nan, "age": age, "reason": ""}
    orbit = conform(nominal(star, pot), "orbit")
    orbit.remove_columns(["star", "rv_branch"])
    return orbit

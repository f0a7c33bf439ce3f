"""Coordinate frames: the one page of conventions.

Galactic, heliocentric: ``X`` towards the Galactic centre, ``Y`` along Galactic rotation, ``Z``
towards the north Galactic pole; velocities ``U, V, W`` along them (right-handed).

Galactocentric, used for every ``x y z v_x v_y v_z`` and birthplace of this project: galpy's
left-handed frame, which is also the one the paper plots. The Sun is at ``x = +r0``, ``y = 0``,
``z = z_sun``; ``y`` points along Galactic rotation at the Sun and ``z`` to the north pole. The
azimuth is ``atan2(y, x)``, 0 at the Sun, and grows along Galactic rotation; the disk rotates with
``v_T > 0`` and ``L_z = x v_y - y v_x > 0``.

Time: look-back times are positive, in Myr; ``t = -look_back_time``.

Shapes: stars or draws run along the last axis of vectors, ``(3, n)``.
Units of plain arrays: deg, mas, mas/yr, kpc, km/s, Myr.
"""

from dataclasses import dataclass

import numpy as np

# km/s per (mas/yr kpc): 1 au/yr (IAU 2012 au, Julian year)
KM_S_PER_MAS_YR_KPC = 4.740470463
# Myr per (kpc/(km/s)): IAU 2015 parsec, Julian year
MYR_PER_KPC_KM_S = 977.7922216807891

# ICRS to Galactic: transpose of eq. 1.5.11 of the Hipparcos Catalogue, vol. 1 (1997ESASP1200.....E)
ICRS_TO_GALACTIC = np.array(
    [
        [-0.0548755604162154, -0.8734370902348850, -0.4838350155487132],
        [+0.4941094278755837, -0.4448296299600112, +0.7469822444972189],
        [-0.8676661490190047, -0.1980763734312015, +0.4559837761750669],
    ]
)


@dataclass(frozen=True)
class Frame:
    """The Sun's place and motion, and the rotation that peculiar velocities are relative to.

    Attributes
    ----------
    r0 : float
        Distance of the Sun from the Galactic centre in the plane [kpc].
    v_circ : float
        Circular velocity at the Sun, which ``v_sun`` comes on top of [km/s].
    v_sun : tuple of float
        Peculiar motion of the Sun (U, V, W), U towards the centre [km/s].
    z_sun : float
        Height of the Sun above the plane [kpc].
    curve : tuple of two tuples of float
        Galactocentric radii [kpc], rising, and the circular velocities there [km/s]; empty for
        a flat curve, v_circ at all radii.
    """

    r0: float
    v_circ: float
    v_sun: tuple[float, float, float]
    z_sun: float
    curve: tuple = ()

    def circular(self, r):
        """Circular velocity at Galactocentric radii [kpc] in the plane [km/s]."""
        if not self.curve:
            return np.full(np.shape(r), self.v_circ)
        return np.interp(r, *self.curve)


# Schoenrich et al. 2010, MNRAS 403, 1829 (2010MNRAS.403.1829S), abstract [km/s]
SCHOENRICH_2010 = (11.10, 12.24, 7.25)
# 20.8 +- 0.3 pc: Bennett & Bovy 2019, MNRAS 482, 1417 (2019MNRAS.482.1417B), abstract [kpc]
BENNETT_BOVY_2019 = 0.0208
# 8275 +- 9 +- 33 pc: GRAVITY Collaboration 2021, A&A 647, A59 (2021A&A...647A..59G) [kpc]
GRAVITY_2021 = 8.275
# -6.411 +- 0.008 mas/yr along Galactic longitude: Reid & Brunthaler 2020, ApJ 892, 39
# (2020ApJ...892...39R), abstract. Sgr A* is at rest, so that this is the Sun's own motion.
SGR_A_2020 = 6.411

# Of a configuration's `frame.preset`
PRESETS = {
    "gravity_2021": Frame(
        r0=GRAVITY_2021,
        v_circ=round(KM_S_PER_MAS_YR_KPC * SGR_A_2020 * GRAVITY_2021 - SCHOENRICH_2010[1], 2),
        v_sun=SCHOENRICH_2010,
        z_sun=BENNETT_BOVY_2019,
    ),
    # Kerr & Lynden-Bell 1986, MNRAS 221, 1023 (1986MNRAS.221.1023K); the rest as Guo et al. 2025,
    # Sect. 3.4
    "kerr_lynden_bell_1986": Frame(
        r0=8.5, v_circ=220.0, v_sun=SCHOENRICH_2010, z_sun=BENNETT_BOVY_2019
    ),
}

# What galpy's potentials were fitted with: the Sun's distance from the centre [kpc], the circular
# velocity there [km/s]; values of galpy's own modules
FITTED_WITH = {
    "MWPotential2014": (8.0, 220.0),  # Bovy 2015, ApJS 216, 29 (2015ApJS..216...29B), Sect. 3.5
    "McMillan17": (8.21, 233.1),  # McMillan 2017, MNRAS 465, 76 (2017MNRAS.465...76M)
    "Irrgang13I": (8.4, 242.0),  # Irrgang et al. 2013, A&A 549, A137 (2013A&A...549A.137I)
}
# How far, relative, a frame may be from that and still be a potential's own; assumed: McMillan 2017
# has 8.20 +- 0.09 kpc and 232.8 +- 3.0 km/s (abstract), 1.1 and 1.3 %
OWN_FRAME = 0.03


def is_own_frame(name, frame):
    """Whether a potential was fitted with r0 and v_circ of a frame, to within `OWN_FRAME`."""
    r0, v_circ = FITTED_WITH[name]
    return max(abs(frame.r0 / r0 - 1), abs(frame.v_circ / v_circ - 1)) <= OWN_FRAME


def _rotate(matrix, vectors):
    # Written out, not by BLAS: the result for a star must not depend on how many come with it.
    x, y, z = vectors
    return np.array([row[0] * x + row[1] * y + row[2] * z for row in matrix])


def galactic(ra, dec):
    """Galactic longitude and latitude.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS coordinates [deg].

    Returns
    -------
    l, b : ndarray, shape (n,)
        [rad], l in [0, 2 pi).
    """
    x, y, z = _rotate(ICRS_TO_GALACTIC, _unit_vector(ra, dec))
    return np.arctan2(y, x) % (2 * np.pi), np.arctan2(z, np.hypot(x, y))


def _unit_vector(ra, dec):
    ra, dec = np.radians(ra), np.radians(dec)
    return np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def heliocentric(ra, dec, distance, pmra, pmdec, rv):
    """Heliocentric Galactic position and velocity.

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS coordinates [deg].
    distance : array_like, shape (n,)
        [kpc].
    pmra, pmdec : array_like, shape (n,)
        Proper motion, pmra with the cos(dec) [mas/yr].
    rv : array_like, shape (n,)
        Barycentric radial velocity [km/s].

    Returns
    -------
    position : ndarray, shape (3, n)
        X, Y, Z [kpc].
    velocity : ndarray, shape (3, n)
        U, V, W relative to the Sun [km/s].
    """
    columns = (np.asarray(c, float) for c in (ra, dec, distance, pmra, pmdec, rv))
    ra, dec, *columns = columns
    shape = np.broadcast_shapes(ra.shape, dec.shape, *(c.shape for c in columns))
    distance, pmra, pmdec, rv = (np.broadcast_to(c, shape) for c in columns)
    # the draws of a star have one direction
    towards = _unit_vector(ra, dec)
    ra, dec = np.radians(ra), np.radians(dec)
    east = -np.sin(ra), np.cos(ra), np.zeros_like(ra)
    north = -np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)
    k_d = KM_S_PER_MAS_YR_KPC * distance
    to_east, to_north = k_d * pmra, k_d * pmdec
    velocity = [to_east * e + to_north * n + rv * t for e, n, t in zip(east, north, towards)]
    position = [distance * t for t in towards]
    return _rotate(ICRS_TO_GALACTIC, position), _rotate(ICRS_TO_GALACTIC, velocity)


def galactocentric(position, velocity, frame):
    """Galactocentric position and velocity, in galpy's left-handed frame.

    The line from the Sun to the centre is tilted against the plane by z_sun / r0, as in
    galpy (`galpy.util.coords.XYZ_to_galcenrect`) and astropy's `Galactocentric`.

    Parameters
    ----------
    position, velocity : ndarray, shape (3, n)
        Heliocentric Galactic, as from `heliocentric` [kpc, km/s].
    frame : Frame

    Returns
    -------
    position, velocity : ndarray, shape (3, n)
        x, y, z [kpc] and v_x, v_y, v_z [km/s].
    """
    to_centre = np.hypot(frame.r0, frame.z_sun)
    cos, sin = frame.r0 / to_centre, frame.z_sun / to_centre
    tilt = np.array([[cos, 0.0, -sin], [0.0, 1.0, 0.0], [sin, 0.0, cos]])
    u, v, w = frame.v_sun
    x = _rotate(tilt, np.array([to_centre - position[0], position[1], position[2]]))
    v_helio = _rotate(tilt, np.array([-velocity[0], velocity[1], velocity[2]]))
    solar = np.array([-u, v + frame.v_circ, w]).reshape((3,) + (1,) * (v_helio.ndim - 1))
    return x, v_helio + solar

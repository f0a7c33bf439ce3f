"""Frames against astropy, and against the Galactic centre itself."""

import numpy as np
from astropy import units as u
from astropy.coordinates import CartesianDifferential, Galactocentric, SkyCoord

from runaways.frames import Frame, galactic, galactocentric, heliocentric

RNG = np.random.default_rng(1)
N = 200
SKY = dict(
    ra=RNG.uniform(0, 360, N),
    dec=RNG.uniform(-90, 90, N),
    distance=RNG.uniform(0.1, 10, N),
    pmra=RNG.normal(0, 5, N),
    pmdec=RNG.normal(0, 5, N),
    rv=RNG.normal(0, 100, N),
)


def _skycoord():
    return SkyCoord(
        SKY["ra"] * u.deg,
        SKY["dec"] * u.deg,
        distance=SKY["distance"] * u.kpc,
        pm_ra_cosdec=SKY["pmra"] * u.mas / u.yr,
        pm_dec=SKY["pmdec"] * u.mas / u.yr,
        radial_velocity=SKY["rv"] * u.km / u.s,
    )


def test_galactic_coordinates_are_astropys():
    lon, lat = galactic(SKY["ra"], SKY["dec"])
    theirs = _skycoord().galactic
    # the two definitions of the Galactic frame differ by less than 0.1 arcsec
    ours = SkyCoord(lon * u.rad, lat * u.rad, frame="galactic")
    assert ours.separation(theirs).max() < 0.1 * u.arcsec


def test_galactocentric_is_astropys_mirrored(frame):
    x, v = galactocentric(*heliocentric(**SKY), frame)
    u_sun, v_sun, w_sun = frame.v_sun
    theirs = _skycoord().transform_to(
        Galactocentric(
            galcen_distance=np.hypot(frame.r0, frame.z_sun) * u.kpc,
            z_sun=frame.z_sun * u.kpc,
            galcen_v_sun=CartesianDifferential([u_sun, v_sun + frame.v_circ, w_sun] * u.km / u.s),
        )
    )
    # astropy puts the Sun at -x and rolls the frame by 0.04 arcmin
    position = theirs.cartesian.xyz.to_value(u.kpc) * [[-1], [1], [1]]
    velocity = theirs.velocity.d_xyz.to_value(u.km / u.s) * [[-1], [1], [1]]
    assert np.abs(x - position).max() < 5e-5
    assert np.abs(v - velocity).max() < 5e-3


def test_the_sun_stands_where_the_paper_plots_it(frame):
    x, v = galactocentric(*heliocentric(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), frame)
    assert np.allclose(x, [8.5, 0, 0.0208], atol=1e-12)
    assert np.allclose(v, [-11.10, 232.24, 7.25])


def test_sgr_a_star_is_at_rest_in_the_centre():
    # astropy's Galactocentric defaults of v4.0: GRAVITY 2018, Drimmel & Poggio 2018
    frame = Frame(r0=8.122, v_circ=233.4, v_sun=(12.9, 12.2, 7.78), z_sun=0.0208)
    # Reid & Brunthaler 2004 (2004ApJ...616..872R), Table 1 and eq. 3: place and proper motion
    place, velocity = galactocentric(
        *heliocentric(266.41681662, -29.00782497, 8.122, -3.151, -5.547, -11.1), frame
    )
    assert np.linalg.norm(place) < 0.03
    # the Sun's motion is measured from this very reflex: what is left is the errors of both
    assert np.abs(velocity).max() < 5


def test_rotation_is_towards_positive_azimuth(frame):
    x, v = galactocentric(*heliocentric(10.0, 20.0, 1e-6, 0.0, 0.0, 0.0), frame)
    assert x[0] * v[1] - x[1] * v[0] > 0

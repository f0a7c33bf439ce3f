"""A disk population with runaways of known birthplace, seen by Gaia and LAMOST: the planted truth.

Field stars move with the flat rotation curve of the frame plus an isotropic dispersion, so their
peculiar velocities are exactly Maxwellian. Runaways are thrown out of clusters and flown to their
present place in galpy's MWPotential2014.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.table import Table
from astropy_healpix import lonlat_to_healpix
from galpy.orbit import Orbit
from galpy.potential import MWPotential2014

from runaways.frames import (
    ICRS_TO_GALACTIC,
    KM_S_PER_MAS_YR_KPC,
    MYR_PER_KPC_KM_S,
    Frame,
    galactocentric,
)
from runaways.selection.distance_check import FLOWER_BC, M_BOL_SUN
from runaways.stars import star_list
from runaways.stars.velocities import peculiar_velocity

FRAME = Frame(r0=8.5, v_circ=220.0, v_sun=(11.1, 12.24, 7.25), z_sun=0.0208)
SIGMA = 11.0  # km/s per component: 43 km/s is 1 % of the peak (Guo et al. 2024)
SURVEY_RADIUS = 3.5  # kpc
SCALE_LENGTH, SCALE_HEIGHT = 2.5, 0.1  # kpc
CLUSTER_SIGMA = 7.0  # km/s
N_CLUSTERS = 60
DELAY_DES, DELAY_BSS = (0.0, 5.0), (4.0, 40.0)  # Myr from birth to ejection
EXTINCTION = 0.7  # A_G [mag/kpc]
BHB_MASS = 0.6  # Msun


@dataclass(frozen=True)
class MockSurvey:
    """``stars`` as observed, ``truth`` row by row, and the ``clusters`` that runaways come from."""

    stars: Table
    truth: Table
    clusters: Table


def mock_survey(n, runaway_fraction, seed, bhb_fraction=0.0, birthplaces=False, frame=FRAME):
    """Draw a survey.

    Parameters
    ----------
    n : int
        Stars, the first ``round(runaway_fraction * n)`` of them runaways.
    runaway_fraction : float
    seed : int
    bhb_fraction : float
        Share of field stars that are horizontal-branch stars and pass for main-sequence ones.
    birthplaces : bool
        Also trace field stars back (a second for some thousand stars).
    frame : Frame

    Returns
    -------
    MockSurvey
        ``truth``: ``distance`` [kpc] ``pmra pmdec`` [mas/yr] ``rv v_sp v_tan`` [km/s]
        ``is_runaway is_bhb channel cluster age flight_time`` [Myr] ``birth_x birth_y birth_z``
        [kpc], the place on the star's own orbit at its age (what a traceback can find), and
        ``cluster_x cluster_y cluster_z``, where its cluster was then.
    """
    rng = np.random.default_rng(seed)
    clusters, cluster_phase = _clusters(rng, frame)
    n_runaways = round(runaway_fraction * n)
    truth, runaway_phase = _runaways(rng, n_runaways, clusters, cluster_phase, frame)
    field, field_phase = _field(rng, n - n_runaways, frame)
    phase = np.hstack([runaway_phase, field_phase])
    for name in field:
        truth[name] = np.concatenate([truth[name], field[name]])
    truth = Table(truth)
    observables = _observe(phase, frame)
    for name, value in observables.items():
        truth[name] = value
    v_tan, _, v_sp = peculiar_velocity(**observables, frame=frame)
    truth["v_tan"], truth["v_sp"] = v_tan, v_sp
    truth["is_bhb"] = ~truth["is_runaway"] & (rng.random(n) < bhb_fraction)
    birth = np.full((3, n), np.nan)
    traced = np.flatnonzero(truth["is_runaway"] | birthplaces)
    if len(traced):
        birth[:, traced] = _fly(phase[:, traced], -truth["age"][traced], frame)[:3]
    for axis, value in zip("xyz", birth, strict=True):
        truth[f"birth_{axis}"] = value
    return MockSurvey(_measure(rng, truth), truth, clusters)


def checked(survey, folder):
    """A survey's star list, written, read back and checked: tables ``stars``, ``list_problems``."""
    path = Path(folder) / "mock_stars.ecsv"
    survey.stars.write(path, format="ascii.ecsv", delimiter=",", overwrite=True)
    return star_list.read(path, "edsd")


def _disk_positions(rng, n, radius, frame):
    """Galactocentric places in an exponential disk, near the Sun and north of dec -10."""
    found = np.empty((3, 0))
    while found.shape[1] < n:
        r, angle = radius * np.sqrt(rng.random(8 * n)), 2 * np.pi * rng.random(8 * n)
        x, y = frame.r0 + r * np.cos(angle), r * np.sin(angle)
        keep = rng.random(8 * n) < np.exp((frame.r0 - radius - np.hypot(x, y)) / SCALE_LENGTH)
        place = np.array([x, y, rng.laplace(scale=SCALE_HEIGHT, size=8 * n)])[:, keep]
        # LAMOST is a northern survey
        seen = _observe(np.vstack([place, np.zeros_like(place)]), frame)["dec"] > -10
        found = np.hstack([found, place[:, seen]])
    return found[:, :n]


def _rotating(rng, place, sigma, frame):
    """Velocities on the flat rotation curve, with a dispersion."""
    r = np.hypot(place[0], place[1])
    mean = frame.v_circ * np.array([-place[1] / r, place[0] / r, np.zeros_like(r)])
    return np.vstack([place, mean + sigma * rng.normal(size=place.shape)])


def _field(rng, n, frame):
    phase = _rotating(rng, _disk_positions(rng, n, SURVEY_RADIUS, frame), SIGMA, frame)
    columns = dict(
        is_runaway=np.zeros(n, bool),
        channel=np.full(n, "none"),
        cluster=np.full(n, -1),
        age=rng.uniform(10, 150, n),
        flight_time=np.full(n, np.nan),
        vsini=np.abs(rng.normal(0, 120, n)),
        **{f"cluster_{axis}": np.full(n, np.nan) for axis in "xyz"},
    )
    return columns, phase


def _clusters(rng, frame):
    place = _disk_positions(rng, N_CLUSTERS, 2.0, frame)
    phase = _rotating(rng, place, CLUSTER_SIGMA, frame)
    table = Table(_observe(phase, frame))
    table["name"] = [f"mock cluster {i}" for i in range(N_CLUSTERS)]
    table["age"] = 10 ** rng.uniform(np.log10(8), np.log10(60), N_CLUSTERS)  # Myr
    table["radius"] = 10.0  # pc
    return table, phase


def _runaways(rng, n, clusters, cluster_phase, frame):
    parent = rng.integers(0, len(clusters), n)
    age = np.asarray(clusters["age"])[parent]
    by_des = rng.random(n) < 0.5
    latest = np.where(by_des, DELAY_DES[1], DELAY_BSS[1])
    earliest = np.where(by_des, DELAY_DES[0], DELAY_BSS[0])
    delay = rng.uniform(earliest, np.minimum(latest, age - 1))
    # DES: speeds as v^-1.5 up to 200 km/s (Perets & Subr 2012); BSS: slow
    power = 30**-0.5 - rng.random(n) * (30**-0.5 - 200**-0.5)
    kick = np.where(by_des, power**-2, 30 + rng.exponential(10, n))
    phase = _fly(cluster_phase[:, parent], delay - age, frame)
    towards = rng.normal(size=(3, n))
    phase[3:] += kick * towards / np.sqrt((towards**2).sum(axis=0))
    phase = _fly(phase, age - delay, frame)
    born = _fly(cluster_phase[:, parent], -age, frame)[:3]
    columns = dict(
        is_runaway=np.ones(n, bool),
        channel=np.where(by_des, "DES", "BSS"),
        cluster=parent,
        age=age,
        flight_time=age - delay,
        vsini=np.where(by_des, np.abs(rng.normal(0, 60, n)), rng.uniform(150, 350, n)),
        **{f"cluster_{axis}": value for axis, value in zip("xyz", born, strict=True)},
    )
    return columns, phase


def _fly(phase, time, frame):
    """Move stars along their orbits by their own times [Myr], forwards or backwards."""
    x, y, z, v_x, v_y, v_z = phase
    r = np.hypot(x, y)
    v_r, v_t = (x * v_x + y * v_y) / r, (x * v_y - y * v_x) / r
    ro, vo = frame.r0, frame.v_circ
    start = np.array([r / ro, v_r / vo, v_t / vo, z / ro, v_z / vo, np.arctan2(y, x)]).T
    unit = MYR_PER_KPC_KM_S * ro / vo
    times = np.asarray(time)[:, None] / unit * np.linspace(0, 1, 5)
    orbit = Orbit(start)
    orbit.integrate(times, MWPotential2014, method="dop853_c", progressbar=False)
    r, v_r, v_t, z, v_z, phi = np.moveaxis(orbit.getOrbit()[:, -1], 1, 0)
    cos, sin = np.cos(phi), np.sin(phi)
    return np.array(
        [
            *(ro * np.array([r * cos, r * sin, z])),
            *(vo * np.array([v_r * cos - v_t * sin, v_r * sin + v_t * cos, v_z])),
        ]
    )


def _observe(phase, frame):
    """Invert `galactocentric` and `heliocentric`."""
    # Both are an orthogonal matrix and a shift: read them off, and invert.
    nowhere = np.zeros((3, 1))
    sun, sun_velocity = galactocentric(nowhere, nowhere, frame)
    axes, _ = galactocentric(np.eye(3), np.zeros((3, 3)), frame)
    matrix = (axes - sun) @ ICRS_TO_GALACTIC
    place = matrix.T @ (phase[:3] - sun)
    velocity = matrix.T @ (phase[3:] - sun_velocity)
    distance = np.sqrt((place**2).sum(axis=0))
    ra = np.degrees(np.arctan2(place[1], place[0])) % 360
    dec = np.degrees(np.arcsin(place[2] / distance))
    a, d = np.radians(ra), np.radians(dec)
    east = np.array([-np.sin(a), np.cos(a), np.zeros_like(a)])
    north = np.array([-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)])
    k_d = KM_S_PER_MAS_YR_KPC * distance
    return dict(
        ra=ra,
        dec=dec,
        distance=distance,
        pmra=(velocity * east).sum(axis=0) / k_d,
        pmdec=(velocity * north).sum(axis=0) / k_d,
        rv=(velocity * place).sum(axis=0) / distance,
    )


def _measure(rng, truth):
    n = len(truth)
    stars = Table({"star": [f"mock{i:06d}" for i in range(n)]})
    lon, lat = np.asarray(truth["ra"]) * u.deg, np.asarray(truth["dec"]) * u.deg
    pixel = np.asarray(lonlat_to_healpix(lon, lat, 4096, order="nested"), np.int64)
    stars["source_id"] = (pixel * 2**35 + np.arange(n)).astype(str)
    for name, unit in (("ra", "deg"), ("dec", "deg")):
        stars[name] = truth[name]
        stars[name].unit = unit
    _photometry(rng, stars, truth)
    _astrometry(rng, stars, truth)
    snr = 60 * np.exp(0.6 * rng.normal(size=n))
    stars["snr"] = snr
    error = np.hypot(4, 120 / snr)  # km/s
    rv = truth["rv"] + error * rng.normal(size=n)
    stars["rv"] = np.where(rng.random(n) < 0.1, np.nan, rv)
    stars["rv_error"] = error
    stars["vsini"] = np.maximum(truth["vsini"] + 15 * rng.normal(size=n), 0)
    stars["vsini_error"] = 15.0
    stars["age"] = truth["age"] * np.exp(0.1 * rng.normal(size=n))
    stars["age_error"] = 0.1 * stars["age"]
    for name, unit in dict(rv="km/s", vsini="km/s", age="Myr").items():
        stars[name].unit = stars[f"{name}_error"].unit = unit
    return stars


def _photometry(rng, stars, truth):
    """Magnitudes of main-sequence stars that live as long as the star is old."""
    n = len(truth)
    heaviest = np.minimum(12.0, (1e4 / np.asarray(truth["age"])) ** 0.4)  # Msun; 10 Gyr m^-2.5
    low, high = 2.5**-1.35, heaviest**-1.35
    mass = (low - rng.random(n) * (low - high)) ** (-1 / 1.35)
    luminosity, radius = 1.4 * mass**3.5, mass**0.6
    stars["teff"] = 5772 * (luminosity / radius**2) ** 0.25
    stars["logg"] = 4.438 + np.log10(mass / radius**2)
    stars["mh"] = 0.0
    stars["luminosity"] = luminosity
    stars["luminosity_lower"] = luminosity * np.exp(-0.2)
    stars["luminosity_upper"] = luminosity * np.exp(0.2)
    # same Teff and log g, hence L proportional to the mass
    actual = np.where(truth["is_bhb"], luminosity * BHB_MASS / mass, luminosity)
    actual = actual * np.exp(0.2 * rng.normal(size=n))
    distance = np.asarray(truth["distance"])
    extinction = EXTINCTION * distance
    magnitude = M_BOL_SUN - 2.5 * np.log10(actual) - FLOWER_BC(np.log10(stars["teff"]))
    stars["phot_g_mean_mag"] = magnitude + 5 * np.log10(100 * distance) + extinction
    stars["ag"] = extinction + 0.1 * rng.normal(size=n)
    stars["ag_error"] = 0.1


def _astrometry(rng, stars, truth):
    """Gaia DR3 errors by magnitude, after the mission's science performance page (PyGaia)."""
    n = len(truth)
    z = 10 ** (0.4 * (np.maximum(np.asarray(stars["phot_g_mean_mag"]), 13) - 15))
    error = np.sqrt(40 + 800 * z + 30 * z**2) / 1000  # mas
    scale = np.array([1.0, 1.03, 0.89])  # parallax, pmra, pmdec
    correlation = np.tile(np.eye(3), (n, 1, 1))
    names = ("parallax", "pmra", "pmdec")
    for i, j in ((0, 1), (0, 2), (1, 2)):
        correlation[:, i, j] = correlation[:, j, i] = rng.uniform(-0.4, 0.4, n)
        stars[f"{names[i]}_{names[j]}_corr"] = correlation[:, i, j]
    factor = np.linalg.cholesky(correlation)
    noise = np.einsum("nij,nj->in", factor, rng.normal(size=(n, 3)))
    true = 1 / truth["distance"], truth["pmra"], truth["pmdec"]
    units = "mas", "mas/yr", "mas/yr"
    for name, value, unit, k, shift in zip(names, true, units, scale, noise, strict=True):
        stars[name] = np.asarray(value) + k * error * shift
        stars[f"{name}_error"] = k * error
        stars[name].unit = stars[f"{name}_error"].unit = unit
    stars["ruwe"] = np.exp(0.08 * rng.normal(size=n))

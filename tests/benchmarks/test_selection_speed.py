"""Time of velocities, distances, fits and matches on large lists, beside a peer where there is one.

Run with ``pytest -s tests/benchmarks/test_selection_speed.py --benchmark-only``.
"""

import resource
import time

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import (
    CartesianDifferential,
    Galactocentric,
    SkyCoord,
    match_coordinates_sky,
)
from astropy.table import Table

from damaged_list import assert_reported, write_damaged_list
from runaways.frames import Frame
from runaways.selection.criteria import component_covariance
from runaways.selection.matches import match_positions
from runaways.selection.maxwellian import fit_speeds
from runaways.stars import star_list
from runaways.stars.distances import QUANTILES, posterior
from runaways.stars.velocities import (
    peculiar_components,
    peculiar_velocity,
    peculiar_velocity_errors,
)

FRAME = Frame(r0=8.5, v_circ=220.0, v_sun=(11.1, 12.24, 7.25), z_sun=0.0208)
N = 1_000_000


@pytest.fixture(scope="module")
def stars():
    rng = np.random.default_rng(0)
    return dict(
        ra=rng.uniform(0, 360, N),
        dec=np.degrees(np.arcsin(rng.uniform(-1, 1, N))),
        distance=rng.uniform(0.1, 5, N),
        pmra=rng.normal(0, 3, N),
        pmdec=rng.normal(0, 3, N),
        rv=rng.normal(0, 30, N),
    )


ERRORS = dict(
    distance=np.full(N, 0.1), pmra=np.full(N, 0.03), pmdec=np.full(N, 0.03), rv=np.full(N, 5.0)
)


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def astropy_velocities(stars):
    """Galactocentric velocities of the same stars by astropy."""
    solar = CartesianDifferential(np.array([11.1, 232.24, 7.25]) * u.km / u.s)
    frame = Galactocentric(galcen_distance=8.5 * u.kpc, z_sun=20.8 * u.pc, galcen_v_sun=solar)
    units = dict(ra=u.deg, dec=u.deg, distance=u.kpc, rv=u.km / u.s)
    values = {name: value * units.get(name, u.mas / u.yr) for name, value in stars.items()}
    place = SkyCoord(
        ra=values["ra"],
        dec=values["dec"],
        distance=values["distance"],
        pm_ra_cosdec=values["pmra"],
        pm_dec=values["pmdec"],
        radial_velocity=values["rv"],
    )
    return place.transform_to(frame).v_x


def test_velocities_of_a_million(benchmark, stars, compared):
    benchmark.pedantic(peculiar_velocity, kwargs=stars | dict(frame=FRAME), rounds=3)
    peer = seconds(lambda: astropy_velocities(stars))
    ours = benchmark.stats["median"]
    compared("peculiar velocities of 1e6 stars", ours, "astropy, its frame alone", peer)


def test_velocity_errors_of_a_million(benchmark, stars):
    settings = stars | dict(errors=ERRORS, frame=FRAME)
    benchmark.pedantic(peculiar_velocity_errors, kwargs=settings, rounds=2)


def test_components_and_covariances_of_a_million(benchmark, stars):
    def both():
        peculiar_components(**stars, frame=FRAME)
        component_covariance(**stars, errors=ERRORS, frame=FRAME)

    benchmark.pedantic(both, rounds=2)


def test_distances_of_a_hundred_thousand(benchmark):
    rng = np.random.default_rng(1)
    parallax = rng.normal(0.5, 0.3, N // 10)
    error = rng.uniform(0.02, 0.3, N // 10)
    benchmark.pedantic(posterior, args=(QUANTILES, parallax, error, 1.0, 1.0, 2.0), rounds=2)


@pytest.mark.parametrize("dimensions", [3, 2])
def test_fit_of_4432(benchmark, dimensions):
    rng = np.random.default_rng(2)
    v = 11 * rng.normal(size=(3, 4432))
    v[:, :443] *= 5
    benchmark.pedantic(
        fit_speeds, args=(np.sqrt((v[:dimensions] ** 2).sum(axis=0)), dimensions), rounds=3
    )


def test_match_of_a_hundred_thousand(benchmark, stars, compared):
    names = ("ra", "dec", "pmra", "pmdec")
    some = Table({name: stars[name][: N // 10] for name in names})
    benchmark.pedantic(match_positions, args=(some, some, 1.0, 2016.0, 2000.0), rounds=2)
    place = SkyCoord(some["ra"], some["dec"], unit="deg")
    peer = seconds(lambda: match_coordinates_sky(place, place))
    ours = benchmark.stats["median"]
    compared("match of 1e5 positions", ours, "astropy, without proper motions", peer)


def test_list_of_a_million_with_damage(benchmark, tmp_path):
    path = tmp_path / "stars.csv"
    damage = write_damaged_list(path, n=N)
    stars, problems = benchmark.pedantic(star_list.read, args=(path, "edsd"), rounds=1)
    assert_reported(stars, problems, damage)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{len(stars)} rows: all {len(damage)} damaged ones reported, {memory:.0f} MB at most")

"""The published prior, against what its own table and Gaia's ids say."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table
from scipy.special import gammaincinv

from runaways.distance_prior import pixel_of_position, pixel_of_source, read_prior


def test_median_and_mode_of_the_prior_are_those_published(data, prior):
    printed = Table.read(data / "distances" / "prior_summary.csv", format="ascii.csv")
    assert prior["length"].unit == "kpc"
    length, alpha, beta = 1000 * prior["length"], prior["alpha"], prior["beta"]
    # (r/L)^alpha is gamma-distributed
    median = length * gammaincinv((beta + 1) / alpha, 0.5) ** (1 / alpha)
    mode = length * (beta / alpha) ** (1 / alpha)
    assert np.asarray(median) == pytest.approx(printed["GGDmedian"], rel=1e-9)
    assert np.asarray(mode) == pytest.approx(printed["GGDmode"], rel=1e-9)


def test_published_pixel_centres_lie_in_their_pixels(data):
    printed = Table.read(data / "distances" / "prior_summary.csv", format="ascii.csv")
    centre = SkyCoord(printed["glon"], printed["glat"], unit="deg", frame="galactic").icrs
    same = pixel_of_position(centre.ra.deg, centre.dec.deg) == printed["healpix"]
    assert same.mean() > 0.9995


def test_pixel_of_gaia_ids():
    # LS V+54 5 and HD 282581 (Table A.1 of Guo et al. 2025)
    ids = [454303606011095552, 160785506636872064]
    by_id = pixel_of_source(ids)
    assert list(by_id) == list(pixel_of_position([41.4488, 74.1620], [54.5447, 32.9081]))
    # as text, and one of 20 digits, as printed there
    as_text = [str(ids[0]), "34432325628164281216", "", "x"]
    assert list(pixel_of_source(as_text)) == [by_id[0], -1, -1, -1]
    with pytest.raises(ValueError, match="floating-point"):
        pixel_of_source([454303606011095552.0])
    assert list(pixel_of_source([0, -1, 2**62 + 2**61])) == [-1, -1, -1]


def test_incomplete_prior_is_refused(tmp_path):
    path = tmp_path / "prior.csv"
    path.write_text("healpix,GGDrlen,GGDalpha,GGDbeta,EDSDrlen\n0,1,1,2,300\n")
    with pytest.raises(ValueError, match="prior.csv.*12287 once, got 1 rows"):
        read_prior(path)
    path.write_text("healpix,GGDrlen\n0,1\n")
    with pytest.raises(ValueError, match="without column EDSDrlen, GGDalpha, GGDbeta"):
        read_prior(path)


def test_position_serves_where_the_id_is_none(prior):
    from runaways.distances import draw_distance

    stars = Table(dict(ra=[41.4488] * 2, dec=[54.5447] * 2, parallax=[-0.3] * 2))
    stars["parallax_error"] = 0.3
    stars["source_id"] = np.array([0, 160785506636872064])
    by_position = draw_distance([0.5], stars, "bailer_jones", prior=prior)
    by_id = draw_distance([0.5], stars, "bailer_jones", prior=prior, pixel_from="source_id")
    assert by_id[0] == by_position[0]
    assert by_id[1] != by_position[1]

"""The published prior, against what its own table and Gaia's ids say."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table
from scipy.special import gammaincinv

from runaways.stars.distance_prior import pixel_of_position, prior_at, read_prior


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


def test_pixel_is_that_of_a_gaia_id():
    # LS V+54 5 and HD 282581 (Table A.1 of Guo et al. 2025); a level-12 pixel has 2^35 ids
    ids = np.array([454303606011095552, 160785506636872064])
    by_position = pixel_of_position([41.4488, 74.1620], [54.5447, 32.9081])
    assert list(by_position) == list(ids // (2**35 * 4 ** (12 - 5)))


def test_incomplete_prior_is_refused(tmp_path):
    path = tmp_path / "prior.csv"
    path.write_text("healpix,GGDrlen,GGDalpha,GGDbeta,EDSDrlen\n0,1,1,2,300\n")
    with pytest.raises(ValueError, match="prior.csv.*12287 once, got 1 rows"):
        read_prior(path)
    path.write_text("healpix,GGDrlen\n0,1\n")
    with pytest.raises(ValueError, match="column .GGDalpha. is missing"):
        read_prior(path)


def test_a_star_without_a_place_has_no_prior(prior):
    stars = Table(dict(ra=[41.4488, np.nan], dec=[54.5447, 10.0]))
    for method in ("bailer_jones", "edsd"):
        found = prior_at(stars, method, prior)
        assert [np.isfinite(found[f"prior_{name}"]).tolist() for name in ("length", "beta")] == [
            [True, False]
        ] * 2
    assert np.isnan(prior_at(stars, "inverse_parallax")["prior_length"]).all()

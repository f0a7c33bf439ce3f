"""Distances: closed forms, brute force, and what must not matter."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.stars import draws, measurements
from runaways.stars.distances import QUANTILES, given, posterior


def edsd(u, parallax, error, length):
    """Of the exponentially decreasing space density."""
    return posterior(u, parallax, error, length, 1.0, 2.0)


def edsd_mode(parallax, error, length):
    """Closed form of its mode: the smallest positive root of a cubic (Bailer-Jones 2015)."""
    cubic = [1 / length, -2, parallax / error**2, -1 / error**2]
    roots = np.roots(cubic)
    return min(root.real for root in roots if abs(root.imag) < 1e-8 * abs(root) and root.real > 0)


# L [kpc], alpha, beta of HEALPix pixels 0, 5000 and 6000: steep, steep and gentle priors
PRIORS = [
    (2.46577536898538e-09, 0.190598387285447, 7.10289808688375),
    (1.2, 1.0, 2.0),
    (4.0, 3.2, 0.4),
]
STARS = [(1.0, 0.03), (-0.3, 0.02), (-0.3, 0.3), (0.1, 0.1), (5.0, 0.5), (20.0, 0.02), (-3.0, 0.05)]


def brute_force(q, parallax, error, length, alpha, beta):
    """Quantiles by summing a million cells."""
    s = np.linspace(np.log(1e-3), np.log(1e5), 1_000_001)
    density = (beta + 1) * s - (np.exp(s) / length) ** alpha
    density -= 0.5 * ((parallax - np.exp(-s)) / error) ** 2
    total = np.cumsum(np.exp(density - density.max()))
    return np.exp(np.interp(q, total / total[-1], s))


@pytest.mark.parametrize("prior", PRIORS)
def test_quantiles_equal_brute_force(prior):
    q = np.array([0.001, *QUANTILES, 0.999])
    for parallax, error in STARS:
        ours = posterior(q, [parallax], [error], *prior)[0]
        assert ours == pytest.approx(brute_force(q, parallax, error, *prior), rel=1e-3)


def test_negative_parallax_has_finite_rising_quantiles():
    for error in (0.01, 0.03, 0.3):
        lower, median, upper = edsd(QUANTILES, [-0.3], [error], 1.0)[0]
        assert 0 < lower < median < upper < np.inf


def test_edsd_mode_is_where_the_posterior_peaks():
    parallax = np.array([2.0, 1.0, 0.2, 0.05, -0.3, -0.3, 0.5])
    error = np.array([0.02, 0.1, 0.1, 0.1, 0.3, 0.05, 0.5])
    for length in (0.3, 1.35):
        mode = [edsd_mode(*star, length) for star in zip(parallax, error)]
        # the density in r from the quantile function itself: dq / dr, at its largest
        q = np.linspace(0.0005, 0.9995, 200_001)
        r = edsd(q, parallax, error, length)
        width = r[:, 400:] - r[:, :-400]
        narrowest = width.argmin(axis=1)[:, None]
        peak = np.take_along_axis(r, narrowest + 200, axis=1)[:, 0]
        assert mode == pytest.approx(peak, rel=0.02)


def test_edsd_mode_limits():
    # without data the prior's 2 L, with a sharp parallax its inverse
    assert edsd_mode(0.5, 1e4, 1.35) == pytest.approx(2 * 1.35, rel=1e-6)
    assert edsd_mode(2.0, 1e-4, 1.35) == pytest.approx(0.5, rel=1e-6)


def test_given_bounds_come_back():
    assert given(QUANTILES, [2.0], [1.8], [2.5])[0] == pytest.approx([1.8, 2.0, 2.5])
    assert np.isnan(given([0.5], [2.0, 2.0, np.nan], [2.1, np.nan, 1], [2.5, 3, 3])).all()


def test_a_draw_depends_on_its_star_and_deviate_alone():
    rng = np.random.default_rng(5)
    n, m = 1100, 7
    u = rng.random((n, m))
    stars = rng.normal(0.4, 0.3, n), rng.uniform(0.01, 0.3, n), rng.uniform(0.3, 2, n)
    whole = edsd(u, *stars)
    order = rng.permutation(n)
    assert np.array_equal(edsd(u[order], *(s[order] for s in stars)), whole[order])
    assert np.array_equal(edsd(u[7:8, 2:5], *(s[7:8] for s in stars)), whole[7:8, 2:5])


def stars(**columns):
    n = len(columns["parallax"])
    table = Table(dict(star=[f"s{i}" for i in range(n)], ra=[41.4488] * n, dec=[54.5447] * n))
    table["pmra"], table["pmdec"], table["rv"], table["age"] = (
        [1.0] * n,
        [-2.0] * n,
        [5.0] * n,
        20.0,
    )
    table["reason"] = [""] * n
    for name, values in columns.items():
        table[name] = values
    return table


def test_each_method_makes_distances_of_a_list(frame, assumed, prior):
    """A good parallax, one of -0.3 mas, none."""
    list_ = stars(parallax=[0.5, -0.3, np.nan], parallax_error=[0.02, 0.1, 0.1])
    by = {
        method: measurements.complete(list_, frame, assumed, method, prior=prior, edsd_length=1.35)
        for method in ("inverse_parallax", "edsd", "bailer_jones")
    }
    assert by["inverse_parallax"]["distance"][0] == 2.0
    bounds = [by["inverse_parallax"][f"distance_{end}"][0] for end in ("lower", "upper")]
    assert bounds == pytest.approx([1 / 0.52, 1 / 0.48], rel=1e-3)
    assert np.isnan(by["inverse_parallax"]["distance"][1])
    assert by["inverse_parallax"]["reason"][1] == "distance: missing, no orbit"
    for method in ("edsd", "bailer_jones"):
        found = by[method]
        assert found["distance"][0] == pytest.approx(2.0, rel=0.03)
        assert 0 < found["distance_lower"][1] < found["distance"][1] < found["distance_upper"][1]
        assert list(found["reason"]) == ["", "", "distance: missing, no orbit"]
    local = measurements.complete(list_, frame, assumed, "edsd", prior=prior)
    assert local["prior_length"][0] != 1.35
    with pytest.raises(ValueError, match="'bailer_jones' needs the published prior"):
        measurements.complete(list_, frame, assumed, "bailer_jones")


def test_draws_have_the_quantiles_of_their_distance(frame, assumed):
    """The unit cube is inverted: by the posterior, by given bounds, by an error alone."""
    list_ = stars(parallax=[-0.3, 0.4], parallax_error=[0.1, 0.05])
    list_["distance"], list_["distance_error"] = [2.0, 2.0], [0.2, 0.2]
    list_["distance_lower"], list_["distance_upper"] = [1.8, np.nan], [2.5, np.nan]
    for method, length in (("edsd", 1.35), ("given", None), ("inverse_parallax", None)):
        measured = measurements.complete(list_, frame, assumed, method, edsd_length=length)
        for star in measured[np.isfinite(measured["distance"])]:
            drawn = draws.draw(draws.unit_cube(1, star["star"], 0, 4096), star)["distance"]
            expected = [star[name] for name in ("distance_lower", "distance", "distance_upper")]
            assert np.quantile(drawn, QUANTILES) == pytest.approx(expected, rel=3e-3)


def test_a_drawn_distance_says_what_to_expect_of_the_proper_motion(frame, assumed):
    """With a flat prior the draws have Gaia's covariance."""
    list_ = stars(parallax=[0.5], parallax_error=[0.02], pmra_error=[0.03], pmdec_error=[0.04])
    for name, value in zip(("parallax_pmra", "parallax_pmdec", "pmra_pmdec"), (0.5, -0.3, 0.2)):
        list_[f"{name}_corr"] = value
    star = measurements.complete(list_, frame, assumed, "edsd", edsd_length=1e3)[0]
    star["prior_beta"] = -2.0  # flat in parallax
    drawn = draws.draw(draws.unit_cube(1, "s", 0, 2**15), star)
    values = np.array([1 / drawn["distance"], drawn["pmra"], drawn["pmdec"]])
    assert values.mean(axis=1) == pytest.approx([0.5, 1.0, -2.0], abs=3e-4)
    assert values.std(axis=1) == pytest.approx([0.02, 0.03, 0.04], rel=0.01)
    found = np.corrcoef(values)
    assert [found[0, 1], found[0, 2], found[1, 2]] == pytest.approx([0.5, -0.3, 0.2], abs=0.01)


def test_published_vectors_keep_their_own_distance(table_a1, measured, frame, assumed, prior):
    """RVs hidden in Table A.1 follow from 1/parallax, whatever distance the orbits take."""
    found = measurements.complete(table_a1, frame, assumed, "bailer_jones", prior=prior)
    assert list(found["rv_source"]) == list(measured["rv_source"])
    assert np.array_equal(found["rv"], measured["rv"], equal_nan=True)
    assert not np.any(found["distance"] == measured["distance"])

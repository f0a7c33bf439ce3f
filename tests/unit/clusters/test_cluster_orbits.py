import numpy as np
import pytest

from mock_sky import disk_of_clusters
from runaways.clusters.cluster_orbits import read_orbits, trace_clusters, write_orbits
from runaways.clusters.scatter import draw_clusters
from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import trace

DRAWS, SEED = 4, 8


@pytest.fixture(scope="module")
def table(frame):
    return disk_of_clusters(30, frame, seed=3)


@pytest.fixture(scope="module")
def orbits(table, pot):
    return trace_clusters(table, pot, t_max=120.0, n_draws=DRAWS, seed=SEED)


def test_draws_have_the_catalogue_s_quantiles(table):
    some = table[:2].copy()
    some["distance"], some["distance_lower"], some["distance_upper"] = 2.0, 1.8, 2.4
    drawn = draw_clusters(some, 20000, seed=1)
    for quantity, expected in (("distance", (1.8, 2.0, 2.4)),):
        found = np.percentile(drawn[quantity][0, 1:], [15.87, 50, 84.13])
        np.testing.assert_allclose(found, expected, rtol=0.01)
    ages = np.percentile(np.log10(drawn["age"][0, 1:]) + 6, [15.87, 50, 84.13])
    log_age = some["log_age"][0]
    np.testing.assert_allclose(ages, [log_age - 0.1, log_age, log_age + 0.1], atol=0.005)
    assert np.std(drawn["rv"][0, 1:]) == pytest.approx(0.5, rel=0.03)
    assert not np.array_equal(drawn["rv"][0], drawn["rv"][1])


def test_a_draw_is_a_function_of_seed_name_and_number(table):
    drawn = draw_clusters(table, 16, SEED)
    more = draw_clusters(table[[7, 3]], 64, SEED)
    for quantity in drawn:
        np.testing.assert_array_equal(more[quantity][:, :17], drawn[quantity][[7, 3]])
    other = draw_clusters(table, 16, SEED + 1)
    assert not np.array_equal(other["rv"][:, 1:], drawn["rv"][:, 1:])
    np.testing.assert_array_equal(drawn["rv"][:, 0], table["rv"])


def test_unknown_errors_are_not_scattered_and_unknown_ages_have_no_end(table):
    bare = table[:1].copy()
    for column in ("rv_error", "distance_lower", "log_age", "log_age_lower", "log_age_upper"):
        bare[column] = np.nan
    drawn = draw_clusters(bare, 8, SEED)
    assert np.ptp(drawn["rv"]) == 0 and np.isinf(drawn["age"]).all()


def test_a_median_outside_its_bounds_is_refused(table):
    wrong = table[:1].copy()
    wrong["distance_lower"] = wrong["distance"] * 1.1
    with pytest.raises(ValueError, match="cluster Mock 0000: distance is not within its bounds"):
        draw_clusters(wrong, 2, SEED)


def test_trajectories_between_knots(orbits, table, pot):
    """What is kept at knots 5 Myr apart is the traced orbit, to 0.1 pc, and its velocity."""
    times = np.arange(0, 40, 1.3)
    for name in orbits.name[[0, 5, 11]]:
        cluster = table[table["name"] == name]
        today = galactocentric(
            *heliocentric(*(np.asarray(cluster[c]) for c in ("ra", "dec", "distance")),
                          *(np.asarray(cluster[c]) for c in ("pmra", "pmdec", "rv"))),
            pot.frame,
        )  # fmt: skip
        place, speed = trace(*today, times[None], pot)
        found, velocity = orbits.trajectory(name, times)
        assert np.abs(found - place[0]).max() < 1e-4
        assert np.abs(velocity - speed[0]).max() < 0.05


def test_no_cluster_is_older_than_itself(orbits):
    for name, age in zip(orbits.name, orbits.age[:, 0]):
        if age > orbits.t_max:
            continue
        place, _ = orbits.trajectory(name, np.array([age - 0.01, age + 0.01]))
        assert np.isfinite(place[0]).all() and np.isnan(place[1]).all()


def test_neither_order_nor_company_matters(orbits, table, pot):
    some = [17, 2, 9]
    alone = trace_clusters(table[some], pot, t_max=120.0, n_draws=DRAWS, seed=SEED)
    times = np.arange(0, 60, 2.5)
    for name in table["name"][some]:
        for draw in range(DRAWS + 1):
            np.testing.assert_array_equal(
                alone.trajectory(name, times, draw)[0], orbits.trajectory(name, times, draw)[0]
            )


def test_kept_and_read_back(orbits, tmp_path):
    write_orbits(orbits, tmp_path / "orbits.npy", run="mine")
    back, stamp = read_orbits(tmp_path / "orbits.npy")
    assert stamp == {"run": "mine"}
    for name, value in vars(orbits).items():
        np.testing.assert_array_equal(getattr(back, name), value)
    assert isinstance(back.state, np.memmap)


def test_unusable_clusters_are_left_out(table, pot):
    some = table[:3].copy()
    some["usable"] = [True, False, True]
    kept = trace_clusters(some, pot, t_max=10.0, n_draws=2, seed=SEED)
    assert sorted(kept.name) == ["Mock 0000", "Mock 0002"]
    some["usable"] = False
    with pytest.raises(ValueError, match="no cluster"):
        trace_clusters(some, pot, t_max=10.0, n_draws=2, seed=SEED)


def test_a_draw_that_cannot_be_traced_is_counted(table, pot):
    some = table[:2].copy()
    some["rv"] = [np.nan, some["rv"][1]]
    kept = trace_clusters(some, pot, t_max=10.0, n_draws=3, seed=SEED)
    assert dict(zip(kept.name, kept.failed)) == {"Mock 0000": 3, "Mock 0001": 0}


def test_clusters_without_errors_are_traced_once(table, pot):
    """All their draws are the catalogue's orbit, beside one with errors."""
    some = table[:2].copy()
    for column in ("pmra_error", "pmdec_error", "rv_error", "distance_lower", "distance_upper"):
        some[column][0] = np.nan
    kept = trace_clusters(some, pot, t_max=20.0, n_draws=DRAWS, seed=SEED)
    both = trace_clusters(table[:2], pot, t_max=20.0, n_draws=DRAWS, seed=SEED)
    times = np.arange(0, 20, 3.0)
    paths = [[o.trajectory(n, times, d)[0] for d in range(3)] for o in (kept, both) for n in o.name]
    np.testing.assert_array_equal(paths[0][0], paths[2][0])
    np.testing.assert_array_equal(paths[0][0], paths[0][2])
    assert not np.array_equal(paths[2][0], paths[2][2])
    np.testing.assert_array_equal(paths[1], paths[3])

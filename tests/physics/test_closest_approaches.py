import numpy as np
import pytest

from mock_sky import disk_of_clusters, draw_paths, observe
from runaways.clusters.cluster_orbits import read_orbits, trace_clusters, write_orbits
from runaways.encounters import kernels, pairing
from runaways.encounters.approaches import closest_approaches, find_encounters
from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import trace
from runaways.orbits.knots import grid, side_by_side
from runaways.stars import draws

CLUSTERS, DRAWS, SEED = 80, 8, 4


@pytest.fixture(scope="module")
def table(frame):
    return disk_of_clusters(CLUSTERS, frame, seed=11, reach=0.6)


@pytest.fixture(scope="module")
def orbits(table, pot):
    return trace_clusters(table, pot, t_max=90.0, n_draws=DRAWS, seed=SEED)


def star_paths(pot, age=50.0, n=50, seed=5):
    """Draws of a runaway star in the midst of the clusters."""
    position = np.array([[8.45], [0.05], [0.02]])
    velocity = np.array([[20.0], [195.0], [9.0]])
    measured = observe(position, velocity, pot.frame)
    rng = np.random.default_rng(seed)
    paths = draw_paths(measured, (0.05, 0.3, 3.0), age, 0.15, n, pot, rng, n_times=65)
    return [a[0] for a in paths]


@pytest.fixture(scope="module")
def star(pot):
    return star_paths(pot)


@pytest.fixture(scope="module")
def found(star, orbits):
    return find_encounters(*star, orbits, search_radius=50.0)


def rows(table):
    return [tuple(row) for row in table.iterrows()]


def assert_same(one, other):
    for name in ("hits", "chance"):
        assert rows(getattr(one, name)) == rows(getattr(other, name)), name
    assert one.n_draws == other.n_draws


def test_exactly_what_trying_every_pair_finds(star, orbits, found):
    brute = []
    for name in sorted(orbits.name):
        table = closest_approaches(*star, orbits, name)
        brute += [(name, *row) for row in rows(table) if row[1] < 50.0]
    assert len(brute) > 100
    assert rows(found.hits) == brute


def test_separations_against_galpy_alone(star, orbits, found, table, pot):
    """The nearest of 5000 places along both orbits, each traced by galpy to those times."""
    drawn = np.random.default_rng(0).choice(len(found.hits), 12, replace=False)
    for hit in found.hits[drawn]:
        number = int(hit["draw"])
        name, column = hit["cluster"], hit["cluster_draw"]
        limit = min(star[0][number, -1], orbits.age[orbits.index(name), column])
        times = np.linspace(0, limit, 5000)
        today = (star[1][number, 0], star[2][number, 0])
        then, _ = trace(*(a[:, None] for a in today), times[None], pot)
        # the cluster's draw as it stands today, from the first knot
        place, speed = (a.T for a in orbits.trajectory(name, np.zeros(1), column))
        cluster, _ = trace(place, speed, times[None], pot)
        apart = np.linalg.norm(then[0] - cluster[0], axis=1) * 1000
        nearest = np.argmin(apart)
        # 0.1 pc: knots are 5 Myr apart and kept in single precision
        assert hit["separation"] == pytest.approx(apart[nearest], abs=0.1)
        speeds = np.linalg.norm(np.diff(then[0] - cluster[0], axis=0), axis=1) / np.diff(times)
        assert hit["look_back_time"] == pytest.approx(times[nearest], abs=0.1)
        assert hit["relative_velocity"] == pytest.approx(
            speeds[min(nearest, 4998)] * 977.792, rel=0.01
        )


def test_no_encounter_before_either_was_born(orbits, found, star):
    ages = {name: age for name, age in zip(orbits.name, orbits.age)}
    for hit in found.hits:
        draw = int(hit["draw"])
        assert hit["look_back_time"] <= star[0][draw, -1] + 1e-9
        assert hit["look_back_time"] <= ages[hit["cluster"]][hit["cluster_draw"]] + 1e-9


def test_chunks_do_not_matter(star, orbits, found):
    assert_same(found, find_encounters(*star, orbits, search_radius=50.0, draws_at_once=DRAWS))


def test_order_and_company_of_the_clusters_do_not_matter(star, table, pot, found):
    shuffled = table[np.random.default_rng(1).permutation(len(table))]
    orbits = trace_clusters(shuffled, pot, t_max=90.0, n_draws=DRAWS, seed=SEED)
    assert_same(found, find_encounters(*star, orbits, search_radius=50.0))
    some = trace_clusters(shuffled[:20], pot, t_max=90.0, n_draws=DRAWS, seed=SEED)
    fewer = find_encounters(*star, some, search_radius=50.0)
    for name in ("hits", "chance"):
        kept = np.isin(getattr(found, name)["cluster"], some.name)
        assert rows(getattr(found, name)[kept]) == rows(getattr(fewer, name))


def test_orbits_on_disk_give_the_same(star, orbits, found, tmp_path):
    write_orbits(orbits, tmp_path / "orbits.npy")
    back, _ = read_orbits(tmp_path / "orbits.npy")
    assert_same(found, find_encounters(*star, back, search_radius=50.0))


def test_jobs_compile_nothing(star, orbits, tmp_path):
    """What `compiled` compiles is what orbits from a file ask for, and those in memory."""
    kernels.compiled()
    write_orbits(orbits, tmp_path / "orbits.npy")
    for some in (orbits, read_orbits(tmp_path / "orbits.npy")[0]):
        find_encounters(*star, some, search_radius=50.0, rotations=36)
        closest_approaches(*star, some, some.name[0])
    assert len(kernels.search.signatures) == len(kernels.every_slice.signatures) == 1


def test_more_draws_only_add(star, orbits, found):
    first = [a[:24] for a in star]
    fewer = find_encounters(*first, orbits, search_radius=50.0)
    assert rows(fewer.hits) == rows(found.hits[found.hits["draw"] < 24])


def test_a_smaller_radius_finds_a_part(star, orbits, found):
    smaller = find_encounters(*star, orbits, search_radius=10.0)
    assert rows(smaller.hits) == rows(found.hits[found.hits["separation"] < 10.0])


def test_draws_without_an_orbit_do_not_count(star, orbits, found):
    broken = [a.copy() for a in star]
    broken[1][3] = np.nan
    partly = find_encounters(*broken, orbits, search_radius=50.0)
    assert partly.n_draws == found.n_draws - 1
    assert rows(partly.hits) == rows(found.hits[found.hits["draw"] != 3])
    pair = closest_approaches(*broken, orbits, orbits.name[0])
    assert list(np.flatnonzero(np.isnan(pair["separation"]))) == [3]
    none = find_encounters(*(np.full_like(a, np.nan) for a in star), orbits)
    assert (none.n_draws, len(none.hits), len(none.chance)) == (0, 0, 0)


def test_pairs_are_those_of_the_seed_and_the_star(star, orbits):
    """Every draw of the clusters is met as often; another star or seed pairs otherwise."""
    met = [pairing.cluster_draws(1, name, 64, DRAWS) for name in ("a", "b")]
    assert (np.bincount(met[0]) == 64 / DRAWS).all() and (met[0] != met[1]).any()
    np.testing.assert_array_equal(pairing.cluster_draws(1, "a", 19, DRAWS), met[0][:19])
    blocks = met[0].reshape(-1, DRAWS)
    assert len(set(map(tuple, blocks))) == len(blocks)  # no two blocks in one order
    for hit in find_encounters(*star, orbits, seed=1, star="a", search_radius=50.0).hits[::20]:
        assert hit["cluster_draw"] == 1 + met[0][hit["draw"]]


def test_no_stratum_of_the_star_is_a_cluster_s_draw():
    """Distances of a Sobol sequence that meet one draw of the clusters are of all strata."""
    distance = draws.unit_cube(3, "s", 0, 1024, "sobol")[:, 0]
    met = pairing.cluster_draws(3, "s", 1024, 64)
    dealt, in_turn = (
        np.mean([np.std(distance[of == c]) for c in range(64)])
        for of in (met, np.arange(1024) % 64)
    )
    # 16 numbers of the whole unit interval: 1 / sqrt(12), less what their own mean takes
    assert dealt == pytest.approx(np.sqrt(15 / 16 / 12), rel=0.03)
    assert in_turn < 0.02


def test_errors_of_shares_are_their_scatter():
    """Meetings that hang on the star's draw, on the cluster's, or on both."""
    rng = np.random.default_rng(2)
    met = np.arange(1024) % 64
    for star, cluster in ((0.1, 1.0), (0.9, 0.1), (0.3, 0.3)):
        shares, errors = [], []
        for _ in range(300):
            allowed = rng.random(64) < cluster
            hits = (rng.random(1024) < star) & allowed[met]
            shares.append(hits.mean())
            counts = np.bincount(met[hits], minlength=64)
            errors.append(pairing.share_error(counts, 1024, 64))
        assert np.mean(errors) == pytest.approx(np.std(shares), rel=0.15), (star, cluster)
    assert 0 < pairing.share_error(np.zeros(64), 1024, 64) < 1e-3


def test_errors_of_chance_are_their_scatter(orbits, pot):
    """The chances of halves of the draws differ by their errors."""
    star, parts = star_paths(pot, n=160, seed=6), []
    for some in (slice(0, 80), slice(80, 160)):
        chance = find_encounters(*(a[some] for a in star), orbits, search_radius=50.0).chance
        parts.append(chance[chance["radius"] == 50.0])
    for name in ("p_chance", "p_chance_disk"):
        both = [dict(part["cluster", name].iterrows()) for part in parts]
        errors = [dict(part["cluster", f"{name}_error"].iterrows()) for part in parts]
        common = sorted(set(both[0]) & set(both[1]))
        sigma = [
            (both[0][c] - both[1][c]) / np.hypot(errors[0][c], errors[1][c])
            for c in common
            if min(e[c] for e in errors) > 0
        ]
        assert len(sigma) > 10 and 0.5 < np.std(sigma) < 1.5


def turned(star, angle):
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return star[0], star[1] @ matrix.T, star[2] @ matrix.T


def test_chance_is_what_turning_gives(star, orbits):
    """The share of azimuths, computed, against the star turned and searched again."""
    window, radius, turns = 1.0, 50.0, 40  # 7 pc from one turn to the next
    chance = find_encounters(*star, orbits, search_radius=radius, azimuth_window=window).chance
    met = {}
    for angle in window * (2 * (np.arange(turns) + 0.5) / turns - 1):
        hits = find_encounters(*turned(star, np.radians(angle)), orbits, search_radius=radius).hits
        for name in hits["cluster"]:
            met[name] = met.get(name, 0) + 1 / turns / len(star[0])
    expected = dict(chance["cluster", "p_chance"][chance["radius"] == radius].iterrows())
    assert sum(met.values()) == pytest.approx(sum(expected.values()), rel=0.01)
    for name in sorted(filter(expected.get, expected), key=expected.get)[-10:]:
        assert met[name] == pytest.approx(expected[name], rel=0.05), name


def test_the_same_arcs_in_any_window(star, orbits):
    """All clusters are within 60 deg of the star's path: wider windows only dilute."""
    total = []
    for window in (60.0, 179.0):
        chance = find_encounters(*star, orbits, azimuth_window=window).chance
        near = chance[chance["radius"] == 20.0]
        total += [near["p_chance"].sum() * window, near["p_chance_disk"].sum() * 180]
    np.testing.assert_allclose(total, total[0], rtol=1e-6)


def test_sampled_azimuths_approach_the_exact_share(star, orbits):
    """Many azimuths give the length of the arcs; few give it on average over the clusters."""
    exact = find_encounters(*star, orbits, search_radius=50.0).chance
    for rotations, tolerance in ((200_000, 1e-3), (2000, 0.05)):
        sampled = find_encounters(*star, orbits, search_radius=50.0, rotations=rotations).chance
        at = [t["p_chance_disk"][t["radius"] == 50.0].sum() for t in (sampled, exact)]
        assert at[0] == pytest.approx(at[1], rel=tolerance)
        assert at[0] != at[1]


def test_a_cluster_member_never_leaves(table, orbits, pot):
    """A star at a cluster's place with its velocity stays with it."""
    name = orbits.name[3]
    place, speed = orbits.trajectory(name, np.zeros(1))
    times = np.linspace(0, 1, 65)[None] * np.full((DRAWS, 1), 15.0)
    path = trace(np.repeat(place, DRAWS, 0).T, np.repeat(speed, DRAWS, 0).T, times, pot)
    hits = find_encounters(times, *path, orbits, search_radius=100.0).hits
    assert (hits["cluster"] == name).sum() == DRAWS
    assert np.median(hits["relative_velocity"][hits["cluster"] == name]) < 3.0


def test_the_search_ends_where_the_clusters_were_traced_to(pot, table, star, orbits, found):
    short = trace_clusters(table, pot, t_max=25.0, n_draws=DRAWS, seed=SEED)
    near = find_encounters(*star, short, search_radius=50.0).hits
    assert near["look_back_time"].max() <= 25.0
    early = found.hits[found.hits["look_back_time"] < 25.0]
    assert set(rows(early)) <= set(rows(near)) and len(early) > 50


def kept(star):
    """A star's draws at knots, of their 64 steps."""
    times, first = grid(star[0][:, -1])
    steps = [np.arange(0, 65, 64 // pieces) for pieces in np.diff(first) - 1]
    return times, first, *(np.concatenate([d[k] for d, k in zip(a, steps)]) for a in star[1:])


def test_kept_knots_give_the_same_orbit(star, orbits):
    """Knots 4 Myr apart in place of 0.8: the same encounters, to 0.05 pc."""
    knots = kept(star)
    assert len(knots[0]) < 0.4 * star[0].size
    back = side_by_side(*knots)
    assert np.array_equal(np.nanmax(back[0], axis=1), star[0][:, -1])
    for name in orbits.name[:3]:
        one, other = (closest_approaches(*path, orbits, name) for path in (star, back))
        np.testing.assert_allclose(one["separation"], other["separation"], atol=0.05)
        np.testing.assert_allclose(one["look_back_time"], other["look_back_time"], atol=0.05)


def test_a_draw_without_an_orbit_does_not_count(star, orbits):
    broken = [a.copy() for a in star]
    broken[1][3], broken[2][3] = np.nan, np.nan
    found = find_encounters(*side_by_side(*kept(broken)), orbits, search_radius=50.0)
    whole = find_encounters(*side_by_side(*kept(star)), orbits, search_radius=50.0)
    assert found.n_draws == whole.n_draws - 1
    others = whole.hits["draw"] != 3
    assert len(found.hits) == others.sum() < len(whole.hits)
    np.testing.assert_array_equal(found.hits["separation"], whole.hits["separation"][others])


def test_a_step_that_does_not_fit_is_refused(star, orbits):
    with pytest.raises(ValueError, match="step 0.7 Myr does not divide"):
        find_encounters(*star, orbits, step=0.7)


def test_uneven_times_are_refused(star, orbits):
    with pytest.raises(ValueError, match="equidistant"):
        find_encounters(star[0] ** 2, *star[1:], orbits)


def test_observe_is_the_inverse_of_the_frames(frame):
    rng = np.random.default_rng(0)
    position, velocity = rng.normal(0, 5, (3, 9)), rng.normal(0, 100, (3, 9))
    back = galactocentric(*heliocentric(*observe(position, velocity, frame)), frame)
    np.testing.assert_allclose(back[0], position, atol=1e-9)
    np.testing.assert_allclose(back[1], velocity, atol=1e-6)

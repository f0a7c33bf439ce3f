"""Clusters as sources."""

import numpy as np
import pytest

from runaways.ejections.nulls import mirrored, turned
from runaways.ejections.sources import pick, trace_clusters


def test_clusters_without_a_radial_velocity_move_with_rotation(sources, galaxy):
    assert sources.sigma[3, 0] == pytest.approx(galaxy.priors.rv_rotation)
    # one cluster has a velocity dispersion of 7 km/s: its proper motion and rotation put it there
    x, v = (np.asarray(q[0, :1], float) for q in (sources.x, sources.v))
    assert np.linalg.norm(v - galaxy.rotating(x)) < 30


def test_measured_radial_velocities_keep_their_weight(sources, table):
    # +-(0.5, 5 / sqrt(5)) against +-12 of rotation
    assert sources.theta[3, 1:] == pytest.approx(np.asarray(table["rv"])[1:-1], abs=3.0)
    assert sources.sigma[3, 1:] == pytest.approx(2.25, abs=0.05)


def test_those_without_a_distance_are_left_out(sources, table):
    assert len(sources) == len(table) - 1
    assert table["name"][-1] not in sources.name


def test_clusters_of_a_cell_form_what_the_catalogue_lists(sources, galaxy):
    # all within 1.5 kpc and 20 to 200 Myr: cells of half a kpc, .6 exp(-(d/3)^2) of the disk
    share = galaxy.listed(np.array([0.25, 0.75, 1.25]))
    area = np.pi * np.array([0.25, 0.75, 1.25])
    span = 100 * (np.exp(-0.1) - np.exp(-3))
    assert sources.formed.sum() == pytest.approx((share * area).sum() * span, rel=0.25)


def test_few_clusters_do_not_form_all_that_a_catalogue_lists(table, galaxy):
    alone = trace_clusters(table[1:2], galaxy)
    assert alone.formed[0] <= galaxy.priors.largest_cluster
    assert alone.known.max() < 1


def test_turned_clusters_keep_radius_and_speed(sources):
    new = turned(sources, np.radians(12))
    for name in ("x", "v"):
        old, now = getattr(sources, name), getattr(new, name)
        assert np.hypot(*now[..., :2].T) == pytest.approx(np.hypot(*old[..., :2].T), rel=1e-4)
    l_z = [s.x[..., 0] * s.v[..., 1] - s.x[..., 1] * s.v[..., 0] for s in (sources, new)]
    assert l_z[0] == pytest.approx(l_z[1], rel=1e-4)
    trace = np.einsum("tcii->tc", new.place), np.einsum("tcii->tc", sources.place)
    assert trace[0] == pytest.approx(trace[1], rel=1e-3)


def test_mirrored_clusters_are_on_the_other_side_and_still_rotate(sources):
    new = mirrored(sources)
    assert new.azimuth == pytest.approx(-sources.azimuth)
    azimuth = np.arctan2(new.x[0, :, 1], new.x[0, :, 0])
    before = np.arctan2(sources.x[0, :, 1], sources.x[0, :, 0])
    # half a segment of rotation beyond the mirror image
    assert azimuth == pytest.approx(-before, abs=0.03)
    assert (new.x[..., 0] * new.v[..., 1] - new.x[..., 1] * new.v[..., 0] > 0).all()


def test_an_empty_catalogue_has_no_sources(table, galaxy):
    sources = trace_clusters(table[:0], galaxy)
    assert len(sources) == 0 and sources.x.shape[1:] == (0, 3)


def test_pick_keeps_the_chosen(sources):
    assert list(pick(sources, [2, 5]).name) == [sources.name[2], sources.name[5]]

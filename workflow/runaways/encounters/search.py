"""The search behind `approaches`: from all pairs to the few that come near.

A block of time is one interval between the clusters' knots, cut into slices. Boxes in
Galactocentric radius and height decide which draw of the star and of which cluster could come
near at any azimuth; most pairs end there. What is left serves both questions. By chance: the
shares of the cluster's azimuths at which they would meet (`chance`). In fact: pairs that also are
near in azimuth go through an exact minimum of the distance between two cubics. The boxes surely
hold the trajectories (`cubics`), so that what is found is what trying every pair would find.

Arrays are in kpc, km/s, Myr, rad; vectors run along the first axis.
"""

from dataclasses import dataclass

import numpy as np

from runaways.encounters import chance
from runaways.encounters.slices import bound
from runaways.orbits import cubics

PAIRS_AT_ONCE = 50_000  # bounds the memory; no result depends on it
COARSE = 2.0**12  # shares are rounded to so many quanta before they are squared: sums stay exact
N_RADII = 10  # radii at which chance is kept: from the search radius down in steps of sqrt(2)


def closest(paths, k, draws, cluster_points, offset, share, cluster_age):
    """Separation [kpc], time [Myr] and velocity [km/s] of the closest approach in slice k.

    `cluster_points` is the cluster's cubic over the whole block; the slice starts at `offset` of
    it and a full slice is `share` of it. Infinite where the slice is beyond an age.
    """
    width = paths.width(k, draws)
    extent = width / paths.step
    star = paths.piece(k, draws)
    cluster = cubics.part(cluster_points, offset, offset + share * extent)
    points = tuple(s - c for s, c in zip(star, cluster, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        end = np.minimum((cluster_age - k * paths.step) / width, 1)
        distance, where = cubics.closest_to_origin(points, end)
        speed = cubics.norm(cubics.at(points, where)[1]) / width * cubics.MYR_PER_KPC_KM_S
    lived = (width > 0) & (end >= 0) & np.isfinite(distance)
    found = np.array([distance, k * paths.step + where * width, speed])
    return np.where(lived, found, np.inf)


class Search:
    """The search of one star: what is found goes into `found` and `shares`."""

    def __init__(self, orbits, radius, half_width, rotations, phase, partners):
        self.orbits, self.radius, self.half_width = orbits, radius, half_width
        self.rotations, self.phase = rotations, phase
        # of each block of the star's draws: the clusters' draws they meet, and the other way round
        self.partners = partners
        self.own = [np.argsort(order) for order in partners]
        self.radii = radius * 2.0 ** (-np.arange(N_RADII) / 2)
        # near and all around, multiples of chance.QUANTUM; squares of what one draw adds in one
        # interval between knots, multiples of its square
        self.shares = np.zeros((2, N_RADII, len(orbits.name)))
        self.squares = np.zeros((2, N_RADII, len(orbits.name)))
        self.found = []

    def block(self, k, paths, slices, first_draw):
        """Search one interval between the clusters' knots."""
        star = bound(paths, slices.start, slices.stop)
        clusters = self._near_clusters(k, star)
        if len(clusters) == 0:
            return
        points = self.orbits.piece(k, clusters, slice(1, None))
        boxes = np.array(cubics.meridional_box(points), np.float32)
        old = self.orbits.age[clusters, 1:] > slices.start * paths.step
        boxes[0] = np.where(old, boxes[0], np.inf)
        bend = self.orbits.interval(k)[1][clusters, 4].astype(float)
        # one row of as many draws as the clusters have after the other
        n_draws = self.orbits.n_draws
        met, size = [], 0
        for row in range(0, len(paths.age), n_draws):
            own = row + self.own[(first_draw + row) // n_draws]
            cluster, column = self._near_pairs(star, own, boxes)
            met.append((cluster, column, own[column]))
            size += len(cluster)
            if size and (size > PAIRS_AT_ONCE or row + n_draws >= len(paths.age)):
                cluster, column, draw = (np.concatenate(part) for part in zip(*met))
                some = tuple(p[:, cluster, column] for p in points)
                age = self.orbits.age[clusters[cluster], 1 + column]
                pairs = Pairs(clusters[cluster], draw, some, bend[cluster], age)
                self._chances(pairs, paths, slices)
                self._encounters(pairs, paths, slices, star, first_draw)
                met, size = [], 0

    def _near_clusters(self, k, star):
        """Clusters any draw of which could come near any draw of the star, turned or not."""
        n, bounds = self.orbits.interval(k)
        alive = np.isfinite(star.r_lower)
        if n == 0 or not alive.any():
            return np.empty(0, int)
        r, margin = np.asarray(bounds, float).T, self.radius
        near = (r[0] <= star.r_upper[alive].max() + margin) & (r[1] >= star.r_lower.min() - margin)
        near &= (r[2] <= star.z_upper[alive].max() + margin) & (r[3] >= star.z_lower.min() - margin)
        return np.flatnonzero(near)

    def _near_pairs(self, star, draws, boxes):
        """Positions (cluster, its draw) of the boxes in reach of the star's draws, one for each."""
        margin = self.radius + 2e-5  # kpc: the boxes are compared in single precision
        limits = np.full((4, len(draws)), np.nan, np.float32)  # a draw that is not there is far
        there = draws < len(star.bend)
        some = draws[there]
        limits[:, there] = (
            (star.r_upper[some] + margin), (star.r_lower[some] - margin),
            (star.z_upper[some] + margin), (star.z_lower[some] - margin),
        )  # fmt: skip
        near = np.less_equal(boxes[0], limits[0])
        near &= np.greater_equal(boxes[1], limits[1])
        near &= np.less_equal(boxes[2], limits[2])
        near &= np.greater_equal(boxes[3], limits[3])
        return np.divmod(np.flatnonzero(near), len(draws))

    def _chances(self, pairs, paths, slices):
        """Add up the shares of azimuths of pairs that meet in the meridional plane."""
        n = len(self.orbits.name)
        limit = np.minimum(paths.age[pairs.draw], pairs.age)
        begin = pairs.at(0.0)
        from_here = chance.relative(paths.straight[slices.start][:, pairs.draw], begin)
        found = np.zeros((2 * N_RADII, len(pairs.draw)))
        per_block = round(self.orbits.spacing / paths.step)
        for number, k in enumerate(slices, start=1):
            end = pairs.at(number / per_block)
            to_there = chance.relative(paths.straight[k + 1][:, pairs.draw], end)
            share = np.clip(limit / paths.step - k, 0, 1)
            miss = chance.nearest_meridional(from_here, to_there, share)
            near = np.flatnonzero((miss < self.radius) & (share > 0))
            if len(near):
                draw = pairs.draw[near]
                shares = chance.share_of_azimuths(
                    [paths.straight[i][:, draw] for i in (k, k + 1)],
                    [begin[:, near], end[:, near]],
                    share[near],
                    np.full(len(near), k == 0),
                    limit[near] <= (k + 1) * paths.step,
                    self.half_width,
                    self.radii,
                    self.rotations,
                    self.phase[pairs.cluster[near]],
                )
                found[:, near] += np.concatenate(shares)
            begin, from_here = end, to_there
        met = np.flatnonzero(found.any(axis=0))
        squares = np.round(found[:, met] / COARSE) ** 2
        for totals, values in ((self.shares, found[:, met]), (self.squares, squares)):
            for total, some in zip(totals.reshape(-1, n), values):
                total += np.bincount(pairs.cluster[met], some, n)

    def _encounters(self, pairs, paths, slices, star, first_draw):
        """Closest approaches of the pairs that come within the search radius."""
        per_block = round(self.orbits.spacing / paths.step)
        begin = paths.straight[slices.start][:, pairs.draw] - pairs.at(0.0)
        end = paths.straight[slices.stop][:, pairs.draw] - pairs.at(len(slices) / per_block)
        room = self.radius + star.bend[pairs.draw] + pairs.bend
        pairs = pairs.take(np.flatnonzero(_segment_distance(begin, end) <= room))
        for number, k in enumerate(slices):
            offset = number / per_block
            room = self.radius + self._bend_of_slice(pairs, paths, k, per_block)
            begin = paths.straight[k][:, pairs.draw] - pairs.at(offset)
            end = paths.straight[k + 1][:, pairs.draw] - pairs.at(offset + 1 / per_block)
            near = pairs.take(np.flatnonzero(_segment_distance(begin, end) <= room))
            if len(near.draw) == 0:
                continue
            found = closest(paths, k, near.draw, near.points, offset, 1 / per_block, near.age)
            hit = found[0] < self.radius
            self.found.append((near.cluster[hit], first_draw + near.draw[hit], *found[:, hit]))

    @staticmethod
    def _bend_of_slice(pairs, paths, k, per_block):
        """How far the relative motion of a slice can be from a straight line."""
        points, width = paths.piece(k, pairs.draw), paths.width(k, pairs.draw) / paths.step
        begin, end = paths.straight[k][:, pairs.draw], paths.straight[k + 1][:, pairs.draw]
        away = [
            cubics.norm(p - (begin + part / 3 * width * (end - begin)))
            for part, p in enumerate(points)
        ]
        return np.maximum.reduce(away) + pairs.bend / per_block**2


@dataclass(frozen=True)
class Pairs:
    """Pairs of a cluster and a draw of the star, in one block; n of each.

    `points` are the control points of the cluster's draw, `bend` a bound on its piece [kpc],
    `age` its age [Myr].
    """

    cluster: np.ndarray
    draw: np.ndarray
    points: tuple
    bend: np.ndarray
    age: np.ndarray

    def take(self, some):
        points = tuple(p[:, some] for p in self.points)
        rest = self.bend[some], self.age[some]
        return Pairs(self.cluster[some], self.draw[some], points, *rest)

    def at(self, fraction):
        """Places of the clusters at a fraction of the block, shape (3, n) [kpc]."""
        v = 1 - fraction
        weights = v**3, 3 * v * v * fraction, 3 * v * fraction**2, fraction**3
        return sum(weight * p for weight, p in zip(weights, self.points, strict=True))


def _segment_distance(begin, end):
    """Distance of straight segments from the origin, shape (n,)."""
    along = end - begin
    with np.errstate(invalid="ignore", divide="ignore"):
        nearest = -sum(begin * along) / sum(along * along)
    nearest = np.minimum(np.maximum(np.nan_to_num(nearest), 0), 1)
    return cubics.norm(begin + nearest * along)

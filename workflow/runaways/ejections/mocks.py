"""Planted stars: drawn from the model, from clusters, the field and those that stayed.

The stars that a list would hold are drawn in the numbers in which the model makes them, measured
with its errors and selected by what is measured, so that the posteriors of a list of them can be
held against the truth.
"""

import numpy as np
from astropy.table import vstack

from runaways.ejections.passages import KPC_PER_MYR
from runaways.ejections.stars import generator
from runaways.ejections.surveys import Truth, measured, seen_ages
from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import trace

KINDS = ("cluster", "field", "stayed")
_PROPOSALS = {"cluster": 20_000, "field": 400_000, "stayed": 40_000}  # at a time
_MARGIN = 1.3  # stars are drawn out to this times the largest distance of the list
_ROUNDS = 200
_FAST = 400.0  # km/s: hardly a star that was ejected faster is still within reach


def plant(galaxy, sources, n, seed, survey, shares=None):
    """Stars with known origins, as a list would have them.

    Parameters
    ----------
    galaxy : Galaxy
        With the priors to draw from.
    sources : ClusterSources
        Traced in it.
    n : int
        Number of stars.
    seed : int
    survey : Survey
    shares : dict, optional
        Of each of `KINDS`; by default as many as the model makes. A kind of which hardly any is
        within the limits of the survey gets none, and the others its share.

    Returns
    -------
    Table
        n rows: ``star ra dec parallax pmra pmdec rv age`` with ``_error``, as
        `stars.read_star` wants them; ``true_kind`` (of `KINDS`), ``true_cluster``, ``true_t``
        [Myr], ``true_v`` [km/s], ``true_delay`` [Myr], ``true_age`` [Myr]; ``weight``: how many
        stars of the model each stands for, relative.

    Raises
    ------
    ValueError
        If the limits of the survey leave too few stars of a kind.
    """
    rng = generator(seed, "", "planted")
    pools = {kind: [_DRAWERS[kind](galaxy, sources, survey, rng)] for kind in KINDS}
    made = {kind: len(pool[0]) / _PROPOSALS[kind] for kind, pool in pools.items()}
    number = {kind: _total(kind, galaxy, sources, survey) * made[kind] for kind in KINDS}
    total = sum(number.values())
    shares = shares or {kind: number[kind] / total for kind in KINDS}
    wanted = _wanted(n, shares, {kind: len(pool[0]) for kind, pool in pools.items()}, rng)
    parts = []
    for kind, count in zip(KINDS, wanted):
        pool = pools[kind]
        for _ in range(_ROUNDS):
            if sum(map(len, pool)) >= count:
                break
            pool.append(_DRAWERS[kind](galaxy, sources, survey, rng))
        else:
            raise ValueError(f"planted stars: too few of kind {kind} within the survey's limits")
        part = vstack(pool)[:count]
        part["weight"] = number[kind] / total / max(count, 1) * n
        parts.append(part)
    table = vstack(parts)
    table = table[rng.permutation(len(table))]
    table["star"] = [f"planted {row:05d}" for row in range(len(table))]
    return table


def _wanted(n, shares, found, rng):
    """Stars of each kind, of those of which enough are found at a time."""
    share = np.array([shares.get(kind, 0.0) for kind in KINDS])
    share *= np.array([found[kind] for kind in KINDS]) * _ROUNDS / 4 >= share * n
    if not share.any():
        raise ValueError("planted stars: hardly any is within the survey's limits")
    return rng.multinomial(n, share / share.sum())


def _total(kind, galaxy, sources, survey):
    """Stars that the model makes within what is drawn from."""
    p = galaxy.priors
    if kind == "cluster":
        return sources.formed.sum() * p.ejected_fraction
    if kind == "field":
        return galaxy.disk_area * _oldest(galaxy, survey) * p.ejected_fraction
    area = np.pi * (_MARGIN * survey.distance_max) ** 2
    formed = area * _oldest(galaxy, survey) * _brightest(galaxy, survey)
    return formed * (1 - p.ejected_fraction)


def _oldest(galaxy, survey):
    """Age of the oldest star that can look as young as the list's oldest [Myr]."""
    return min(galaxy.ages.longest_life(survey.age_max), galaxy.ages.edges[-1])


def _brightest(galaxy, survey):
    """Largest star formation per area within reach, 1 at the Sun."""
    near = galaxy.frame.r0 - _MARGIN * survey.distance_max
    return float(galaxy.surface(np.linspace(max(near, 0.0), galaxy.frame.r0, 50)).max())


def _from_clusters(galaxy, sources, survey, rng):
    n, p = _PROPOSALS["cluster"], galaxy.priors
    c = rng.choice(len(sources), n, p=sources.formed / sources.formed.sum())
    cumulative = np.cumsum(sources.birth * galaxy.ages.width, axis=1)[c]
    cell = (cumulative < rng.random(n)[:, None]).sum(axis=1)
    inside = cell < len(galaxy.ages.age)
    cell = np.minimum(cell, len(galaxy.ages.age) - 1)
    age = galaxy.ages.edges[cell] + rng.random(n) * galaxy.ages.width[cell]
    channel, delay = _ejections(n, p, rng)
    tau = age - delay
    seen = seen_ages(age, channel, galaxy, survey, rng)
    segment = np.searchsorted(galaxy.edges, tau) - 1
    keep = inside & (tau > 0) & (segment < len(sources.x)) & np.isfinite(seen)
    keep[keep] = sources.certain[segment[keep], c[keep]]
    c, age, channel, delay, tau, seen = (q[keep] for q in (c, age, channel, delay, tau, seen))
    theta = sources.theta[:, c] + sources.sigma[:, c] * rng.normal(size=(4, len(c)))
    today = galactocentric(*heliocentric(sources.ra[c], sources.dec[c], *theta), galaxy.frame)
    x, v = _back(*today, tau, galaxy)
    x = x + rng.normal(size=x.shape) * sources.extent[c]
    v = v + rng.normal(size=v.shape) * p.cluster_dispersion
    kept = Truth("cluster", sources.name[c], channel, age, delay, tau, seen)
    return _thrown(x, v, kept, galaxy, survey, rng)


def _from_field(galaxy, sources, survey, rng):
    n, p = _PROPOSALS["field"], galaxy.priors
    age = rng.random(n) * _oldest(galaxy, survey)
    channel, delay = _ejections(n, p, rng)
    tau = age - delay
    edges = np.linspace(0.0, 30.0, 1201)
    middle = (edges[1:] + edges[:-1]) / 2
    area = np.cumsum(galaxy.surface(middle) * middle)
    r = np.interp(rng.random(n) * area[-1], np.append(0.0, area), edges)
    azimuth = rng.uniform(-np.pi, np.pi, n)
    x = np.array([r * np.cos(azimuth), r * np.sin(azimuth), rng.normal(0, p.layer_height, n)])
    # of azimuth today, had it stayed: the places far from the Sun are left out before any orbit
    reach = _MARGIN * survey.distance_max + 1.5 * tau * KPC_PER_MYR * _FAST
    now = azimuth + galaxy.rotation(r) / r * KPC_PER_MYR * tau
    apart = np.hypot(r * np.cos(now) - galaxy.frame.r0, r * np.sin(now))
    keep = (tau > 0) & (tau < galaxy.edges[-1]) & (apart < reach)
    keep[keep] = rng.random(keep.sum()) >= _listed(
        age[keep], tau[keep], apart[keep], galaxy, sources
    )
    seen = np.full(n, np.nan)
    seen[keep] = seen_ages(age[keep], channel[keep], galaxy, survey, rng)
    keep &= np.isfinite(seen)
    x = x[:, keep]
    age, channel, delay, tau, seen = (q[keep] for q in (age, channel, delay, tau, seen))
    v = galaxy.rotating(x.T).T + rng.normal(size=x.shape) * p.field_dispersion
    kept = Truth("field", np.full(len(age), ""), channel, age, delay, tau, seen)
    return _thrown(x, v, kept, galaxy, survey, rng)


def _listed(age, tau, apart, galaxy, sources):
    """Probability that a star of the disk is of a listed cluster whose place is known."""
    segment = np.clip(np.searchsorted(galaxy.edges, tau) - 1, 0, None)
    known = np.zeros((len(galaxy.tau), len(galaxy.ages.age)))
    known[: len(sources.known)] = sources.known
    cell = np.searchsorted(galaxy.ages.edges, age) - 1
    return galaxy.listed(apart) * np.exp(-age / galaxy.priors.listed_age) * known[segment, cell]


def _stayed(galaxy, sources, survey, rng):
    n, p = _PROPOSALS["stayed"], galaxy.priors
    age = rng.random(n) * _oldest(galaxy, survey)
    distance = _MARGIN * survey.distance_max * np.sqrt(rng.random(n))
    angle = rng.uniform(-np.pi, np.pi, n)
    x = np.array([galaxy.frame.r0 + distance * np.cos(angle), distance * np.sin(angle), 0 * angle])
    channel = np.zeros(n, int)
    seen = seen_ages(age, channel, galaxy, survey, rng)
    formed = galaxy.surface(np.hypot(x[0], x[1])) / _brightest(galaxy, survey)
    keep = (rng.random(n) < formed) & np.isfinite(seen)
    x, age, seen, channel = x[:, keep], age[keep], seen[keep], channel[keep]
    heated = (1 + age / p.heating_time) ** p.heating_power
    x[2] = rng.normal(size=len(age)) * p.stayed_height * heated
    r = np.hypot(x[0], x[1])
    zero = 0 * r
    axes = np.array(
        [[x[0] / r, x[1] / r, zero], [-x[1] / r, x[0] / r, zero], [zero, zero, zero + 1]]
    )
    own = rng.normal(size=x.shape) * np.array(p.stayed_dispersions)[:, None] * heated
    v = galaxy.rotating(x.T).T + np.einsum("an,ajn->jn", own, axes)
    nan = np.full(len(age), np.nan)
    truth = Truth("stayed", np.full(len(age), ""), channel, age, nan, nan, seen)
    return measured(x, v, np.full(len(age), np.nan), truth, galaxy, survey, rng)


_DRAWERS = {"cluster": _from_clusters, "field": _from_field, "stayed": _stayed}


def _ejections(n, p, rng):
    """Channel, 0 dynamical and 1 binary, and delay between birth and ejection [Myr]."""
    channel = (rng.random(n) < p.binary_share).astype(int)
    u = rng.random(n)
    scale, end = p.dynamical_delay
    dynamical = scale * np.expm1(u * np.log1p(end / scale))
    start, stop = p.binary_delay
    return channel, np.where(channel == 1, start + u * (stop - start), dynamical)


def _back(x, v, tau, galaxy):
    """Places and velocities at look-back times, shape (3, n)."""
    times = np.stack([0 * tau, tau], axis=1)
    places, velocities = trace(x, v, times, galaxy.potential)
    return places[:, 1].T, velocities[:, 1].T


def _thrown(x, v, truth, galaxy, survey, rng):
    """Stars thrown in all directions at the speeds of their channels, as measured today."""
    speeds = galaxy.speeds
    u, n = rng.random(len(truth.tau)), len(truth.tau)
    cumulative = np.cumsum(speeds.pdf[:2], axis=1)
    speed = np.where(
        truth.channel == 1,
        np.interp(u, cumulative[1], speeds.u),
        np.interp(u, cumulative[0], speeds.u),
    )
    direction = rng.normal(size=(3, n))
    v = v + speed * direction / np.sqrt((direction**2).sum(axis=0))
    # forward in time is back in time with the velocity reversed
    x, back = _back(x, -v, truth.tau, galaxy)
    return measured(x, -back, speed, truth, galaxy, survey, rng)

"""Named hypotheses: a star from a given cluster, and two bodies from one place and time.

What is named beforehand pays no price for having been looked for among thousands. Bayes factors
are in kpc^2 Myr: against a field that forms one star (or has one such event) per kpc^2 and Myr at
the Sun. Times an area and a span of time they are against an origin anywhere in these.
"""

import numpy as np
from astropy.table import Table

from runaways.clusters.cluster_list import find
from runaways.ejections import passages, rates, sites
from runaways.ejections.kernels import COARSE, COUNTS, KernelError, make_kernels, sizes
from runaways.ejections.meetings import Meetings, meeting
from runaways.ejections.rows import number_columns
from runaways.ejections.sources import pick as pick_clusters
from runaways.ejections.speeds import BINARY, DYNAMICAL, KICK
from runaways.ejections.stars import PULSAR, as_dict, lacking, read_star
from runaways.ejections.summaries import limits, ratio
from runaways.tables import conform, table_schema

MOST_KERNELS = 512  # of each of two stars: every kernel of one meets every one of the other
_LIMITED = ("t_ejection", "v_first", "v_second", "v_relative")
_NUMBERS = number_columns("pairs")
_NEVER = 1e-3  # kpc^2 Myr: below, when and how fast is not worth saying


def explain_pair(*args, **options):
    """The row of `match_bodies`."""
    return match_bodies(*args, **options)[0]


def match_bodies(first, galaxy, sources, seed, *, second=None, cluster=None, pulsar=""):
    """Test a named hypothesis.

    Parameters
    ----------
    first, second : mapping
        As for `stars.read_star`; a body of ``kind`` ``pulsar`` was kicked in its birth, and its
        ``age`` is that of the supernova. Without a second body there must be a cluster.
    galaxy : Galaxy
    sources : ClusterSources
    seed : int
    cluster : str, optional
        Name of a cluster.
    pulsar : str
        Which of the two, by its name, is of kind ``pulsar``; none if empty.

    Returns
    -------
    row : dict
        ``pair first second cluster``; ``bayes`` [kpc^2 Myr] with ``bayes_error``: of star and
        cluster, or of two bodies from one place anywhere; ``bayes_cluster`` [kpc^2 Myr]: of two
        bodies from the cluster against one place anywhere, per star formed there;
        ``t_ejection`` [Myr], ``v_first v_second`` against the cluster or rotation,
        ``v_relative`` of the two [km/s], all with ``_lower _upper``; ``x_ejection y_ejection
        z_ejection`` [kpc]; ``why``; ``reason`` where there is no result.
    sites : Table
        Draws of when, where and how fast they parted, table ``pair_sites``; of two stars and a
        cluster there, if they can have met there at all.
    """
    bodies = [as_dict(row) for row in (first, second) if row is not None]
    names = [str(row.get("star", "")) for row in bodies]
    bodies = [row | ({"kind": PULSAR} if n == pulsar else {}) for n, row in zip(names, bodies)]
    out = {"pair": " + ".join([*names, *([cluster] if cluster else [])]), "first": names[0]}
    out |= {"second": names[1] if len(names) > 1 else "", "cluster": cluster or ""}
    out |= dict.fromkeys(_NUMBERS, np.nan) | {"why": "", "reason": ""}
    reason = next((f"{n}: {r}" for n, r in zip(names, map(lacking, bodies)) if r), "")
    row = find(sources.name, cluster) if cluster else None
    if cluster and row is None:
        reason = reason or f"{cluster}: not among the clusters that have an orbit"
    if len(bodies) == 1 and not cluster:
        reason = reason or "neither a second star nor a cluster is named"
    one = None if row is None else pick_clusters(sources, [row])
    drawn = None
    if not reason:
        try:
            found, drawn = _tested(bodies, one, galaxy, seed)
            out |= found
        except KernelError as error:
            reason = str(error)
    out["reason"] = reason
    out["why"] = reason or _why(out)
    return out, _sites(out["pair"], drawn)


def _sites(pair, drawn):
    """Draws as table ``pair_sites``, without rows of none."""
    names = table_schema("pair_sites")["required"]
    if drawn is None:
        drawn = dict.fromkeys(("t", "v_first"), np.empty(0)) | {"site": np.empty((0, 3))}
    nothing = np.full(len(drawn["t"]), np.nan)
    columns = [np.full(len(drawn["t"]), pair), drawn["t"], *drawn["site"].T, drawn["v_first"]]
    columns += [drawn.get(name, nothing) for name in names[-2:]]
    return conform(Table(columns, names=names), "pair_sites")


def _tested(bodies, cluster, galaxy, seed):
    stars = [read_star(row, galaxy.priors) for row in bodies]
    kernels = [_kernels(star, galaxy, seed, len(stars)) for star in stars]
    if len(stars) == 1:
        return _with_cluster(stars[0], kernels[0], cluster, galaxy, seed)
    return _together(stars, kernels, cluster, galaxy, seed)


def _kernels(star, galaxy, seed, n_stars):
    number = COUNTS[max(int((sizes(star, star.rvs[0]) > COARSE).sum()), 1)]
    factor = min(1.0, MOST_KERNELS / number) if n_stars > 1 else 1.0
    return make_kernels(star, galaxy, seed, factor=factor)


def _with_cluster(star, kernels, cluster, galaxy, seed):
    """A star and a cluster: rates per star formed there over those of the field."""
    likelihood = galaxy.ages.likelihood(star.age, star.age_error)
    everywhere = np.isfinite(cluster.x).all(axis=2)
    found = passages.cluster_passages(kernels, cluster, galaxy, everywhere)
    rate = rates.cluster_rates(found, kernels, cluster, likelihood, galaxy)
    whole = galaxy.ages.rates(likelihood)
    _, reference, _ = rates.field_rates(kernels, galaxy, whole, 0 * whole)
    own = rates.by_block(rate.sum(axis=0), kernels.block[found.kernel])[:, 0] / cluster.formed[0]
    field = rates.by_block(reference.sum(axis=(0, 1)), kernels.block)[:, 0]
    out = dict(zip(("bayes", "bayes_error"), ratio(own, field)))
    if not rate.any():
        return out, None
    rng = star.generator(seed, f"with {cluster.name[0]}")
    drawn = sites.from_passages(
        found, rate, cluster.birth[0], likelihood, galaxy, galaxy.priors.cluster_dispersion, rng
    )
    out |= limits("t_ejection", sites.quantiles(drawn["t"]))
    out |= limits("v_first", sites.quantiles(drawn["v"]))
    return out | _place(drawn["site"]), drawn | {"v_first": drawn["v"]}


def _place(site):
    return dict(zip(("x_ejection", "y_ejection", "z_ejection"), np.median(site, axis=0).tolist()))


def _channels(stars):
    """How each of two bodies was ejected: with a pulsar by a supernova, else dynamically."""
    if any(star.kind == PULSAR for star in stars):
        return [KICK if star.kind == PULSAR else BINARY for star in stars]
    return [DYNAMICAL, DYNAMICAL]


def _time_factors(stars, galaxy):
    """T(tau) of each body by itself, and of both together, shape (m,)."""
    ages = galaxy.ages
    channel = BINARY if PULSAR in [star.kind for star in stars] else DYNAMICAL
    like = [ages.likelihood(star.age, star.age_error)[channel] for star in stars]
    ejected = ages.ejected[channel]
    single, both = [], np.ones(len(ages.age))
    born = np.ones(len(galaxy.tau))
    for star, q in zip(stars, like):
        if star.kind == PULSAR:
            # its age is the time since the supernova, which made it
            since = (galaxy.tau < galaxy.priors.pulsar_life).astype(float)
            if np.isfinite(star.age):
                sigma = np.hypot(np.nan_to_num(star.age_error), 0.5 * star.age)
                since = np.exp(-0.5 * ((galaxy.tau - star.age) / sigma) ** 2)
            single.append(since)
            born = born * since
        else:
            single.append(np.einsum("a,am->m", q, ejected))
            both = both * q
    return single, np.einsum("a,am->m", both, ejected) * born


def _single(kernels, channel, per_time, galaxy):
    """Rate of one body from the disk's field, by block."""
    crossings, density = rates.cross_layer(kernels, galaxy)
    radius = np.hypot(kernels.x[..., 0], kernels.x[..., 1])
    rate = kernels.weight * density * galaxy.surface(radius) * per_time[:, None]
    rate = rate * galaxy.speeds.density(crossings.speed, channel, crossings.blur)
    return rates.by_block(rate.sum(axis=0), kernels.block)[:, 0]


def _together(stars, kernels, cluster, galaxy, seed):
    """Two bodies from one place and time, anywhere and in a cluster."""
    channels = _channels(stars)
    single, both = _time_factors(stars, galaxy)
    alone = [_single(k, c, t, galaxy) for k, c, t in zip(kernels, channels, single)]
    parts = []
    for t in np.flatnonzero(both > 1e-6 * both.max()):
        met = meeting(t, kernels, channels, cluster, galaxy)
        if met is not None:
            met |= {name: met[name] * both[t] for name in ("rate", "rate_cluster")}
            parts.append(met)
    if not sum(part["rate"].sum() for part in parts) > 0:
        return {"bayes": 0.0, "bayes_error": 0.0}, None
    names = Meetings.__dataclass_fields__
    met = Meetings(**{name: np.concatenate([part[name] for part in parts]) for name in names})
    return _of_meetings(met, alone, kernels, cluster, stars, seed)


def _of_meetings(met, alone, kernels, cluster, stars, seed):
    """The row of two bodies: factors, time, speeds and place."""
    single = [rate.sum() for rate in alone]
    out = {"bayes": float(met.rate.sum() / single[0] / single[1])}
    # each block of one body's kernels meets all of the other's: their errors are independent
    blocks = (one.block[row] for one, row in zip(kernels, (met.first, met.second)))
    parts = (rates.by_block(met.rate, block)[:, 0] for block in blocks)
    errors = [ratio(part, own) for part, own in zip(parts, alone)]
    relative = np.hypot(*(error / value for value, error in errors))
    out["bayes_error"] = float(out["bayes"] * relative)
    weight = met.rate
    if cluster is not None:
        out["bayes_cluster"] = float(met.rate_cluster.sum() / met.rate.sum())
        weight = met.rate_cluster if met.rate_cluster.any() else met.rate
    rng = stars[0].generator(seed, f"with {stars[1].name}")
    _, item = sites.choose(weight[None], rng)
    drawn = {name: getattr(met, name)[item] for name in ("site", *_LIMITED[1:])}
    drawn["t"] = sites.draw_times(met, item, rng)
    out |= limits("t_ejection", sites.quantiles(drawn["t"]))
    for name in _LIMITED[1:]:
        out |= limits(name, sites.quantiles(drawn[name]))
    return out | _place(drawn["site"]), drawn


def _why(row):
    """What a person would say of a named hypothesis."""
    bodies = " and ".join(name for name in (row["first"], row["second"]) if name)
    if not row["bayes"] > 0:
        return f"{row['pair']}: they were never in one place."
    if row["bayes"] < _NEVER:
        return f"{row['pair']}: hardly ever in one place, Bayes factor {row['bayes']:.3g}."
    from_where = f"from {row['cluster']}" if row["cluster"] else "from one place"
    text = f"{bodies} {from_where} {row['t_ejection']:.3g} Myr ago"
    if row["second"]:
        text += f", {row['v_relative']:.0f} km/s apart"
    else:
        text += f" at {row['v_first']:.0f} km/s"
    text += f": Bayes factor {_factor(row['bayes'])}"
    if row["second"] and row["cluster"]:
        text += f" for one place, {_factor(row['bayes_cluster'])} for the cluster against anywhere"
    return text + "."


def _factor(value):
    """Three digits, without a power of ten for what a person would write out."""
    return f"{float(f'{value:.3g}'):.0f}" if 100 <= value < 1e6 else f"{value:.3g}"

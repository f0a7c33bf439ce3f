"""Lists of ejected stars of known channel, drawn without the densities that explain them.

Speeds of DES by inverting power laws, companions of BSS one by one from their table, rotation by
inclined axes, velocities as vectors: a wrong likelihood shows.
"""

import numpy as np
from astropy.table import Table, vstack

from runaways.origins import rotation
from runaways.origins.channels import DES, NEITHER, RUNAWAY


def mock_list(counts, model, companions, population, rng, delay_error=np.nan, vsini_error=15.0):
    """Stars as a list would have them.

    Parameters
    ----------
    counts : dict
        Listed stars of each of ``DES``, ``BSS`` and ``neither``.
    model : ChannelModel
    companions : Table
        As from `binaries.evolve_binaries`.
    population : Population
    rng : numpy.random.Generator
    delay_error : float
        Median error of the delay [Myr], NaN where none is known; errors scatter by a factor 1.3.
    vsini_error : float
        [km/s].

    Returns
    -------
    Table
        ``channel v_sp v_sp_error vsini vsini_error delay delay_error``, and the truth
        ``true_speed true_delay true_vsini``.
    """
    parts = [_listed(kind, n, model, companions, population, rng) for kind, n in counts.items()]
    stars = vstack([part for part in parts if len(part)])
    n = len(stars)
    seen = stars["true_vsini"] + vsini_error * rng.normal(size=n)
    stars["vsini"], stars["vsini_error"] = np.maximum(seen, 0.0), vsini_error
    error = delay_error * np.exp(0.26 * rng.normal(size=n))
    stars["delay"] = stars["true_delay"] + error * rng.normal(size=n)
    stars["delay_error"] = error
    return stars


def _listed(kind, wanted, model, companions, population, rng):
    """Stars of one kind until enough are above the cuts of the list."""
    found, n, first = [], 0, max(4 * wanted, 1000)
    while n < wanted:
        u, delay, spin = _thrown(kind, first, model, companions, rng)
        direction = rng.normal(size=(3, first))
        direction /= np.sqrt((direction**2).sum(axis=0))
        ejected = kind != NEITHER
        own = [population.birth_dispersion] * 3 if ejected else population.dispersions
        velocity = u * direction + np.array(own)[:, None] * rng.normal(size=(3, first))
        velocity += population.error * rng.normal(size=(3, first))
        sight = rng.normal(size=(3, first))
        radial = (velocity * sight).sum(axis=0) / np.sqrt((sight**2).sum(axis=0))
        v_sp = np.sqrt((velocity**2).sum(axis=0))
        v_tan = np.sqrt(v_sp**2 - radial**2)
        # 1 - exp(-(u/slowest)^4) of the slow count as ejected
        keep = (not ejected) | (rng.weibull(4, first) * model.slowest < u)
        keep &= (v_sp > population.v_sp_min) | (v_tan > population.v_tan_min)
        cos = rng.random(first)
        rows = Table({"v_sp": v_sp, "true_speed": u, "true_delay": delay})
        rows["true_vsini"] = spin * np.sqrt(1 - cos**2)
        found.append(rows[keep])
        n += int(keep.sum())
    stars = vstack(found)[:wanted] if found else Table()
    if len(stars):
        stars["channel"], stars["v_sp_error"] = kind, population.error
    return stars


def _thrown(kind, n, model, companions, rng):
    """Speeds [km/s], delays [Myr] and equatorial rotation [km/s] of n stars."""
    spin = np.interp(rng.random(n), rotation.ORDINARY_BELOW, rotation.ORDINARY_SPEEDS)
    if kind == NEITHER:
        return np.zeros(n), np.full(n, np.nan), spin
    if kind == DES:
        first, end = model.delay
        return (
            dynamical_speeds(n, model, rng),
            first * np.expm1(rng.random(n) * np.log1p(end / first)),
            spin,
        )
    weight = np.asarray(companions["weight"])
    row = rng.choice(len(companions), n, p=weight / weight.sum())
    low, high = model.spin
    fast = np.asarray(companions["v_critical"])[row] * rng.uniform(low, high, n)
    spin = np.where(np.asarray(companions["spun_up"])[row], fast, spin)
    return np.asarray(companions["v_ejection"])[row], np.asarray(companions["delay"])[row], spin


def dynamical_speeds(n, model, rng, slowest=RUNAWAY / 3):
    """Speeds of dynamical ejections above the slowest [km/s]."""
    if model.speeds != "perets2012":
        u = model.median * np.exp(model.width * rng.normal(size=n))
        return u
    (below, above), at = model.slopes, model.speed_break
    # both pieces are 1 at the break
    share = (at - at * (slowest / at) ** (below + 1)) / (below + 1), -at / (above + 1)
    low = rng.random(n) * sum(share) < share[0]
    q = rng.random(n)
    start = (slowest / at) ** (below + 1)
    u = np.where(
        low,
        at * (start + q * (1 - start)) ** (1 / (below + 1)),
        at * q ** (1 / (above + 1)),
    )
    kept = rng.random(n) < np.exp(-((u / model.speed_end) ** 4))
    return np.where(kept, u, slowest)

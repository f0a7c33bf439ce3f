"""Known hosts that a star passed and the clusters lack: what no posterior can speak of."""

import numpy as np
from astropy.table import Table

from runaways.clusters.literature import hosts_passed
from runaways.frames import galactocentric, heliocentric
from runaways.orbits.integration import OrbitError, trace

# Myr: later a host has strayed some 300 pc from rotation, and every star is near one
LONGEST = 30.0
STEP = 0.1  # Myr
OLDER = 2.0  # standard errors by which a star may be older than it looks


def missing(star, galaxy, sources, hosts):
    """Hosts near a star's nominal orbit that are not among the sources.

    Parameters
    ----------
    star : Star
    galaxy : Galaxy
    sources : ClusterSources
        A host among them, at its distance, is not missing, with or without a radial velocity.
    hosts : Table
        As from `literature.read_hosts`.

    Returns
    -------
    list of dict
        As from `literature.hosts_passed`, back to the age that the star can have, the end of the
        look-back and `LONGEST`; each host once. None where the radial velocity is not known.
    """
    if not star.rv_known:
        return []
    end = min(LONGEST, galaxy.look_back_max)
    if np.isfinite(star.age):
        error = np.hypot(np.nan_to_num(star.age_error), galaxy.priors.star_age_floor * star.age)
        end = min(end, star.age + OLDER * error)
    times = np.linspace(0, end, max(int(np.ceil(end / STEP)), 1) + 1)
    have = Table({"name": sources.name, "distance": sources.theta[0]})
    have["usable"] = np.ones(len(sources), bool)
    found = {}
    for rv in star.rvs:
        measured = star.quantities(np.zeros((4, 1)), rv)
        today = galactocentric(*heliocentric(star.ra, star.dec, *measured), galaxy.frame)
        try:
            path, _ = trace(*today, times[None], galaxy.potential)
        except OrbitError:
            continue
        if np.isfinite(path).all():
            for passed in hosts_passed(times, path[0], hosts, have, galaxy.frame):
                found.setdefault(passed["host"], passed)
    return list(found.values())


def in_words(passed):
    """Hosts passed, as text: name, time and separation of the nearest passage."""
    return "; ".join(
        f"{one['host']} ({one['look_back_time']:.1f} Myr ago, {one['separation']:.0f} pc)"
        for one in passed
    )

"""Monte Carlo draws of what was measured of clusters.

A draw is a function of (seed, cluster's name, number): not of the other clusters, nor of the number
of draws.
"""

import hashlib

import numpy as np


def draw_clusters(table, n_draws, seed):
    """Draw the measured quantities of clusters.

    A draw is a function of (seed, cluster's name, number): not of the other clusters nor of the
    number of draws. Proper motion and RV are normal; distance and log age are normal in the
    logarithm on either side of the median, so that the 16th and 84th percentiles are kept. A
    quantity without error is not scattered (`unknown_errors` of `cluster_list.assess` says which).

    Parameters
    ----------
    table : astropy.table.Table, n rows
        `cluster_list.COLUMNS`.
    n_draws : int
    seed : int

    Returns
    -------
    dict of ndarray, shape (n, 1 + n_draws)
        `pmra`, `pmdec` [mas/yr], `distance` [kpc], `rv` [km/s], `age` [Myr, infinite if unknown];
        number 0 is the catalogue's value.

    Raises
    ------
    ValueError
        If a median is not between its bounds; names the cluster.
    """
    deviates = np.array([_deviates(seed, name, n_draws) for name in table["name"]])
    deviates = np.moveaxis(deviates.reshape(len(table), n_draws + 1, 5), -1, 0)
    drawn = {}
    for quantity, z in zip(("pmra", "pmdec", "rv"), deviates[:3], strict=True):
        error = np.nan_to_num(np.asarray(table[f"{quantity}_error"]))
        drawn[quantity] = np.asarray(table[quantity])[:, None] + error[:, None] * z
    log_distance = [np.log(np.asarray(table[f"distance{end}"])) for end in ("", "_lower", "_upper")]
    drawn["distance"] = np.exp(_two_sided("distance", table["name"], *log_distance, deviates[3]))
    log_age = [np.asarray(table[f"log_age{end}"]) for end in ("", "_lower", "_upper")]
    age = 10 ** (_two_sided("log_age", table["name"], *log_age, deviates[4]) - 6)
    drawn["age"] = np.where(np.isnan(age), np.inf, age)
    return drawn


def _deviates(seed, name, n_draws):
    digest = hashlib.sha256(str(name).encode()).digest()
    rng = np.random.default_rng([seed, *np.frombuffer(digest, np.uint32).tolist()])
    return np.vstack([np.zeros(5), rng.standard_normal((n_draws, 5))])


def _two_sided(quantity, names, median, lower, upper, z):
    wrong = (lower > median) | (upper < median)
    if wrong.any():
        raise ValueError(
            f"cluster {names[np.flatnonzero(wrong)[0]]}: {quantity} is not within its bounds"
        )
    below, above = np.nan_to_num(median - lower)[:, None], np.nan_to_num(upper - median)[:, None]
    return median[:, None] + z * np.where(z < 0, below, above)

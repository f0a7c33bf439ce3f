"""Monte Carlo draws of what was measured. A draw is a function of (seed, star, draw number)."""

import hashlib

import numpy as np
from scipy.special import ndtr, ndtri

from runaways.stars import binaries, distances

# One dimension of the unit cube for each; new ones go to the end.
DIMENSIONS = ("distance", "pmra", "pmdec", "rv", "rv_branch", "age", "phase", "teff", "logg", "mh")
SOBOL_CELL = 2.0**-30  # scipy's Sobol points are multiples of this
PHILOX_WORDS = 4  # 64-bit words of one Philox counter step


def unit_cube(seed, star, first, end, sampler="sobol"):
    """Points of the unit cube for draws ``first`` to ``end - 1`` of one star.

    Parameters
    ----------
    seed : int
        Seed of the run.
    star : str
        Name of the star.
    first, end : int
        Draw numbers.
    sampler : str
        ``sobol`` (scrambled, Owen 1998, 1998ACM....8...71O) or ``monte_carlo``.

    Returns
    -------
    u : ndarray, shape (end - first, len(DIMENSIONS))
        In the open interval (0, 1).
    """
    key = int.from_bytes(hashlib.sha256(f"{seed} {star}".encode()).digest()[:16], "big")
    n = end - first
    if sampler == "sobol":
        from scipy.stats import qmc  # 0.4 s to import: only where it is used

        sequence = qmc.Sobol(len(DIMENSIONS), scramble=True, rng=np.random.default_rng(key))
        if first:  # scipy refuses to go forward by 0
            sequence.fast_forward(first)
        return sequence.random(n) + SOBOL_CELL / 2
    # each draw owns whole counter steps, so that any draw can be reached directly
    steps = -(-len(DIMENSIONS) // PHILOX_WORDS)
    philox = np.random.Philox(key=key)
    philox.advance(first * steps)
    words = np.random.Generator(philox).random((n, steps * PHILOX_WORDS))
    return words[:, : len(DIMENSIONS)] + 2.0**-54


def truncated_normal(u, mean, sigma):
    """Standard deviates of a normal distribution cut off at value 0.

    Parameters
    ----------
    u : ndarray
        Uniform deviates in (0, 1).
    mean, sigma : float
        Of the normal distribution before the cut, in the same unit.

    Returns
    -------
    deviate : ndarray
        In units of sigma, so that ``mean + sigma * deviate > 0``.
    """
    below = ndtr(-mean / sigma)
    return ndtri(below + u * (1 - below))


def draw(u, star, ages=None):
    """Draw distance, proper motion, radial velocity and age of one star.

    Gaussian errors, with the Gaia correlations where the list has them; parallax, distance and
    age are cut off at 0; a radial velocity known up to its sign takes either with equal chance.
    With a prior the distance is of its posterior, which a negative parallax has too. Where
    ``binary_fraction`` is above 0, radial velocities err by orbital motion too.

    Parameters
    ----------
    u : ndarray, shape (n, len(DIMENSIONS))
        As from `unit_cube`.
    star : mapping
        Row with ``parallax`` [mas] or, if it is NaN, ``distance`` [kpc]; ``pmra``, ``pmdec``
        [mas/yr]; ``rv``, ``rv_alternative`` [km/s]; ``age`` [Myr]; their ``<name>_error``; where
        known the correlations, ``prior_length prior_alpha prior_beta`` of `distance_prior`, and
        of a distance with ``bounds_given`` these, ``distance_lower distance_upper`` [kpc]; with a
        ``binary_fraction`` also ``mass`` [solar] and ``rv_error_epoch`` [km/s].
    ages : ndarray, shape (n,), optional
        Ages of the draws where a model gives them from drawn labels [Myr].

    Returns
    -------
    dict of ndarray, shape (n,)
        ``distance`` [kpc], ``pmra``, ``pmdec`` [mas/yr], ``rv`` [km/s], ``rv_branch`` (0 or 1),
        ``age`` [Myr], ``phase`` in (0, 1).
    """
    u = dict(zip(DIMENSIONS, u.T))
    measured = "distance" if np.isnan(star["parallax"]) else "parallax"
    first, distance = _draw_distance(u["distance"], star, measured)
    deviates = np.array([first, ndtri(u["pmra"]), ndtri(u["pmdec"])])
    lower = np.linalg.cholesky(correlation_matrix(star, measured))
    correlated = [sum(lower[i, j] * deviates[j] for j in range(i + 1)) for i in range(3)]
    pmra, pmdec = (
        star[name] + star[f"{name}_error"] * deviate
        for name, deviate in zip(("pmra", "pmdec"), correlated[1:])
    )
    two = np.isfinite(star["rv_alternative"])
    branch = ((u["rv_branch"] >= 0.5) & two).astype(int)
    rv = np.where(branch == 1, star["rv_alternative"], star["rv"])
    if ages is None:
        deviate = truncated_normal(u["age"], star["age"], star["age_error"])
        ages = star["age"] + star["age_error"] * deviate
    return {
        "distance": distance,
        "pmra": pmra,
        "pmdec": pmdec,
        "rv": rv + _rv_offsets(u["rv"], star),
        "rv_branch": branch,
        "age": ages,
        "phase": u["phase"],
    }


def _rv_offsets(u, star):
    """Normal errors, or with those of orbital motion where a star is to have them [km/s]."""
    fraction = star.get("binary_fraction", 0.0)
    if not fraction > 0:
        return star["rv_error"] * ndtri(u)
    return binaries.velocity_offsets(u, star["mass"], star["rv_error_epoch"], fraction)


def _draw_distance(u, star, measured):
    """Standard deviates of what was measured, and distances [kpc], of uniform deviates.

    With a prior the distance comes first. How far its parallax is from the measured one then says
    what to expect of the proper motion, which errs together with it.
    """
    value, error = star[measured], star[f"{measured}_error"]
    prior = [star.get(f"prior_{name}", np.nan) for name in ("length", "alpha", "beta")]
    if measured == "parallax" and np.isfinite(prior[0]):
        distance = distances.posterior(u, value, error, *prior)[0]
        return (1 / distance - value) / error, distance
    if measured == "distance" and star.get("bounds_given", False):
        distance = distances.given(u, value, star["distance_lower"], star["distance_upper"])[0]
        return (distance - value) / error, distance
    first = truncated_normal(u, value, error)
    drawn = value + error * first
    return first, drawn if measured == "distance" else 1 / drawn


def correlation_matrix(star, measured="parallax"):
    """Correlations of (parallax, pmra, pmdec); the identity for a distance or where not given.

    Parameters
    ----------
    star : mapping
        With ``parallax_pmra_corr``, ``parallax_pmdec_corr``, ``pmra_pmdec_corr`` where known.
    measured : str
        ``parallax`` or ``distance``.

    Returns
    -------
    matrix : ndarray, shape (3, 3)

    Raises
    ------
    ValueError
        If the correlations are not those of any covariance matrix.
    """
    matrix = np.eye(3)
    pairs = {"parallax_pmra_corr": (0, 1), "parallax_pmdec_corr": (0, 2), "pmra_pmdec_corr": (1, 2)}
    for name, (i, j) in pairs.items():
        value = star.get(name, np.nan)
        if np.isfinite(value) and (measured == "parallax" or i > 0):
            matrix[i, j] = matrix[j, i] = value
    if np.linalg.eigvalsh(matrix)[0] <= 0:
        raise ValueError("the correlations of parallax, pmra and pmdec make no covariance matrix")
    return matrix

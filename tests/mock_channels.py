"""Star lists of known channel, age and place of ejection, as Gaia and LAMOST would measure them.

Stars are thrown out of mock clusters and the disk, flown to today in the Galaxy, measured and cut.
"""

import numpy as np

from mock_sky import disk_of_clusters
from runaways.ejections.galaxy import Galaxy
from runaways.ejections.mocks import plant
from runaways.ejections.priors import Priors
from runaways.ejections.sources import trace_clusters
from runaways.ejections.surveys import Survey
from runaways.frames import PRESETS
from runaways.orbits import potentials
from runaways.origins import binaries, rotation
from runaways.origins.channels import DES

# of the defaults, but that a channel is all there is, and delays are those of `origins`
ONE = {"dynamical_delay": (1.0, 50.0), "binary_delay": (8.0, 40.0)}
SHARE = 1e-6
SURVEY = Survey(0.03, 0.03, 5.0, 0.3, distance_max=2.5, speed_min=43.0, age_max=100.0)
SPIN, VSINI_ERROR = (0.5, 1.0), 15.0


def companions(number=5000):
    """COSMIC's, of the default configuration."""
    return binaries.evolve_binaries(
        binaries.BinaryPopulation(
            number, "kroupa01", "renzo19", "sana12", 0.1, 0.0, "disberg2025", 1.0, 2.75, 17.7, 0.05
        ),
        seed=1,
    )


def channel_list(kind, n, seed, made=None):
    """A star list.

    Parameters
    ----------
    kind : str
        ``DES`` or ``BSS``.
    n, seed : int
    made : Table, optional
        As from `companions`.

    Returns
    -------
    Table
        A star list with ``vsini``, and the truth in ``true_...``.
    """
    made = companions() if made is None else made
    share = SHARE if kind == DES else 1 - SHARE
    frame = PRESETS["gravity_2021"]
    potential = potentials.potential("Irrgang13I", frame)
    galaxy = Galaxy(potential, 100.0, Priors(binary_share=share, **ONE))
    weight, speed = np.asarray(made["weight"]), np.asarray(made["v_ejection"])
    counted = weight * -np.expm1(-((speed / galaxy.priors.slowest) ** 4))
    edges = np.append(galaxy.speeds.u - 0.5, galaxy.speeds.u[-1] + 0.5)
    galaxy.speeds.pdf[1] = np.histogram(speed, edges, weights=counted / counted.sum())[0]
    clusters = disk_of_clusters(40, frame, seed=4)
    clusters["group"] = ""
    sources = trace_clusters(clusters, galaxy)
    shares = {"cluster": 0.3, "field": 0.7, "stayed": 0.0}
    stars = plant(galaxy, sources, n, seed, SURVEY, shares)
    rng = np.random.default_rng(seed)
    spin = np.interp(rng.random(n), rotation.ORDINARY_BELOW, rotation.ORDINARY_SPEEDS)
    if kind != DES:
        nearest = [np.argsort(np.abs(speed - v))[:20] for v in stars["true_v"]]
        row = np.array([rng.choice(rows, p=weight[rows] / weight[rows].sum()) for rows in nearest])
        fast = np.asarray(made["v_critical"])[row] * rng.uniform(*SPIN, n)
        spin = np.where(np.asarray(made["spun_up"])[row], fast, spin)
    seen = spin * np.sqrt(1 - rng.random(n) ** 2) + VSINI_ERROR * rng.normal(size=n)
    stars["vsini"], stars["vsini_error"] = np.maximum(seen, 0.0), VSINI_ERROR
    return stars

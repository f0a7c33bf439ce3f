"""Companions of supernovae: what a population of binaries leaves behind when its primaries explode.

COSMIC's binary evolution (BSE). A companion leaves with about the speed that it had on its orbit,
once most binaries are wide or the companion is the heavier of the two: most are slow.
"""

import contextlib
import tempfile
import warnings
from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.masses_ages.cosmic import Z_SUN, default_settings

SUPERNOVA = {1: 15, 2: 16}  # COSMIC's `evol_type` of a supernova of star 1, of star 2
MAIN_SEQUENCE = 1  # largest `kstar` of a star that burns hydrogen in its core
REMNANTS = [13, 14]  # `kstar` of what a primary must become: neutron star or black hole
KEPLER_SPEED = 436.8  # km/s, of a circular orbit at the Sun's surface (IAU 2015 nominal values)
LATEST = 100.0  # Myr: no first supernova comes later
LIGHTEST = 7.0  # Msun: of lighter primaries next to none explode
KICKS = {"disberg2025": {"kickflag": 5}, "hobbs2005": {"kickflag": 1, "sigma": 265.0}}


@dataclass(frozen=True)
class BinaryPopulation:
    """What binaries are born like and how they evolve; every number is the configuration's.

    Attributes
    ----------
    binaries : int
        How many are evolved, all with a primary that can explode.
    imf, periods, eccentricities : str
        COSMIC's names of the distributions of primaries' masses, periods and eccentricities.
    q_min : float
        Smallest mass ratio; they are even above it.
    mh : float
        [M/H] [dex].
    kicks : str
        One of `KICKS`.
    common_envelope : float
        Efficiency of a common envelope.
    mass_min, mass_max : float
        Companions that count, when the primary explodes [Msun].
    spun_up_by : float
        Share of its mass that a star has to gain to be spun up (Packet 1981, 1981A&A...102...17P).
    """

    binaries: int
    imf: str
    periods: str
    eccentricities: str
    q_min: float
    mh: float
    kicks: str
    common_envelope: float
    mass_min: float
    mass_max: float
    spun_up_by: float


def evolve_binaries(population, seed):
    """Companions that are on the main sequence when the first star of their binary explodes.

    Parameters
    ----------
    population : BinaryPopulation
    seed : int

    Returns
    -------
    Table
        Table ``binary_companions``: one row for each companion within the masses that count.
        ``weight`` is per binary with a primary that can explode, times the companion's remaining
        life on the main sequence [Myr]: as often is it seen.

    References
    ----------
    Breivik et al. 2020, ApJ 898, 71 (2020ApJ...898...71B); Hurley, Tout & Pols 2002, MNRAS 329,
    897 (2002MNRAS.329..897H).
    """
    initial = _born(population, seed)
    steps, kicks = _evolved(initial, population)
    return _companions(steps, kicks, initial, population)


def _born(population, seed):
    from cosmic.sample.initialbinarytable import InitialBinaryTable

    state = np.random.get_state()  # COSMIC samples with numpy's global generator
    np.random.seed(seed)
    try:
        initial = InitialBinaryTable.sampler(
            "independent",
            REMNANTS,
            list(range(16)),
            primary_model=population.imf,
            porb_model=population.periods,
            ecc_model=population.eccentricities,
            binfrac_model=1.0,
            qmin=population.q_min,
            SF_start=LATEST,
            SF_duration=0.0,
            met=Z_SUN * 10**population.mh,
            zsun=Z_SUN,
            size=population.binaries,
        )[0][: population.binaries]
    finally:
        np.random.set_state(state)
    initial = initial[initial["mass_1"] > LIGHTEST].reset_index(drop=True)
    # each binary its own kicks: COSMIC gives all the seed of the call otherwise
    rng = np.random.default_rng(seed)
    return initial.assign(
        tphysf=LATEST, randomseed=rng.integers(1, 2**30, len(initial)), bin_num=initial.index
    )


def _evolved(initial, population):
    from cosmic.evolve import Evolve
    from schwimmbad import SerialPool

    settings = default_settings(20) | KICKS[population.kicks]
    settings["alpha1"] = [population.common_envelope] * 2
    # Its Fortran writes fort.99 into the working folder; contact at birth is a merger, not news.
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # in this process: COSMIC starts one of its own otherwise
            steps, _, _, kicks = Evolve.evolve(
                initialbinarytable=initial, BSEDict=settings, pool=SerialPool()
            )
    return steps, kicks


def _companions(steps, kicks, initial, population):
    """One row for each first supernova with a companion that counts."""
    exploding = steps[steps["evol_type"].isin(SUPERNOVA.values())]
    first = exploding.sort_values("tphys", kind="stable").drop_duplicates("bin_num")
    first = first.set_index("bin_num")
    # COSMIC lists the kicks of a binary in their order
    events = kicks.drop_duplicates("bin_num").set_index("bin_num").loc[first.index]
    second_lives = (first["evol_type"] == SUPERNOVA[1]).to_numpy()
    born = initial.loc[first.index, ["mass_1", "mass_2"]]

    def of_companion(table, name):
        return np.where(second_lives, table[f"{name}_2"], table[f"{name}_1"])

    unbound = events["disrupted"].to_numpy() == 1
    # of a binary that stays together COSMIC gives its centre's velocity as that of star 1
    alone = np.where(second_lives, events["vsys_2_total"], events["vsys_1_total"])
    mass, age = of_companion(first, "mass"), of_companion(first, "aj")
    gained = mass - of_companion(born, "mass")
    table = Table()
    table["v_ejection"] = np.where(unbound, alone, events["vsys_1_total"])
    table["delay"] = first["tphys"].to_numpy()
    table["mass"] = mass
    radius = of_companion(first, "rad")
    table["v_critical"] = KEPLER_SPEED * np.sqrt(2 / 3 * mass / radius)
    table["mass_gained"] = gained
    table["rejuvenation"] = table["delay"] - age
    table["disrupted"] = unbound
    table["spun_up"] = gained > population.spun_up_by * mass
    table["weight"] = np.maximum(of_companion(first, "tms") - age, 0) / population.binaries
    counts = (of_companion(first, "kstar") <= MAIN_SEQUENCE) & (table["weight"] > 0)
    counts &= (mass >= population.mass_min) & (mass <= population.mass_max)
    return table[counts & np.isfinite(table["v_ejection"])]

"""Spectroscopic distances: real isochrones, real BHB stars, limits of the tension."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.selection.distance_check import (
    FLOWER_BC,
    M_BOL_SUN,
    check_distance,
    distance_tension,
    spectroscopic_distance,
)


def test_absolute_magnitudes_are_those_of_real_isochrones(data):
    """PARSEC main-sequence stars put at 10 pc, 10 to 28 kK."""
    path = data / "parsec" / "cmd37_2024" / "isoch_cmd.dat"
    names = next(line[1:].split() for line in path.open() if line.startswith("# Zini"))
    iso = dict(zip(names, np.loadtxt(path).T, strict=True))
    hot = (iso["label"] == 1) & (iso["logTe"] > 4.0) & (iso["logTe"] < 4.45)
    assert hot.sum() > 300
    args = 10 ** iso["logL"], 10 ** iso["logTe"], iso["Gmag"], np.zeros_like(iso["logL"])
    modulus = 5 * np.log10(100 * spectroscopic_distance(*(a[hot] for a in args)))
    assert abs(np.median(modulus)) < 0.1
    assert np.abs(modulus).max() < 0.25


def test_real_bhb_stars_are_faint_for_their_spectra(data):
    """With 0.6 Msun their gravities give their magnitudes, with a B star's mass far too much."""
    bhb = Table.read(data / "bhb" / "bhb_final.csv", format="ascii.csv")
    bhb = bhb[bhb["teff_adop"] > 8000]
    log_t = np.log10(bhb["teff_adop"])
    # log L = log M + 4 log T - log g, in solar units
    log_l = 4 * (log_t - np.log10(5772)) - bhb["logg_adop"] + 4.438

    def offset(mass):
        m_v = M_BOL_SUN - 2.5 * (log_l + np.log10(mass)) - FLOWER_BC(log_t)
        return np.median(m_v - bhb["abs_mag_gr"])

    assert abs(offset(0.6)) < 0.3
    assert offset(3.0) < -1.2


def test_too_cool_for_the_correction_is_unknown():
    distance = spectroscopic_distance([10.0, 10.0], [7000.0, 9000.0], [8.0, 8.0], [0.0, 0.0])
    assert np.isnan(distance[0]) and np.isfinite(distance[1])


def test_tension_limits():
    # a sharp parallax: the distance's own sigmas
    assert distance_tension([2.0], [0.1], [0.5 * np.exp(0.3)], [1e-6])[0] == pytest.approx(
        3, rel=0.01
    )
    # a sharp distance: the parallax's
    assert distance_tension([2.0], [1e-6], [0.3], [0.1])[0] == pytest.approx(-2, rel=0.01)
    # a negative parallax is evidence like any other
    assert distance_tension([2.0], [1e-6], [-0.1], [0.1])[0] == pytest.approx(-6, rel=0.01)
    assert abs(distance_tension([2.0], [0.3], [-0.1], [0.5])[0]) < 1.3
    assert distance_tension([2.0], [0.1], [0.5], [0.02])[0] == 0


def test_unknown_magnitudes_are_unknown():
    stars = Table(dict(star=["a"], teff=[15000.0], luminosity=[500.0], parallax=[1.0]))
    stars["parallax_error"] = 0.1
    assert check_distance(stars, 3.0)["distance_check"][0] == "unknown"

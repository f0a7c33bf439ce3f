"""Old hot stars against main-sequence stars: mocks of both by real isochrones, real BHB stars."""

import numpy as np
import pytest
from astropy.table import Table

from runaways.masses_ages.parsec import read_parsec
from runaways.selection.distance_check import FLOWER_BC, M_BOL_SUN, check_distance
from runaways.selection.main_sequence import model_stars
from runaways.selection.old_stars import (
    classify,
    luminosity_of_labels,
    luminosity_seen,
    spectroscopic_mass,
)

SHARE, PURITY = 0.3, 0.95
ERRORS = {"logg_error": 0.15, "mh_error": 0.2, "ag_error": 0.05}


@pytest.fixture(scope="module")
def tracks(data):
    return read_parsec(sorted((data / "parsec" / "cmd33_2019").glob("*")))


@pytest.fixture(scope="module")
def young(tracks):
    return model_stars(tracks)


def seen(teff, logg, log_l, mh, distance, rng=None, parallax_error=0.03):
    """Stars as they are measured, with label errors of 5 % and 0.15 dex."""
    teff, logg, log_l, mh, distance = np.broadcast_arrays(teff, logg, log_l, mh, distance)
    n = len(teff)
    errors = np.zeros((4, n)) if rng is None else rng.normal(size=(4, n))
    stars = Table({"star": np.arange(n).astype(str), "distance": distance})
    stars["teff"], stars["teff_error"] = teff * (1 + 0.05 * errors[0]), 0.05 * teff
    stars["logg"], stars["mh"] = logg + 0.15 * errors[1], mh + 0.2 * errors[2]
    for name, value in ERRORS.items():
        stars[name] = np.full(n, value)
    stars["parallax"] = 1 / distance + parallax_error * errors[3]
    stars["parallax_error"], stars["ag"] = parallax_error, 0.3
    m_g = M_BOL_SUN - 2.5 * log_l - FLOWER_BC(np.log10(teff))
    stars["phot_g_mean_mag"] = m_g + 5 * np.log10(100 * distance) + 0.3
    stars["is_bhb"] = False
    return stars


def horizontal_branch(teff, log_l=1.6, mass=0.55):
    """Gravity of half a solar mass: log g = log M + 4 log T - log L, in solar units."""
    return 4.438 + np.log10(mass) + 4 * np.log10(np.asarray(teff) / 5772) - log_l


def test_the_sun_has_the_suns_mass():
    assert spectroscopic_mass([5772.0], [4.438], [1.0])[0] == pytest.approx(1.0)


def test_a_luminosity_is_found_again():
    stars = seen(np.array([9000.0, 20000.0]), 4.0, np.array([1.6, 3.4]), 0.0, 2.0)
    found = luminosity_seen(*(stars[n] for n in ("distance", "phot_g_mean_mag", "ag", "teff")))
    assert np.log10(found) == pytest.approx([1.6, 3.4], abs=1e-9)


def test_horizontal_branch_stars_are_known_at_every_temperature(young):
    teff = np.array([9500.0, 11000.0, 12500.0, 15000.0, 18000.0])
    stars = seen(teff, horizontal_branch(teff), 1.6, -0.2, 1.0)
    found = classify(stars, young, SHARE, PURITY)
    assert (found["p_bhb"] > 0.9).all()
    assert found["mass_spectroscopic"] == pytest.approx(0.55, rel=1e-6)
    assert (found["bhb_evidence"] == "distance").all()


def test_main_sequence_stars_are_not_taken_for_them(young, tracks):
    """500 B stars by a Salpeter mass function, 0.3 to 3 kpc, with all their errors."""
    rng = np.random.default_rng(12)
    teff, mass = np.asarray(tracks["teff"]), np.asarray(tracks["mass_initial"])
    of_b_type = (teff > 1e4) & (teff < 3.1e4) & (tracks["mh"] > -0.5)
    of_b_type &= np.asarray(tracks["evolutionary_phase"] == 1)
    rows = np.flatnonzero(of_b_type)
    # isochrones are sampled evenly along the sequence, nearly so in log mass
    weight = mass[rows] ** -1.35
    rows = rng.choice(rows, 500, p=weight / weight.sum())
    log_l = np.log10(np.asarray(tracks["luminosity"])[rows])
    logg, mh = (np.asarray(tracks[name])[rows] for name in ("logg", "mh"))
    stars = seen(teff[rows], logg, log_l, mh, rng.uniform(0.3, 3.0, 500), rng)
    assert np.mean(classify(stars, young, SHARE, PURITY)["p_bhb"] < 0.1) > 0.95


def test_real_bhb_stars_are_likely_old(young, data):
    """SDSS stars of Barbosa et al. 2022, their absolute magnitudes put at 1 kpc."""
    bhb = Table.read(data / "bhb" / "bhb_final.csv", format="ascii.csv")
    bhb = bhb[bhb["teff_adop"] > 8500][::8]
    stars = seen(np.array(bhb["teff_adop"]), np.array(bhb["logg_adop"]), 1.6, 0.0, 1.0)
    stars["phot_g_mean_mag"] = np.array(bhb["abs_mag_gr"]) + 10 + stars["ag"]
    stars.remove_columns(["mh", "mh_error"])
    p = classify(stars, young, SHARE, PURITY)["p_bhb"]
    assert len(p) > 150 and np.median(p) > 0.9 and np.mean(p > 0.5) > 0.9


def test_evidence_adds_up(young):
    teff = np.full(5, 12500.0)
    stars = seen(teff, horizontal_branch(teff), 1.6, -0.2, 1.0)
    stars["v_sp"] = [np.nan, 10.0, 300.0, np.nan, np.nan]
    stars["v_sp_error"] = 5.0
    stars["is_bhb"] = [False, False, False, True, True]
    stars["ag"][3] = np.nan
    found = classify(stars, young, SHARE, PURITY)
    p, odds = found["p_bhb"], np.array(found["p_bhb"]) / (1 - np.array(found["p_bhb"]))
    # motion as the disk's clears nobody, a fast one speaks for the halo
    assert odds[1] == pytest.approx(odds[0] * found["ratio_motion"][1])
    assert 0.75 < found["ratio_motion"][1] < 1 < found["ratio_motion"][2]
    assert p[3] == pytest.approx(PURITY) and p[4] > p[3]
    assert found["bhb_evidence"].tolist() == [
        "distance", "distance motion", "distance motion", "catalogue", "distance catalogue"
    ]  # fmt: skip


def test_nothing_known_is_no_probability(young):
    stars = seen(np.full(2, 15000.0), 4.0, 2.5, 0.0, 1.0)
    stars["ag"] = np.nan
    stars["v_sp"], stars["v_sp_error"] = 200.0, 5.0
    found = classify(stars, young, SHARE, PURITY)
    assert np.isnan(found["p_bhb"]).all() and (found["bhb_evidence"] == "motion").all()


def test_luminosities_of_labels_hold_the_truth(young):
    """Stars drawn from the weighted tracks, errors on: 68 % of the truths within the interval."""
    rng = np.random.default_rng(3)
    hot = np.flatnonzero(young["log_teff"] > 4.0)
    rows = rng.choice(hot, 400, p=young["weight"][hot] / young["weight"][hot].sum())
    teff, log_l = 10 ** young["log_teff"][rows], young["log_luminosity"][rows]
    stars = seen(teff, young["logg"][rows], log_l, young["mh"][rows], 1.0, rng)
    found = {name: np.log10(v) for name, v in luminosity_of_labels(stars, young).items()}
    inside = (found["luminosity_lower"] < log_l) & (log_l < found["luminosity_upper"])
    assert 0.6 < inside.mean() < 0.76


def test_a_faint_star_contradicts_its_spectrum(young):
    """The same labels at the luminosity of the main sequence, and at 1.6."""
    teff = np.full(2, 12500.0)
    labels = seen(teff, 4.1, 2.4, 0.0, 1.0)
    own = np.log10(luminosity_of_labels(labels, young)["luminosity"][0])
    stars = seen(teff, 4.1, np.array([own, 1.2]), 0.0, 1.0)
    for name, values in luminosity_of_labels(stars, young).items():
        stars[name] = values
    found = check_distance(stars, 3.0)
    assert found["distance_check"].tolist() == ["agrees", "underluminous"]
    assert abs(found["distance_tension"][0]) < 0.2

"""Old hot stars, on the horizontal branch and past it, that only look like B stars.

Such a star has half a solar mass; one of the main sequence with its temperature and gravity has
several, and is that much more luminous. Parallax, magnitude, log g and Teff tell the two apart:
both are held against the same measurements, the main sequence as stellar tracks have it.
Kinematics and catalogues come on top.
"""

import numpy as np
from astropy.table import Table
from scipy.special import logsumexp

from runaways.selection.distance_check import FLOWER_BC, FLOWER_TEFF_MIN, M_BOL_SUN
from runaways.selection.distance_check import MAGNITUDE_ERROR as BOLOMETRIC_ERROR
from runaways.stars.distance_prior import EDSD_ALPHA, EDSD_BETA
from runaways.tables import column

# IAU 2015 nominal Sun: log g of GM_sun and R_sun [dex of cm/s2], effective temperature [K]
LOGG_SUN, TEFF_SUN = 4.438, 5772.0
# Log of solar masses of horizontal-branch stars and their descendants; assumed: theory has masses
# near 0.6, de Boer et al. 1997, A&A 317, L23, abstract
LOG_MASS, LOG_MASS_SPREAD = np.log10(0.55), 0.06
# Share, mean and spread of log luminosity (solar) on the branch and past it; assumed. M_V = 0.71
# (de Boer 1999, ASP Conf. 167, 129, abstract) is 1.6 at 8500 K.
LUMINOSITIES = ((0.95, 1.55, 0.15), (0.05, 2.6, 0.5))
# Isotropic dispersions of velocities about rotation, in one dimension [km/s], and their shares:
# young stars in disk and runaways, old ones of the thick disk and of the halo, their lag included;
# assumed
YOUNG_SPEEDS = ((0.70, 12.0), (0.25, 60.0), (0.05, 200.0))
OLD_SPEEDS = ((0.5, 60.0), (0.5, 180.0))
# Share of old stars of a list that move as its young ones do: a list selected by speed holds what
# it selects of both. Assumed; so motion alone clears no star.
MOVE_ALIKE = 0.8
EXTINCTION_ERROR = 0.1  # mag, of an extinction listed without; assumed
PRIOR_LENGTH = 1.35  # kpc, of distances that have no prior; as `distance.edsd_length`
_LOG_L = np.linspace(0.5, 4.0, 71)
_LOG_TEFF_STEP = 0.01
_MODULI = np.arange(0.0, 20.0, 0.05)  # mag: 10 pc to 100 kpc
_MAGNITUDES = np.arange(-12.0, 8.0, 0.05)  # absolute, in G
_FAR = 40.0  # exp(-40) is nothing


def spectroscopic_mass(teff, logg, luminosity):
    """Mass of a star from its gravity and radius.

    Parameters
    ----------
    teff, logg, luminosity : array_like, shape (n,)
        [K], [dex of cm/s2], [solar].

    Returns
    -------
    ndarray, shape (n,)
        [solar].
    """
    teff, logg = np.asarray(teff, float), np.asarray(logg, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 10 ** (logg - LOGG_SUN) * luminosity * (TEFF_SUN / teff) ** 4


def luminosity_seen(distance, phot_g_mean_mag, extinction, teff):
    """Luminosity of a star by its distance [kpc] and magnitude [solar]; NaN where unknown."""
    teff, distance = np.asarray(teff, float), np.asarray(distance, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        correction = np.where(teff >= FLOWER_TEFF_MIN, FLOWER_BC(np.log10(teff)), np.nan)
        m_bol = phot_g_mean_mag - extinction - 5 * np.log10(distance) - 10 + correction
        return 10 ** ((M_BOL_SUN - m_bol) / 2.5)


def old_stars_like(young):
    """Model stars on the horizontal branch and past it, as hot as the young ones are.

    Parameters
    ----------
    young : dict
        As from `main_sequence.model_stars`.

    Returns
    -------
    dict of ndarray
        ``log_teff``, ``logg``, ``log_luminosity``, ``weight``.
    """
    edges = np.arange(np.log10(FLOWER_TEFF_MIN), 4.8, _LOG_TEFF_STEP)
    share, _ = np.histogram(young["log_teff"], edges, weights=young["weight"])
    log_teff, log_l = np.meshgrid((edges[1:] + edges[:-1]) / 2, _LOG_L, indexing="ij")
    density = sum(part * _normal(_LOG_L, mean, spread) for part, mean, spread in LUMINOSITIES)
    logg = LOGG_SUN + LOG_MASS + 4 * (log_teff - np.log10(TEFF_SUN)) - log_l
    kept = share > 0
    return {
        "log_teff": log_teff[kept].ravel(),
        "logg": logg[kept].ravel(),
        "log_luminosity": log_l[kept].ravel(),
        "weight": (share[:, None] * density / density.sum())[kept].ravel(),
    }


def _normal(value, mean, sigma):
    return np.exp(-0.5 * ((value - mean) / sigma) ** 2) / sigma


def classify(stars, young, share, purity):
    """How likely each star is an old one.

    Parameters
    ----------
    stars : Table, n rows
        ``star``; as far as known ``teff logg mh`` and their errors [K, dex, dex], ``parallax
        parallax_error`` [mas], ``distance`` [kpc], ``prior_length`` [kpc] ``prior_alpha
        prior_beta``, ``phot_g_mean_mag ag ag_error`` [mag], ``v_sp`` (else ``v_tan``) [km/s] with
        its error, ``is_bhb``.
    young : dict
        As from `main_sequence.model_stars`.
    share : float
        Of old stars among those of a list that look alike.
    purity : float
        Of catalogues: share of their stars that are old.

    Returns
    -------
    Table
        Table ``old_stars``. Without a distance check or a match with a catalogue p_bhb is NaN:
        what is left is the prior.
    """
    hot = young["log_teff"] >= np.log10(FLOWER_TEFF_MIN)
    young = {name: values[hot] for name, values in young.items()}
    models = _prepared(young), _prepared(old_stars_like(young))
    out = Table({"star": stars["star"]})
    seen = luminosity_seen(
        *(column(stars, name) for name in ("distance", "phot_g_mean_mag", "ag", "teff"))
    )
    out["luminosity_seen"] = seen
    out["mass_spectroscopic"] = spectroscopic_mass(
        column(stars, "teff"), column(stars, "logg"), seen
    )
    out["ratio_distance"] = [_ratio_of_distance(star, *models) for star in _rows(stars)]
    out["ratio_motion"] = _ratio_of_motion(stars)
    listed = np.asarray(stars["is_bhb"])
    odds = np.where(listed, purity / (1 - purity), share / (1 - share))
    known = np.isfinite(out["ratio_distance"])
    odds *= np.where(known, out["ratio_distance"], 1.0)
    moves = np.isfinite(out["ratio_motion"])
    odds *= np.where(moves, out["ratio_motion"], 1.0)
    with np.errstate(invalid="ignore"):
        p = np.where(np.isinf(odds), 1.0, odds / (1 + odds))
    out["p_bhb"] = np.where(known | listed, p, np.nan)
    words = zip(
        *(
            np.where(has, word, "")
            for has, word in ((known, "distance"), (moves, "motion"), (listed, "catalogue"))
        )
    )
    out["bhb_evidence"] = [" ".join(filter(None, row)) for row in words]
    return out


def _rows(stars):
    """Rows as plain dicts of numbers; unknown ones are NaN."""
    names = ["teff", "logg", "mh", "parallax", "phot_g_mean_mag", "ag"]
    names += [f"{name}_error" for name in ("teff", "logg", "mh", "parallax", "ag")]
    names += [f"prior_{name}" for name in ("length", "alpha", "beta")]
    columns = [column(stars, name).tolist() for name in names]
    return (dict(zip(names, values)) for values in zip(*columns))


def _prepared(models):
    """Model stars by Teff, with what is needed of each."""
    order = np.argsort(models["log_teff"])
    ready = {name: values[order] for name, values in models.items()}
    ready["teff"] = 10 ** ready["log_teff"]
    ready["magnitude"] = M_BOL_SUN - 2.5 * ready["log_luminosity"] - FLOWER_BC(ready["log_teff"])
    ready["ln_weight"] = np.log(ready["weight"])
    return ready


def _ratio_of_distance(star, young, old):
    """Likelihood of labels, parallax and magnitude as an old star over that as a young one."""
    needed = ("teff", "logg", "parallax", "phot_g_mean_mag", "ag", "teff_error", "logg_error")
    needed += ("parallax_error",)
    if not all(np.isfinite(star[name]) for name in needed):
        return np.nan
    ln_seen = _brightness(star)
    ln_old = _ln_likelihood(star, old, ln_seen, np.hypot(star["logg_error"], LOG_MASS_SPREAD))
    ln_young = _ln_likelihood(star, young, ln_seen, star["logg_error"])
    if np.isfinite(star["mh"] + star["mh_error"]):
        # old stars have any metallicity that the tracks have
        mh = np.unique(young["mh"])
        ln_old += np.log(np.mean(_normal(mh, star["mh"], star["mh_error"])))
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.exp(ln_old - ln_young))


def _brightness(star):
    """ln likelihood of parallax and magnitude over `_MAGNITUDES`, the distance integrated out."""
    prior = {"length": PRIOR_LENGTH, "alpha": EDSD_ALPHA, "beta": EDSD_BETA}
    if np.isfinite(star["prior_length"]):
        prior = {name: star[f"prior_{name}"] for name in prior}
    distance = 10 ** (_MODULI / 5 - 2)
    misfit = (star["parallax"] - 1 / distance) / star["parallax_error"]
    # per modulus: one more power of the distance
    ln_density = (prior["beta"] + 1) * np.log(distance) - 0.5 * misfit**2
    ln_density -= (distance / prior["length"]) ** prior["alpha"]
    matters = ln_density > ln_density.max() - _FAR
    extinction_error = star["ag_error"] if np.isfinite(star["ag_error"]) else EXTINCTION_ERROR
    sigma = np.hypot(extinction_error, BOLOMETRIC_ERROR)
    seen = star["phot_g_mean_mag"] - star["ag"] - _MODULI[matters]
    chi2 = ((_MAGNITUDES[:, None] - seen) / sigma) ** 2
    return logsumexp(ln_density[matters] - 0.5 * chi2, axis=1)


def _ln_likelihood(star, models, ln_seen, logg_error):
    reach = 6 * star["teff_error"]
    first, end = np.searchsorted(models["teff"], [star["teff"] - reach, star["teff"] + reach])
    if first == end:
        return -np.inf
    near = {name: values[first:end] for name, values in models.items()}
    ln = near["ln_weight"] - 0.5 * ((near["teff"] - star["teff"]) / star["teff_error"]) ** 2
    ln -= 0.5 * ((near["logg"] - star["logg"]) / logg_error) ** 2 + np.log(logg_error)
    if "mh" in near and np.isfinite(star["mh"] + star["mh_error"]):
        ln -= 0.5 * ((near["mh"] - star["mh"]) / star["mh_error"]) ** 2 + np.log(star["mh_error"])
    return logsumexp(ln + np.interp(near["magnitude"], _MAGNITUDES, ln_seen))


def _ratio_of_motion(stars):
    """Likelihood of the peculiar speed as an old star over that as a young one."""
    space, sky = column(stars, "v_sp"), column(stars, "v_tan")
    in_space = np.isfinite(space)
    speed = np.where(in_space, space, sky)
    error = np.where(in_space, column(stars, "v_sp_error"), column(stars, "v_tan_error"))
    dimensions = np.where(in_space, 3, 2)

    def density(parts):
        sigmas = [np.hypot(sigma, np.nan_to_num(error)) for _, sigma in parts]
        return sum(
            part * np.exp(-0.5 * (speed / sigma) ** 2) / sigma**dimensions
            for (part, _), sigma in zip(parts, sigmas)
        )

    with np.errstate(divide="ignore", invalid="ignore"):
        return MOVE_ALIKE + (1 - MOVE_ALIKE) * density(OLD_SPEEDS) / density(YOUNG_SPEEDS)


def luminosity_of_labels(stars, young):
    """Luminosity of main-sequence stars by their labels alone.

    Parameters
    ----------
    stars : Table, n rows
        ``teff logg mh`` and their errors.
    young : dict
        As from `main_sequence.model_stars`.

    Returns
    -------
    dict of ndarray, shape (n,)
        ``luminosity``, ``luminosity_lower``, ``luminosity_upper``: quantiles .159, .5, .841
        [solar]; NaN where Teff or log g is unknown or no model star is near.
    """
    order = np.argsort(young["log_luminosity"])
    models = {name: values[order] for name, values in young.items()}
    teff, log_l = 10 ** models["log_teff"], models["log_luminosity"]
    found = np.full((3, len(stars)), np.nan)
    for i, star in enumerate(_rows(stars)):
        chi2 = ((teff - star["teff"]) / star["teff_error"]) ** 2
        chi2 += ((models["logg"] - star["logg"]) / star["logg_error"]) ** 2
        if np.isfinite(star["mh"] + star["mh_error"]):
            chi2 += ((models["mh"] - star["mh"]) / star["mh_error"]) ** 2
        weight = models["weight"] * np.exp(-0.5 * (chi2 - np.nanmin(chi2, initial=np.inf)))
        if not np.nanmin(chi2, initial=np.inf) < _FAR:
            continue
        cumulative = np.cumsum(weight) - weight / 2
        found[:, i] = np.interp(np.array([0.5, 0.159, 0.841]) * weight.sum(), cumulative, log_l)
    names = ("luminosity", "luminosity_lower", "luminosity_upper")
    return dict(zip(names, 10**found))

"""Mass and age of a star as a posterior over model stars.

Each model star is weighed by the likelihood of the star's labels and by priors:

    weight = p(labels | Teff, log g, [M/H]) p(parallax, G, A_G | L, Teff) x IMF x age x [M/H]

times the cell it fills (`model_stars`). The second factor is 1 where one of these is not known.
Where the labels alone leave the age open, as near the zero-age main sequence, the priors decide:
a star spends little of its life there. What it leaves out: rotation, binaries that interacted or
whose light is mixed, horizontal-branch stars and subdwarfs.

References
----------
Jorgensen & Lindegren 2005, A&A 436, 127 (2005A&A...436..127J).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from runaways.masses_ages.masses import QUANTILES
from runaways.masses_ages.model_stars import STEP_LOGG, STEP_LOGTEFF, STEP_MH, ModelStars
from runaways.masses_ages.phases import EVOLVED, PRE_MAIN_SEQUENCE
from runaways.masses_ages.tracks import LABELS
from runaways.stars import photometry

TEFF_SUN = 5772.0  # K, IAU 2015 nominal value
CORRELATIONS = {"teff_logg_corr": (0, 1), "teff_mh_corr": (0, 2), "logg_mh_corr": (1, 2)}
NEGLIGIBLE = 1e-7  # of the largest weight; assumed
# Of a distance where the run names no prior: r^2 exp(-r / L), Astraatmadja & Bailer-Jones 2016
# (2016ApJ...833..119A)
PRIOR = {"prior_length": 1.35, "prior_alpha": 1.0, "prior_beta": 2.0}
EXTINCTION_ERROR = 0.1  # of A_G where none is given; assumed
_N_DISTANCES, _N_MODULI, _REACH = 400, 600, 6.0
_LN10 = np.log(10.0)


@dataclass(frozen=True)
class Priors:
    """What is assumed of the stars a list is drawn from; defaults and sources are in the schema.

    Attributes
    ----------
    imf_slope : float
        Of dN/dM, minus sign left out.
    look_back : float
        Stars formed at a constant rate since then [Myr].
    mh_mean, mh_sigma : float
        Of a normal in [M/H] [dex].
    list_teff, list_slope : float
        Cooler stars [K] are in the list as (Teff / list_teff)^list_slope of their number.
    """

    imf_slope: float
    look_back: float
    mh_mean: float
    mh_sigma: float
    list_teff: float
    list_slope: float

    def weights(self, models: ModelStars) -> np.ndarray:
        """Number of stars that each model star stands for, but for a factor, shape (n,)."""
        formed = np.clip(self.look_back - (models.age - models.age_width / 2), 0, models.age_width)
        number = models.mass_initial.astype(float) ** -self.imf_slope * models.mass_width * formed
        number *= np.exp(-0.5 * ((models.mh - self.mh_mean) / self.mh_sigma) ** 2)
        number *= np.minimum(models.teff / self.list_teff, 1) ** self.list_slope
        return number * models.mh_width


@dataclass(frozen=True)
class Posterior:
    """Model stars that can be a star, by increasing age, with weights that add up to 1.

    Attributes
    ----------
    models : ModelStars
    rows : ndarray of int, shape (m,)
        Of the models.
    weights : ndarray, shape (m,)
    chi2 : float
        Least chi-square of labels, and of the luminosity where known, of any model star.
    """

    models: ModelStars
    rows: np.ndarray
    weights: np.ndarray
    chi2: float

    def values(self, name: str) -> np.ndarray:
        """A quantity of `quantities` of each model star, shape (m,)."""
        if name == "radius":
            luminosity, teff = self.values("luminosity"), self.values("teff")
            return np.sqrt(luminosity) * (TEFF_SUN / teff) ** 2
        return getattr(self.models, name)[self.rows].astype(float)

    def quantiles(self, name: str) -> np.ndarray:
        """15.87, 50 and 84.13 % of a quantity, shape (3,)."""
        values = self.values(name)
        order = np.argsort(values, kind="stable")
        cumulative = np.cumsum(self.weights[order])
        middle = cumulative - self.weights[order] / 2
        return np.interp(np.array(QUANTILES) * cumulative[-1], middle, values[order])

    def share(self, phase: int) -> float:
        """Probability of a phase of evolution."""
        return float(self.weights[self.models.phase[self.rows] == phase].sum())

    def correlation(self) -> float:
        """Of log mass and log age; NaN where one does not vary."""
        logs = np.log10([self.values("mass"), self.values("age")])
        covariance = np.cov(logs, aweights=self.weights, ddof=0)
        norm = np.sqrt(covariance[0, 0] * covariance[1, 1])
        return float(covariance[0, 1] / norm) if norm > 0 else np.nan

    def draw(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mass [Msun] and age [Myr] drawn together, of uniform deviates in (0, 1), shape (n,)."""
        cumulative = np.cumsum(self.weights)
        drawn = np.searchsorted(cumulative, u * cumulative[-1]).clip(max=len(cumulative) - 1)
        return self.values("mass")[drawn], self.values("age")[drawn]


def explain(models: ModelStars, prior: np.ndarray, star) -> Posterior | None:
    """The posterior of one star.

    Parameters
    ----------
    models : ModelStars
    prior : ndarray, shape (n,)
        As from `Priors.weights`.
    star : mapping
        ``teff`` [K], ``logg``, ``mh`` [dex], with ``_error``; where known their correlations
        ``teff_logg_corr teff_mh_corr logg_mh_corr``; ``parallax`` and ``parallax_error`` [mas],
        ``phot_g_mean_mag ag ag_error`` [mag]; ``prior_length`` [kpc] ``prior_alpha prior_beta`` of
        the distance.

    Returns
    -------
    Posterior or None
        None without all three labels and their errors.
    """
    labels = np.array([star[name] for name in LABELS], float)
    covariance = label_covariance(star)
    if not np.isfinite(labels).all() or covariance is None:
        return None
    # the grid's own steps
    steps = np.array([STEP_LOGTEFF * _LN10 * labels[0], STEP_LOGG, STEP_MH])
    inverse = np.linalg.inv(covariance + np.diag(steps**2 / 12))
    off = [getattr(models, name) - np.float32(x) for name, x in zip(LABELS, labels)]
    chi2 = sum(np.float32(inverse[i, j]) * off[i] * off[j] for i in range(3) for j in range(3))
    luminous = luminosity_likelihood(star)
    if luminous is not None:
        chi2 = chi2 - 2 * luminous(photometry.absolute_magnitude(models.luminosity, models.teff))
    possible = prior > 0
    least = chi2[possible].min()
    weights = prior * np.exp(-0.5 * (chi2 - least).astype(float))
    rows = np.flatnonzero(weights > NEGLIGIBLE * weights.max())
    return Posterior(models, rows, weights[rows] / weights[rows].sum(), float(least))


def label_covariance(star) -> np.ndarray | None:
    """Covariance of Teff, log g and [M/H], shape (3, 3); None where an error is not known.

    Correlations that are unknown, or those of no covariance matrix, count as 0.
    """
    errors = np.array([star[f"{name}_error"] for name in LABELS], float)
    if not (errors >= 0).all():
        return None
    matrix = np.eye(3)
    for name, (i, j) in CORRELATIONS.items():
        matrix[i, j] = matrix[j, i] = np.nan_to_num(star.get(name, 0.0))
    if np.linalg.eigvalsh(matrix)[0] < 0:
        matrix = np.eye(3)
    return matrix * np.outer(errors, errors)


def has_luminosity(star) -> bool:
    """Whether parallax, its error, magnitude and extinction of a star are known."""
    names = ("parallax", "parallax_error", "phot_g_mean_mag", "ag")
    return bool(np.isfinite([star.get(name, np.nan) for name in names]).all())


def luminosity_likelihood(star):
    """ln p(parallax, G, A_G | absolute magnitude), as a function; None where not `has_luminosity`.

    The distance is integrated over: how well it suits the parallax, the magnitude, and its prior.
    0 at its greatest.
    """
    if not has_luminosity(star):
        return None
    parallax, error = star["parallax"], star["parallax_error"]
    near, far = (1 / max(parallax + k * _REACH * error, 0.01) for k in (1, -1))
    distance = np.geomspace(near, far, _N_DISTANCES)  # kpc
    given = all(np.isfinite(star.get(name, np.nan)) for name in PRIOR)
    length, alpha, beta = ((star if given else PRIOR)[name] for name in PRIOR)
    # per d ln(distance)
    density = (beta + 1) * np.log(distance) - (distance / length) ** alpha
    density -= 0.5 * ((1 / distance - parallax) / error) ** 2
    moduli = 5 * np.log10(distance) + 10
    sigma = magnitude_error(star)
    magnitudes = np.linspace(-15, 10, _N_MODULI)
    off = star["phot_g_mean_mag"] - star["ag"] - magnitudes[:, None] - moduli
    values = np.logaddexp.reduce(density - 0.5 * (off / sigma) ** 2, axis=1)
    values -= values.max()
    return lambda magnitude: np.interp(magnitude, magnitudes, values)


def magnitude_error(star) -> float:
    """Error of extinction, bolometric correction and passband together [mag]."""
    error = star.get("ag_error", np.nan)
    error = error if np.isfinite(error) else EXTINCTION_ERROR * abs(star["ag"])
    return float(np.hypot(error, photometry.MAGNITUDE_ERROR))


def with_fit_correlations(stars: Table, fits: Table) -> Table:
    """The correlations of labels that were fitted, as far as those fits make their errors.

    Parameters
    ----------
    stars : Table
        ``star``, and labels with the errors that count (of the fit, and external ones).
    fits : Table
        Table ``label_fits``: a star's labels are those of the fit with its Teff.

    Returns
    -------
    Table
        The stars with ``teff_logg_corr teff_mh_corr logg_mh_corr``; NaN where no fit is theirs.
    """
    out = stars.copy()
    for name in CORRELATIONS:
        out[name] = np.full(len(stars), np.nan)
    for i, star in enumerate(stars):
        mine = (fits["star"] == star["star"]) & (fits["teff"] == star["teff"])
        for fit in fits[np.flatnonzero(mine)[:1]]:
            share = [fit[f"{name}_error"] / star[f"{name}_error"] for name in LABELS]
            for name, (a, b) in CORRELATIONS.items():
                out[name][i] = fit[name] * share[a] * share[b]
    return out


def summarise(models: ModelStars, prior: np.ndarray, stars: Table) -> Table:
    """What the posteriors say of stars, under the names of the catalogue.

    Parameters
    ----------
    models, prior
        As for `explain`.
    stars : Table
        n rows, as for `explain`.

    Returns
    -------
    Table
        n rows; medians, 15.87 and 84.13 %. ``luminosity`` is by the labels alone, so that it can
        be held against the parallax.
    """
    rows = []
    for row in stars:
        star = dict(zip(stars.colnames, row))
        posterior = explain(models, prior, star)
        alone = posterior
        if posterior is not None and has_luminosity(star):
            alone = explain(models, prior, star | {"parallax": np.nan})
        found = {"masses_from": _taken(posterior, star)}
        for name, (of, quantity) in _intervals(posterior, alone).items():
            values = np.full(3, np.nan) if of is None else of.quantiles(quantity)
            found |= _interval(name, values)
        for name, value in SINGLE.items():
            found[name] = np.nan if posterior is None else value(posterior)
        rows.append(found)
    return Table(rows=rows)


SINGLE = {
    "mass_age_correlation": Posterior.correlation,
    "p_pre_main_sequence": lambda posterior: posterior.share(PRE_MAIN_SEQUENCE),
    "p_evolved": lambda posterior: posterior.share(EVOLVED),
    "tracks_chi2": lambda posterior: posterior.chi2,
}


def _intervals(posterior, alone) -> dict:
    names = ("mass", "age", "luminosity", "logg")
    columns = {f"{name}_posterior": (posterior, name) for name in names}
    return columns | {
        "radius_posterior": (posterior, "radius"),
        "luminosity": (alone, "luminosity"),
    }


def _taken(posterior, star) -> str:
    if posterior is None:
        return ""
    return "labels, parallax" if has_luminosity(star) else "labels"


def _interval(name: str, values: np.ndarray) -> dict:
    return dict(zip((f"{name}_lower", name, f"{name}_upper"), map(float, values)))

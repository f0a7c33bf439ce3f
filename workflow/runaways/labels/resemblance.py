"""Does a star look like the grid its labels come from? Goodness of fit by line region, and type.

A fit always ends at some labels. Whether they mean anything is asked twice: of the residuals, and
of the subtype, which knows standards from O8 to K7 where the grid knows hot stars alone.
"""

from dataclasses import dataclass

import numpy as np

from runaways.spectra.wavelengths import vacuum_to_air

#: What models and continuum leave of a star that is like the grid, as a share of the continuum and
#: correlated over a line. Best fits of the LTE stand-in to the MK standards O9 to B9 leave an rms
#: of 0.6 to 1.5 % for classes V to Ib, to 2.4 % for Ia; to A1 V to 1.4 %, and 5.7 % for F0 V.
MODEL_ERROR = 0.025
CLIP = 25.0  # a pixel counts no more than 5 sigma: a cosmic ray is no reason to refuse a star
MIN_PIXELS = 8  # of a region
#: Line regions [Angstrom, air]. Ca II H and K are left out: they may be interstellar.
REGIONS = {
    "He I 4026": (4012.0, 4040.0),
    "H delta": (4075.0, 4130.0),
    "He I 4144": (4134.0, 4155.0),
    "Ca I 4227": (4212.0, 4245.0),
    "the G band": (4281.0, 4317.0),
    "H gamma": (4317.0, 4364.0),
    "He I 4388": (4374.0, 4404.0),
    "He I 4471": (4455.0, 4495.0),
    "Fe 4531": (4510.0, 4580.0),
    "H beta": (4830.0, 4895.0),
    "He I 4922": (4910.0, 4935.0),
    "He I 5016": (5000.0, 5035.0),
    "Mg b": (5155.0, 5195.0),
    "Fe 5270": (5245.0, 5285.0),
    "H alpha": (6535.0, 6590.0),
    "He I 6678": (6665.0, 6692.0),
}
METALS = ("Ca I 4227", "the G band", "Fe 4531", "Mg b", "Fe 5270")  # strong in F to K stars


@dataclass(frozen=True)
class Misfit:
    """How far a best fit is from its spectrum; 1 is what noise and `MODEL_ERROR` explain.

    Attributes
    ----------
    total : float
        Mean square of the residuals over noise and model error, all pixels used; NaN without a fit.
    region : str
        The line region that is worst, a key of `REGIONS`, "" where none is covered ...
    worst : float
        ... and its own mean square.
    """

    total: float = np.nan
    region: str = ""
    worst: float = np.nan


def misfit(fit, wave, flux, ivar) -> Misfit:
    """The residuals of a fit, region by region.

    Parameters
    ----------
    fit : LabelFit
    wave : array_like, shape (n_pixel,)
        Vacuum wavelengths at rest [A], those of the fit; so are the next.
    flux, ivar : array_like, shape (n_pixel,)

    Returns
    -------
    Misfit
        A mean square of correlated residuals has the same expectation as one of independent ones,
        so the model's error may be correlated over a line, as it is.
    """
    use = np.asarray(fit.used, bool)
    if not use.any():
        return Misfit()
    level = fit.continuum[use]
    residual = (np.asarray(flux)[use] - fit.model[use]) / level
    variance = 1.0 / (np.asarray(ivar)[use] * level**2) + MODEL_ERROR**2
    square = np.minimum(residual**2 / variance, CLIP)
    air = vacuum_to_air(np.asarray(wave, float)[use])
    inside = {name: (air > low) & (air < high) for name, (low, high) in REGIONS.items()}
    means = {n: float(square[at].mean()) for n, at in inside.items() if at.sum() >= MIN_PIXELS}
    worst = max(means, key=means.get, default="")
    return Misfit(float(square.mean()), worst, means.get(worst, np.nan))


@dataclass(frozen=True)
class Limits:
    """What a star must pass for its labels to count.

    Attributes
    ----------
    p_hot_min : float
        Least probability of a type earlier than A2; 0 to ask for none.
    misfit_max, region_misfit_max : float
        Largest `Misfit.total` and `Misfit.worst`.
    emission : bool
        Whether stars with Balmer emission are refused.
    coolest : float
        The grid is not meant for cooler stars [K]: how they are fitted is not asked.
    """

    p_hot_min: float = 0.95
    misfit_max: float = 2.0
    region_misfit_max: float = 4.0
    emission: bool = True
    coolest: float = 0.0


NO_LIMITS = Limits(0.0, np.inf, np.inf, False)


def veto(fit, limits: Limits = NO_LIMITS) -> str:
    """Why the labels of a fit do not count, or "".

    Parameters
    ----------
    fit : Row or dict
        A row of table ``label_fits``.
    limits : Limits

    Returns
    -------
    str
        What the star looks like, and how that was seen. A type that could not be told, as without
        a low-resolution spectrum, refuses only what lies outside the grid as well.
    """
    p_hot, cool = float(fit["p_hot_star"]), str(fit["cool_type"])
    if p_hot < limits.p_hot_min:
        says = "looks like" if p_hot < 0.5 else "may be"
        return f"{says} {cool}: P(earlier than A2) is {p_hot:.2f}"
    if limits.emission and "emission" in str(fit["subtype_flags"]).split():
        return "Balmer emission"
    total, worst = float(fit["misfit"]), float(fit["region_misfit"])
    near = fit["teff"] <= limits.coolest
    if not near and (total > limits.misfit_max or worst > limits.region_misfit_max):
        kind = f", though of type {fit['subtype']}" if fit["subtype"] else ""
        if not kind and fit["misfit_region"] in METALS:
            kind = ", maybe an F to K star"
        where = f", {np.sqrt(worst):.1f} in {fit['misfit_region']}" if fit["misfit_region"] else ""
        return f"unlike the grid{kind}: residuals {np.sqrt(total):.1f} of those expected{where}"
    if limits.p_hot_min > 0 and not np.isfinite(p_hot) and fit["extrapolated"]:
        return "outside the grid, and of unknown type"
    return ""

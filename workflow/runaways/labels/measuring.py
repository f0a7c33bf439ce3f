"""Labels of one spectrum, fitted; the fit as rows of tables."""

from dataclasses import replace

import numpy as np
from astropy.table import Table

from runaways.emulators.emulator import Emulator
from runaways.labels.fit import PARAMETERS, FitSettings, LabelFit, fit_labels
from runaways.labels.names import LABELS, ROTATION
from runaways.labels.resemblance import Misfit, misfit
from runaways.spectra.normalisation import normalise
from runaways.spectra.spectral_grid import segments
from runaways.spectra.spectrum import Spectrum

PAIRS = [(a, b) for i, b in enumerate(LABELS) for a in LABELS[:i]]
# of table ``subtypes``, what a star without one has
UNKNOWN = {"subtype": "", "subtype_flags": "", "p_hot_star": np.nan, "cool_type": ""}
# km/s: the velocity may move by 3 of its errors in the fit, and within these limits
LEAST_FREEDOM, MOST_FREEDOM = 5.0, 100.0


def measure_labels(
    emulator: Emulator,
    spectrum: Spectrum,
    rv: float,
    rv_error: float,
    mode: str = "joint",
    **settings,
) -> tuple[LabelFit, Spectrum]:
    """Labels of one spectrum at rest.

    Parameters
    ----------
    emulator : Emulator
        Of the spectrum's instrument; for ``spline``, trained on models treated alike.
    spectrum : Spectrum
        At rest, vacuum; ``meta["line_spread"]`` where its own is known.
    rv, rv_error : float
        What it was shifted by, and how well that is known [km/s].
    mode : {"joint", "spline"}
    **settings
        Of `FitSettings`: ``resolution_error``, ``luminosity_class`` and others.

    Returns
    -------
    fit : LabelFit
    spectrum : Spectrum
        As fitted: in ``spline`` mode cut to the emulator's windows and normalised there.
    """
    if mode == "spline":
        spectrum = _normalised(spectrum, emulator)
    settings = {"line_spread": spectrum.meta.get("line_spread")} | settings
    freedom = float(np.clip(3.0 * rv_error, LEAST_FREEDOM, MOST_FREEDOM))
    fit = fit_labels(
        emulator,
        spectrum.wave,
        spectrum.flux,
        np.where(spectrum.mask, 0.0, spectrum.ivar),
        FitSettings(mode, rv_max=freedom, shifted_by=rv, **settings),
    )
    return fit, spectrum


def _normalised(spectrum: Spectrum, emulator: Emulator) -> Spectrum:
    """The spectrum over its spline continuum, each window by itself as the models were.

    Without a continuum every pixel is masked, and the fit says how few are left.
    """
    inside = np.zeros(len(spectrum), bool)
    for part in segments(emulator.wave):
        low, high = emulator.wave[part][[0, -1]]
        inside |= (spectrum.wave >= low) & (spectrum.wave <= high)
    columns = (getattr(spectrum, name)[inside] for name in ("wave", "flux", "ivar", "mask"))
    cut = Spectrum(*columns, spectrum.medium, spectrum.frame, spectrum.meta)
    try:
        return normalise(cut)
    except ValueError:
        return replace(cut, mask=np.ones(len(cut), bool))


def as_row(fit: LabelFit | None, spectrum: Spectrum | None = None, subtype=None) -> dict:
    """A fit as a row of table ``label_fits``, but for ``star`` and ``arm``.

    Parameters
    ----------
    fit : LabelFit or None
        None: there is no spectrum.
    spectrum : Spectrum, optional
        As fitted, from `measure_labels`; without it how well it is fitted is unknown.
    subtype : Row or dict, optional
        The star's row of table ``subtypes``.

    Returns
    -------
    dict
    """
    if fit is None:
        nothing = dict.fromkeys(PARAMETERS, np.nan)
        fit = LabelFit(nothing, nothing, np.full((5, 5), np.nan), reason="no spectrum")
    row = {name: fit.values[name] for name in LABELS}
    row |= {f"{name}_error": fit.errors[name] for name in LABELS}
    row |= {"rv_residual": fit.values["rv"], "rv_residual_error": fit.errors["rv"]}
    row |= {name: getattr(fit, name) for name in (*ROTATION, "chi2", "n_pixels", "extrapolated")}
    sigma = np.sqrt(np.diag(fit.covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = fit.covariance / np.outer(sigma, sigma)
    for a, b in PAIRS:
        row[f"{a}_{b}_corr"] = correlation[PARAMETERS.index(a), PARAMETERS.index(b)]
    far = Misfit() if spectrum is None else misfit(fit, spectrum.wave, spectrum.flux, spectrum.ivar)
    row |= {"misfit": far.total, "misfit_region": far.region, "region_misfit": far.worst}
    row |= {name: UNKNOWN[name] if subtype is None else subtype[name] for name in UNKNOWN}
    return row | {"labels_reason": fit.reason}


def as_pixels(star: str, arm: str, fit: LabelFit, spectrum: Spectrum) -> Table:
    """A fit as rows of table ``best_fits``."""
    n = len(spectrum)
    out = Table({"star": [star] * n, "arm": [arm] * n, "wave": spectrum.wave})
    out["flux"], out["ivar"] = spectrum.flux, np.where(spectrum.mask, 0.0, spectrum.ivar)
    out["model_flux"], out["continuum"], out["used"] = fit.model, fit.continuum, fit.used
    return out

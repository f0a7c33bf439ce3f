"""Stellar labels from one spectrum: bounded, robust least squares with analytic derivatives.

Two treatments of the continuum. ``joint`` (the default) takes the spectrum as observed and solves
the continuum, a cubic B-spline, inside the fit by variable projection: for given labels it is a
linear problem, and its uncertainty ends up in the covariance. ``spline`` takes a normalised
spectrum and a model grid normalised in exactly the same way (the paper's spline mode).
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from scipy.optimize import brentq

from runaways.emulators.emulator import Emulator
from runaways.labels.continuum import JointContinuum, continuum_basis
from runaways.labels.model import SpectralModel
from runaways.labels.solver import LabelProblem, minimise
from runaways.spectra.broadening import LIMB_DARKENING
from runaways.spectra.instruments import INSTRUMENTS
from runaways.spectra.line_spread import LineSpread
from runaways.spectra.spectral_grid import segments
from runaways.spectra.wavelengths import C_KMS, air_to_vacuum

PARAMETERS = ("teff", "logg", "mh", "vsini", "rv")
# Diffuse interstellar bands masked in the fit (Guo et al. 2025, sect. 3.2): centre and half width
# [A, air]; half widths after the profiles of Hobbs et al. (2008ApJ...680.1256H), with a margin.
DIFFUSE_BANDS = ((4428.0, 22.0), (5780.5, 6.0), (6195.9, 4.0), (6283.8, 9.0), (6613.6, 5.0))
SPREADS = {arm.survey: arm.line_spread for arm in INSTRUMENTS.values()}
# Macroturbulence as the Gaussian dispersion of its typical star [km/s] by luminosity class, about
# half the radial-tangential velocity. Simon-Diaz et al. (2017A&A...597A..22S) find a large one in
# all O stars and B supergiants, a mixture in B dwarfs and giants; the numbers are assumed.
MACROTURBULENCE = {"V": 12.0, "IV": 12.0, "III": 25.0, "II": 35.0, "Ib": 40.0, "Ia": 40.0}
DWARF, GIANT = 3.9, 3.3  # least log g; assumed, where no class is known
# Of the power of wavelength of a width that is stated at one: 0 is one width in Angstrom, as a
# grating makes it, 1 one resolving power, as is often taken; assumed
TREND_ERROR = 1.0
UNSTATED_ERROR = 0.3  # of the width in a camera for which none is stated; assumed
PROFILE_STEPS = 8
VSINI_TOLERANCE = 0.5  # km/s, of the ends of an interval
RESOLVED = 3.0  # sigmas by which no rotation must be worse for a v sin i to be more than a limit
MIN_PIXELS = 30  # assumed: a few for each unknown


@dataclass(frozen=True)
class FitSettings:
    """How a spectrum is fitted.

    Attributes
    ----------
    mode : {"joint", "spline"}
        Treatment of the continuum.
    fixed : dict
        Parameters held, e.g. ``{"vsini": 0.0}``.
    vsini_starts : tuple of float
        Rotations the fit is started from [km/s]; the best end wins. From slow to fast: what starts
        far off may end in another minimum.
    vsini_max, rv_max : float
        Bounds [km/s]; the residual velocity is fitted between -rv_max and rv_max, held at 0 if 0.
        Few B stars rotate faster than 400 km/s.
    continuum_spacing : float
        Knots of the continuum [A], for ``joint``; assumed: a Balmer line fits between two.
    bands : tuple of (float, float)
        Interstellar bands to mask: see `band_mask`.
    shifted_by : float
        Velocity by which the spectrum was shifted to rest [km/s].
    edge : float
        Strip not used at either end of the emulator's segments [A]: rotation and shift need flux
        from beyond a pixel, 4 A is 270 km/s at 4471 A.
    model_error : bool
        Add the emulator's hold-out variance to the noise.
    loss_scale : float
        soft_l1 turns from square to linear here, in sigmas (scipy's f_scale).
    line_spread : LineSpread, optional
        Of the spectrum; by default that of the instrument whose emulator it is, if it says so. An
        emulator of no instrument is taken to be as sharp as the spectrum.
    resolution_error : float
        Relative error of that width in a camera for which it is stated, marginalised, as are that
        of another camera and, for a width stated at one wavelength alone, the power of wavelength
        by which it changes. 0 for a width that is known.
    luminosity_class : str, optional
        Decides the prior of macroturbulence, which is marginalised; "" to go by the fitted log g,
        None for no macroturbulence.
    limb_darkening : float
        Linear coefficient.
    tolerance : float
        Stop when no internal (order one) coordinate moves by more.
    max_iterations : int
        Per start.

    Raises
    ------
    ValueError
        For an unknown mode or parameter.
    """

    mode: str = "joint"
    fixed: dict = field(default_factory=dict)
    vsini_starts: tuple = (10.0, 60.0, 150.0, 300.0)
    vsini_max: float = 400.0
    rv_max: float = 0.0
    continuum_spacing: float = 120.0
    bands: tuple = DIFFUSE_BANDS
    shifted_by: float = 0.0
    edge: float = 4.0
    model_error: bool = True
    loss_scale: float = 1.0
    line_spread: LineSpread | None = None
    resolution_error: float = 0.1
    luminosity_class: str | None = ""
    limb_darkening: float = LIMB_DARKENING
    tolerance: float = 1e-5
    max_iterations: int = 40

    def __post_init__(self):
        if self.mode not in ("joint", "spline"):
            raise ValueError(f"mode {self.mode!r} is neither 'joint' nor 'spline'")
        if unknown := set(self.fixed) - set(PARAMETERS):
            raise ValueError(f"cannot fix {sorted(unknown)[0]!r}; parameters are {PARAMETERS}")


DEFAULTS = FitSettings()


@dataclass(frozen=True)
class LabelFit:
    """Labels of one spectrum.

    Attributes
    ----------
    values, errors : dict of float
        By parameter: teff [K], logg, mh, vsini [km/s], rv [km/s]; nan errors where fixed. All nan
        when `reason` says why there is no fit.
    covariance : numpy.ndarray, shape (5, 5)
        Of teff, logg, mh, vsini**2, rv; zero rows where fixed. The continuum is marginalised.
    vsini_lower, vsini_upper : float
        68 % interval [km/s]: where the likelihood, maximal over all else, has fallen by one sigma;
        from 0 where the rotation is not resolved.
    vsini_is_limit : bool
        No rotation is within three sigma of the best: `vsini_limit` is what counts.
    vsini_limit : float
        95 % upper limit [km/s].
    extrapolated : bool
        The labels lie outside the hull of the training labels or at a bound.
    chi2, n_pixels : float, int
        Chi square with model errors, and pixels used.
    model, continuum : numpy.ndarray, shape (n_pixel,)
        Best fit (continuum included) and continuum, nan where not covered.
    used : numpy.ndarray of bool, shape (n_pixel,)
    reason : str
        Empty, or why there are no labels.
    """

    values: dict
    errors: dict
    covariance: np.ndarray
    vsini_lower: float = np.nan
    vsini_upper: float = np.nan
    vsini_is_limit: bool = False
    vsini_limit: float = np.nan
    extrapolated: bool = False
    chi2: float = np.nan
    n_pixels: int = 0
    iterations: int = 0
    model: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)
    continuum: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)
    used: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool), repr=False)
    reason: str = ""


def macroturbulence(luminosity_class: str | None, logg: float) -> tuple[float, float]:
    """Prior of the variance of macroturbulence: mean and deviation [(km/s)^2].

    That of the square of a normal velocity whose rms is typical of the class.

    Parameters
    ----------
    luminosity_class : str or None
        "" for that of the surface gravity, None for no macroturbulence.
    logg : float
        [log10 cm/s2].
    """
    if luminosity_class is None:
        return 0.0, 0.0
    by_gravity = "V" if logg >= DWARF else "III" if logg >= GIANT else "Ib"
    square = MACROTURBULENCE.get(luminosity_class or by_gravity, MACROTURBULENCE["III"]) ** 2
    return square, np.sqrt(2.0) * square


def _prior(spectral: SpectralModel, settings: FitSettings, logg: float):
    """Mean and deviation of the nuisances of `SpectralModel.evaluate`."""
    variance, deviation = macroturbulence(settings.luminosity_class, logg)
    mean, width = spectral.as_expected, np.zeros_like(spectral.as_expected)
    mean[-1], width[-1] = variance, deviation
    if settings.resolution_error > 0:
        width[:-2] = np.where(spectral.stated, settings.resolution_error, UNSTATED_ERROR)
        width[-2] = TREND_ERROR
    return mean, width


def band_mask(wave: np.ndarray, bands=DIFFUSE_BANDS, rv: float = 0.0) -> np.ndarray:
    """Pixels inside interstellar bands, which stay behind when the star is shifted to rest.

    Parameters
    ----------
    wave : array_like, shape (n,)
        Vacuum wavelengths in the star's rest frame [A].
    bands : sequence of (float, float)
        Centre (air) and half width [A].
    rv : float
        Radial velocity by which the spectrum was shifted [km/s].

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
    """
    observed = np.asarray(wave, dtype=float) * (1.0 + rv / C_KMS)
    mask = np.zeros(len(observed), dtype=bool)
    for centre, half_width in bands:
        mask |= np.abs(observed - float(air_to_vacuum(centre))) < half_width
    return mask


def _first_guess(problem: LabelProblem, vsini: float) -> np.ndarray:
    """Training labels whose spectrum, rotated to `vsini`, fits best with its own continuum."""
    spectral, continuum = problem.spectral, problem.continuum
    emulator = spectral.emulator
    models = spectral.observe(emulator.training_flux, vsini)
    # some 1200 pixels do for a guess, and the sums below take time and memory in proportion
    stride = 1 if continuum.basis is None else max(1, models.shape[1] // 1200)
    models, flux, weight = (a[..., ::stride] for a in (models, continuum.flux, problem.ivar))
    if continuum.basis is None:
        return emulator.labels[np.argmin(models**2 @ weight - 2.0 * models @ (weight * flux))]
    basis = continuum.basis[::stride]
    n = basis.shape[1]
    pairs = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), n * n)
    normal = ((models**2 * weight) @ pairs).reshape(-1, n, n)
    normal += 1e-9 * np.trace(normal, axis1=1, axis2=2)[:, None, None] * np.eye(n)
    right = (models * (weight * flux)) @ basis
    solution = np.linalg.solve(normal, right[..., None])[..., 0]
    return emulator.labels[np.argmin(-(solution * right).sum(axis=1))]


def _no_fit(reason: str, n: int) -> LabelFit:
    nan = dict.fromkeys(PARAMETERS, np.nan)
    empty = np.full(n, np.nan)
    return LabelFit(nan, dict(nan), np.full((5, 5), np.nan), model=empty, continuum=empty.copy(),
                    used=np.zeros(n, dtype=bool), reason=reason)  # fmt: skip


def fit_labels(
    emulator: Emulator,
    wave: np.ndarray,
    flux: np.ndarray,
    ivar: np.ndarray,
    settings: FitSettings = DEFAULTS,
) -> LabelFit:
    """Fit teff, logg, mh and v sin i (and a residual velocity) to one spectrum.

    Parameters
    ----------
    emulator : Emulator
        Trained at the resolving power of the spectrum; for ``spline``, on models normalised as
        the spectrum is.
    wave : array_like, shape (n_pixel,)
        Vacuum wavelengths in the star's rest frame [A].
    flux, ivar : array_like, shape (n_pixel,)
        Flux and inverse variance; pixels that are not finite or have ivar <= 0 are not used.
    settings : FitSettings

    Returns
    -------
    LabelFit
        With `reason` set, and nan, when there is nothing to fit. Never raises for bad data.

    Raises
    ------
    ValueError
        For arrays of different lengths.

    Notes
    -----
    The residual velocity matters when the spectrum was shifted with an error comparable to its
    resolution. In ``spline`` mode rotation is applied to normalised models, which is not quite the
    same as normalising rotated ones; ``joint`` has no such approximation.

    References
    ----------
    Golub & Pereyra (1973, SIAM J. Numer. Anal. 10, 413), variable projection, in Kaufman's form.
    The loss is that of Zhang, Liu & Deng (2020ApJS..246....9Z).
    """
    wave, flux, ivar = (np.asarray(a, dtype=float) for a in (wave, flux, ivar))
    if not len(wave) == len(flux) == len(ivar):
        raise ValueError(f"wave, flux, ivar have lengths {len(wave)}, {len(flux)}, {len(ivar)}")

    used = _usable_pixels(emulator, wave, flux, ivar, settings)
    limits = _limits(emulator, settings)
    spread = settings.line_spread or SPREADS.get(emulator.meta.get("survey"))
    spectral = SpectralModel(emulator, wave[used], settings.limb_darkening, spread)
    basis = None
    joint = settings.mode == "joint"
    if joint and used.sum() >= MIN_PIXELS:
        basis = continuum_basis(wave[used], spectral.segment, settings.continuum_spacing)
    unknowns = int((limits[0] < limits[1]).sum()) + (0 if basis is None else basis.shape[1])
    if used.sum() < max(MIN_PIXELS, 3 * unknowns):
        return _no_fit(f"only {int(used.sum())} usable pixels for {unknowns} unknowns", len(wave))
    level = float(np.median(flux[used])) if joint else 1.0
    if not level > 0:
        return _no_fit("the median flux is not positive", len(wave))

    noise = ivar[used] * level**2
    if settings.model_error:
        noise = 1.0 / (1.0 / noise + spectral.variance)
    continuum = JointContinuum(flux[used] / level, basis)
    known = spectral, continuum, noise, limits, settings.loss_scale
    problem = LabelProblem(*known, _prior(spectral, settings, GIANT))
    starts = sorted({float(np.clip(v, limits[0][3], limits[1][3])) for v in settings.vsini_starts})
    try:
        guess = _first_guess(problem, starts[len(starts) // 2])
        ends = []
        for vsini in starts:
            values = np.clip([*guess, vsini, 0.0], *limits)
            z = np.clip(problem.internal(values), problem.low, problem.high)
            ends.append(minimise(problem, z, settings.tolerance, settings.max_iterations))
        _, z, iterations = min(ends, key=lambda end: end[0])
        values = problem.external(z)
        problem = LabelProblem(*known, _prior(spectral, settings, values[1]))
        problem.prior_weight = problem.weigh_prior(problem.internal(values))
        _, z, more = minimise(problem, problem.internal(values), settings.tolerance, 20)
        return _report(problem, z, iterations + more, used, level, settings)
    except np.linalg.LinAlgError:
        return _no_fit("the pixels do not determine the continuum or the labels", len(wave))


def _usable_pixels(emulator, wave, flux, ivar, settings: FitSettings) -> np.ndarray:
    """Pixels that are good, covered, away from the segments' edges and from masked bands."""
    with np.errstate(invalid="ignore"):
        good = np.isfinite(wave) & np.isfinite(flux) & np.isfinite(ivar) & (ivar > 0)
    covered = np.zeros(len(wave), dtype=bool)
    for part in segments(emulator.wave):
        grid = emulator.wave[part]
        covered |= (wave >= grid[0] + settings.edge) & (wave <= grid[-1] - settings.edge)
    at = np.where(good, wave, 0.0)
    return good & covered & ~band_mask(at, settings.bands, settings.shifted_by)


def _limits(emulator: Emulator, settings: FitSettings):
    """Bounds of (teff, logg, mh, vsini, rv); equal where a parameter is fixed or has no range."""
    low = np.array([*emulator.bounds[0], 0.0, -settings.rv_max])
    high = np.array([*emulator.bounds[1], settings.vsini_max, settings.rv_max])
    for name, value in settings.fixed.items():
        low[PARAMETERS.index(name)] = high[PARAMETERS.index(name)] = value
    same = np.isclose(low, high, rtol=1e-9, atol=1e-9)
    high[same] = low[same]
    return low, high


def _covariance(problem: LabelProblem, z, slopes, residual, errors=None) -> np.ndarray:
    """Covariance of (teff, logg, mh, vsini^2, rv), continuum and nuisances marginalised.

    Zero where held. For an M-estimator it is (J^T J)^-1 E[psi^2] / E[psi']^2 (Huber 1981, Robust
    Statistics, sect. 7.6), with the expectations taken over the actual residuals: so both the
    robust loss and noise that is not what the inverse variance says are accounted for. The
    emulator's `errors` (n_held_out, n_pixel) are alike over whole lines: what each of them would
    move the labels by is added, where their variance alone would average out.
    """
    free, (_, steep) = problem.free, problem.prior(z)
    information = (slopes * problem.ivar) @ slopes.T / max(problem.noise_factor(residual), 1e-300)
    information[np.diag_indices_from(information)] += (steep / problem.chain(z))[free] ** 2
    norm = np.sqrt(np.maximum(np.diag(information), 1e-300))
    inverse = np.linalg.pinv(information / np.outer(norm, norm)) / np.outer(norm, norm)
    if errors is not None:
        answers = inverse @ ((slopes * problem.ivar) @ errors.T) / problem.noise_factor(residual)
        inverse = inverse + answers @ answers.T / len(errors)
    covariance = np.zeros((len(free), len(free)))
    covariance[np.ix_(free, free)] = inverse
    return covariance[:5, :5]


def _rotation_interval(problem: LabelProblem, z, spread: float, settings: FitSettings):
    """Interval, limit and significance of v sin i by the profile of the likelihood.

    Parameters
    ----------
    problem : LabelProblem
    z : array_like
        Its best end.
    spread : float
        About the error of vsini^2 [(km/s)^2].

    Returns
    -------
    lower, upper, limit : float
        One sigma down and up, and 1.645 up (95 % one-sided) [km/s].
    at_rest : float
        Sigmas by which no rotation is worse.

    References
    ----------
    Wilks (1938, Ann. Math. Stat. 9, 60).
    """
    best, top = problem.external(z)[3], settings.vsini_max
    floor = problem.cost(problem.residual(problem.evaluate(z)[0])[0], z)

    @cache
    def sigmas(vsini):
        held = problem.holding(vsini)
        start = z.copy()
        start[3] = held.internal(held.held)[3]
        cost, _, _ = minimise(held, start, 1e-3, PROFILE_STEPS)
        return float(np.sqrt(max(cost - floor, 0.0) * 2.0 / problem.prior_weight))

    def above(level, start, step):
        """Where `sigmas` reaches a level beyond a start at which it does not, or the bound."""
        end = min(start + step, top)
        while sigmas(end) < level and end < top:
            start, end = end, min(end + 1.5 * (end - start), top)
        if sigmas(end) < level:
            return top
        return brentq(lambda v: sigmas(v) - level, start, end, xtol=VSINI_TOLERANCE)

    step = max(0.7 * (np.sqrt(best**2 + spread) - best), 3.0)
    upper = above(1.0, best, step)
    limit = above(1.645, upper - VSINI_TOLERANCE, max(0.7 * (upper - best), 3.0))
    at_rest = sigmas(0.0) if best > 0 else 0.0
    if at_rest < 1.0:
        return 0.0, upper, limit, at_rest
    lower = brentq(lambda v: sigmas(v) - 1.0, 0.0, best, xtol=VSINI_TOLERANCE)
    return lower, upper, limit, at_rest


def _report(
    problem: LabelProblem, z, iterations: int, used: np.ndarray, level: float, settings: FitSettings
) -> LabelFit:
    """Errors, flags and arrays of the best end."""
    values, free, continuum = problem.external(z), problem.free, problem.continuum
    model, jacobian = problem.spectral.evaluate(
        values[:3], values[3], values[4], *map(bool, free[3:5]), values[5:]
    )
    residual, base = problem.residual(model)
    _, parts = continuum.solve(model, problem.ivar)
    slopes = continuum.project(jacobian[free] * base, parts)
    errors = problem.spectral.emulator.residuals if settings.model_error else None
    if errors is not None:
        errors = problem.spectral.observe(errors, values[3], values[4]) * base
    covariance = _covariance(problem, z, slopes, residual, errors)

    errors = np.where(free[:5], np.sqrt(np.diag(covariance)), np.nan)
    lower = upper = limit = values[3]
    at_rest = np.inf
    if free[3]:  # its own spread is of vsini^2
        interval = _rotation_interval(problem, z, errors[3], settings)
        lower, upper, limit, at_rest = interval
        errors[3] = 0.5 * (upper - lower)
        lower = lower if at_rest >= RESOLVED else 0.0
    at_bound = free & ((z >= problem.high) | ((z <= problem.low) & (np.arange(len(z)) != 3)))
    outside = bool(problem.spectral.emulator.extrapolated(values[:3])[0])
    fitted, drawn = np.full(len(used), np.nan), np.full(len(used), np.nan)
    fitted[used], drawn[used] = model * base * level, base * level
    return LabelFit(
        dict(zip(PARAMETERS, values[:5].tolist(), strict=True)),
        dict(zip(PARAMETERS, errors.tolist(), strict=True)),
        covariance,
        vsini_lower=float(lower),
        vsini_upper=float(upper),
        vsini_is_limit=bool(at_rest < RESOLVED),
        vsini_limit=float(limit),
        extrapolated=bool(outside or at_bound[:5].any()),
        chi2=float((residual**2 * problem.ivar).sum()),
        n_pixels=int(used.sum()),
        iterations=iterations,
        model=fitted,
        continuum=drawn,
        used=used,
    )

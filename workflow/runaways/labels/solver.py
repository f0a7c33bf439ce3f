"""Bounded, robust Levenberg-Marquardt for stellar labels, with the continuum projected out."""

from copy import copy
from functools import cache

import numpy as np

from runaways.labels.continuum import JointContinuum
from runaways.labels.model import SpectralModel
from runaways.spectra.broadening import FWHM_TO_SIGMA
from runaways.spectra.wavelengths import C_KMS

LONGEST_STEP = 1.5  # in internal coordinates, which are of order one
# Limits of the nuisances: the line-spread function over what is stated, the power of its trend
NARROWEST, WIDEST, STEEPEST = 0.5, 2.0, 3.0
# Degrees of freedom of Student's t, the prior of the logarithm of that width: fibres and nights far
# off are more frequent than a normal law has them (LAMOST's R is 1400 to 2000); assumed
WIDTH_FREEDOM = 4.0
MOST_MACROTURBULENCE = 120.0  # km/s, dispersion; above all of Simon-Diaz et al. 2017A&A...597A..22S


@cache
def expected_prior_weight(loss_scale: float) -> float:
    """E[psi^2] / E[psi'] of soft_l1 for normal residuals: 1 for least squares, less for it.

    So much a squared residual counts near the minimum, and so much one of the prior must.
    """
    x, weight = np.polynomial.hermite_e.hermegauss(60)
    square = (x / loss_scale) ** 2
    return float(weight @ (x**2 / (1.0 + square)) / (weight @ (1.0 + square) ** -1.5))


class LabelProblem:
    """One spectrum's fit in internal coordinates: labels, a rotation, a velocity, and nuisances.

    The rotation coordinate is q = sqrt(vsini^2 + v0^2)/v0 - 1 with v0 the resolution: linear in
    vsini far above it and in vsini^2 below, so the gradient never dies at rest. The velocity is in
    units of v0 too. The nuisances, factor (its logarithm) and trend of the line-spread function and
    the variance of macroturbulence, have a prior, Student's t for the first and normal for the
    others, and are in units of it.

    Parameters
    ----------
    spectral : SpectralModel
        On the pixels used.
    continuum : JointContinuum
        With the flux of these pixels.
    ivar : array_like, shape (n_pixel,)
        Inverse variance, model error included.
    limits : (low, high), each array_like, shape (5,)
        Of teff [K], logg, mh, vsini [km/s], rv [km/s]; a parameter with equal limits is held.
    loss_scale : float
        Where soft_l1 turns from square to linear, in sigmas.
    prior : (mean, deviation), each array_like, shape (n_nuisances,), optional
        Of the nuisances: see `SpectralModel.evaluate`; a deviation of 0, as all by default, holds
        one.

    Attributes
    ----------
    prior_weight : float
        What a squared residual of the prior counts beside one of the pixels, which the loss counts
        less: at first for noise as stated, later as `fit` finds it.
    """

    def __init__(
        self,
        spectral: SpectralModel,
        continuum: JointContinuum,
        ivar,
        limits,
        loss_scale: float = 1.0,
        prior=None,
    ):
        self.spectral, self.continuum, self.ivar = spectral, continuum, ivar
        self.loss_scale = loss_scale
        emulator = spectral.emulator
        self.centre, self.scale = emulator.centre, emulator.scale
        # a scale only: where the grid states no resolution any of this order serves
        self.v0 = C_KMS * FWHM_TO_SIGMA / float(emulator.meta.get("resolution", 1e4))
        self.prior_weight = expected_prior_weight(loss_scale)
        expected = spectral.as_expected
        prior = (expected, np.zeros(len(expected))) if prior is None else prior
        self.expected, deviation = (np.asarray(values, dtype=float) for values in prior)
        known = (deviation <= 0) | (not spectral.broadened)
        self.deviation = np.where(known, 1.0, deviation)
        n = len(expected) - 2
        self.widths = slice(5, 5 + n)
        low = np.r_[limits[0], np.full(n, NARROWEST), -STEEPEST, 0.0]
        high = np.r_[limits[1], np.full(n, WIDEST), STEEPEST, MOST_MACROTURBULENCE**2]
        self.free = np.r_[np.asarray(limits[0]) < np.asarray(limits[1]), ~known]
        self.held = np.r_[limits[0], self.expected]
        self.low, self.high = self.internal(low), self.internal(high)

    def holding(self, vsini: float) -> "LabelProblem":
        """The same problem with the rotation held [km/s]."""
        held = copy(self)
        held.free, held.held = self.free.copy(), self.held.copy()
        held.free[3], held.held[3] = False, vsini
        return held

    def internal(self, values: np.ndarray) -> np.ndarray:
        """Internal coordinates of (teff, logg, mh, vsini, rv) and the nuisances.

        Without these they are what the prior expects.
        """
        raw = np.array([np.log10(values[0]), values[1], values[2]])
        rotation = np.hypot(values[3] / self.v0, 1.0) - 1.0
        nuisances = values[5:] if len(values) > 5 else self.expected
        off = nuisances - self.expected
        off[:-2] = np.log(nuisances[:-2] / self.expected[:-2])
        labels = [(raw - self.centre) / self.scale, [rotation, values[4] / self.v0]]
        return np.concatenate([*labels, off / self.deviation])

    def external(self, z: np.ndarray) -> np.ndarray:
        """(teff, logg, mh, vsini, rv) and the nuisances, of internal coordinates."""
        raw = z[:3] * self.scale + self.centre
        vsini = self.v0 * np.sqrt(max((z[3] + 1.0) ** 2 - 1.0, 0.0))
        values = np.r_[10.0 ** raw[0], raw[1:], vsini, z[4] * self.v0]
        off = z[5:] * self.deviation
        nuisances = np.r_[self.expected[:-2] * np.exp(off[:-2]), off[-2:] + self.expected[-2:]]
        return np.where(self.free, np.r_[values, nuisances], self.held)

    def chain(self, z: np.ndarray) -> np.ndarray:
        """Diagonal of d(teff, logg, mh, vsini^2, rv, nuisances)/dz."""
        teff = 10.0 ** (z[0] * self.scale[0] + self.centre[0])
        rotation = 2.0 * (z[3] + 1.0) * self.v0**2
        labels = [teff * np.log(10.0) * self.scale[0], *self.scale[1:], rotation, self.v0]
        slopes = self.deviation.copy()
        slopes[:-2] *= self.external(z)[self.widths]
        return np.r_[labels, slopes]

    def prior(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals of the prior and their derivatives, zero where there is none, shape of `z`.

        Half their square is minus the logarithm of its density.
        """
        has = self.free & (np.arange(len(z)) >= 5)
        residual, slope = np.where(has, z, 0.0), has.astype(float)
        x, nu = residual[self.widths], WIDTH_FREEDOM
        # sign(x) sqrt((nu + 1) ln(1 + x^2 / nu)), whose slope at 0 is sqrt((nu + 1) / nu)
        root = np.sqrt((nu + 1.0) * np.log1p(x**2 / nu))
        steep = np.divide(x, root, out=np.full(len(x), np.sqrt(nu / (nu + 1.0))), where=root > 0)
        residual[self.widths] = np.sign(x) * root
        slope[self.widths] *= np.abs(steep) * (nu + 1.0) / (nu + x**2)
        return residual, slope

    def evaluate(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Model, and derivatives with respect to the free internal coordinates."""
        values = self.external(z)
        model, jacobian = self.spectral.evaluate(
            values[:3], values[3], values[4], *map(bool, self.free[3:5]), values[5:]
        )
        return model, jacobian[self.free] * self.chain(z)[self.free, None]

    def square(self, residual: np.ndarray) -> np.ndarray:
        """(r / sigma / loss_scale)^2."""
        return residual**2 * self.ivar / self.loss_scale**2

    def weight(self, residual: np.ndarray) -> np.ndarray:
        """soft_l1 as weights on the squared residuals: ivar / sqrt(1 + (r/f)^2)."""
        return self.ivar / np.sqrt(1.0 + self.square(residual))

    def curvature_weight(self, residual: np.ndarray) -> np.ndarray:
        """Second derivative of soft_l1, ivar / (1 + (r/f)^2)^1.5, but not below 0.6 of the weight.

        With the true curvature the last steps converge like Newton's; the floor keeps the first
        ones, where residuals are large, within what a weighted least-squares step can justify.
        """
        square = self.square(residual)
        return self.ivar / np.sqrt(1.0 + square) * np.maximum(1.0 / (1.0 + square), 0.6)

    def residual(self, model: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Flux less model, and the continuum, solved with the weights that it makes."""
        continuum = self.continuum
        level, _ = continuum.solve(model, self.ivar)
        for _ in range(2):
            level, _ = continuum.solve(model, self.weight(continuum.flux - model * level))
        return continuum.flux - model * level, level

    def noise_factor(self, residual: np.ndarray) -> float:
        """Variances of the labels over those of least squares with noise as stated."""
        square, n = self.square(residual), len(residual)
        influence = (square / (1.0 + square)).mean() * self.loss_scale**2
        unknowns = int(self.free.sum()) + self.continuum.size
        return influence / self._curvature(residual) ** 2 * n / max(n - unknowns, 1)

    def _curvature(self, residual) -> float:
        return float(((1.0 + self.square(residual)) ** -1.5).mean())

    def weigh_prior(self, z: np.ndarray) -> float:
        """The `prior_weight` for the noise found at a point."""
        residual, _ = self.residual(self.evaluate(z)[0])
        return self.noise_factor(residual) * self._curvature(residual)

    def cost(self, residual: np.ndarray, z: np.ndarray) -> float:
        """Half the soft_l1 sum, as scipy counts it, with the prior's."""
        loss = self.loss_scale**2 * (np.sqrt(1.0 + self.square(residual)) - 1.0).sum()
        return float(loss + 0.5 * self.prior_weight * (self.prior(z)[0] ** 2).sum())


def _bounded_step(problem: LabelProblem, z, gradient, curvature, damping: float) -> np.ndarray:
    """Next point: a damped Newton step, coordinates pushed against their bound held there."""
    free = problem.free
    position, low, high = z[free], problem.low[free], problem.high[free]
    active = ~(((position <= low) & (gradient < 0)) | ((position >= high) & (gradient > 0)))
    step = np.zeros(len(position))
    if active.any():
        matrix = curvature[np.ix_(active, active)].copy()
        diagonal = np.diag(matrix)
        matrix[np.diag_indices_from(matrix)] += damping * diagonal + 1e-12 * diagonal.max()
        step[active] = np.linalg.solve(matrix, gradient[active])
    trial = z.copy()
    trial[free] = np.clip(position + np.clip(step, -LONGEST_STEP, LONGEST_STEP), low, high)
    return trial


def minimise(problem: LabelProblem, z: np.ndarray, tolerance: float, max_iterations: int):
    """Minimise the robust cost from one starting point.

    Parameters
    ----------
    problem : LabelProblem
    z : array_like, shape (n_coordinates,)
        Internal coordinates to start from, within the bounds.
    tolerance : float
        Stop when no coordinate moves by more.
    max_iterations : int

    Returns
    -------
    cost : float
    z : numpy.ndarray, shape (n_coordinates,)
    iterations : int

    Notes
    -----
    A step is accepted when it lowers the weighted sum of squares with the weights of the point it
    starts from: that bounds the change of the soft_l1 cost from above, so the cost falls as well.
    """
    continuum, damping, iterations = problem.continuum, 1e-4, 0
    model, derivatives = problem.evaluate(z)
    level, parts = continuum.solve(model, problem.ivar)
    residual = continuum.flux - model * level
    while iterations < max_iterations:
        iterations += 1
        weight = problem.weight(residual)
        level, parts = continuum.solve(model, weight)
        residual = continuum.flux - model * level
        slopes = continuum.project(derivatives * level, parts)
        gradient = slopes @ (weight * residual)
        curvature = (slopes * problem.curvature_weight(residual)) @ slopes.T
        (prior, steep), kappa = problem.prior(z), problem.prior_weight
        gradient -= kappa * (prior * steep)[problem.free]
        curvature[np.diag_indices_from(curvature)] += kappa * steep[problem.free] ** 2
        before = float(weight @ residual**2) + kappa * float(prior @ prior)
        for _ in range(12):
            trial = _bounded_step(problem, z, gradient, curvature, damping)
            moved = np.abs(trial - z).max()
            new_model, new_derivatives = problem.evaluate(trial)
            new_level, _ = continuum.solve(new_model, weight)
            new_residual = continuum.flux - new_model * new_level
            new_prior, _ = problem.prior(trial)
            after = float(weight @ new_residual**2) + kappa * float(new_prior @ new_prior)
            if after <= before * (1.0 + 1e-13):
                z, model, derivatives, residual = trial, new_model, new_derivatives, new_residual
                damping = max(damping / 10.0, 1e-9)
                break
            damping *= 10.0
            if moved < tolerance:
                break
        if moved < tolerance:
            break
    return problem.cost(residual, z), z, iterations

"""Bounded, robust Levenberg-Marquardt for stellar labels, with the continuum projected out."""

import numpy as np

from runaways.labels.continuum import JointContinuum
from runaways.labels.model import SpectralModel
from runaways.spectra.broadening import FWHM_TO_SIGMA
from runaways.spectra.wavelengths import C_KMS

LONGEST_STEP = 1.5  # in internal coordinates, which are of order one


class LabelProblem:
    """One spectrum's fit in internal coordinates: kernel labels, a rotation and a velocity.

    The rotation coordinate is q = sqrt(vsini^2 + v0^2)/v0 - 1 with v0 the resolution: linear in
    vsini far above it and in vsini^2 below, so the gradient never dies at rest. The velocity is in
    units of v0 too.

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
    """

    def __init__(
        self,
        spectral: SpectralModel,
        continuum: JointContinuum,
        ivar,
        limits,
        loss_scale: float = 1.0,
    ):
        self.spectral, self.continuum, self.ivar = spectral, continuum, ivar
        self.loss_scale = loss_scale
        emulator = spectral.emulator
        self.centre, self.scale = emulator.centre, emulator.scale
        # a scale only: where the grid states no resolution any of this order serves
        self.v0 = C_KMS * FWHM_TO_SIGMA / float(emulator.meta.get("resolution", 1e4))
        self.free = np.asarray(limits[0]) < np.asarray(limits[1])
        self.held = np.asarray(limits[0], dtype=float)
        self.low, self.high = (self.internal(values) for values in limits)

    def internal(self, values: np.ndarray) -> np.ndarray:
        """Internal coordinates of (teff, logg, mh, vsini, rv)."""
        raw = np.array([np.log10(values[0]), values[1], values[2]])
        rotation = np.hypot(values[3] / self.v0, 1.0) - 1.0
        return np.concatenate([(raw - self.centre) / self.scale, [rotation, values[4] / self.v0]])

    def external(self, z: np.ndarray) -> np.ndarray:
        """(teff, logg, mh, vsini, rv) of internal coordinates."""
        raw = z[:3] * self.scale + self.centre
        vsini = self.v0 * np.sqrt(max((z[3] + 1.0) ** 2 - 1.0, 0.0))
        values = np.array([10.0 ** raw[0], raw[1], raw[2], vsini, z[4] * self.v0])
        return np.where(self.free, values, self.held)

    def chain(self, z: np.ndarray) -> np.ndarray:
        """Diagonal of d(teff, logg, mh, vsini^2, rv)/dz."""
        teff = 10.0 ** (z[0] * self.scale[0] + self.centre[0])
        rotation = 2.0 * (z[3] + 1.0) * self.v0**2
        return np.array([teff * np.log(10.0) * self.scale[0], *self.scale[1:], rotation, self.v0])

    def evaluate(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Model, and derivatives with respect to the free internal coordinates."""
        values = self.external(z)
        model, jacobian = self.spectral.evaluate(
            values[:3], values[3], values[4], bool(self.free[3]), bool(self.free[4])
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

    def cost(self, residual: np.ndarray) -> float:
        """Half the soft_l1 sum, as scipy counts it."""
        return float(self.loss_scale**2 * (np.sqrt(1.0 + self.square(residual)) - 1.0).sum())


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
    z : array_like, shape (5,)
        Internal coordinates to start from, within the bounds.
    tolerance : float
        Stop when no coordinate moves by more.
    max_iterations : int

    Returns
    -------
    cost : float
    z : numpy.ndarray, shape (5,)
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
        before = float(weight @ residual**2)
        for _ in range(12):
            trial = _bounded_step(problem, z, gradient, curvature, damping)
            moved = np.abs(trial - z).max()
            new_model, new_derivatives = problem.evaluate(trial)
            new_level, _ = continuum.solve(new_model, weight)
            new_residual = continuum.flux - new_model * new_level
            after = float(weight @ new_residual**2)
            if after <= before * (1.0 + 1e-13):
                z, model, derivatives, residual = trial, new_model, new_derivatives, new_residual
                damping = max(damping / 10.0, 1e-9)
                break
            damping *= 10.0
            if moved < tolerance:
                break
        if moved < tolerance:
            break
    return problem.cost(residual), z, iterations

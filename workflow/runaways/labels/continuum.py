"""The continuum as the linear part of a label fit: B-splines solved by variable projection."""

import numpy as np
from scipy.interpolate import BSpline
from scipy.linalg import cho_factor, cho_solve


def continuum_basis(wave: np.ndarray, segment: np.ndarray, spacing: float) -> np.ndarray:
    """Cubic B-splines with knots about `spacing` A apart, separate in each segment.

    Parameters
    ----------
    wave : array_like, shape (n,)
        Wavelengths [A].
    segment : array_like of int, shape (n,)
        Segment of each pixel.
    spacing : float
        Distance of the knots [A].

    Returns
    -------
    numpy.ndarray, shape (n, n_coefficients)
    """
    blocks = []
    for number in np.unique(segment):
        inside = segment == number
        x = wave[inside]
        if x.size < 8:
            continue
        n = max(1, int(round(np.ptp(x) / spacing)))
        knots = np.linspace(x.min(), x.max(), n + 1)
        knots = np.concatenate([[knots[0]] * 3, knots, [knots[-1]] * 3])
        block = np.zeros((len(wave), n + 3))
        block[inside] = BSpline.design_matrix(x, knots, 3, extrapolate=True).toarray()
        blocks.append(block)
    return np.concatenate(blocks, axis=1)


class JointContinuum:
    """Flux = model * (basis @ c), with c by weighted least squares for any given model.

    Parameters
    ----------
    flux : array_like, shape (n_pixel,)
        Observed flux, of order one.
    basis : array_like, shape (n_pixel, n_coefficients), or None
        From `continuum_basis`; None for a spectrum that is normalised already.

    References
    ----------
    Golub & Pereyra (1973, SIAM J. Numer. Anal. 10, 413), in the form of Kaufman (1975, BIT 15, 49).
    """

    def __init__(self, flux: np.ndarray, basis: np.ndarray | None):
        self.flux, self.basis = flux, basis

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return 0 if self.basis is None else self.basis.shape[1]

    def solve(self, model: np.ndarray, weight: np.ndarray):
        """Continuum for a model, and what `project` needs to remove its freedom.

        Parameters
        ----------
        model, weight : array_like, shape (n_pixel,)
            Normalised model flux, and weights on the squared residuals.

        Returns
        -------
        continuum : numpy.ndarray, shape (n_pixel,), or 1.0 for a normalised spectrum
        parts : tuple or None
        """
        if self.basis is None:
            return 1.0, None
        design = model[:, None] * self.basis
        weighted = weight[:, None] * design
        normal = weighted.T @ design
        normal[np.diag_indices_from(normal)] *= 1.0 + 1e-10
        factor = cho_factor(normal, check_finite=False)
        coefficients = cho_solve(factor, weighted.T @ self.flux, check_finite=False)
        return self.basis @ coefficients, (design, weighted, factor)

    @staticmethod
    def project(derivatives: np.ndarray, parts) -> np.ndarray:
        """What is left of derivatives (n, n_pixel) that no change of the continuum can imitate."""
        if parts is None:
            return derivatives
        design, weighted, factor = parts
        return derivatives - (design @ cho_solve(factor, weighted.T @ derivatives.T,
                                                 check_finite=False)).T  # fmt: skip

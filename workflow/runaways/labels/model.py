"""The model of one observed spectrum: emulator, rotation and shift on the data's own pixels."""

import numpy as np
from scipy.sparse import csr_matrix

from runaways.emulators.emulator import Emulator
from runaways.spectra.broadening import LIMB_DARKENING, Broadener, rotation_transform
from runaways.spectra.spectral_grid import segments
from runaways.spectra.wavelengths import C_KMS

OVERSAMPLE = 3  # of the emulator's pixels, by band-limited interpolation, before the cubic one


def _interpolation_matrix(position: np.ndarray, n: int) -> csr_matrix:
    """Four-point Lagrange interpolation at fractional pixel numbers, shape (n_out, n)."""
    first = np.clip(np.floor(position).astype(int) - 1, 0, n - 4)
    t = position - first - 1.0
    weights = np.column_stack([
        -t * (t - 1.0) * (t - 2.0) / 6.0,
        (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
        -(t + 1.0) * t * (t - 2.0) / 2.0,
        (t + 1.0) * t * (t - 1.0) / 6.0,
    ])  # fmt: skip
    rows = np.repeat(np.arange(len(position)), 4)
    columns = (first[:, None] + np.arange(4)).ravel()
    return csr_matrix((weights.ravel(), (rows, columns)), shape=(len(position), n))


class SpectralModel:
    """Model flux and derivatives on the pixels of one spectrum.

    Parameters
    ----------
    emulator : Emulator
        At the resolving power of the spectrum.
    wave : array_like, shape (n_pixel,)
        Vacuum wavelengths in the star's rest frame [A], any sampling.
    limb_darkening : float
        Linear coefficient of the rotation profile.

    Attributes
    ----------
    covered : numpy.ndarray of bool, shape (n_pixel,)
        Pixels that the emulator covers; elsewhere the model is zero.
    segment : numpy.ndarray of int, shape (n_pixel,)
        Number of the emulator's segment a pixel belongs to, -1 outside.
    variance : numpy.ndarray, shape (n_pixel,)
        The emulator's hold-out variance, interpolated.
    """

    def __init__(
        self, emulator: Emulator, wave: np.ndarray, limb_darkening: float = LIMB_DARKENING
    ):
        wave = np.asarray(wave, dtype=float)
        self.emulator, self.limb_darkening = emulator, limb_darkening
        self.wave = wave
        self.covered = np.zeros(len(wave), dtype=bool)
        self.segment = np.full(len(wave), -1)
        self.variance = np.zeros(len(wave))
        self._parts = []
        for number, part in enumerate(segments(emulator.wave)):
            grid = emulator.wave[part]
            plan = Broadener.for_wavelengths(grid)
            inside = np.flatnonzero((wave >= grid[0]) & (wave <= grid[-1]))
            if not inside.size:
                continue
            position = np.log(wave[inside] / grid[0]) * C_KMS / plan.step
            matrix = _interpolation_matrix(position * OVERSAMPLE, plan.n * OVERSAMPLE)
            nearest = np.rint(position).astype(int)
            on_grid = nearest if np.abs(position - nearest).max() < 1e-6 else None
            self.covered[inside], self.segment[inside] = True, number
            self.variance[inside] = np.interp(wave[inside], grid, emulator.variance[part])
            self._parts.append((part, plan, plan.wavenumber, inside, matrix, on_grid))

    def evaluate(
        self, labels, vsini: float, rv: float = 0.0, rotation: bool = True, velocity: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """Model flux and its derivatives.

        Parameters
        ----------
        labels : array_like, shape (3,)
            teff [K], logg, mh.
        vsini, rv : float
            Projected rotation and residual radial velocity [km/s].
        rotation, velocity : bool
            Whether the derivatives with respect to these are wanted; zero otherwise.

        Returns
        -------
        flux : numpy.ndarray, shape (n_pixel,)
        jacobian : numpy.ndarray, shape (5, n_pixel)
            With respect to teff [K], logg, mh, vsini**2 [(km/s)^2] and rv [km/s]. It is the square
            that broadens a line: its derivative does not vanish at rest.
        """
        stack = np.vstack(self.emulator.flux_and_jacobian(labels))
        result = np.zeros((6, len(self.wave)))
        sharp = vsini == 0.0 and rv == 0.0 and not (rotation or velocity)
        for part, plan, k, inside, matrix, on_grid in self._parts:
            if sharp and on_grid is not None:  # spectra resampled to the emulator's own pixels
                result[:4, inside] = stack[:, part][:, on_grid]
                continue
            kernel, slope = rotation_transform(k * vsini, self.limb_darkening)
            phase = np.exp(-1j * k * C_KMS * np.log1p(rv / C_KMS)) if rv or velocity else 1.0
            shifted = plan.transform(stack[:, part]) * phase
            spectra = [shifted * kernel]
            rows = [0, 1, 2, 3]
            if rotation:
                spectra.append(shifted[:1] * (0.5 * k**2 * slope))
                rows.append(4)
            if velocity:
                spectra.append(spectra[0][:1] * (-1j * k / (1.0 + rv / C_KMS)))
                rows.append(5)
            fine = plan.restore(np.concatenate(spectra), OVERSAMPLE)
            result[np.ix_(rows, inside)] = (matrix @ fine.T).T
        return result[0], result[1:]

    def flux(self, labels, vsini: float = 0.0, rv: float = 0.0) -> np.ndarray:
        """Model fluxes of many label sets at one rotation, shape (n_labels, n_pixel)."""
        return self.observe(self.emulator.flux(np.atleast_2d(labels)), vsini, rv)

    def observe(self, spectra: np.ndarray, vsini: float = 0.0, rv: float = 0.0) -> np.ndarray:
        """Emulator spectra rotated, shifted and put on the data's pixels.

        Parameters
        ----------
        spectra : array_like, shape (n, n_wave)
            On the emulator's wavelengths.
        vsini, rv : float
            [km/s].

        Returns
        -------
        numpy.ndarray, shape (n, n_pixel)
        """
        result = np.zeros((len(spectra), len(self.wave)))
        for part, plan, k, inside, matrix, on_grid in self._parts:
            if vsini == 0.0 and rv == 0.0 and on_grid is not None:
                result[:, inside] = spectra[:, part][:, on_grid]
                continue
            kernel = rotation_transform(k * vsini, self.limb_darkening)[0]
            phase = np.exp(-1j * k * C_KMS * np.log1p(rv / C_KMS))
            fine = plan.restore(plan.transform(spectra[:, part]) * (kernel * phase), OVERSAMPLE)
            result[:, inside] = (matrix @ fine.T).T
        return result

"""The model of one spectrum on its own pixels: emulator, rotation, shift and what else broadens."""

import numpy as np
from numba import njit
from scipy.sparse import csr_matrix

from runaways.emulators.emulator import Emulator
from runaways.spectra.broadening import (
    FWHM_TO_SIGMA,
    LIMB_DARKENING,
    Broadener,
    rotation_transform,
)
from runaways.spectra.line_spread import LineSpread
from runaways.spectra.spectral_grid import segments
from runaways.spectra.wavelengths import C_KMS

OVERSAMPLE = 3  # of the emulator's pixels, by band-limited interpolation, before the cubic one
GAUSSIAN_REACH = 4.0  # sigmas


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


@njit("f8[:,::1], f8[::1], f8, f8[::1], f8[:,::1], f8[::1]", cache=True, error_model="numpy")
def smear(spectra, position, step, sigma, out, slope):
    """Spectra convolved with a Gaussian that differs from pixel to pixel, at fractional pixels.

    Parameters
    ----------
    spectra : ndarray, shape (n_pixel, n)
        On a grid with pixels `step` [km/s] wide; beyond its ends the end goes on.
    position : ndarray, shape (n_out,)
        Fractional pixel numbers.
    sigma : ndarray, shape (n_out,)
        Dispersions [km/s].
    out : ndarray, shape (n_out, n)
        Takes the result.
    slope : ndarray, shape (n_out,)
        Takes the derivative of the first spectrum's with respect to sigma^2.
    """
    last, n = len(spectra) - 1, spectra.shape[1]
    # one reach for all: with its own a pixel would jump as its width changes
    reach = int(np.ceil(GAUSSIAN_REACH * sigma.max() / step))
    for i in range(len(position)):
        nearest, width = int(np.rint(position[i])), step / sigma[i]
        change = np.exp(-width * width)
        total = second = wider = 0.0
        out[i] = 0.0
        # from the middle outwards, where weights may end in 0
        for side, first in ((1, nearest), (-1, nearest - 1)):
            # exp(-x^2/2) from pixel to pixel: by factors, which themselves have a constant factor
            x = side * (first - position[i]) * width
            weight, factor = np.exp(-0.5 * x * x), np.exp(-width * (x + 0.5 * width))
            for j in range(first, nearest + side * (reach + 1), side):
                at = min(max(j, 0), last)
                square = (j - position[i]) * width
                square *= square
                total += weight
                second += weight * square
                wider += weight * square * spectra[at, 0]
                for k in range(n):
                    out[i, k] += weight * spectra[at, k]
                weight *= factor
                factor *= change
        for k in range(n):
            out[i, k] /= total
        slope[i] = (wider / total - second / total * out[i, 0]) / (2.0 * sigma[i] ** 2)


class SpectralModel:
    """Model flux and derivatives on the pixels of one spectrum.

    Parameters
    ----------
    emulator : Emulator
        At the resolving power of the spectrum, or sharper where `line_spread` is given.
    wave : array_like, shape (n_pixel,)
        Vacuum wavelengths in the star's rest frame [A], any sampling.
    limb_darkening : float
        Linear coefficient of the rotation profile.
    line_spread : LineSpread, optional
        Of the spectrum, to which the emulator's spectra are brought. Without it they are taken as
        they are, and nothing about their width is free.

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
        self,
        emulator: Emulator,
        wave: np.ndarray,
        limb_darkening: float = LIMB_DARKENING,
        line_spread: LineSpread | None = None,
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
            if line_spread is not None:
                at = wave[inside]
                matrix, on_grid = (line_spread.sigma(at), line_spread.distance(at)), None
            self.covered[inside], self.segment[inside] = True, number
            self.variance[inside] = np.interp(wave[inside], grid, emulator.variance[part])
            self._parts.append((part, plan, plan.wavenumber, inside, matrix, on_grid, position))
        self.line_spread, self.broadened = line_spread, line_spread is not None
        own = float(emulator.meta.get("resolution", np.inf))
        self._own = C_KMS * FWHM_TO_SIGMA / own

    @property
    def as_expected(self) -> np.ndarray:
        """Nuisances of a line-spread function as stated, and of no macroturbulence."""
        return np.r_[np.ones(len(self._parts)), 0.0, 0.0]

    @property
    def stated(self) -> np.ndarray:
        """Whether something is known of the line-spread function of each segment's camera."""
        if not self.broadened:
            return np.zeros(len(self._parts), bool)
        middles = [self.wave[inside].mean() for _, _, _, inside, _, _, _ in self._parts]
        return np.array([self.line_spread.stated(middle) for middle in middles])

    def _observed(self, number: int, fine, nuisances):
        """Oversampled spectra of one segment on the data's pixels.

        Returns
        -------
        observed : ndarray, shape (len(fine), n)
        wider : ndarray, shape (n,), or None
            Derivative of the first with respect to a variance [(km/s)^-2]; None without a
            line-spread function.
        instrument : ndarray, shape (n,), or None
            Variance of the line-spread function [(km/s)^2]. Spectra are smeared by that and the
            star's macroturbulence, less what the emulator has already.
        """
        _, plan, _, _, spread, _, position = self._parts[number]
        if not self.broadened:
            return (spread @ fine.T).T, None, None
        trend, macroturbulence = nuisances[-2:]
        step = plan.step / OVERSAMPLE
        sigma, distance = spread
        instrument = (nuisances[number] * sigma * np.exp(trend * distance)) ** 2
        square = np.maximum(instrument + macroturbulence - self._own**2, step**2)
        observed, wider = np.empty((len(position), len(fine))), np.empty(len(position))
        spectra = np.ascontiguousarray(fine.T)
        smear(spectra, position * OVERSAMPLE, step, np.sqrt(square), observed, wider)
        return observed.T, wider, instrument

    def evaluate(
        self,
        labels,
        vsini: float,
        rv: float = 0.0,
        rotation: bool = True,
        velocity: bool = True,
        nuisances=None,
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
        nuisances : array_like, shape (n_segments + 2,), optional
            With a line-spread function: the factor of its width in each segment, the power of
            wavelength by which it changes away from its reference, and the variance of
            macroturbulence [(km/s)^2]; by default `as_expected`.

        Returns
        -------
        flux : numpy.ndarray, shape (n_pixel,)
        jacobian : numpy.ndarray, shape (5 + n_nuisances, n_pixel)
            With respect to teff [K], logg, mh, vsini**2 [(km/s)^2], rv [km/s] and the nuisances;
            zero for what has no part in it. It is the square that broadens a line: its derivative
            does not vanish at rest.
        """
        stack = np.vstack(self.emulator.flux_and_jacobian(labels))
        nuisances = self.as_expected if nuisances is None else nuisances
        result = np.zeros((6 + len(nuisances), len(self.wave)))
        sharp = vsini == 0.0 and rv == 0.0 and not (rotation or velocity)
        for number, (part, plan, k, inside, _, on_grid, _) in enumerate(self._parts):
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
            observed, wider, instrument = self._observed(number, fine, nuisances)
            result[np.ix_(rows, inside)] = observed
            if self.broadened:
                distance = self._parts[number][4][1]
                result[6 + number, inside] = 2.0 * instrument / nuisances[number] * wider
                result[-2, inside] = 2.0 * instrument * distance * wider
                result[-1, inside] = wider
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
        for number, (part, plan, k, inside, _, on_grid, _) in enumerate(self._parts):
            if vsini == 0.0 and rv == 0.0 and on_grid is not None:
                result[:, inside] = spectra[:, part][:, on_grid]
                continue
            kernel = rotation_transform(k * vsini, self.limb_darkening)[0]
            phase = np.exp(-1j * k * C_KMS * np.log1p(rv / C_KMS))
            fine = plan.restore(plan.transform(spectra[:, part]) * (kernel * phase), OVERSAMPLE)
            result[:, inside] = self._observed(number, fine, self.as_expected)[0]
        return result

"""Air and vacuum wavelengths, and wavelength grids uniform in velocity."""

import numpy as np

C_KMS = 299792.458  # speed of light [km/s], exact


def vacuum_to_air(wave: np.ndarray) -> np.ndarray:
    """Convert vacuum wavelengths to standard air; below 2000 A they are left as they are.

    Parameters
    ----------
    wave : array_like, any shape
        Vacuum wavelengths [A].

    Returns
    -------
    numpy.ndarray
        Air wavelengths [A], same shape.

    References
    ----------
    Morton (2000ApJS..130..403M), eq. 8 (dispersion of Birch & Downs 1994).
    """
    wave = np.asarray(wave, dtype=float)
    s2 = (1e4 / wave) ** 2
    n = 1.0 + 8.34254e-5 + 2.406147e-2 / (130.0 - s2) + 1.5998e-4 / (38.9 - s2)
    return np.where(wave > 2000.0, wave / n, wave)


def air_to_vacuum(wave: np.ndarray) -> np.ndarray:
    """Convert standard-air wavelengths to vacuum: the exact inverse of `vacuum_to_air`.

    Parameters
    ----------
    wave : array_like, any shape
        Air wavelengths [A].

    Returns
    -------
    numpy.ndarray
        Vacuum wavelengths [A], same shape.

    References
    ----------
    Morton (2000ApJS..130..403M), eq. 8, inverted by fixed-point iteration (converges to 1e-12).
    """
    air = np.asarray(wave, dtype=float)
    vacuum = air.copy()
    for _ in range(4):
        vacuum = air * (vacuum / vacuum_to_air(vacuum))
    return vacuum


def velocity_grid(first: float, last: float, step: float) -> np.ndarray:
    """Wavelengths from `first` to at least `last`, equally spaced in ln(lambda).

    Parameters
    ----------
    first, last : float
        Ends of the interval [A].
    step : float
        Pixel [km/s].

    Returns
    -------
    numpy.ndarray, shape (n,)
        Wavelengths [A].
    """
    if not 0 < first < last:
        raise ValueError(f"wavelength interval {first}..{last} A is empty or not positive")
    n = int(np.ceil(np.log(last / first) * C_KMS / step)) + 1
    return first * np.exp(np.arange(n) * step / C_KMS)


def velocity_step(wave: np.ndarray) -> float:
    """Pixel of a wavelength grid uniform in ln(lambda) [km/s].

    Parameters
    ----------
    wave : array_like, shape (n,)
        Wavelengths [A].

    Raises
    ------
    ValueError
        If the grid is not uniform in ln(lambda) to 1e-3 of a pixel.
    """
    steps = np.diff(np.log(np.asarray(wave, dtype=float)))
    if steps.size == 0 or np.ptp(steps) > 1e-3 * abs(steps.mean()) or steps.mean() <= 0:
        raise ValueError("wavelengths are not an increasing grid uniform in ln(lambda)")
    return float(steps.mean() * C_KMS)

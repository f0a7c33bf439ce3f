"""From luminosity and Teff to magnitudes, and back."""

import numpy as np
from numpy.polynomial import Polynomial

# Bolometric correction in V over log Teff, for log Teff > 3.90, and the Sun's bolometric magnitude
# on the same scale: Flower 1996, ApJ 469, 355, as corrected by Torres 2010, AJ 140, 1158
# (2010AJ....140.1158T), Table 1 and Sect. 2. G stands for V: for hot stars they differ by less
# than 0.1 mag.
FLOWER_BC = Polynomial(
    [
        -0.118115450538963e6,
        0.137145973583929e6,
        -0.636233812100225e5,
        0.147412923562646e5,
        -0.170587278406872e4,
        0.788731721804990e2,
    ]
)
FLOWER_TEFF_MIN = 10**3.90  # K
M_BOL_SUN = 4.73  # mag
# of bolometric correction and passband together [mag]
MAGNITUDE_ERROR = 0.1


def absolute_magnitude(luminosity, teff):
    """Absolute G magnitude of stars.

    Parameters
    ----------
    luminosity : array_like, shape (n,)
        [solar].
    teff : array_like, shape (n,)
        [K]; below 7940 K the correction is that of 7940 K, to 0.1 mag down to 6000 K.

    Returns
    -------
    ndarray, shape (n,)
        [mag].
    """
    correction = FLOWER_BC(np.log10(np.maximum(teff, FLOWER_TEFF_MIN)))
    return M_BOL_SUN - 2.5 * np.log10(luminosity) - correction

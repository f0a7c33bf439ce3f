"""Equivalent widths of the lines that order B stars, on fixed bands.

Each index is the equivalent width between the limits of its line band against a straight
pseudo-continuum through the means of two side bands. No prior normalisation is needed, and none
is wanted: the local continuum is the same for data and standards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from runaways.spectra.spectrum import Spectrum, to_medium


class Bands(NamedTuple):
    """Limits of the line and of the continuum bands [Angstrom, air, rest frame]."""

    line: tuple[float, float]
    blue: tuple[float, float]
    red: tuple[float, float]


#: H*_A and H*_F are the Lick definitions of Worthey & Ottaviani 1997, ApJS 111, 377; Ca4227, G4300,
#: Fe4383 and Fe4531, which tell cool stars, those of Trager et al. 1998, ApJS 116, 1. The others
#: are ours, placed clear of neighbouring lines at R = 1800; the wide H*_W hold the whole wings.
INDICES = {
    "CaK": Bands((3927.7, 3939.7), (3908, 3922), (3942, 3951)),
    "HeI4009": Bands((4004, 4014.5), (3991, 4000), (4014.5, 4018.5)),
    "HeI4026": Bands((4019, 4033), (4010, 4019), (4033, 4042)),
    "OII4072": Bands((4066, 4080), (4052, 4063), (4081, 4087)),
    "Hd_A": Bands((4083.5, 4122.25), (4041.6, 4081.5), (4128.5, 4161)),
    "Hd_W": Bands((4062, 4142), (4042, 4062), (4152, 4172)),
    "Hd_F": Bands((4091, 4112.25), (4057.25, 4088.5), (4114.75, 4137.25)),
    "HeI4121": Bands((4116.5, 4124.5), (4113, 4116.5), (4124.5, 4126.5)),
    "SiII4130": Bands((4125.5, 4134), (4122.5, 4125.5), (4134, 4138)),
    "HeI4144": Bands((4138.5, 4149), (4133.5, 4138.5), (4149, 4160)),
    "HeII4200": Bands((4194, 4206), (4180, 4192), (4207, 4222)),
    "Ca4227": Bands((4222.25, 4234.75), (4211, 4219.75), (4241, 4251)),
    "FeII4233": Bands((4228, 4238), (4215, 4226), (4239, 4250)),
    "CII4267": Bands((4262, 4272), (4248, 4262), (4272, 4284)),
    "G4300": Bands((4281.375, 4316.375), (4266.375, 4282.625), (4318.875, 4335.125)),
    "Hg_A": Bands((4319.75, 4363.5), (4283.5, 4319.75), (4367.25, 4419.75)),
    "Hg_W": Bands((4300, 4380), (4270, 4292), (4396, 4416)),
    "Hg_F": Bands((4331.25, 4352.25), (4283.5, 4319.75), (4354.75, 4384.75)),
    "Fe4383": Bands((4369.125, 4420.375), (4359.125, 4370.375), (4442.875, 4455.375)),
    "HeI4387": Bands((4381.5, 4394), (4372, 4381), (4395, 4408)),
    "HeI4471": Bands((4464.5, 4476.5), (4445, 4462), (4490, 4508)),
    "MgII4481": Bands((4476.5, 4486), (4445, 4462), (4490, 4508)),
    "Fe4531": Bands((4514.25, 4559.25), (4504.25, 4514.25), (4560.5, 4579.25)),
    "HeII4542": Bands((4536, 4547), (4522, 4535), (4556, 4566)),
    "SiIII4552": Bands((4548, 4557), (4531, 4547), (4558, 4564)),
    "SiIII45xx": Bands((4548, 4579), (4531, 4547), (4580, 4595)),
    "HeI4713": Bands((4707, 4719), (4690, 4705), (4720, 4735)),
    "Hb_W": Bands((4821, 4901), (4791, 4821), (4905, 4915)),
    "HeI4922": Bands((4916, 4928), (4905, 4915), (4930, 4950)),
    "Ha_core": Bands((6553, 6573), (6500, 6530), (6600, 6640)),
}
MAX_BAD = 0.25  # of a band's width


def equivalent_widths(spectrum: Spectrum, names=tuple(INDICES)) -> tuple[np.ndarray, np.ndarray]:
    """Equivalent widths and their photon errors.

    Parameters
    ----------
    spectrum : Spectrum
        In the rest frame; either medium; normalised or not.
    names : sequence of str
        Keys of `INDICES`.

    Returns
    -------
    width, error : ndarray, shape (n_names,)
        [Angstrom], positive in absorption; NaN where a band is not covered, has more than a
        quarter of its width masked, or no positive continuum. Fewer bad pixels are bridged by a
        straight line.

    Raises
    ------
    ValueError
        When the spectrum is not in the rest frame: 600 km/s is 9 Angstrom.
    """
    if spectrum.frame != "rest":
        raise ValueError("equivalent widths need a spectrum in the rest frame")
    spectrum = to_medium(spectrum, "air")
    if spectrum.good.sum() < 2:
        return np.full(len(names), np.nan), np.full(len(names), np.nan)
    edges = pixel_edges(spectrum.wave)
    good = spectrum.good
    flux = np.interp(spectrum.wave, spectrum.wave[good], spectrum.flux[good])
    variance = np.interp(spectrum.wave, spectrum.wave[good], 1 / spectrum.ivar[good])
    results = [_equivalent_width(edges, flux, variance, good, INDICES[name]) for name in names]
    width, error = np.array(results).reshape(-1, 2).T
    return width, error


def pixel_edges(wave: np.ndarray) -> np.ndarray:
    """Edges midway between pixel centres, shape (n_pixels + 1,), in the unit of `wave`."""
    middle = 0.5 * (wave[1:] + wave[:-1])
    return np.r_[2 * wave[0] - middle[0], middle, 2 * wave[-1] - middle[-1]]


def _overlap(edges: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """Width of each pixel that lies within the limits [Angstrom]."""
    return np.maximum(np.minimum(edges[1:], limits[1]) - np.maximum(edges[:-1], limits[0]), 0.0)


def _equivalent_width(edges, flux, variance, good, bands: Bands) -> tuple[float, float]:
    low, high = min(bands.line[0], bands.blue[0]), max(bands.line[1], bands.red[1])
    if edges[0] > low or edges[-1] < high:
        return np.nan, np.nan
    part = slice(np.searchsorted(edges, low, "right") - 1, np.searchsorted(edges, high, "left"))
    edges, flux, variance = edges[part.start : part.stop + 1], flux[part], variance[part]
    line, blue, red = (_overlap(edges, limits) for limits in bands)
    bad = ~good[part]
    if max(w[bad].sum() / w.sum() for w in (line, blue, red)) > MAX_BAD:
        return np.nan, np.nan
    blue, red = blue / blue.sum(), red / red.sum()
    centre = 0.5 * (edges[1:] + edges[:-1])
    t = (centre - blue @ centre) / (red @ centre - blue @ centre)
    continuum = (1 - t) * (blue @ flux) + t * (red @ flux)
    used = line > 0
    if np.min(continuum[used]) <= 0:
        return np.nan, np.nan
    continuum = np.where(continuum > 0, continuum, 1.0)
    width = line @ (1 - flux / continuum)
    # d(width)/d(flux of each pixel): through the line, and through the two continuum means
    pull = line * flux / continuum**2
    slope = -line / continuum + (pull @ (1 - t)) * blue + (pull @ t) * red
    return float(width), float(np.sqrt(slope**2 @ variance))

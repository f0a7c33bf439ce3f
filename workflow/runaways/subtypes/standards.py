"""Equivalent widths of the MK standards of the MKCLASS library (Gray & Corbally 2014, AJ 147, 80).

Many of the library's spectra are not observations but exact linear blends of two others; these
say nothing new about the stars, and are marked so that nobody mistakes them for evidence.
"""

from __future__ import annotations

import re
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.table import Table

from runaways.spectra.broadening import blur
from runaways.spectra.fits_files import SpectrumRefused
from runaways.spectra.rectified import read_rectified
from runaways.spectra.spectrum import Spectrum
from runaways.subtypes.line_indices import INDICES, equivalent_widths

NAME = re.compile(r"t(\d{3})l(\d{2})p00\.rbn$")
LIBRARY_FWHM = 1.8  # Angstrom, of libr18
#: MKCLASS temperature codes (O4 O9 B0 B5 B7 A0 A3 A5 A7 F0; F2 F3 F5 F6 F8 G0 G2 G5 G8 K0 K5 K7)
#: and our type number, which counts subtypes: B0 = 0, A0 = 10, F0 = 20, G0 = 30, K0 = 40.
CODES = (1.0, 6.0, 7.0, 12.0, 13.0, 16.0, 19.0, 20.0, 21.0, 23.0)
CODES += (24.0, 25.0, 26.0, 27.0, 28.0, 30.0, 31.0, 32.0, 33.0, 34.0, 39.0, 40.0)
TYPE_NUMBERS = (-6.0, -1.0, 0.0, 5.0, 7.0, 10.0, 13.0, 15.0, 17.0, 20.0)
TYPE_NUMBERS += (22.0, 23.0, 25.0, 26.0, 28.0, 30.0, 32.0, 35.0, 38.0, 40.0, 45.0, 47.0)
BLEND_TOLERANCE = 1e-5  # rms flux; library files carry six digits, real pairs differ by > 2e-3
BLEND_RANGE = (3840.0, 4580.0)  # Angstrom, covered by all standards to A7


def read_standard(path) -> Spectrum:
    """One MKCLASS library file, at rest, in air; meta has ``code``, ``type_number``,
    ``luminosity`` (0 Ia, 1 Ib, 2 II, 3 III, 4 IV, 5 V).

    Raises
    ------
    SpectrumRefused
        When the name is not of the form ``tTTTlLLp00.rbn`` or the file cannot be read.
    """
    match = NAME.search(Path(path).name)
    if not match:
        raise SpectrumRefused("wrong-layout", path, "expected a file name tTTTlLLp00.rbn")
    code, luminosity = int(match[1]) / 10, int(match[2]) / 10
    return read_rectified(
        path,
        "air",
        "rest",
        meta={
            "code": code,
            "luminosity": luminosity,
            "type_number": type_number(code),
            "name": f"t{match[1]}l{match[2]}",
        },
    )


def type_number(code: float) -> float:
    """Type number (B0 = 0, B9 = 9, A0 = 10, K0 = 40; O9 = -1) of an MKCLASS code."""
    return float(np.interp(code, CODES, TYPE_NUMBERS))


def read_library(folder, max_code: float = np.inf) -> list[Spectrum]:
    """All standards of a folder up to a temperature code, sorted by name.

    Raises
    ------
    SpectrumRefused
        "empty-folder" when there is none.
    """
    paths = sorted(p for p in Path(folder).glob("t*.rbn") if NAME.search(p.name))
    standards = [read_standard(path) for path in paths]
    standards = [s for s in standards if s.meta["code"] <= max_code]
    if not standards:
        raise SpectrumRefused("empty-folder", folder, "holds no MKCLASS standard (tTTTlLLp00.rbn)")
    return standards


def degrade(standard: Spectrum, resolving_power: float = 1800.0) -> Spectrum:
    """The standard at another resolving power (Gaussian), its masked ends cut off."""
    good = standard.good
    wave = standard.wave[good]
    extra = np.sqrt(np.maximum((wave / resolving_power) ** 2 - LIBRARY_FWHM**2, 0.0))
    flux = blur(wave, standard.flux[good], extra)
    return Spectrum(
        wave,
        flux,
        standard.ivar[good],
        ~good[good],
        standard.medium,
        standard.frame,
        dict(standard.meta),
    )


def find_blends(standards: list[Spectrum]) -> list[tuple[str, str] | None]:
    """For each standard the two others it is a linear blend of, or None.

    Sought among pairs of its own type or its own luminosity class, weights between 0 and 1.
    """
    wave = np.arange(*BLEND_RANGE, 0.5)
    flux = np.array([np.interp(wave, s.wave, s.flux) for s in standards])
    code = np.array([s.meta["code"] for s in standards])
    luminosity = np.array([s.meta["luminosity"] for s in standards])
    found = []
    for i, target in enumerate(flux):
        found.append(None)
        for same, other in ((code, luminosity), (luminosity, code)):
            kin = np.flatnonzero((same == same[i]) & (np.arange(len(flux)) != i))
            for a in kin[other[kin] < other[i]]:
                for b in kin[other[kin] > other[i]]:
                    step = flux[b] - flux[a]
                    share = step @ (target - flux[a]) / (step @ step)
                    rms = np.std(target - flux[a] - share * step)
                    if 0 < share < 1 and rms < BLEND_TOLERANCE:
                        found[-1] = (standards[a].meta["name"], standards[b].meta["name"])
    return found


def measure_standards(standards: list[Spectrum], resolving_power: float = 1800.0) -> Table:
    """Equivalent widths of all indices, at a resolving power.

    Parameters
    ----------
    standards : list of Spectrum
        From `read_library`.
    resolving_power : float

    Returns
    -------
    Table
        One row per standard: ``name code type_number luminosity is_blend blend_of`` ("none"
        for an observed spectrum) and one column per index [Angstrom] that the library covers.
    """
    widths = np.array([equivalent_widths(degrade(s, resolving_power))[0] for s in standards])
    blends = find_blends(standards)
    table = Table(
        {
            key: [s.meta[key] for s in standards]
            for key in ("name", "code", "type_number", "luminosity")
        }
    )
    table["is_blend"] = [b is not None for b in blends]
    table["blend_of"] = ["+".join(b) if b else "none" for b in blends]
    for k, name in enumerate(INDICES):
        if np.isfinite(widths[:, k]).all():
            table[name] = np.round(widths[:, k], 4) * u.AA
    table.meta.update(
        resolving_power=resolving_power,
        description="Equivalent widths measured on MK standard spectra (bands of line_indices.py)",
        credit="Spectra: MKCLASS standard library libr18, Gray & Corbally 2014, AJ 147, 80 "
        "(2014AJ....147...80G)",
        type_number="subtypes from B0 = 0; A0 = 10, F0 = 20, G0 = 30, K0 = 40; O9 = -1",
        luminosity="0 Ia, 1 Ib, 2 II, 3 III, 4 IV, 5 V",
    )
    return table

"""CPU time of the spectra stage, and the banded spline against scipy's general one.

Speed is printed, never asserted: pytest tests/benchmarks -s
"""

import time

import numpy as np
import pytest
from astropy.table import Table
from scipy.interpolate import make_smoothing_spline

from runaways.spectra.line_templates import line_templates
from runaways.spectra.normalisation import fit_continuum
from runaways.spectra.radial_velocity import measure_rv
from runaways.spectra.spectrum import Spectrum, shift_to_rest
from runaways.subtypes.classification import classify
from runaways.subtypes.standard_widths import interpolate_standards

REST = np.exp(np.arange(np.log(3690), np.log(7300), 1.2e-4))


@pytest.fixture(scope="module")
def star():
    """A B5 template on the 3909 pixels of LAMOST LRS at S/N 80."""
    rng = np.random.default_rng(1)
    templates, names = line_templates(REST, 1800.0)
    wave = 10 ** (3.5682 + 1e-4 * np.arange(3909))
    clean = np.interp(wave, REST, templates[names.index("B5 x1 30")], right=1) * (wave / 4500) ** -3
    s = Spectrum(
        wave,
        clean * (1 + rng.normal(size=3909) / 80),
        (80 / clean) ** 2,
        np.zeros(3909, bool),
        "vacuum",
    )
    return s, templates


def scipy_spline(x, y, p, at):
    return make_smoothing_spline(x, y, lam=(1 - p) / p)(np.clip(at, x[0], x[-1]))


def test_continuum(benchmark, star, compared):
    s, _ = star
    start = time.process_time()
    for _ in range(3):
        peer = fit_continuum(s.wave, s.flux, smoother=scipy_spline)
    peer_time = (time.process_time() - start) / 3
    ours = benchmark(fit_continuum, s.wave, s.flux)
    start = time.process_time()
    for _ in range(30):
        fit_continuum(s.wave, s.flux)
    own_time = (time.process_time() - start) / 30
    compared("continuum of a spectrum", own_time, "scipy make_smoothing_spline", peer_time)
    print(f"  largest difference {np.max(np.abs(ours / peer - 1)):.0e}")


def test_radial_velocity(benchmark, star):
    s, templates = star
    benchmark(measure_rv, s, REST, templates)


def test_classification(benchmark, star, resources):
    s, _ = star
    grid = interpolate_standards(Table.read(resources / "mk_standards_equivalent_widths.ecsv"))
    benchmark(classify, shift_to_rest(s, 0.0), grid)

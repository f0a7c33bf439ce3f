"""Leave-one-out classification of the MK standards of Gray & Corbally (2014, AJ 147, 80)."""

import numpy as np
import pytest
from astropy.table import Table

from confusion import confusion_matrix
from runaways.spectra.fits_files import SpectrumRefused
from runaways.spectra.line_templates import line_templates
from runaways.spectra.radial_velocity import measure_rv
from runaways.spectra.spectrum import Spectrum, shift_to_rest
from runaways.spectra.wavelengths import C_KMS, air_to_vacuum, vacuum_to_air
from runaways.subtypes.classification import classify
from runaways.subtypes.standard_widths import interpolate_standards
from runaways.subtypes.standards import degrade, measure_standards, read_library, type_number

PIXELS = 10 ** (3.5682 + 1e-4 * np.arange(3909))  # LAMOST LRS, vacuum


@pytest.fixture(scope="module")
def library(data):
    return read_library(data / "mkclass_libr18")


@pytest.fixture(scope="module")
def table(resources):
    return Table.read(resources / "mk_standards_equivalent_widths.ecsv")


@pytest.fixture(scope="module")
def degraded(library):
    return [degrade(s, 1800.0) for s in library]


@pytest.fixture(scope="module")
def left_out(library, table):
    """For each standard the grid made without its own row."""
    whole = interpolate_standards(table)
    return {
        s.meta["name"]: interpolate_standards(table[table["name"] != s.meta["name"]])
        if s.meta["name"] in table["name"]
        else whole
        for s in library
    }


def is_b(standard):
    return 0 <= standard.meta["type_number"] < 10


def observe(standard, snr, rng, rv=0.0, slope=0.0):
    """A degraded standard on LAMOST pixels with noise, at a velocity, on a steep continuum."""
    wave = air_to_vacuum(standard.wave) * (1 + rv / C_KMS)
    pixels = PIXELS[(PIXELS > wave[0]) & (PIXELS < wave[-1])]
    clean = np.interp(pixels, wave, standard.flux) * (pixels / 4200) ** slope
    return Spectrum(
        pixels,
        clean * (1 + rng.normal(size=len(pixels)) / snr),
        (snr / clean) ** 2,
        np.zeros(len(pixels), bool),
        "vacuum",
    )


def score(standards, results):
    """Fraction within one subtype (of the unrounded number) and its errors' coverage."""
    off = np.array(
        [
            abs(r.subtype_number - s.meta["type_number"])
            for s, r in zip(standards, results, strict=True)
        ]
    )
    error = np.array([r.subtype_error for r in results])
    classified = np.array(["unclassified" not in r.flags for r in results])
    return np.mean((off <= 1) & classified), np.mean(off[classified] < error[classified])


def test_library_is_read(library):
    """151 standards; air wavelengths; padding masked; the file that starts out of order sorted."""
    assert len(library) == 151
    assert sum(is_b(s) for s in library) == 37
    for s in library:
        assert s.medium == "air" and s.frame == "rest" and np.all(np.diff(s.wave) > 0)
        assert np.all(s.flux[s.good] != 0)
        if s.meta["code"] < 23:  # F stars and later have little continuum left
            assert 0.8 < np.median(s.flux[s.good]) < 1.1
    assert [type_number(c) for c in (6, 7, 7.5, 12, 12.5, 13, 15, 16, 17)] == [
        -1,
        0,
        0.5,
        5,
        6,
        7,
        9,
        10,
        11,
    ]


def test_misnamed_or_absent_standards(tmp_path):
    with pytest.raises(SpectrumRefused, match="no MKCLASS standard"):
        read_library(tmp_path)


def test_the_shipped_table_is_what_the_script_makes(library, table):
    again = measure_standards(library, 1800.0)
    assert again.colnames == table.colnames
    assert again["name"].tolist() == table["name"].tolist()
    assert again["blend_of"].tolist() == table["blend_of"].tolist()
    for name in table.colnames[6:]:
        np.testing.assert_allclose(again[name], table[name], atol=2e-4)


@pytest.mark.parametrize(
    ("name", "widths"),
    [  # CaK HeI4026 HeI4471 MgII4481 CII4267 Hd_W Hg_W
        ("t070l50", (0.21, 0.95, 1.04, 0.12, -0.06, 5.34, 3.74)),
        ("t090l50", (0.22, 1.38, 1.44, 0.27, 0.16, 7.18, 6.36)),
        ("t120l50", (0.21, 0.98, 0.94, 0.27, 0.15, 9.03, 8.51)),
        ("t150l50", (0.20, 0.20, 0.14, 0.34, 0.00, 13.49, 12.97)),
        ("t100l10", (0.45, 0.63, 0.76, 0.30, 0.19, 3.39, 2.67)),
    ],
)
def test_widths_agree_with_an_independent_measurement(table, name, widths):
    """An earlier measurement on the same library and bands, to 0.02 A."""
    row = table[table["name"] == name][0]
    names = ("CaK", "HeI4026", "HeI4471", "MgII4481", "CII4267", "Hd_W", "Hg_W")
    np.testing.assert_allclose([row[n] for n in names], widths, atol=0.021)


@pytest.mark.parametrize(("snr", "at_least"), [(100, 0.90), (50, 0.75)])
def test_b_standards_left_out_come_back_within_one_subtype(degraded, left_out, snr, at_least):
    rng = np.random.default_rng(41)
    stars = [s for s in degraded if is_b(s) for _ in range(6)]
    results = [
        classify(shift_to_rest(observe(s, snr, rng), 0.0), left_out[s.meta["name"]]) for s in stars
    ]
    within, coverage = score(stars, results)
    assert within >= at_least
    assert 0.5 < coverage < 0.85
    matrix = confusion_matrix([s.meta["type_number"] for s in stars], results)
    print(f"\nS/N {snr}: {within:.3f} of {len(stars)} within one subtype, left out")
    matrix.pprint(max_lines=-1, max_width=-1)
    assert sum(np.sum(matrix[c]) for c in matrix.colnames[1:]) == len(stars)
    observed = [k for k, s in enumerate(stars) if s.meta["name"] in OBSERVED]
    within, _ = score([stars[k] for k in observed], [results[k] for k in observed])
    assert within >= at_least  # the blends of other standards do not carry the result


#: B standards that are not blends of others (counted by `find_blends`).
OBSERVED = {
    "t070l00",
    "t075l00",
    "t075l30",
    "t080l00",
    "t080l10",
    "t080l25",
    "t080l50",
    "t090l00",
    "t090l10",
    "t090l30",
    "t090l50",
    "t100l00",
    "t100l50",
    "t120l00",
    "t120l10",
    "t120l30",
    "t120l50",
    "t130l30",
    "t130l50",
    "t140l00",
    "t140l10",
    "t140l30",
    "t140l50",
    "t150l00",
    "t150l20",
    "t150l40",
    "t150l50",
}


def test_the_whole_library(degraded, left_out):
    """All 151 at S/N 100: O and A to M stars are not taken for B stars, bar B9 next to A0."""
    rng = np.random.default_rng(42)
    results = [
        classify(shift_to_rest(observe(s, 100, rng), 0.0), left_out[s.meta["name"]])
        for s in degraded
    ]
    matrix = confusion_matrix([s.meta["type_number"] for s in degraded], results)
    matrix.add_index("true")
    b = [f"B{k}" for k in range(10)]
    assert sum(matrix.loc["later"][c] for c in ["O", *b]) == 0
    assert sum(matrix.loc["O"][c] for c in b) == 0
    assert sum(matrix.loc["A"][c] for c in b[:-1]) == 0 and matrix.loc["A"]["B9"] <= 4
    for s, r in zip(degraded, results, strict=True):
        if is_b(s):
            assert r.p_hot_star > 0.98
        if s.meta["type_number"] >= 20 and s.meta["luminosity"] >= 3:  # within one class: F to K
            assert r.p_hot_star < 0.02 and abs(r.subtype_number - s.meta["type_number"]) < 10


def test_whole_chain_at_runaway_velocities(degraded, left_out):
    """S/N 100, +-600 km/s, steep continuum: velocity measured, shifted, classified: still 90 %."""
    rng = np.random.default_rng(43)
    wave = np.exp(np.arange(np.log(3700), np.log(4800), 1.2e-4))
    templates, _ = line_templates(wave, 1800.0)
    stars, results, errors = [], [], []
    for s in degraded:
        if not is_b(s):
            continue
        for _ in range(2):
            rv = rng.uniform(-600, 600)
            seen = observe(s, 100, rng, rv, slope=-4.0)
            found = measure_rv(seen, wave, templates)
            errors.append(found.rv - rv)
            stars.append(s)
            results.append(classify(shift_to_rest(seen, found.rv), left_out[s.meta["name"]]))
    assert np.std(errors) < 10 and np.max(np.abs(errors)) < 30
    assert score(stars, results)[0] >= 0.90


def test_faint_spectra_have_larger_errors_and_never_fail(degraded, left_out):
    rng = np.random.default_rng(44)
    errors = []
    for snr in (50, 20, 10, 3):
        results = [
            classify(shift_to_rest(observe(s, snr, rng), 0.0), left_out[s.meta["name"]])
            for s in degraded
            if is_b(s)
        ]
        errors.append(np.nanmedian([r.subtype_error for r in results]))
    assert np.all(np.diff(errors) > 0)


def test_normal_standards_are_not_called_peculiar(degraded, left_out):
    rng = np.random.default_rng(45)
    flags = [
        f
        for s in degraded
        if is_b(s)
        for _ in range(3)
        for f in classify(shift_to_rest(observe(s, 100, rng), 0.0), left_out[s.meta["name"]]).flags
    ]
    assert sum(f in ("he-weak", "he-strong", "emission", "unclassified") for f in flags) <= 5


def test_air_taken_for_vacuum_is_not_harmless(degraded, table):
    """83 km/s: the medium must be known, the classification shows it."""
    grid = interpolate_standards(table)
    s = next(s for s in degraded if s.meta["name"] == "t090l50")
    rng = np.random.default_rng(46)
    right = observe(s, 1000, rng)
    wrong = Spectrum(vacuum_to_air(right.wave), right.flux, right.ivar, right.mask, "vacuum")
    chi2 = [classify(shift_to_rest(x, 0.0), grid).chi2 for x in (right, wrong)]
    assert chi2[1] > chi2[0]

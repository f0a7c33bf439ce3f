"""Classification on the shipped table of standards: no file from elsewhere needed."""

import numpy as np
import pytest
from astropy.table import Table

from confusion import confusion_matrix
from runaways.spectra.spectrum import Spectrum
from runaways.subtypes.classification import (
    Subtype,
    class_name,
    classify,
    classify_widths,
    type_name,
)
from runaways.subtypes.standard_widths import (
    CLASS_GRID,
    INDEX_SCATTER,
    TYPE_GRID,
    interpolate_standards,
)


@pytest.fixture(scope="module")
def standards(resources):
    return Table.read(resources / "mk_standards_equivalent_widths.ecsv")


@pytest.fixture(scope="module")
def grid(standards):
    return interpolate_standards(standards)


def dwarfs(standards, *types):
    rows = standards[standards["luminosity"] == 5]
    return [rows[rows["type_number"] == t][0] for t in types]


def test_the_table_says_where_it_is_from(standards):
    assert "Gray & Corbally 2014" in standards.meta["credit"]
    assert standards["HeI4471"].unit == "Angstrom"
    assert len(standards) == 151 and standards["is_blend"].sum() > 30


def test_dwarfs_follow_the_criteria_of_liu_2019(standards):
    """Balmer lines rise from B0 to B9; He I peaks at B2; He I 4471 / Mg II 4481 falls from B2."""
    rows = dwarfs(standards, 0, 1, 2, 5, 7, 8, 9)
    for index in ("Hd_A", "Hg_A", "Hd_F", "Hg_F"):
        assert np.all(np.diff([r[index] for r in rows]) > 0)
    for index in ("HeI4026", "HeI4387", "HeI4471", "HeI4144"):
        assert np.argmax([r[index] for r in rows]) == 2
    ratio = [r["HeI4471"] / r["MgII4481"] for r in dwarfs(standards, 2, 3, 5, 7, 8, 9)]
    assert np.all(np.diff(ratio) < 0)


def test_balmer_lines_weaken_with_luminosity(standards):
    for number in (2, 5, 8):
        rows = standards[(standards["type_number"] == number) & ~standards["is_blend"]]
        rows.sort("luminosity")
        assert np.all(np.diff(rows["Hg_A"]) > 0)


def test_left_out_standards_are_predicted_within_their_errors(standards):
    """Residuals of the observed B standards over predicted errors: rms near 1 for every index."""
    pulls = []
    for k, row in enumerate(standards):
        if row["is_blend"] or not 0 <= row["type_number"] < 10:
            continue
        rest = interpolate_standards(standards[np.arange(len(standards)) != k])
        i = np.argmin(np.abs(TYPE_GRID - row["type_number"]))
        j = np.argmin(np.abs(CLASS_GRID - row["luminosity"]))
        measured = np.array([row[name] for name in rest.names])
        pulls.append((measured - rest.mean[i, j]) / np.sqrt(rest.variance[i, j]))
    rms = dict(zip(INDEX_SCATTER, np.sqrt(np.mean(np.square(pulls), axis=0)), strict=True))
    assert len(pulls) == 27
    assert rms.pop("CaK") < 1  # widened for the interstellar line, which standards hardly have
    assert 0.5 < min(rms.values()) and max(rms.values()) < 1.25


def test_posterior_is_calibrated(grid):
    """Types drawn from the prior, widths from the grid: the error bars hold 68 per cent."""
    rng = np.random.default_rng(31)
    error = np.full(len(grid.names), 0.05)
    pulls = []
    for _ in range(400):
        i, j = rng.integers(len(TYPE_GRID)), rng.integers(len(CLASS_GRID))
        sigma = np.sqrt(grid.variance[i, j] + error**2)
        found = classify_widths(grid.mean[i, j] + sigma * rng.normal(size=len(sigma)), error, grid)
        pulls.append((found.subtype_number - TYPE_GRID[i]) / found.subtype_error)
    assert abs(np.mean(np.abs(pulls) < 1) - 0.683) < 3 * np.sqrt(0.683 * 0.317 / 400)
    assert abs(np.mean(pulls)) < 3 / np.sqrt(400)


def test_interpolation_is_the_gaussian_process_of_the_textbook(standards):
    """One index by dense linear algebra (Rasmussen & Williams eqs. 2.25, 2.26)."""
    grid = interpolate_standards(standards, {"HeI4471": 0.08})
    rows = standards[
        ~standards["is_blend"] & (standards["type_number"] >= -3) & (standards["type_number"] <= 48)
    ]
    x = np.column_stack([rows["type_number"] / 3, rows["luminosity"] / 2])
    y = np.asarray(rows["HeI4471"], float)

    def kernel(a, b):
        return np.var(y) * (4 + np.exp(-0.5 * ((a[:, None] - b) ** 2).sum(-1)))

    at = np.array([[TYPE_GRID[60] / 3, CLASS_GRID[8] / 2]])
    inverse = np.linalg.inv(kernel(x, x) + 0.08**2 * np.eye(len(y)))
    k = kernel(at, x)
    assert grid.mean[60, 8, 0] == pytest.approx((k @ inverse @ (y - y.mean()) + y.mean())[0])
    assert grid.variance[60, 8, 0] == pytest.approx(
        (kernel(at, at) - k @ inverse @ k.T)[0, 0] + 0.08**2, rel=1e-6
    )


def test_missing_indices_widen_the_posterior(grid):
    i, j = np.argmin(np.abs(TYPE_GRID - 4.0)), len(CLASS_GRID) - 1
    width, error = grid.mean[i, j].copy(), np.full(len(grid.names), 0.05)
    full = classify_widths(width, error, grid)
    width[:4] = np.nan  # no He I
    part = classify_widths(width, error, grid)
    assert part.n_indices == full.n_indices - 4 and np.isnan(part.helium_excess)
    assert part.subtype_error > full.subtype_error
    width[4:-4] = np.nan
    few = classify_widths(width, error, grid)
    assert few.flags == ("unclassified",) and few.subtype == "" and "only 4 of 17" in few.reason
    assert np.isnan(few.p_hot_star) and few.cool_type == ""


def test_cool_stars_are_told_from_hot_ones_with_few_metals_too(grid):
    """Dwarfs of the grid at 0.2 A; the metal lines of the second F5 at a quarter."""
    metal = np.array([not name.startswith("H") for name in grid.names])
    stars = ((4.0, 1.0, ""), (25.0, 1.0, "F5"), (25.0, 0.25, "F"), (45.0, 1.0, "K5"))
    for number, share, cool in stars:
        width = grid.mean[np.argmin(np.abs(TYPE_GRID - number)), -1]
        width = np.where(metal & (width > 0), share * width, width)
        found = classify_widths(width, np.full(len(grid.names), 0.2), grid)
        if cool:
            assert found.p_hot_star < 0.05 and found.cool_type.startswith(cool), (number, found)
        else:
            assert found.p_hot_star > 0.99


def test_noise_ends_in_unclassified_not_in_a_type(grid):
    i, j = np.argmin(np.abs(TYPE_GRID - 4.0)), len(CLASS_GRID) - 1
    found = classify_widths(grid.mean[i, j], np.full(len(grid.names), 20.0), grid)
    assert "unclassified" in found.flags and "uncertain" in found.reason and found.subtype == ""


def test_helium_peculiarity_is_flagged(grid):
    """Half and twice the He I of a B4 dwarf."""
    i, j = np.argmin(np.abs(TYPE_GRID - 4.0)), len(CLASS_GRID) - 1
    error = np.full(len(grid.names), 0.02)
    helium = np.array([n.startswith("HeI4") for n in grid.names])
    normal = classify_widths(grid.mean[i, j], error, grid)
    assert normal.flags == () and abs(normal.helium_excess) < 0.2
    weak = classify_widths(np.where(helium, 0.5, 1) * grid.mean[i, j], error, grid)
    assert weak.flags == ("he-weak",) and weak.helium_excess < -0.3
    strong = classify_widths(np.where(helium, 2.0, 1) * grid.mean[i, j], error, grid)
    assert strong.helium_excess > 0.3 and set(strong.flags) & {"he-strong", "unclassified"}


def test_emission_is_flagged(grid):
    """A flat spectrum with H alpha in emission; and one with neither line."""
    wave = np.arange(3800.0, 6700, 1.0)
    bump = np.exp(-0.5 * ((wave - 6562.8) / 4) ** 2)
    for height, flagged in ((0.5, True), (0.0, False), (-0.5, False)):
        s = Spectrum(
            wave,
            1 + height * bump,
            np.full(len(wave), 1e4),
            np.zeros(len(wave), bool),
            "air",
            "rest",
        )
        assert ("emission" in classify(s, grid).flags) == flagged


def test_filled_h_beta_is_flagged(grid):
    wave = np.arange(3800.0, 5200, 1.0)

    def star(h_beta_depth):
        flux = np.ones(len(wave))
        for centre, depth in ((4101.7, 0.5), (4340.5, 0.5), (4861.3, h_beta_depth)):
            flux -= depth / (1 + ((wave - centre) / 5) ** 2)
        return classify(
            Spectrum(wave, flux, np.full(len(wave), 1e4), np.zeros(len(wave), bool), "air", "rest"),
            grid,
        )

    assert "emission" not in star(0.5).flags and "emission" in star(0.1).flags


def test_names():
    assert [type_name(n) for n in (-0.6, -0.1, 0.0, 0.3, 2.4, 9.74, 9.76, 10.2, 23.0)] == [
        "O9.5",
        "B0",
        "B0",
        "B0.5",
        "B2.5",
        "B9.5",
        "A0",
        "A0",
        "F3",
    ]
    assert [class_name(c) for c in (0.2, 1.0, 2.6, 4.4, 5.0)] == ["Ia", "Ib", "III", "IV", "V"]


def test_second_best_is_another_cell(grid):
    i, j = np.argmin(np.abs(TYPE_GRID - 4.2)), len(CLASS_GRID) - 1
    found = classify_widths(grid.mean[i, j], np.full(len(grid.names), 0.1), grid)
    assert found.second_best != f"{found.subtype} {found.luminosity_class}"
    assert 0 < found.second_best_probability < 1 and 0.99 < found.p_b_star <= 1


def test_confusion_matrix_counts_every_star():
    def result(number, flags=()):
        return Subtype("", number, 0.1, "", 5.0, 0.1, "", 0.0, 1.0, 1.0, 13, 0.0, flags)

    table = confusion_matrix(
        [-2.0, 2.0, 2.5, 9.0, 12.0, 25.0],
        [
            result(-1.0),
            result(2.2),
            result(3.0),
            result(9.9),
            result(11.0),
            result(5.0, ("unclassified",)),
        ],
    )
    got = {row["true"]: {c: row[c] for c in table.colnames[1:] if row[c]} for row in table}
    assert {k: v for k, v in got.items() if v} == {
        "O": {"O": 1},
        "B2": {"B2": 1, "B3": 1},
        "B9": {"A": 1},
        "A": {"A": 1},
        "later": {"unclassified": 1},
    }


def test_a_table_without_an_index_is_refused(standards):
    with pytest.raises(ValueError, match="no column"):
        interpolate_standards(standards["type_number", "luminosity", "is_blend"])
    with pytest.raises(ValueError, match="at least 10"):
        interpolate_standards(standards[:8])

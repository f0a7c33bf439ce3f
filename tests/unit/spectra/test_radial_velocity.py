"""Planted velocities on line templates: no file needed."""

import numpy as np
import pytest

from runaways.spectra.epochs import combine, concatenate, join_cameras, measure_epochs
from runaways.spectra.line_templates import STRENGTHS, line_templates
from runaways.spectra.radial_velocity import measure_rv
from runaways.spectra.spectrum import (
    C_KMS,
    Spectrum,
    shift_to_rest,
    signal_to_noise,
    to_medium,
    vacuum_to_air,
)

PIXELS = 10 ** (3.5682 + 1e-4 * np.arange(3909))  # LAMOST LRS
REST = np.exp(np.arange(np.log(3700), np.log(7300), 1.2e-4))
TEMPLATES, NAMES = line_templates(REST, 1800.0)


def observe(
    template, rv, snr, rng, medium="vacuum", pixels=PIXELS, rest=REST, flux=TEMPLATES, **meta
):
    """A template at a velocity, with a steep continuum and noise."""
    inside = pixels < 7000
    wave = pixels[inside]
    clean = np.interp(wave / (1 + rv / C_KMS), rest, flux[template]) * (wave / 4500) ** -3
    noisy = clean * (1 + rng.normal(size=len(wave)) / snr)
    s = Spectrum(wave, noisy, (snr / clean) ** 2, np.zeros(len(wave), bool), "vacuum", meta=meta)
    return to_medium(s, medium)


def test_templates_have_lines_where_they_belong():
    b2 = TEMPLATES[NAMES.index("B2 x1 30")]
    air = vacuum_to_air(REST)
    for centre in (4340.47, 4861.33, 4471.50, 6678.15):
        near = np.abs(air - centre) < 6
        assert air[near][np.argmin(b2[near])] == pytest.approx(centre, abs=0.6)
    assert len(NAMES) == len(TEMPLATES) == 4 * len(STRENGTHS)


@pytest.mark.parametrize("rv", [-900.0, -600.0, -33.3, 0.0, 250.0, 600.0])
@pytest.mark.parametrize("medium", ["vacuum", "air"])
def test_planted_velocity(rv, medium):
    rng = np.random.default_rng(11)
    s = observe(NAMES.index("B5 x1 30"), rv, 100.0, rng, medium, rv_header=rv)
    found = measure_rv(s, REST, TEMPLATES)
    assert found.rv == pytest.approx(rv, abs=5.0) and found.rv_error < 5
    assert found.flags == () and NAMES[found.template].startswith("B5 x1")


def test_errors_cover_the_truth():
    """68 per cent of velocities within their error, to the binomial 3 sigma, B0 to A0, S/N 20."""
    rng = np.random.default_rng(12)
    pulls = []
    for k in range(120):
        rv = rng.uniform(-700, 700)
        template = NAMES.index(
            ("B0 x1 30", "B2 x0.5 250", "B5 x1 250", "B8 x1 30", "A0 x1 250")[k % 5]
        )
        found = measure_rv(observe(template, rv, 20.0, rng), REST, TEMPLATES)
        pulls.append((found.rv - rv) / found.rv_error)
    inside = np.mean(np.abs(pulls) < 1)
    assert abs(inside - 0.683) < 3 * np.sqrt(0.683 * 0.317 / 120)
    assert np.max(np.abs(pulls)) < 5


def test_header_disagreement_is_flagged():
    rng = np.random.default_rng(13)
    b2 = NAMES.index("B2 x1 30")
    assert measure_rv(observe(b2, 300.0, 50, rng, rv_header=290.0), REST, TEMPLATES).flags == ()
    assert (
        "header-disagrees"
        in measure_rv(observe(b2, 300.0, 50, rng, rv_header=20.0), REST, TEMPLATES).flags
    )
    assert "no-header" in measure_rv(observe(b2, 300.0, 50, rng), REST, TEMPLATES).flags


def test_noise_is_flagged():
    rng = np.random.default_rng(14)
    flat = np.ones((1, len(REST)))
    found = measure_rv(observe(0, 0.0, 30.0, rng, flux=flat, rv_header=0.0), REST, TEMPLATES)
    assert {"low-correlation", "ambiguous"} <= set(found.flags)


def test_a_velocity_out_of_range_is_flagged():
    rng = np.random.default_rng(15)
    s = observe(NAMES.index("B5 x1 30"), 500.0, 50.0, rng)
    assert "edge" in measure_rv(s, REST, TEMPLATES, limits=(-400.0, 400.0)).flags


def test_cosmic_rays_under_the_mask_do_no_harm():
    rng = np.random.default_rng(16)
    s = observe(NAMES.index("B5 x1 30"), 120.0, 50.0, rng)
    s.flux[::40] = 1e6
    s.mask[::40] = True
    assert measure_rv(s, REST, TEMPLATES).rv == pytest.approx(120, abs=10)


def test_no_window_no_velocity():
    rng = np.random.default_rng(17)
    s = observe(0, 0.0, 50.0, rng, pixels=np.linspace(5200, 5700, 500))
    with pytest.raises(ValueError, match="no Balmer or He I window"):
        measure_rv(s, REST, TEMPLATES)
    with pytest.raises(ValueError, match="already in the rest frame"):
        measure_rv(shift_to_rest(s, 0.0), REST, TEMPLATES)


def test_mrs_arms_are_joined_for_one_velocity():
    """MRS at R = 7500: both arms give one velocity, to 2 km/s at S/N 60."""
    rng = np.random.default_rng(18)
    rest = np.exp(np.arange(np.log(4800), np.log(6950), 1.2e-5))
    flux, names = line_templates(rest, 7500.0)
    arms = []
    for arm, low, high in (("B", 4898, 5390), ("R", 6272, 6845)):
        pixels = np.exp(np.arange(np.log(low), np.log(high), 2.4e-5))
        arms.append(
            observe(
                names.index("B2 x1 30"),
                -350.0,
                60.0,
                rng,
                pixels=pixels,
                rest=rest,
                flux=flux,
                arm=arm,
                path="m.fits",
                exposure="",
            )
        )
    (joined,) = join_cameras(arms)
    assert len(joined) == len(arms[0]) + len(arms[1]) and joined.meta["arm"] == "B+R"
    found = measure_rv(joined, rest, flux)
    assert {"Ha", "HeI6678", "HeI5016"} <= set(found.windows)
    assert found.rv == pytest.approx(-350, abs=2) and found.rv_error < 2
    with pytest.raises(ValueError, match="overlap"):
        concatenate([joined, arms[0]])


def test_epochs_are_shifted_then_combined():
    """Four epochs of one binary at four velocities: the sum is at rest, sqrt(4) times better."""
    rng = np.random.default_rng(19)
    planted = [-80.0, 10.0, 60.0, 200.0]
    b5 = NAMES.index("B5 x1 30")
    epochs = [observe(b5, rv, 25.0, rng, obsid=k) for k, rv in enumerate(planted)]
    at_rest, table = measure_epochs(epochs, REST, TEMPLATES)
    np.testing.assert_allclose(table["rv"], planted, atol=20)
    assert str(table["rv"].unit) == "km / s"
    assert "rv-variable" in table.meta["rv_flags"]
    total = combine(at_rest)
    assert total.frame == "rest" and total.meta["n_epochs"] == 4
    assert sorted(total.meta["obsids"]) == [0, 1, 2, 3]
    assert signal_to_noise(total) == pytest.approx(50, rel=0.05)
    inside = (total.wave > 3900) & (total.wave < 6900) & total.good
    truth = np.interp(total.wave, REST, TEMPLATES[b5])
    ratio = (total.flux * (total.wave / 4500) ** 3)[inside] / truth[inside]
    assert np.std(ratio) == pytest.approx(1 / 50, rel=0.15)


def test_combining_levels_different_flux_calibrations():
    rng = np.random.default_rng(20)
    b5 = NAMES.index("B5 x1 30")
    one, two = (shift_to_rest(observe(b5, 0.0, snr, rng), 0.0) for snr in (60.0, 50.0))
    tilt = 7 * (1 + 2e-4 * (two.wave - 5000))
    tilted = Spectrum(two.wave, two.flux * tilt, two.ivar / tilt**2, two.mask, two.medium, "rest")
    straight, levelled = combine([one, two]), combine([one, tilted])
    np.testing.assert_allclose(levelled.flux, straight.flux, rtol=5e-3)


def test_combine_refuses():
    rng = np.random.default_rng(21)
    s = observe(0, 0.0, 50.0, rng)
    with pytest.raises(ValueError, match="no spectrum"):
        combine([])
    with pytest.raises(ValueError, match="rest frame"):
        combine([s])
    rest = shift_to_rest(s, 0.0)
    other = Spectrum(
        np.arange(8000.0, 9000),
        np.ones(1000),
        np.ones(1000),
        np.zeros(1000, bool),
        "vacuum",
        "rest",
    )
    with pytest.raises(ValueError, match="too few"):
        combine([rest, other])


def test_an_unreliable_epoch_takes_the_velocity_of_the_others():
    rng = np.random.default_rng(22)
    good = [observe(NAMES.index("B5 x1 30"), 150.0, 60.0, rng) for _ in range(2)]
    noise = observe(0, 0.0, 30.0, rng, flux=np.ones((1, len(REST))))
    _, table = measure_epochs([*good, noise], REST, TEMPLATES)
    assert table["rv_used"][2] == pytest.approx(table.meta["rv"], abs=1e-9)
    assert table.meta["rv"] == pytest.approx(150, abs=10)
    _, alone = measure_epochs([noise], REST, TEMPLATES)
    assert "rv-unreliable" in alone.meta["rv_flags"]

"""Air and vacuum against published values; grids uniform in velocity."""

import numpy as np
import pytest

from runaways.spectra import wavelengths


@pytest.mark.parametrize(
    "air, vacuum",
    [
        (4340.463, 4341.684),  # H gamma, van Hoof (2018) and NIST
        (4861.325, 4862.683),  # H beta, NIST, as the next two
        (4101.735, 4102.892),  # H delta
        (6562.80, 6564.613),  # H alpha
        (5889.951, 5891.583),  # Na D2, NIST
    ],
)
def test_conversion_gives_published_pairs(air, vacuum):
    assert wavelengths.air_to_vacuum(air) == pytest.approx(vacuum, abs=2e-3)
    assert wavelengths.vacuum_to_air(vacuum) == pytest.approx(air, abs=2e-3)


def test_the_two_directions_are_inverse():
    wave = np.linspace(2100.0, 9000.0, 500)
    back = wavelengths.vacuum_to_air(wavelengths.air_to_vacuum(wave))
    np.testing.assert_allclose(back, wave, rtol=1e-12)


def test_ultraviolet_is_left_in_vacuum():
    assert wavelengths.vacuum_to_air(1500.0) == 1500.0


def test_velocity_grid_has_the_step_and_covers():
    grid = wavelengths.velocity_grid(4000.0, 4100.0, 7.0)
    assert wavelengths.velocity_step(grid) == pytest.approx(7.0, rel=1e-9)
    assert grid[0] == 4000.0 and grid[-2] < 4100.0 <= grid[-1]


def test_a_linear_grid_is_refused():
    with pytest.raises(ValueError, match="uniform in ln"):
        wavelengths.velocity_step(np.linspace(4000, 4100, 200))
    with pytest.raises(ValueError, match="empty"):
        wavelengths.velocity_grid(5000.0, 4000.0, 5.0)

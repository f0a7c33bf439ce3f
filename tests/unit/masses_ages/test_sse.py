"""Stand-in tracks by COSMIC."""

from pathlib import Path

import numpy as np
import pytest

from runaways.masses_ages.sse import evolve_sse


@pytest.fixture(scope="module")
def sse(tmp_path_factory):
    here = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        table = evolve_sse(n_masses=25, n_mh=4, steps=30)
        assert list(here.iterdir()) == []  # COSMIC writes fort.99 where it stands
        assert Path.cwd() == here
    return table


def test_metallicity_stops_where_sse_was_fitted(sse):
    """Hurley et al. 2000: Z = 1e-4 to 0.03; log10(0.03 / 0.0152) = 0.295."""
    assert sse["mh"].max() == pytest.approx(0.295, abs=0.001)
    assert sse["mh"].min() == pytest.approx(-0.6)
    assert "in place of PARSEC" in sse.meta["stand_in"]


def test_tracks_are_whole_main_sequences(sse):
    names, rows = np.unique(sse["track"], return_counts=True)
    assert len(names) == 100
    assert rows.min() >= 25
    assert set(sse["evolutionary_phase"]) == {1, 2}
    for name in names[:5]:
        one = sse[sse["track"] == name]
        assert (np.diff(one["age"]) >= 0).all()
        assert (np.diff(one["evolutionary_phase"]) >= 0).all()


def test_lifetime_of_five_solar_masses(sse):
    """PARSEC 1.2S at [M/H] = -0.15: the star leaving the main sequence at 100 Myr has 5.01 Msun."""
    near = (np.abs(sse["mh"] + 0.0035) < 0.01) & (sse["evolutionary_phase"] == 1)
    five = near & (np.abs(np.log10(sse["mass_initial"] / 5)) < 0.08)
    mass = sse["mass_initial"][five][0]
    assert sse["age"][five].max() * (mass / 5.01) ** 2.5 == pytest.approx(100, rel=0.2)


def test_empty_range_is_refused():
    with pytest.raises(ValueError, match=r"no SSE grid from 1.1 to 80 Msun .* 0.4 to 0.6"):
        evolve_sse(mh_min=0.4)

"""Tracks cut into cells: nothing of mass and age is lost, and values lie on the tracks."""

import numpy as np
import pytest
from astropy.table import vstack

from runaways.masses_ages import model_stars
from runaways.masses_ages.tracks import track_table


def tracks(kind):
    """Stars that live 1000 / M^2 Myr, Teff = 12 000 K M^0.4, log g falling from 4.5 to 3.5."""
    life = lambda mass: 1000.0 / mass**2  # noqa: E731
    rows = []
    if kind == "isochrone":
        for age in 10 ** np.arange(0, 2.01, 0.1):
            for mass in np.geomspace(1, np.sqrt(1000 / age), 60):
                rows.append((mass, age, f"isochrone {age:.3f}"))
    else:
        for mass in np.geomspace(1, 10, 40):
            for fraction in np.linspace(0, 1, 30):
                rows.append((mass, fraction * life(mass), f"track {mass:.3f}"))
    mass, age = np.array([row[:2] for row in rows]).T
    out = [
        track_table(
            teff=12_000 * mass**0.4,
            logg=4.5 - age / life(mass),
            mh=np.full(len(mass), mh),
            luminosity=mass**3.5,
            mass=mass,
            age=age,
            mass_initial=mass,
            evolutionary_phase=np.ones(len(mass), int),
            track=[f"{row[2]} {mh}" for row in rows],
            source="made up",
        )
        for mh in (-0.3, 0.0)
    ]
    table = vstack(out)
    table.meta["track"] = kind
    return table


@pytest.mark.parametrize("kind", ["isochrone", "track"])
def test_cells_fill_the_plane_of_mass_and_age(kind):
    models = model_stars.model_stars(tracks(kind))
    # the area below the lifetime: between 1 and 10 Msun, and 0 and 100 Myr
    young = (models.age < 90) & (models.mass < 10)
    cells = (models.mass_width * models.age_width * models.mh_width)[young].sum()
    mass = np.linspace(1, 10, 100_001)
    area = np.minimum(1000 / mass**2, 90).mean() * 9
    assert cells == pytest.approx(0.3 * area, rel=0.03)
    assert set(models.phase) == {1}
    assert (np.diff(models.age) >= 0).all()


@pytest.mark.parametrize("kind", ["isochrone", "track"])
def test_model_stars_lie_on_the_tracks(kind):
    models = model_stars.model_stars(tracks(kind))
    assert models.teff == pytest.approx(12_000 * models.mass**0.4, rel=1e-3)
    assert models.logg == pytest.approx(4.5 - models.age * models.mass**2 / 1000, abs=0.02)
    assert models.luminosity == pytest.approx(models.mass**3.5, rel=5e-3)


def test_of_two_sets_of_nearly_one_metallicity_the_fuller_counts():
    table = tracks("isochrone")
    few = table[(table["mh"] == 0.0) & (table["age"] < 1.5)]
    few["mh"] = 0.03
    few["track"] = np.char.add(few["track"].astype(str), " again")
    both = vstack([table, few])
    assert len(model_stars.model_stars(both)) == len(model_stars.model_stars(table))


def test_a_single_age_is_refused():
    table = tracks("isochrone")
    with pytest.raises(ValueError, match="a single age"):
        model_stars.model_stars(table[table["age"] < 1.1])


def test_kept_and_read_again(tmp_path):
    models = model_stars.model_stars(tracks("track"))
    model_stars.save(models, tmp_path / "models.npz")
    again = model_stars.load(tmp_path / "models.npz")
    assert len(again) == len(models) and (again.age == models.age).all()


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "models.npz"
    model_stars.save(model_stars.model_stars(tracks("track")), path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match="models.npz: no model stars, or damaged"):
        model_stars.load(path)

"""A list as `make fetch` brings it from the Gaia archive: to the end with its radial velocities."""

from pathlib import Path

import numpy as np
from astropy.table import Table

import archives
from scripts.fetch.catalogues import fetch_stars

CASE = Path(__file__).parents[1] / "cases" / "gaia-names" / "stars.csv"


def test_a_fetched_list_runs_to_its_end(fresh):
    """No age and no labels: no birthplace, said as the reason; an ejection all the same."""
    sky = Table.read(CASE)
    sky.rename_column("SOURCE_ID", "source_id")
    sky.remove_columns(["star", "age", "age_error"])
    ids = fresh.folder / "ids.txt"
    ids.write_text("".join(f"{one}\n" for one in sky["source_id"]))
    with archives.serving(archives.Tap, table=lambda query: archives.gaia(query, sky)) as tap:
        fetch_stars(ids, fresh.folder / "gaia.csv", tap.url, pause=0.0)
    damaged = Table.read(fresh.folder / "gaia.csv")
    damaged.add_row(damaged[0])
    damaged["source_id"][2] += 1
    for name, value in zip(("parallax_pmra", "parallax_pmdec", "pmra_pmdec"), (0.9, 0.9, -0.9)):
        damaged[f"{name}_corr"][2] = value  # no covariance has these
    damaged.write(fresh.folder / "gaia.csv", overwrite=True)
    fresh.config = {
        "run": "gaia",
        "stars": "gaia.csv",
        "distance": {"method": "edsd"},
        "orbits": {"draws": 16, "draws_per_chunk": 16, "null_time": "200 Myr"},
        "clusters": {"draws": 4, "look_back_max": "100 Myr"},
        "ejections": {"kernels": 0.25},
        "origins": {"binaries": {"number": 1500}},
    }
    text = fresh.snakemake("results/gaia/catalogue.ecsv")
    assert text.count("rv = radial_velocity") == 1
    assert "no star has an age: no birthplace" in text
    catalogue = Table.read(fresh.folder / "results" / "gaia" / "catalogue.ecsv")
    assert catalogue["source_id"].tolist()[:2] == ["454303606011095552", "469854136404332160"]
    assert catalogue["rv"].tolist() == [-35.0, 12.0, -35.0]
    assert set(catalogue["reason"][:2]) == {"age: missing, no birthplace"}
    assert catalogue["status"].tolist() == ["ok", "ok", "failed"]
    assert "birthplace; correlations: the correlations of parallax" in catalogue["reason"][2]
    assert "Without a full result 1: " in text
    catalogue = catalogue[:2]
    assert not np.isfinite(np.ma.filled(catalogue["birth_x"], np.nan)).any()
    assert all(catalogue["ejection_verdict"]) and all(catalogue["p_ejected"] >= 0)
    assert "rv = radial_velocity" not in fresh.snakemake("-n", "results/gaia/catalogue.ecsv")

"""A table of the Gaia archive, as downloaded: to the end with its ids and radial velocities."""

from pathlib import Path

import numpy as np
from astropy.table import Table

CASE = Path(__file__).parents[1] / "cases" / "gaia-names" / "stars.csv"


def test_a_gaia_table_without_ages_runs_to_its_end(fresh):
    """No age and no labels: no birthplace, said as the reason; an ejection all the same."""
    rows = [line.split(",") for line in CASE.read_text().splitlines()]
    without = [[*row[:11], *row[13:]] for row in rows]
    assert rows[0][11:13] == ["age", "age_error"]
    (fresh.folder / "gaia.csv").write_text("".join(",".join(row) + "\n" for row in without))
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
    assert text.count("rv = radial_velocity") == 1 and "source_id = SOURCE_ID" in text
    assert "no star has an age: no birthplace" in text
    catalogue = Table.read(fresh.folder / "results" / "gaia" / "catalogue.ecsv")
    assert catalogue["source_id"].tolist() == ["454303606011095552", "469854136404332160"]
    assert catalogue["rv"].tolist() == [-35.0, 12.0]
    assert set(catalogue["reason"]) == {"age: missing, no birthplace"}
    assert set(catalogue["status"]) == {"ok"} and "Without a full result" not in text
    assert not np.isfinite(np.ma.filled(catalogue["birth_x"], np.nan)).any()
    assert all(catalogue["ejection_verdict"]) and all(catalogue["p_ejected"] >= 0)
    assert "rv = radial_velocity" not in fresh.snakemake("-n", "results/gaia/catalogue.ecsv")

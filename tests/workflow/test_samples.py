"""Any sample through the workflow: distances, fits, contaminants, gates, cheap thresholds."""

import numpy as np
import pytest
from astropy.table import Table

from mock_survey import mock_survey

ORBITS = {"trace_orbit", "draw_birthplaces", "predict_masses_ages", "classify_disk"}
N = 60


@pytest.fixture
def survey(modelled):
    """A small mock survey with a negative parallax, bad astrometry and horizontal-branch stars."""
    stars, truth, _ = vars(mock_survey(N, 0.2, 7, bhb_fraction=0.1)).values()
    stars["parallax"][20], stars["parallax_error"][20] = -0.3, 0.1
    stars["ruwe"][21] = 3.0
    stars.write(modelled.folder / "mock.ecsv", format="ascii.ecsv", delimiter=",")
    bhb = Table({"Source": stars["source_id"], "RA_ICRS": stars["ra"], "DE_ICRS": stars["dec"]})
    bhb[truth["is_bhb"]].write(modelled.folder / "bhb.csv")
    modelled.config |= {"stars": "mock.ecsv", "stars_per_job": 60, "figures": {}}
    modelled.config["spectra"] = {}
    modelled.config["distance"] = {"method": "edsd", "edsd_length": "1 kpc"}
    modelled.config["selection"] = {"fit": "one_percent", "quality": {"ruwe_max": 1.4}}
    modelled.config["bhb"] = {"catalogues": [{"file": "bhb.csv", "epoch": 2016.0}]}
    modelled.config["orbits"] = {"draws": 16, "draws_per_chunk": 16}
    return modelled, stars, truth


def test_a_survey_is_selected_and_traced(survey):
    project, stars, truth = survey
    results = project.folder / "results" / "tiny"
    products = ["selection.parquet", "velocity_fits.ecsv", "stars/batch_000000/disk.parquet"]
    project.snakemake(*(f"results/tiny/{name}" for name in products))
    chosen, bhb = (Table.read(results / f"{name}.parquet") for name in ("selection", "bhb"))
    assert bhb["is_bhb"].tolist() == truth["is_bhb"].tolist() and bhb["is_bhb"].any()
    assert set(bhb["bhb_matched_by"][bhb["is_bhb"]]) == {"source_id"}
    assert chosen["failed_gates"][21] == "ruwe" and np.sum(~chosen["passes_quality"]) == 1
    speeds = Table.read(results / "velocities.parquet")
    assert 0 < speeds["distance_lower"][20] < speeds["distance"][20] < np.inf
    without = ~np.isfinite(stars["rv"])
    assert without.any() and np.isfinite(chosen["p_runaway"]).all()
    assert set(chosen["selection_route"][without]) == {"tangential only: no radial velocity"}
    fits = Table.read(results / "velocity_fits.ecsv")
    assert set(fits["n_stars"]) <= {N - 1 - bhb["is_bhb"].sum(), *range(N)} and len(fits) == 4
    used = fits[(fits["errors"] == "taken_out") & (fits["velocity"] == "space")][0]
    assert chosen.meta["thresholds"]["space"] == used["threshold"]
    # another layout, the same orbits
    disk = Table.read(results / "stars" / "batch_000000" / "disk.parquet")
    assert np.sum(disk["status"] == "ok") == N - without.sum() and disk["status"][20] == "ok"
    project.config |= {"stars_per_job": 30}
    project.snakemake("results/tiny/stars/batch_000001/disk.parquet")
    half = Table.read(results / "stars" / "batch_000001" / "disk.parquet")
    for name in ("birth_x", "birth_z_lower", "p_birth_in_disk", "horizon"):
        assert np.array_equal(half[name], disk[name][30:], equal_nan=True), name


def test_thresholds_of_the_sample_are_cheap(project):
    project.config["selection"] = {"v_sp_min": "50 km/s", "quality": {"ruwe_max": 1.4}}
    project.config["origins"] = {"v_sp": "three_sigma"}
    project.config["bhb"] = {"radius": "1 arcsec", "max_tension": 5}
    jobs = project.jobs()
    assert {"fit_selection", "classify_origins", "match_bhb", "check_distances"} <= set(jobs)
    assert not (ORBITS | {"measure_velocities", "train_forests"}) & set(jobs)


def test_another_distance_reruns_what_sees_it(project):
    project.config["distance"] = {"method": "inverse_parallax"}
    jobs = project.jobs()
    assert jobs["draw_birthplaces"] == 8 and jobs["measure_velocities"] == 1
    assert "train_forests" not in jobs

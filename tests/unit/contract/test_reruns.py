"""An edit re-runs what it changes: a constant, and the scripts whose hash it is in."""

import shutil

import pytest

from contract import hashes
from project import ROOT, SCRIPTS

REPORT = "report/export_report"  # it draws what figures and verdicts draw
AUDIT = "audit/check_published"
TRACED = {"orbits/trace_orbit", "orbits/draw_birthplaces"}
EJECTED = {f"ejections/{name}" for name in ("draw_planted", "fit_ejection", "fit_turned")}
EJECTED |= {"ejections/match_bodies"}
# they take a star with all of its measurements completed
MATCHED = {"encounters/match_clusters", "encounters/match_pair"}
COMPLETED = TRACED | EJECTED | MATCHED
COMPLETED |= {
    "encounters/tabulate_encounters",
    "masses_ages/draw_ages",
    "masses_ages/predict_masses_ages",
    "origins/classify_origins",
    "products/tabulate_catalogue",
    "selection/check_distances",
    "selection/fit_selection",
    "stars/measure_velocities",
}
READ_LIST = COMPLETED | {"stars/check_stars"}
READ_LIST |= {f"spectra/{name}" for name in ("check_spectra", "fetch_spectra", "measure_spectrum")}
DISK_FIGURES = {"figures/plot_disk_origin", "figures/plot_figure_8", "figures/plot_channels"}
INTEGRATED = {"clusters/trace_clusters", "ejections/trace_sources", "orbits/classify_disk"}
INTEGRATED |= {"ejections/fit_planted", "products/tabulate_catalogue", "orbits/tabulate_potential"}
INTEGRATED |= TRACED | EJECTED | MATCHED | DISK_FIGURES | {REPORT}
WITH_LABELS = {
    "encounters/tabulate_encounters",
    "labels/gather_labels",
    "masses_ages/draw_ages",
    "masses_ages/predict_masses_ages",
    "origins/classify_origins",
    "products/tabulate_catalogue",
    "selection/check_distances",
}
LABEL_FIGURES = {f"figures/plot_{name}" for name in ("figure_2", "labels", "spectrum")}
TRACKS = {
    "figures/plot_figure_3",
    *(f"masses_ages/{name}" for name in ("fetch_tracks", "train_forests")),
    *(f"masses_ages/{name}" for name in ("draw_ages", "predict_masses_ages")),
}


def _forget():
    for known in (hashes.code, hashes._read, hashes._imports):
        known.cache_clear()


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The workflow in a folder where it may be edited, and the hash of each script."""
    folder = tmp_path_factory.mktemp("edited")
    for name in ("workflow", "rules"):
        shutil.copytree(ROOT / name, folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashes, "WORKFLOW", folder / "workflow")
        _forget()
        yield folder, {script: hashes.code(script) for script in SCRIPTS}
    _forget()


@pytest.mark.parametrize(
    "module, constant, rerun",
    [
        ("workflow/runaways/audit/identifiers", "MOST_NAMED", {AUDIT}),
        ("workflow/runaways/audit/numbers", "MAX_DECIMALS", {AUDIT}),
        (
            "workflow/runaways/stars/gaia_ids",
            "PIXEL_SHIFT",
            READ_LIST | {AUDIT, "products/export_catalogue"},
        ),
        (
            "workflow/runaways/stars/velocities",
            "SAME_VECTOR",
            COMPLETED | {AUDIT, "figures/plot_figure_1", "figures/plot_velocities"},
        ),
        ("workflow/runaways/labels/lte_catalogue", "COLUMNS", {"labels/match_lte_catalogue"}),
        ("workflow/runaways/labels/adoption", "EXTERNAL_ERRORS", WITH_LABELS),
        (
            "workflow/runaways/labels/fit",
            "MIN_PIXELS",
            {"labels/fit_labels", REPORT} | LABEL_FIGURES,
        ),
        (
            "workflow/runaways/emulators/slam",
            "SVR_C",
            {"emulators/fit_svr_settings", "emulators/train_emulator"},
        ),
        ("workflow/runaways/masses_ages/tracks", "MASS_MAX", TRACKS),
        ("workflow/runaways/orbits/integration", "TOLERANCE", INTEGRATED),
        (
            "workflow/runaways/orbits/potentials",
            "FAR",
            # peculiar velocities are relative to a potential's rotation
            INTEGRATED
            | {"products/tabulate_run", "selection/fit_selection", "stars/measure_velocities"},
        ),
        ("workflow/runaways/encounters/kernels", "NEWTON_STEPS", MATCHED),
        ("workflow/runaways/encounters/evidence", "RADIUS", {"encounters/tabulate_encounters"}),
        ("workflow/runaways/ejections/pairs", "MOST_KERNELS", {"ejections/match_bodies"}),
        ("workflow/runaways/products/cds", "UNITS", {"products/export_catalogue"}),
        ("rules/project", "TIME_LIMIT", set()),
    ],
)
def test_an_edited_constant_reruns_what_it_changes(copy, module, constant, rerun):
    folder, before = copy
    path = next((folder / module).parent.glob(f"{(folder / module).name}.*"))
    text = path.read_text()
    assert f"\n{constant} = " in text
    try:
        path.write_text(f"{text}\n{constant} = 'edited'\n")
        _forget()
        assert {script for script in SCRIPTS if hashes.code(script) != before[script]} == rerun
    finally:
        path.write_text(text)

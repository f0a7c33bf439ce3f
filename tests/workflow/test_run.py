"""The tiny run: every product is there, a bad star harms no other, bad input stops it at once."""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys

import pytest
import yaml
from astropy.table import Table


def _table(project, name):
    return Table.read(project.folder / "results" / "tiny" / name)


def test_every_product_is_there(finished):
    products = [
        "models/hold_out.ecsv",
        "models/emulators.ecsv",
        "labels.ecsv",
        "audit.ecsv",
        "audit.html",
        "scoreboard.ecsv",
        "scoreboard.html",
        "failed.ecsv",
        "encounters.ecsv",
        "best_clusters.parquet",
        "clusters_left_out.ecsv",
        "velocity_fits.ecsv",
        "origin_fractions.ecsv",
    ]
    products += [f"catalogue.{suffix}" for suffix in ("ecsv", "parquet", "vot", "fits", "mrt")]
    products += [
        "catalogue.tex",
        "cds/ReadMe",
        "cds/catalogue.dat",
        "references.bib",
        "origins.html",
    ]
    figures = ("figure_3", "figure_4", "figure_5", "figure_8", "disk_origin", "masses_ages")
    figures += (
        "figure_1",
        "figure_2",
        "figure_7",
        "velocities",
        "labels",
        "encounters",
        "channels",
    )
    products += [f"figures/{name}.{suffix}" for name in figures for suffix in ("pdf", "png")]
    folder = finished.folder / "results" / "tiny"
    assert [name for name in products if not (folder / name).stat().st_size] == []
    record = yaml.safe_load((folder / "run.yaml").read_text())
    assert record["stars"] == 4 and record["failed"] == 1 and record["packages"]["galpy"]


def test_the_crate_holds_the_run(finished):
    folder = finished.folder / "results" / "tiny"
    graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
    files = {entity["@id"]: entity for entity in graph if entity["@type"] == "File"}
    assert {"catalogue.vot", "origins.html", "figures/figure_1.pdf", "run.yaml"} <= set(files)
    for name, entity in files.items():
        content = (folder / name).read_bytes()
        assert entity["contentSize"] == str(len(content)), name
        assert entity["sha256"] == hashlib.sha256(content).hexdigest(), name
    entities = {entity["@id"]: entity for entity in graph}
    inputs = [entities[reference["@id"]] for reference in entities["#run"]["object"]]
    licences = {entity["name"]: entity.get("license") for entity in inputs}
    mit = {"@id": "https://spdx.org/licenses/MIT"}
    assert licences["tests/config/tiny_stars.csv"] is None  # nothing beside it says so
    assert licences["resources/mk_standards_equivalent_widths.ecsv"] == mit


def test_a_bad_star_is_carried_to_the_end(finished):
    catalogue = _table(finished, "catalogue.ecsv")
    assert catalogue["star"].tolist()[-1] == "no-parallax"
    assert catalogue["status"].tolist() == ["ok", "ok", "ok", "failed"]
    assert "parallax: missing" in catalogue["reason"][3]
    assert _table(finished, "failed.ecsv")["star"].tolist() == ["no-parallax"]


def test_clusters_reach_the_catalogue(finished):
    catalogue, best = _table(finished, "catalogue.ecsv"), _table(finished, "best_clusters.parquet")
    assert best["star"].tolist() == catalogue["star"].tolist()
    assert catalogue["cluster_verdict"][:3].tolist() == best["verdict"][:3].tolist()
    assert best["verdict"][3] == "" and "" not in best["verdict"][:3].tolist()
    pairs = _table(finished, "encounters.ecsv")
    pair = pairs[(pairs["star"] == "J024547+543241") & (pairs["cluster"] == "NGC 2236")]
    assert pair["verdict"].tolist() == ["impossible"]
    left_out = _table(finished, "clusters_left_out.ecsv")
    # of OpenNGC 325 of 730 have an orbit; of nine hosts of the literature that it lacks five, and
    # two more of its own by what the literature adds to them
    clusters = _table(finished, "clusters.parquet")
    assert (len(clusters), clusters["usable"].sum()) == (739, 332)
    assert len(left_out) == 739 - 332 and all(left_out["reason"])
    assert pair["p_encounter"][0] == 0 and 0 < pair["p_encounter_error"][0] < 0.05
    for table in (best, pairs):
        assert "OpenNGC" in table.meta["stand_in"]
    record = yaml.safe_load(finished.product("run.yaml"))
    assert "OpenNGC" in record["stand_ins"]["clusters"]


def test_any_pair_on_demand(project):
    """Any star with any cluster, whose name may be spelled with _ for the blank."""
    folder = "results/tiny/stars/J035041+571042/pairs/NGC_869"
    project.snakemake(f"{folder}/encounter.pdf")
    hits = _table(project, "stars/J035041+571042/pairs/NGC_869/closest_approaches.parquet")
    assert len(hits) == 64 and set(hits["cluster"]) == {"NGC 869"}
    text = project.snakemake(
        "results/tiny/stars/J035041+571042/pairs/X/encounter.pdf", succeed=False
    )
    log = project.folder / "results/tiny/logs/match_pair/J035041+571042/X.log"
    assert "match_pair" in text and "cluster 'X' is in none of the catalogues" in log.read_text()


def test_formats_hold_the_same_numbers(finished):
    ecsv = _table(finished, "catalogue.ecsv")
    traced = ecsv["status"] == "ok"
    for suffix in ("parquet", "vot", "fits"):
        other = _table(finished, f"catalogue.{suffix}")
        assert other.colnames == ecsv.colnames and other["v_sp"].unit == ecsv["v_sp"].unit
        for name in ("v_sp", "birth_x", "p_birth_in_disk"):
            assert other[name][traced].tolist() == ecsv[name][traced].tolist(), (suffix, name)


def test_logs_say_what_was_done(finished):
    logs = finished.folder / "results" / "tiny" / "logs"
    log = logs / "draw_birthplaces" / "J024547+543241" / "0000000-0000032.log"
    assert "32 draws, 0 failed" in log.read_text()
    assert "parallax: missing" in (logs / "trace_orbit" / "no-parallax.log").read_text()


def test_report_is_made(project):
    project.snakemake("--report", "results/tiny/report.html")
    assert len(project.product("report.html")) > 100_000


@pytest.mark.parametrize(
    "key, value, message",
    [
        ("orbits", {"drawz": 64}, "my.yaml: orbits.drawz: unknown key; did you mean 'draws'?"),
        ("stars", "my_stars.csv", "my.yaml: stars: there is no file 'my_stars.csv'"),
        ("figures", {"figure_4": ["HD1"]}, "figures.figure_4: 'HD1' is not in"),
        ("figures", {"figure_6": {"star": "HD1", "cluster": "M 1"}}, "figures.figure_6: 'HD1' is"),
        ("clusters", {"catalogue": "my.csv"}, "clusters.catalogue: there is no file 'my.csv'"),
    ],
)
def test_bad_configuration_stops_before_any_job(fresh, key, value, message):
    fresh.config[key] = value
    text = fresh.snakemake(succeed=False)
    assert message in text and "Job stats" not in text


def test_bad_values_stop_before_any_job_unless_carried(fresh):
    path = fresh.folder / "tests" / "config" / "tiny_stars.csv"
    path.write_text(path.read_text().replace("140.39", "1403.9"))
    text = fresh.snakemake("-n", succeed=False)
    line = "row 3 (J092133+500556), column ra: 1403.9 deg, expected less than 360 deg"
    assert f"tests/config/tiny_stars.csv: {line}" in text and "Job stats" not in text
    fresh.config["bad_rows"] = "carry"
    fresh.config["figures"] = {}
    fresh.snakemake("results/tiny/catalogue.ecsv", "-n")


def test_jobs_of_a_star_import_what_they_need(project):
    """Its orbits take neither galpy nor what fits, draws or reads big tables."""
    star = f"results/tiny/stars/{next((project.folder / 'results/tiny/stars').iterdir()).name}"
    births = next((project.folder / star / "birthplaces").iterdir()).name
    targets = [f"{star}/orbit.parquet", f"{star}/birthplaces/{births}"]
    jobs = ("trace_orbit", "draw_birthplaces")
    plan = project.snakemake("-n", "-p", "--forcerun", *jobs, "--", *targets)
    commands = re.findall(r"python (-m scripts\.orbits\.(?:trace|draw).*?) > ", plan)
    assert len(commands) == 2
    environment = {**os.environ, "PYTHONPATH": str(project.folder / "workflow")}
    for command in commands:
        run = subprocess.run(
            [sys.executable, "-X", "importtime", *shlex.split(command)],
            cwd=project.folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr[-2000:]
        loaded = set(re.findall(r"\| +([\w.]+)$", run.stderr, re.MULTILINE))
        assert "numba" in loaded
        assert not loaded & {"galpy", "matplotlib", "sklearn"}

"""A few of the faults of `make faults`, and what changes or fails under a run."""

import json

import pytest

from faults.killed_runs import Disturbed, differing, lengths, products, read_only
from runaways import tables

RULES = "classify_origins tabulate_catalogue export_catalogue compare_paper plot_figure_1".split()


def test_killed_jobs_and_a_full_disk_change_no_product(project, finished):
    """The end of a run, whose first product is missing, is made again and disturbed."""
    (project.folder / "results" / "tiny" / "origins.parquet").unlink()
    sound = finished.folder / "results"
    disturbed = Disturbed(project, lengths(sound), RULES)
    assert disturbed.to_the_end(), (project.folder / "snakemake.log").read_text()[-3000:]
    assert differing(products(disturbed.results), products(sound)) == []
    assert disturbed.unfelt() == []
    assert {what for _, what in disturbed.done} >= {"disk full", "job"}


# a script that does something more as its first job begins
EDIT = "import os\nif os.path.exists({ready!r}):\n    os.replace({ready!r}, {target!r})\n"
STARS = ("J024547+543241", "J035041+571042", "J092133+500556", "no-parallax")
DISKS = [f"results/tiny/stars/{star}/disk.parquet" for star in STARS]


def _put_before(project, script, code):
    path = project.folder / "workflow" / "scripts" / f"{script}.py"
    path.write_text(code + path.read_text())


def test_a_list_changed_during_a_run_is_not_mixed_with_the_old(project):
    """A row edited once the jobs are planned, and put back: what had to read it is made next."""
    stars = project.folder / "tests" / "config" / "tiny_stars.csv"
    edited = project.folder / "edited.csv"
    old = stars.read_text()
    edited.write_text(old.replace("7.6,18.4,50.04", "7.6,28.4,50.04"))
    edit = EDIT.format(ready="edited.csv", target="tests/config/tiny_stars.csv")
    for script in ("stars/check_stars", "orbits/trace_orbit"):
        _put_before(project, script, edit)
    targets = ["results/tiny/stars.parquet", *DISKS]
    text = project.snakemake(*targets, cores=1, succeed=False)
    assert stars.read_text() != old
    assert "tiny_stars.csv: it was changed during the run: run again" in text
    assert "tiny_stars.csv: the row of J035041+571042 was changed during the run: run" in text
    assert "Traceback" not in text
    stars.write_text(old)
    jobs = project.jobs()
    assert jobs["check_stars"] == jobs["trace_orbit"] == jobs["classify_disk"] == 1
    assert "draw_birthplaces" not in jobs


def test_a_configuration_changed_during_a_run_counts_from_the_next_on(project):
    """What the run began with is what all its jobs are told."""
    changed = project.write_config().read_text().replace("run: tiny\n", "run: tiny\ndisk: {%s}\n")
    (project.folder / "new.yaml").write_text(changed % "half_height: 0.4 kpc")
    _put_before(project, "orbits/trace_orbit", EDIT.format(ready="new.yaml", target="my.yaml"))
    project.snakemake(*DISKS, cores=1)
    assert "0.4 kpc" in (project.folder / "my.yaml").read_text()
    for path in DISKS:
        config = tables.read(project.folder / path, "disk").meta["config"]
        assert json.loads(config)["disk"]["half_height"] == "0.5 kpc"
    project.config["disk"] = {"half_height": "0.4 kpc"}
    assert project.jobs(*DISKS) == {"classify_disk": 4}


def test_a_failed_job_of_a_star_leaves_the_others_and_is_made_again(project):
    """No catalogue is made without the star; once mended it and what follows run, no other star."""
    broken = project.folder / "broken"
    broken.touch()
    fail = "import os, sys\nif os.path.exists('broken') and 'J035041+571042' in sys.argv:\n"
    _put_before(project, "orbits/trace_orbit", fail + "    sys.exit('broken: a job fails')\n")
    catalogue = "results/tiny/catalogue.parquet"
    made = (project.folder / catalogue).stat().st_mtime_ns
    project.snakemake(catalogue, *DISKS, cores=1, succeed=False)
    assert (project.folder / catalogue).stat().st_mtime_ns == made
    assert project.jobs(*DISKS[::2]) == {}
    broken.unlink()
    jobs = project.jobs()
    assert jobs["trace_orbit"] == jobs["classify_disk"] == jobs["tabulate_catalogue"] == 1
    assert "draw_birthplaces" not in jobs


def test_results_that_cannot_be_written_to_are_said_in_a_line(project):
    """Root may write where a mode forbids it: the disk is mounted read-only."""
    results = project.folder / "results"
    for suffix in ("pdf", "png"):
        (results / "tiny" / "figures" / f"figure_1.{suffix}").unlink()
    before = products(results)
    with read_only(results) as done:
        if not done:
            pytest.skip("no read-only mount is allowed here")
        new = project.snakemake("results/tiny/figures/figure_1.pdf", cores=1, succeed=False)
        project.config["disk"] = {"half_height": "0.4 kpc"}
        over = project.snakemake(cores=1, succeed=False)
    assert new.count("results/tiny: cannot be written to (Read-only file system)") == 1
    assert over.count("Write-protected output files for rule") == 1  # said by Snakemake
    assert "Traceback" not in new + over
    assert products(results) == before

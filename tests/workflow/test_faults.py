"""A few of the faults of `make faults`: jobs killed, a run killed, no room for what they write."""

from faults.killed_runs import Disturbed, differing, lengths, products

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

"""Hypotheses named in the configuration, in the workflow."""

from runaways import tables

NAMED = [
    {"star": "J024547+543241", "cluster": "NGC 884"},
    {"star": "J024547+543241", "with_star": "J035041+571042"},
]
FOLDERS = ("J024547+543241@NGC_884", "J024547+543241,J035041+571042")


def test_named_hypotheses_are_part_of_the_run(fresh):
    without = fresh.jobs()
    assert not {"match_bodies", "plot_bodies", "gather_pairs"} & set(without)
    fresh.config["pairs"] = NAMED
    added = {rule: n for rule, n in fresh.jobs().items() if n != without.get(rule)}
    assert added == {"match_bodies": 2, "plot_bodies": 2, "gather_pairs": 1}
    fresh.config["pairs"] = [*NAMED, {"star": "J024547+543241", "cluster": "ngc 0884"}]
    assert "pairs.2: the same as pairs.0" in fresh.snakemake("-n", succeed=False)
    fresh.config["pairs"] = [{"star": "J024547+543241", "cluster": "NGC 0"}]
    assert "pairs.0.cluster: cluster 'NGC 0' is in none" in fresh.snakemake("-n", succeed=False)


def test_a_named_hypothesis_is_matched_and_drawn(project):
    project.config["pairs"] = NAMED
    folder = f"pairs/{FOLDERS[0]}"
    project.snakemake(f"results/tiny/{folder}/pair.png")
    results = project.folder / "results" / "tiny" / folder
    row = tables.read(results / "pair.parquet", "pairs")
    sites = tables.read(results / "pair_sites.parquet", "pair_sites")
    assert row["bayes"][0] > 0 and "OpenNGC" in row.meta["stand_in"]
    assert len(sites) == 1000 and set(sites["pair"]) == {"J024547+543241 + NGC 884"}
    path = tables.read(results / "cluster_path.parquet", "cluster_path")
    assert set(path["cluster"]) == {"NGC 884"}
    assert project.product(f"{folder}/pair.png")[1:4] == b"PNG"

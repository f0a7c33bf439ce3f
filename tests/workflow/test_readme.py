"""What the README shows is what there is."""

import re

import yaml

import rule_graph

README = (rule_graph.ROOT / "README.md").read_text()


def test_graph_of_rules():
    assert rule_graph.in_readme() == rule_graph.graph(), "python tests/rule_graph.py"


def test_a_newcomers_list_runs(fresh):
    """The two files of `Your own stars`, copied to the letter."""
    csv, config = re.search(r"```csv\n(.*?)```.*?```yaml\n(.*?)```", README, re.DOTALL).groups()
    unindent = [re.sub("^ {3}", "", text, flags=re.MULTILINE) for text in (csv, config)]
    (fresh.folder / "my_stars.csv").write_text(unindent[0])
    fresh.config = yaml.safe_load(unindent[1]) | {"orbits": {"draws": 32, "draws_per_chunk": 32}}
    fresh.snakemake()
    fresh.snakemake("results/mine/stars/HD1/orbit.pdf")
    assert b"HD2" in fresh.product("catalogue.ecsv") and fresh.product("stars/HD1/orbit.pdf")

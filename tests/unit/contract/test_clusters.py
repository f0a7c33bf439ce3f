"""Cluster catalogues and the figures' clusters are checked before any job."""

from pathlib import Path

import pytest
import yaml

from contract import clusters, files
from contract.config import ContractError, check_config


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stars.csv").write_text("star,ra,dec,parallax,pmra,pmdec\nS,10,40,1,0,0\n")
    head = "name,ra,dec,pmra,pmdec,distance,rv\n"
    (tmp_path / "mine.csv").write_text(head + "Near One,10,41,1,1,0.5,3\nNo Speed,11,41,1,1,0.5,\n")
    config = yaml.safe_load("{run: r, stars: stars.csv, clusters: {catalogue: mine.csv}}")
    check_config(config)
    return config


def test_what_is_there_is_read_once(config, monkeypatch):
    config["figures"]["figure_6"] = {"star": "S", "cluster": "NEAR_ONE"}
    clusters.check_clusters(config, ["mine.csv"])
    monkeypatch.setattr("runaways.clusters.catalogues.read_clusters", None)
    clusters.check_clusters(config, ["mine.csv"])


def test_hosts_of_the_literature_are_found_from_any_folder(config):
    (path,) = files.literature_hosts(config)
    assert Path(path).is_file() and not Path(path).is_absolute()
    clusters.check_clusters(config, ["mine.csv"])
    config["figures"]["figure_6"] = {"star": "S", "cluster": "ngc 1976"}
    clusters.check_clusters(config, ["mine.csv"])
    config["clusters"]["literature_hosts"] = False
    assert files.literature_hosts(config) == []
    with pytest.raises(ContractError, match="'ngc 1976' is in none of the catalogues"):
        clusters.check_clusters(config, ["mine.csv"])


@pytest.mark.parametrize(
    "cluster, said",
    [
        ("NGC 1", "figures.figure_7: cluster 'NGC 1' is in none of the catalogues"),
        ("No Speed", "figures.figure_7: cluster 'No Speed' has no orbit: "),
    ],
)
def test_a_figure_s_cluster_must_have_an_orbit(config, cluster, said):
    config["figures"]["figure_7"] = {"star": "S", "cluster": cluster}
    with pytest.raises(ContractError, match=said):
        clusters.check_clusters(config, ["mine.csv"])


def test_a_catalogue_that_is_none_is_one_line(config, tmp_path):
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ContractError, match="^clusters.catalogue: .*mine.csv") as caught:
        clusters.check_clusters(config, ["mine.csv"])
    assert "\n" not in str(caught.value)


def test_a_named_cluster_may_lack_a_radial_velocity_and_nothing_else(config):
    config["pairs"] = [{"star": "S", "cluster": "no_speed"}]
    clusters.check_clusters(config, ["mine.csv"])
    config["pairs"] = [{"star": "S", "cluster": "no_speed"}, {"star": "S", "cluster": "NGC 1"}]
    with pytest.raises(ContractError, match="^pairs.1.cluster: cluster 'NGC 1' is in none of the"):
        clusters.check_clusters(config, ["mine.csv"])


@pytest.mark.parametrize(
    "pair, said",
    [
        ({"star": "X", "cluster": "C"}, "pairs.1.star: 'X' is not in stars.csv"),
        ({"star": "S", "with_star": "X"}, "pairs.1.with_star: 'X' is not in stars.csv"),
        ({"star": "S", "with_star": "S"}, "pairs.1.with_star: 'S', expected another star"),
        ({"star": "S", "with_star": "T", "pulsar": "X"}, "pairs.1.pulsar: 'X' is not in"),
        ({"star": "S", "with_star": "T", "pulsar": "U"}, "pairs.1.pulsar: 'U', expected one of"),
        ({"star": "S", "cluster": "C", "pulsar": "S"}, "pairs.1.pulsar: 'S', expected one of two"),
        ({"star": "T", "with_star": "S", "cluster": "ngc_884"}, "pairs.1: the same as pairs.0"),
        ({"star": "S", "with_star": "T", "cluster": "NGC0884"}, "pairs.1: the same as pairs.0"),
    ],
)
def test_a_wrong_hypothesis_is_one_line(config, pair, said):
    config["pairs"] = [{"star": "S", "with_star": "T", "cluster": "NGC 884"}, pair]
    with pytest.raises(ContractError) as caught:
        files.check_pairs(config, {"S": "", "T": "", "U": ""})
    assert str(caught.value).startswith(said) and "\n" not in str(caught.value)


def test_hypotheses_that_differ_are_kept_apart(config):
    config["pairs"] = [
        {"star": "S", "cluster": "T"},
        {"star": "S", "with_star": "T"},
        {"star": "S", "with_star": "T", "cluster": "U"},
        {"star": "S", "with_star": "U", "pulsar": "U"},
    ]
    files.check_pairs(config, {"S": "", "T": "", "U": ""})

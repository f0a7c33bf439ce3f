"""Where a verdict changes with frame and potential."""

import numpy as np
import pytest
from astropy.table import Table

from contract.config import ContractError, check_config, schema, variant_of
from runaways.ejections.variants import compare


def _ejections(verdicts, clusters, p=0.5):
    n = len(verdicts)
    table = Table({"star": [f"s{i}" for i in range(n)], "verdict": verdicts, "cluster": clusters})
    for name in ("p_ejected", "p_cluster", "p_field", "p_cluster_best"):
        table[name] = np.full(n, p)
    return table


def test_verdicts_of_variants_are_counted():
    own = _ejections(["cluster", "field", "cluster"], ["A", "", "A"], 0.5)
    others = [
        _ejections(["cluster", "field", "cluster"], ["A", "A", "B"], 0.2),
        _ejections(["field", "field", "cluster"], ["A", "", "A"], 0.7),
        _ejections(["field", "field", "cluster"], ["A", "", "A"], 0.6),
    ]
    out = compare(own, others)
    assert out["verdict_variants"].tolist() == [
        "field: 2, cluster A: 1",
        "field: 3",
        "cluster A: 2, cluster B: 1",
    ]
    assert out["verdict_stable"].tolist() == [False, True, False]
    assert set(out["p_cluster_min"]) == {0.2} and set(out["p_cluster_max"]) == {0.7}


def test_without_an_ensemble_nothing_is_called_stable():
    out = compare(_ejections(["field"], [""]), [])
    assert out["verdict_variants"].tolist() == [""] and not out["verdict_stable"][0]
    none = _ejections(["no result"], [""])
    assert not compare(none, [none])["verdict_stable"][0]
    assert out["p_field_min"][0] == out["p_field_max"][0] == 0.5


def test_a_variant_of_other_stars_is_refused():
    with pytest.raises(ValueError, match="other stars"):
        compare(_ejections(["field"], [""]), [_ejections(["field"] * 2, [""] * 2)])


def test_a_variant_is_the_configuration_with_another_galaxy(tmp_path):
    stars = tmp_path / "stars.csv"
    stars.write_text("")
    config = {"run": "one", "stars": str(stars)}
    config["ejections"] = {"ensemble": [{"name": "new", "frame": {"r0": "8.178 kpc"}}]}
    check_config(config)
    other = variant_of(config, config["ejections"]["ensemble"][0])
    assert other["frame"] == config["frame"] | {"r0": "8.178 kpc"}
    assert other["orbits"] == config["orbits"] and "r0" not in config["frame"]
    config["ejections"]["ensemble"] *= 2
    with pytest.raises(ContractError, match="'new' is the name of two variants"):
        check_config(config)
    assert schema()["properties"]["ejections"]["properties"]["ensemble"]["default"] == []

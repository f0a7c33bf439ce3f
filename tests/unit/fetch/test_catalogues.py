"""Tables by TAP, from a service on this machine that fails in every way that services do."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

import archives
from runaways.labels import lte_catalogue
from runaways.stars import star_list
from scripts.fetch import catalogues
from scripts.fetch.asking import AGENT, FetchError

QUICK = {"pause": 0.0, "patience": 0.3}
FAULTS = {
    "time-out": "nothing that can be used came in 3 tries",
    "half": "nothing that can be used came in 3 tries",
    "HTML": "nothing that can be used came in 3 tries",
    "503": "nothing that can be used came in 3 tries",
    "empty": "no row for",
    "cut": "the service cut its answer short",
}


@pytest.fixture
def tap():
    with archives.serving(archives.Tap, table=archives.gaia) as server:
        yield server


@pytest.fixture
def ids(tmp_path):
    path = tmp_path / "ids.txt"
    path.write_text("# mine\n4295806720\n34361129088 # a comment\n13\n")
    return path


def test_a_list_of_ids_becomes_a_star_list(tap, ids, tmp_path):
    out = tmp_path / "stars.csv"
    said = catalogues.fetch_stars(ids, out, tap.url, **QUICK)
    assert "2 stars for 3 lines" in said[0] and said[1] == "not in Gaia DR3: 13"
    stars, problems = star_list.read(out)
    assert stars["source_id"].tolist() == ["4295806720", "34361129088"]
    assert stars["distance"].tolist() == [1.0, 1.0] and stars["rv"].tolist() == [1.0, 1.0]
    record = json.loads((tmp_path / "stars.csv.parts" / "0000000.csv.json").read_text())
    assert tap.agents == {AGENT}
    assert record["rows"] == 2 and "gaiadr3.gaia_source" in record["query"]


@pytest.mark.parametrize(
    "fault, words",
    [*FAULTS.items(), ("changed", "the answer lacks parallax: the table has changed")],
)
def test_a_fault_is_a_line_and_the_same_command_goes_on(
    tap, ids, tmp_path, monkeypatch, fault, words
):
    monkeypatch.setattr(catalogues, "CHUNK", 1)
    ids.write_text("4295806720\n34361129088\n")
    out = tmp_path / "stars.csv"
    tap.faults = ["", fault, fault, fault]
    with pytest.raises(FetchError, match=re.escape(words)) as error:
        catalogues.fetch_stars(ids, out, tap.url, **QUICK)
    assert tap.url in str(error.value)
    parts = tmp_path / "stars.csv.parts"
    assert [path.name for path in sorted(parts.iterdir())] == ["0000000.csv", "0000000.csv.json"]
    assert not out.exists()
    tap.faults, before = [], len(tap.asked)
    catalogues.fetch_stars(ids, out, tap.url, **QUICK)
    # what had come is not asked for again
    assert len(tap.asked) - before == 1 and "34361129088" in tap.asked[-1]
    assert len(Table.read(out)) == 2


def test_a_file_that_was_changed_is_fetched_again(tap, ids, tmp_path):
    out = tmp_path / "stars.csv"
    catalogues.fetch_stars(ids, out, tap.url, **QUICK)
    (tmp_path / "stars.csv.parts" / "0000000.csv").write_text("source_id\n1\n")
    catalogues.fetch_stars(ids, out, tap.url, **QUICK)
    assert len(tap.asked) == 2 and len(Table.read(out)) == 2


@pytest.mark.parametrize("line", ["12 95", "abc", "-5", "10 20 30", "9223372036854775808"])
def test_what_is_no_id_and_no_position_is_named(tmp_path, line):
    path = tmp_path / "ids.txt"
    path.write_text(f"4295806720\n{line}\n")
    with pytest.raises(FetchError, match=r"line 2: .*expected a Gaia DR3 source_id"):
        catalogues.read_ids(path)


def test_from_a_shell_a_fault_is_one_line(tmp_path):
    command = [sys.executable, "-m", "scripts.fetch", "stars", "none.txt", "stars.csv"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "workflow")}
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert run.returncode == 1 and run.stdout == "" and not list(tmp_path.iterdir())
    assert run.stderr == "fetch: [Errno 2] No such file or directory: 'none.txt'\n"


def test_a_position_is_a_cone():
    query = catalogues.star_query([4295806720, (10.5, -20.25)])
    assert "g.source_id IN (4295806720)\n   OR 1 = CONTAINS" in query
    assert "CIRCLE('ICRS', 10.5, -20.25, 0.000555" in query


# names as public code that read Xiang et al. 2022 has them, and those of VizieR's positions
XIANG = "recno SpecID GaiaEDR3 RA_ICRS DE_ICRS Teff e_Teff logg e_logg [Fe/H] e_[Fe/H] SNRg".split()


def _vizier(query):
    """Seven spectra in a table, beside one of something else."""
    if "TAP_SCHEMA" in query:
        names = [f'"{name}"' if "/" in name else name for name in XIANG]
        names = [("J/A+A/662/A66/refs", "recno"), *(("J/A+A/662/A66/labels", n) for n in names)]
        return Table(rows=names, names=["table_name", "column_name"])
    assert 'FROM "J/A+A/662/A66/labels"' in query
    if "MAX" in query:
        return Table({"n": [7]})
    first, last = map(int, re.search(r"BETWEEN (\d+) AND (\d+)", query).groups())
    rows = np.arange(first, min(last, 7) + 1)
    names = re.findall(r'"([^"]+)" AS (\w+)', query)
    assert all(theirs in XIANG for theirs, _ in names)
    table = Table({ours: 0.1 * rows for _, ours in names})
    table["teff"] = 9000.0 + rows
    table["source_id"] = 4295806720 + rows
    return table


@pytest.fixture
def vizier(monkeypatch):
    monkeypatch.setattr(catalogues, "LABEL_ROWS", 3)
    with archives.serving(archives.Tap, table=_vizier) as server:
        yield server


def test_labels_come_in_parts_under_our_names(vizier, tmp_path):
    out = tmp_path / "xiang2022.csv"
    said = catalogues.fetch_labels(out, vizier.url, **QUICK)
    assert said == [f"{out}: labels from 7 spectra; labels: {{lte_catalogue: {out}}}"]
    assert len(vizier.asked) == 5 and '"[Fe/H]" AS mh' in vizier.asked[-1]
    table = lte_catalogue.read_catalogue(out)
    assert table.meta["notes"] == []
    assert table["source_id"].tolist() == [str(4295806720 + i) for i in range(1, 8)]
    assert table["mh_error"].tolist() == pytest.approx([0.1 * i for i in range(1, 8)])
    assert "vsini" not in table.colnames
    catalogues.fetch_labels(out, vizier.url, **QUICK)
    assert len(vizier.asked) == 5


@pytest.mark.parametrize("fault, words", [*FAULTS.items(), ("changed", "the table has changed")])
def test_labels_go_on_where_a_fault_ended_them(vizier, tmp_path, fault, words):
    out = tmp_path / "xiang2022.csv"
    vizier.faults = ["", "", "", fault, fault, fault]
    with pytest.raises(FetchError, match=re.escape(words)) as error:
        catalogues.fetch_labels(out, vizier.url, **QUICK)
    assert vizier.url in str(error.value) and not out.exists()
    vizier.faults, before = [], len(vizier.asked)
    catalogues.fetch_labels(out, vizier.url, **QUICK)
    assert len(vizier.asked) - before == 2 and len(Table.read(out)) == 7


def test_tables_without_labels_are_named(tmp_path):
    rows = [("J/A+A/662/A66/refs", "recno"), ("J/A+A/662/A66/refs", "Teff")]
    tables = Table(rows=rows, names=["table_name", "column_name"])
    with archives.serving(archives.Tap, table=lambda query: tables) as server:
        with pytest.raises(FetchError, match="no table of J/A.A/662/A66/refs has recno, ra, dec"):
            catalogues.fetch_labels(tmp_path / "labels.csv", server.url, **QUICK)

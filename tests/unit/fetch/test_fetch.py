"""Fetching, from a TAP service on this machine that fails in every way that services do."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from urllib.parse import parse_qs

import numpy as np
import pytest
from astropy.io.votable import from_table
from astropy.table import Table

from runaways.stars import star_list
from scripts import fetch

QUICK = {"pause": 0.0, "patience": 1.0}


def _stars(query):
    """What Gaia would have: every id that is asked for, but 13."""
    ids = [int(i) for i in re.findall(r"\d{2,}", re.search(r"IN \((.*?)\)", query)[1]) if i != "13"]
    n = len(ids)
    table = Table({name: np.full(n, 1.0) for name in fetch.STAR_COLUMNS[1:] + fetch.DISTANCES})
    table["ra"], table["dec"] = 10.0 + np.arange(n), 20.0
    table["r_med_geo"] = 1000.0
    table.add_column(np.array(ids, np.int64), name="source_id", index=0)
    return table


class _Tap(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["QUERY"][0]
        self.server.asked.append(query)
        fault = self.server.faults.pop(0) if self.server.faults else ""
        table = _stars(query)
        if fault == "time-out":
            time.sleep(1.5)
        if fault == "empty":
            table = table[:0]
        if fault == "changed":
            table.rename_column("parallax", "plx")
        text = BytesIO()
        file = from_table(table)
        file.to_xml(text)
        answer, kind = text.getvalue(), "application/x-votable+xml"
        answer = answer.replace(
            b'<RESOURCE type="results">',
            b'<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/>',
        )
        if fault == "half":
            answer = answer[: len(answer) // 2]
        if fault == "cut":
            over = b'</TABLE><INFO name="QUERY_STATUS" value="OVERFLOW"/>'
            answer = answer.replace(b"</TABLE>", over)
        if fault in ("HTML", "503"):
            answer, kind = b"<html><body>We are down for maintenance</body></html>", "text/html"
        self.send_response(503 if fault == "503" else 200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        try:
            self.wfile.write(answer)
        except BrokenPipeError:
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def tap():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Tap) as server:
        server.faults, server.asked = [], []
        server.url = f"http://127.0.0.1:{server.server_port}/tap"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def ids(tmp_path):
    path = tmp_path / "ids.txt"
    path.write_text("# mine\n4295806720\n34361129088 # a comment\n13\n")
    return path


def test_a_list_of_ids_becomes_a_star_list(tap, ids, tmp_path):
    out = tmp_path / "stars.csv"
    said = fetch.fetch_stars(ids, out, tap.url, **QUICK)
    assert "2 stars for 3 lines" in said[0] and said[1] == "not in Gaia DR3: 13"
    stars, problems = star_list.read(out)
    assert stars["source_id"].tolist() == ["4295806720", "34361129088"]
    assert stars["distance"].tolist() == [1.0, 1.0] and stars["rv"].tolist() == [1.0, 1.0]
    record = json.loads((tmp_path / "stars.csv.parts" / "0000000.csv.json").read_text())
    assert record["rows"] == 2 and "gaiadr3.gaia_source" in record["query"]


@pytest.mark.parametrize(
    "fault, words",
    [
        ("time-out", "no table came in 3 tries"),
        ("half", "no table came in 3 tries"),
        ("HTML", "no table came in 3 tries"),
        ("503", "no table came in 3 tries"),
        ("empty", "no row for"),
        ("cut", "the service cut its answer short"),
        ("changed", "the answer lacks parallax: the table has changed"),
    ],
)
def test_a_fault_is_a_line_and_the_same_command_goes_on(
    tap, ids, tmp_path, monkeypatch, fault, words
):
    monkeypatch.setattr(fetch, "CHUNK", 1)
    ids.write_text("4295806720\n34361129088\n")
    out = tmp_path / "stars.csv"
    tap.faults = ["", fault, fault, fault]
    with pytest.raises(fetch.FetchError, match=re.escape(words)) as error:
        fetch.fetch_stars(ids, out, tap.url, **QUICK)
    assert tap.url in str(error.value)
    parts = tmp_path / "stars.csv.parts"
    assert [path.name for path in sorted(parts.iterdir())] == ["0000000.csv", "0000000.csv.json"]
    assert not out.exists()
    tap.faults, before = [], len(tap.asked)
    fetch.fetch_stars(ids, out, tap.url, **QUICK)
    # what had come is not asked for again
    assert len(tap.asked) - before == 1 and "34361129088" in tap.asked[-1]
    assert len(Table.read(out)) == 2


def test_a_file_that_was_changed_is_fetched_again(tap, ids, tmp_path):
    out = tmp_path / "stars.csv"
    fetch.fetch_stars(ids, out, tap.url, **QUICK)
    (tmp_path / "stars.csv.parts" / "0000000.csv").write_text("source_id\n1\n")
    fetch.fetch_stars(ids, out, tap.url, **QUICK)
    assert len(tap.asked) == 2 and len(Table.read(out)) == 2


@pytest.mark.parametrize("line", ["12 95", "abc", "-5", "10 20 30", "9223372036854775808"])
def test_what_is_no_id_and_no_position_is_named(tmp_path, line):
    path = tmp_path / "ids.txt"
    path.write_text(f"4295806720\n{line}\n")
    with pytest.raises(fetch.FetchError, match=r"line 2: .*expected a Gaia DR3 source_id"):
        fetch.read_ids(path)


def test_a_position_is_a_cone():
    query = fetch.star_query([4295806720, (10.5, -20.25)])
    assert "g.source_id IN (4295806720)\n   OR 1 = CONTAINS" in query
    assert "CIRCLE('ICRS', 10.5, -20.25, 0.000555" in query

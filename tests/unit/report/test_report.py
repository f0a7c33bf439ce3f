"""The report: what it says of planted verdicts, and what a browser without network shows of it."""

import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

from browser import chromium
from contract.config import check_config
from runaways import tables
from runaways.figures import style
from runaways.report import answer, closing, drawing, flags, page

ROOT = Path(__file__).parents[3]
PATIENCE = 20  # s, for a browser on a busy machine


@pytest.fixture(scope="module")
def catalogue(any_catalogue):
    """45 stars: 3 from clusters, 30 never ejected, 10 from the field, one failed, one open."""
    out = any_catalogue.copy()
    verdicts = ["cluster"] * 3 + ["not ejected"] * 30 + ["field"] * 10 + ["no result", "open"]
    out["ejection_verdict"] = verdicts
    out["ejection_cluster"] = np.full(45, "NGC 2236")
    for name in out.colnames:
        if name.startswith("p_") and not name.endswith("_error"):
            out[name] = np.linspace(0.05, 0.95, 45)
    out["p_cluster_best"][:3] = 0.6, 0.9, 0.7
    out["p_detectable"][3:] = np.where(np.arange(42) < 12, 0.1, 0.9)
    out["is_runaway"] = np.arange(45) % 2 == 0
    out["status"] = np.where(np.arange(45) == 43, "failed", "ok")
    out["reason"] = np.where(np.arange(45) == 43, "parallax: missing", "")
    out["hosts_missing"] = ""
    out["horizon"] = np.nan
    out["distance_check"] = np.full(45, "unknown")
    out["orbit_class"] = np.full(45, "disk-confined")
    out["rv_flags"] = np.where(np.arange(45) == 5, "edge, rv-variable", "")
    out = tables.conform(out, "catalogue")
    out.meta["thresholds"] = {"space": 43.0, "tangential": 33.0}
    return out


@pytest.fixture(scope="module")
def settings():
    config = {"run": "test", "stars": str(ROOT / "resources" / "guo2025_table_a1.ecsv")}
    check_config(config, "test", ROOT)
    return config


@pytest.fixture(scope="module")
def report(catalogue, settings, tmp_path_factory):
    """The page in a file; REPORT names another one, such as that of a run."""
    if "REPORT" in os.environ:
        return Path(os.environ["REPORT"]).resolve()
    style.use_style(ROOT / "workflow" / "runaways" / "figures" / "paper.mplstyle")
    dot = drawing.as_png(style.new_figure(20, 10))
    parts = {
        "figures": [("figure_1", dot, "<p>A <b>caption</b>.</p>")],
        "drawings": lambda star: {"orbit": dot},
        "sources": tables.stack([], "ejection_sources"),
        "encounters": tables.stack([], "encounters"),
        "board": None,
        "audit": None,
    }
    template = (ROOT / "workflow" / "report" / "origins.html.j2").read_text()
    path = tmp_path_factory.mktemp("report") / "origins.html"
    path.write_text(page.write(template, "test", settings, catalogue, parts))
    return path


def test_the_answer_counts_verdicts(catalogue):
    assert answer.counts(catalogue) == [
        ("from one known cluster", 3),
        ("from the disk outside known clusters", 10),
        ("ejected, from where is open", 1),
        ("probably never ejected", 30),
        ("without a result", 1),
    ]
    assert [row["p_cluster_best"] for row in answer.from_clusters(catalogue)] == [0.9, 0.7, 0.6]
    first = answer.unseen(catalogue)[0]
    assert first.startswith("For 12 of the 41 stars without one cluster")


def test_the_last_words_name_what_was_found_and_what_failed(catalogue):
    lines = closing.words(catalogue, "results/test")
    assert lines[0].startswith("45 stars: 3 from one known cluster, 10 from the disk")
    best, _, least = (row["star"] for row in answer.from_clusters(catalogue))
    assert f"{best} from NGC 2236 (0.900)" in lines[1] and f"{least} from NGC 2236" in lines[1]
    assert lines[2] == "Without a full result 1: 1 parallax: missing."
    assert lines[-2:] == [
        "Read results/test/origins.html; all columns are in results/test/catalogue.ecsv.",
        "Why stars failed: results/test/failed.ecsv.",
    ]


def test_a_star_says_where_it_is_from(catalogue):
    assert answer.source(catalogue[0]) == "NGC 2236" and answer.probability(catalogue[0]) == 0.6
    stayed = catalogue[10]
    assert answer.source(stayed) == "not ejected"
    assert answer.probability(stayed) == pytest.approx(1 - stayed["p_ejected"])
    assert np.isnan(answer.probability(catalogue[43]))
    words = " ".join(answer.story(catalogue[0]))
    assert words.startswith("A star of type B2 at") and "1.5 Myr ago, at R = 8 kpc" in words


def test_every_flag_has_value_limit_and_meaning(catalogue, settings):
    found = {
        i: flags.of_star(catalogue[i], settings, catalogue.meta["thresholds"]) for i in (5, 43)
    }
    assert {f.value for f in found[5] if f.name == "rv_flags"} == {"edge", "rv-variable"}
    assert found[43][0].name == "status" and "parallax: missing" in found[43][0].meaning
    for flag in found[5]:
        assert flag.value and flag.meaning.endswith("."), flag
    speed = next(f for f in found[5] if f.name == "above_v_sp")
    assert speed.limit == "above 43.0 km/s" and speed.raised == bool(catalogue["above_v_sp"][5])


@pytest.mark.parametrize(
    "value, error, text",
    [(34.239, 5.97, "34.2 ± 6.0"), (0.000123, np.nan, "0.00012"), (12345.6, np.nan, "12346")]
    + [(np.nan, 1.0, "unknown"), (0.0, np.nan, "0.00"), (2.55, 0.19, "2.55 ± 0.19")],
)
def test_numbers_have_the_digits_that_their_errors_leave(value, error, text):
    assert flags.number(value, error) == text


def test_the_page_needs_nothing_else_and_its_links_lead_somewhere(report):
    text = report.read_text()
    # what DataTables names in its own code and licence aside
    body = re.sub(r"<style>.*?</style>|<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", body)
    ids = set(re.findall(r'id="([^"]+)"', body))
    assert {link for link in re.findall(r'href="#([^"]+)"', body)} <= ids
    heads = set(re.findall(r"<th[^>]*>([^<]*)</th>", body))
    assert {"mass [M☉]", "v_sp [km s⁻¹]", "d [kpc]"} <= heads
    assert "REPORT" in os.environ or ("scoreboard" not in ids and "audit" not in ids)


def test_a_survey_gets_the_runaways_and_links_that_lead_somewhere(
    catalogue, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(page, "ROWS", 20)
    monkeypatch.setattr(page, "PAGES", 5)
    parts = {"figures": [], "drawings": lambda star: {}, "board": None, "audit": None}
    parts |= {
        "sources": tables.stack([], "ejection_sources"),
        "encounters": tables.stack([], "encounters"),
    }
    template = (ROOT / "workflow" / "report" / "origins.html.j2").read_text()
    path = tmp_path / "origins.html"
    path.write_text(page.write(template, "test", settings, catalogue, parts))
    text = path.read_text()
    assert "The table has 20 of 45 stars" in text and text.count('class="star"') == 5
    runaways = catalogue["star"][catalogue["is_runaway"]].tolist()[:5]
    assert re.findall(r'class="star" id="star-([^"]+)"', text) == runaways
    test_the_page_needs_nothing_else_and_its_links_lead_somewhere(path)


def _until(browser, script, expected):
    """Wait for what a script returns: the table is sorted a moment after the click."""
    end = time.monotonic() + PATIENCE
    while (found := browser.run(script)) != expected:
        assert time.monotonic() < end, (found, browser.console())
        time.sleep(0.05)


VISIBLE = (
    "return [...document.querySelectorAll('.star')].filter(e => e.offsetParent).map(e => e.id)"
)
SPEEDS = """return [...document.querySelectorAll('#catalogue tbody tr')]
    .map(row => Number(row.cells[6].dataset.order))"""


@pytest.mark.debian
@pytest.mark.parametrize("width", [390, 1400])
def test_in_a_browser_from_disk_without_network(report, debian, tmp_path, width):
    debian("chromedriver", "chromium", "chromium-driver")
    rows = "return document.querySelectorAll('#catalogue tbody tr').length"
    with chromium(tmp_path) as browser:
        browser.resize(width, 900)
        browser.open(report.as_uri())
        _until(browser, "return document.documentElement.dataset.ready", "yes")
        # in this machine's letters, and in wider ones
        for spacing in ("0", "0.2em"):
            browser.run("document.body.style.letterSpacing = arguments[0]", spacing)
            assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run(rows) == 45
        # sorts: by the speed, both ways
        speed = "#catalogue thead tr:first-child th:nth-child(7)"
        speeds = sorted(browser.run(SPEEDS))
        for order in (speeds, speeds[::-1]):
            browser.click(speed)
            _until(browser, SPEEDS, order)
        # searches: all columns, then one
        star = browser.run("return document.querySelector('#catalogue tbody a').textContent")
        search = "const i = document.querySelector(arguments[0]); i.value = arguments[1];"
        search += "i.dispatchEvent(new Event('input', {bubbles: true}))"
        browser.run(search, ".dt-search input", star)
        _until(browser, rows, 1)
        # where does it come from: one click on its name, and the answer is on screen
        browser.click("#catalogue tbody a")
        assert browser.run(VISIBLE) == [f"star-{star.split()[0]}"]
        assert "Why each flag" in browser.run("return document.querySelector(':target').innerText")
        browser.run("location.hash = '#stars'")
        browser.run(search, ".dt-search input", "")
        _until(browser, rows, 45)
        # every star's page opens, alone, with its pictures
        ids = browser.run("return [...document.querySelectorAll('.star')].map(e => e.id)")
        assert len(ids) == 45
        images = "const all = [...document.querySelectorAll(':target img')];"
        images += "await Promise.all(all.map(i => i.decode()));"
        images += "return all.length > 0 && all.every(i => i.naturalWidth > 0)"
        for name in ids:
            browser.run("location.hash = arguments[0]", name)
            assert browser.run(VISIBLE) == [name] and browser.run(images), name
            assert browser.run("return document.documentElement.scrollWidth") <= width, name
        assert browser.console() == []

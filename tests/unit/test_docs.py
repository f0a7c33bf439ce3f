"""The documentation: every key and column is in it, and no link leads nowhere."""

import re
from pathlib import Path

import pytest
import yaml

import reference_pages

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
FENCED = re.compile(r"^\s*```.*?^\s*```", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", reference_pages.PAGES)
def test_reference_pages_are_those_of_the_schemas(page):
    """If this fails: python tests/reference_pages.py"""
    assert (ROOT / "docs" / page).read_text() == reference_pages.PAGES[page]()


def _keys(entry, above=""):
    for name, below in entry.get("properties", {}).items():
        yield f"{above}{name}"
        yield from _keys(below, f"{above}{name}.")


def test_every_key_is_described():
    schema = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text())
    text = (ROOT / "docs" / "keys.md").read_text()
    missing = [key for key in _keys(schema) if f"`{key}`" not in text and f"## {key}\n" not in text]
    assert not missing and "|  |\n" not in text


def _anchors(page):
    """Anchors of the headings of a page, as GitHub and mkdocs make them."""
    heads = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_leads_nowhere(page):
    text = FENCED.sub("", page.read_text())
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        # the site has the pages of docs alone
        assert page.parent.name != "docs" or target.resolve().parent == ROOT / "docs", link
        assert not anchor or anchor in _anchors(target), link


def test_every_page_is_in_the_site():
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert sorted(site["nav"]) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))

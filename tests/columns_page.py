"""The table of names in docs/tables.md, from those that the library knows.

``python tests/columns_page.py`` writes it.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "tables.md"
BETWEEN = re.compile(r"(?<=<!-- names -->\n).*(?=<!-- end -->)", re.DOTALL)


def names_table():
    """Lines of Markdown: our name, and those of each vocabulary."""
    from runaways.inputs.names import BAILER_JONES, GAIA, LAMOST, VIZIER

    def theirs(vocabulary, name):
        known = [text.partition(":") for text in vocabulary.get(name, "").split()]
        return " ".join(f"`{own}` [{unit}]" if unit else f"`{own}`" for own, _, unit in known)

    lines = [
        "| column | Gaia archive | VizieR | Bailer-Jones 2021 | LAMOST |",
        "|---|---|---|---|---|",
    ]
    for name in dict.fromkeys([*GAIA, *VIZIER, *BAILER_JONES, *LAMOST]):
        cells = [theirs(vocabulary, name) for vocabulary in (GAIA, VIZIER, BAILER_JONES, LAMOST)]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def in_page():
    return BETWEEN.search(PAGE.read_text())[0]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "workflow"))
    PAGE.write_text(BETWEEN.sub(lambda _: names_table(), PAGE.read_text()))

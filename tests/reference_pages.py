"""docs/keys.md and docs/columns.md: every key of a configuration, every table and column of a run.

``python tests/reference_pages.py`` writes them from workflow/schemas, and docs/paper-table.md from
the audit (`paper_page`).
"""

import sys
from pathlib import Path

import yaml

import paper_page

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow"))
MADE = "<!-- made by tests/reference_pages.py from workflow/schemas; edit those -->\n"


def keys_page():
    """Markdown: each key with its default, what it may be, and what it is with its source."""
    schema = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text())
    lines = ["# Every key of a configuration", "", schema["description"], ""]
    lines += ["`run` and `stars` must be there; each other key has a default."]
    head = ["| key | default | may be | what it is |", "|---|---|---|---|"]
    plain = {k: v for k, v in schema["properties"].items() if "properties" not in v}
    lines += [
        "",
        "## At the top",
        "",
        *head,
        *(row for k, v in plain.items() for row in _key(k, v)),
    ]
    for section, entry in schema["properties"].items():
        if "properties" in entry:
            lines += ["", f"## {section}", "", _safe(entry["description"]), "", *head]
            for name, below in entry["properties"].items():
                lines += _key(f"{section}.{name}", below)
    return MADE + "\n".join(lines) + "\n"


def _key(name, entry):
    cells = [_code(name), _default(entry), _may_be(entry), _safe(entry.get("description", ""))]
    yield f"| {' | '.join(cells)} |"
    entries = entry.get("items", {}).get("properties", {})
    for below, part in {**entry.get("properties", {}), **entries}.items():
        yield from _key(f"{name}[].{below}" if below in entries else f"{name}.{below}", part)


def _default(entry):
    if "default" not in entry or entry["default"] == {}:
        return ""
    value = entry["default"]
    value = str(value).lower() if isinstance(value, bool) else value  # as YAML writes it
    return f"`{value}`" if value != "" else '`""`'


def _may_be(entry):
    if "enum" in entry:
        return ", ".join(f"`{value}`" if value != "" else '`""`' for value in entry["enum"])
    if "pattern" in entry and "+-]+ " in entry["pattern"]:
        units = entry["pattern"].split("+-]+ ")[1].split("$")[0].strip("()").replace("|", ", ")
        return f"number and {units}"
    if entry.get("format") == "path":
        return "path"
    kind = {"array": "list", "object": "section", "string": "text"}
    types = entry.get("type", "")
    types = types if isinstance(types, list) else [types]
    kind = " or ".join(kind.get(name, name) for name in types)
    limits = (("minimum", "from"), ("exclusiveMinimum", "above"))
    limits += (("maximum", "to"), ("exclusiveMaximum", "below"))
    return " ".join([kind, *(f"{words} {entry[key]}" for key, words in limits if key in entry)])


def columns_page():
    """Markdown: each table with its columns, and each column with type, unit, UCD and meaning."""
    from runaways import tables

    schema = yaml.safe_load((ROOT / "workflow" / "schemas" / "tables.yaml").read_text())
    lines = ["# Every table and column of a run", ""]
    lines += ["A table has its required columns, and may have the optional ones."]
    used = {}
    for name in schema["tables"]:
        table = tables.table_schema(name)
        for column in table["required"] + table["optional"]:
            used.setdefault(column, []).append(name)
    lines += ["", "## Tables", ""]
    for name in schema["tables"]:
        table = tables.table_schema(name)
        lines += [f"### Table {name}", "", _safe(table["description"]), ""]
        lines += [f"- key: {' '.join(map(_code, table['key']))}"] if table["key"] else []
        lines += [f"- required: {' '.join(map(_code, table['required']))}"]
        lines += [f"- optional: {' '.join(map(_code, table['optional']))}"] * bool(
            table["optional"]
        )
        lines += [""]
    lines += [
        "## Columns",
        "",
        "| column | type | unit | UCD | what it is |",
        "|---|---|---|---|---|",
    ]
    for name in sorted(used):
        column = tables.column_schema(name)
        cells = [_code(name), column["dtype"], column.get("unit", ""), _code(column["ucd"])]
        lines.append(f"| {' | '.join(cells)} | {_safe(column['description'])} |")
    return MADE + "\n".join(lines) + "\n"


def _code(text):
    return f"`{text}`"


def _safe(text):
    """Text that stays in its cell and is no markup of its own."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


PAGES = {"keys.md": keys_page, "columns.md": columns_page, "paper-table.md": paper_page.page}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (ROOT / "docs" / page).write_text(make())

"""What a job depends on: its settings in canonical form, and a hash of its code.

Snakemake sees neither the library a script imports nor the order or type of what stands in a
configuration. The hashes made here go into the rules' params, so that a job runs again exactly
when its code or its part of the configuration has changed in substance.
"""

import ast
import hashlib
import json
import sys
from functools import cache
from pathlib import Path

import yaml

import caches
from contract.config import QUANTITY, is_quantity, keep, part_of_schema, schema

WORKFLOW = Path(__file__).parents[1]
TABLE_SCHEMA = WORKFLOW / "schemas" / "tables.yaml"
# what `_read` has found, by file below `WORKFLOW`, its state and the Python that read it: a project
# that was copied or renamed is not parsed again
KNOWN = {}
_KEYS = set()  # of the files read now


def canonical(config, *keys):
    """Part of a configuration as JSON, the same for the same meaning.

    What has a unit is known from the schema: "2023 spectra" is a folder's name.

    Parameters
    ----------
    config : dict
    *keys : str
        Sections or dotted keys, such as ``"frame"`` or ``"orbits.potential"``.
    """
    picked = {}
    for key in keys:
        value, entry = config, schema()
        for part in key.split("."):
            value = value[part]
            entry = part_of_schema(entry, part, value)
        picked[key] = _plain(value, entry)
    return json.dumps(picked, sort_keys=True)


def _plain(value, entry):
    def below(key, item):
        return _plain(item, part_of_schema(entry, key, item))

    if isinstance(value, dict):
        return {str(key): below(key, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [below(None, item) for item in value]
    if isinstance(value, str) and is_quantity(entry) and (match := QUANTITY.fullmatch(value)):
        return f"{float(match[1])!r} {match[2]}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return value


@cache
def code(script):
    """Hash of a script, of all of the library that it imports, and of the tables it names.

    Comments, docstrings and layout do not count.

    Parameters
    ----------
    script : str
        Path of a script below ``workflow/scripts``, without ``.py``: ``orbits/trace_orbit``.
    """
    files = modules_of(script)
    digest = hashlib.sha256("".join(_read(path)["digest"] for path in files).encode())
    schema = _table_schema()
    for name in sorted(set(_read(files[0])["words"]) & set(schema["tables"])):
        digest.update(json.dumps(_with_columns(schema, name), sort_keys=True).encode())
    return digest.hexdigest()[:16]


@cache
def _table_schema():
    # by libyaml, seven times as fast, where PyYAML has it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(TABLE_SCHEMA.read_text(), Loader=loader)


def _with_columns(schema, name):
    table = schema["tables"][name]
    columns = table["required"] + table.get("optional", [])
    if "extends" in table:
        return [table, {c: schema["columns"].get(c) for c in columns}] + _with_columns(
            schema, table["extends"]
        )
    return [table, {c: schema["columns"].get(c) for c in columns}]


def modules_of(script):
    """Files that a script runs: its own, and every module of this project it imports."""
    path = WORKFLOW / "scripts" / f"{script}.py"
    found, queue = [], [path, *_files_of(".".join(["scripts", *Path(script).parts]))]
    while queue:
        file = queue.pop(0)
        if file not in found:
            found.append(file)
            queue += _imports(file)
    return [found[0]] + sorted(found[1:])


@cache
def _imports(path):
    """Files of this project that one of them imports, wherever in it."""
    return list(dict.fromkeys(file for name in _read(path)["imports"] for file in _files_of(name)))


def _files_of(name):
    """Files that Python runs for a module of this project: its packages' and its own."""
    parts = name.split(".")
    files = [WORKFLOW.joinpath(*parts[:i], "__init__.py") for i in range(1, len(parts) + 1)]
    files.append(WORKFLOW.joinpath(*parts).with_suffix(".py"))
    return [file for file in files if file.is_file()]


def statements(tree):
    """Every statement below a node, which are a tenth of what `ast.walk` visits.

    Parameters
    ----------
    tree : ast.AST

    Yields
    ------
    ast.stmt, and what holds some: handlers of exceptions, cases of a match
    """
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        below = getattr(tree, part, None)
        for node in below if isinstance(below, list) else ():
            yield node
            yield from statements(node)


def recall(path):
    """Take what an earlier call of `remember` kept: files that are as they were are not parsed."""
    KNOWN.update(caches.load(path))


def remember(path):
    """Keep what is known of the files that were read since; nothing where that is kept already.

    Raises
    ------
    ContractError
        If nothing can be written there.
    """
    if (used := {key: KNOWN[key] for key in _KEYS}) != caches.load(path):
        keep(path, used)


@cache
def _read(path):
    """Of a file: hash of its code, names it imports, words among its constants."""
    stat = path.stat()
    name = path.relative_to(WORKFLOW).as_posix()
    key = json.dumps([name, stat.st_size, stat.st_mtime_ns, sys.version])
    _KEYS.add(key)
    if key not in KNOWN:
        tree = _tree(path)
        KNOWN[key] = {
            "digest": hashlib.sha256(ast.unparse(tree).encode()).hexdigest(),
            "imports": _names_imported(tree),
            "words": sorted(_words(tree)),
        }
    return KNOWN[key]


def _names_imported(tree):
    names = []
    for node in statements(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def _words(tree):
    """Constants that may be the name of a table."""
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {one for one in constants if isinstance(one, str) and one.isidentifier()}


def _tree(path):
    tree = ast.parse(path.read_text())
    for node in (tree, *statements(tree)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            if isinstance(getattr(body[0].value, "value", None), str):
                node.body = body[1:] or [ast.Pass()]
    return tree

"""What the rules promise Snakemake: a checked configuration, the stars, what each job depends on.

Snakemake sees neither the library a script imports nor the order or type of what stands in a
configuration. The hashes made here go into the rules' params, so that a job runs again exactly
when its code or its part of the configuration has changed in substance.
"""

import ast
import fcntl
import hashlib
import json
import os
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

WORKFLOW = Path(__file__).parent
CONFIG_SCHEMA = WORKFLOW / "schemas" / "config.schema.yaml"
TABLE_SCHEMA = WORKFLOW / "schemas" / "tables.yaml"
ARMS = ("lrs", "mrs")
QUANTITY = re.compile(r"^([0-9.eE+-]+) (\S+)$")


class ContractError(Exception):
    """One line that names the file, the key or row, and what was expected."""


def check_config(config, path="config"):
    """Check a configuration against its schema and fill in the defaults.

    Raises
    ------
    ContractError
        One line: file, key, value, what was expected.
    """
    schema = yaml.safe_load(CONFIG_SCHEMA.read_text())
    _fill_defaults(config, schema)
    errors = sorted(Draft202012Validator(schema).iter_errors(config), key=lambda e: len(e.path))
    if errors:
        raise ContractError(f"{path}: {_config_message(errors[0])}")
    if config["disk"]["consistent_min"] > config["disk"]["confined_min"]:
        raise ContractError(f"{path}: disk.consistent_min is above disk.confined_min")
    if _pc(config["clusters"]["radius"]) > _pc(config["clusters"]["search_radius"]):
        raise ContractError(f"{path}: clusters.radius is above clusters.search_radius")
    _check_spectra(config, path)
    distance = config["distance"]
    published = distance["method"] == "edsd" and distance["edsd_length"] == "published"
    if (distance["method"] == "bailer_jones" or published) and not distance["prior"]:
        raise ContractError(f"{path}: distance.prior: missing, the distances asked for need it")
    files = {
        "stars": config["stars"],
        "paper": config["paper"],
        "distance.prior": distance["prior"],
        "labels.lte_catalogue": config["labels"]["lte_catalogue"],
    }
    for i, entry in enumerate(config["bhb"]["catalogues"]):
        files[f"bhb.catalogues.{i}.file"] = entry["file"]
    for key, name in files.items():
        if name and not Path(name).is_file():
            raise ContractError(f"{path}: {key}: there is no file {name!r}")


def _check_spectra(config, path):
    grid = config["labels"]["grid"]
    if grid != "stand-in" and not Path(grid).exists():
        raise ContractError(f"{path}: labels.grid: there is no file or folder {grid!r}")
    if config["figures"]["figure_2"] and not config["spectra"]["lrs"]:
        raise ContractError(f"{path}: figures.figure_2: spectra.lrs names no spectra")
    if config["labels"]["adopt"] == "measured" and not any(map(config["spectra"].get, ARMS)):
        raise ContractError(f"{path}: labels.adopt: measured, but spectra names no spectra")


def _pc(length):
    value, unit = length.split()
    return float(value) * {"pc": 1, "kpc": 1000}[unit]


def _fill_defaults(config, schema):
    for key, entry in schema["properties"].items():
        if "default" in entry:
            config.setdefault(key, json.loads(json.dumps(entry["default"])))
        if "properties" in entry and isinstance(config.get(key), dict):
            _fill_defaults(config[key], entry)


def _config_message(error):
    where = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        unknown = sorted(set(error.instance) - set(known))[0]
        guess = get_close_matches(unknown, known, n=1)
        hint = f"; did you mean {guess[0]!r}?" if guess else f"; known: {', '.join(known)}"
        return f"{where + '.' if where else ''}{unknown}: unknown key{hint}"
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))[0]
        return f"{where + '.' if where else ''}{missing}: missing"
    if error.validator == "pattern":
        units = re.search(r" \(?([^()$]+)\)?\$", error.validator_value)
        what = f"a number and a unit ({units[1].replace('|', ' or ')})" if units else "another form"
        return f"{where}: {error.instance!r}, expected {what}"
    if error.validator == "enum":
        return f"{where}: {error.instance!r}, expected one of {', '.join(error.validator_value)}"
    if error.validator == "type" and error.validator_value == "string":
        return f'{where}: {error.instance!r}, expected text with a unit, such as "8.5 kpc"'
    return f"{where}: {error.message}"


def canonical(config, *keys):
    """Part of a configuration as JSON, the same for the same meaning.

    Parameters
    ----------
    config : dict
    *keys : str
        Sections or dotted keys, such as ``"frame"`` or ``"orbits.potential"``.
    """
    picked = {}
    for key in keys:
        value = config
        for part in key.split("."):
            value = value[part]
        picked[key] = value
    return json.dumps(_plain(picked), sort_keys=True)


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str) and (match := QUANTITY.match(value)):
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
        Name of a script in ``workflow/scripts``, without ``.py``.
    """
    files = modules_of(script)
    digest = hashlib.sha256("".join(_digest(path) for path in files).encode())
    named = {node.value for node in ast.walk(_tree(files[0])) if isinstance(node, ast.Constant)}
    schema = _table_schema()
    for name in sorted(named & set(schema["tables"]), key=str):
        digest.update(json.dumps(_with_columns(schema, name), sort_keys=True).encode())
    return digest.hexdigest()[:16]


@cache
def _table_schema():
    return yaml.safe_load(TABLE_SCHEMA.read_text())


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
    found, queue = [], [WORKFLOW / "scripts" / f"{script}.py"]
    while queue:
        path = queue.pop(0)
        if path not in found:
            found.append(path)
            queue += _imports(path)
    return [found[0]] + sorted(found[1:])


@cache
def _imports(path):
    """Files of this project that one of them imports, wherever in it."""
    names = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
    files = [WORKFLOW / (name.replace(".", "/") + ".py") for name in names]
    return [file for file in dict.fromkeys(files) if file.is_file()]


@cache
def _digest(path):
    return hashlib.sha256(ast.unparse(_tree(path)).encode()).hexdigest()


@cache
def _tree(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            if isinstance(getattr(body[0].value, "value", None), str):
                node.body = body[1:] or [ast.Pass()]
    return tree


def read_stars(config):
    """Names of the stars and a hash of each star's row, after the list was checked.

    The list is read and checked once for each state of the file; ``star_list.json`` in the
    folder of the run remembers it, so that a cluster's jobs start without reading it.

    Returns
    -------
    dict
        Star name to hash, in the order of the list.

    Raises
    ------
    ContractError
        If the list cannot be used: one line for each fault.
    """
    path = Path(config["stars"])
    cache_file = Path("results") / config["run"] / "star_list.json"
    state = [hashlib.sha256(path.read_bytes()).hexdigest(), code("check_stars")]
    state += [config["bad_rows"], config["distance"]["method"]]
    if cache_file.is_file():
        known = json.loads(cache_file.read_text())
        if known["state"] == state:
            return known["stars"]
    from runaways import star_list  # pandas and astropy: only when the list is new

    try:
        stars, problems = star_list.read(path, distance_method=config["distance"]["method"])
        if config["bad_rows"] == "stop":
            star_list.refuse(problems, path)
    except star_list.ListError as error:
        raise ContractError(str(error)) from None
    rows = star_list.row_hashes(stars)
    cache_file.parent.mkdir(parents=True, exist_ok=True)
    # jobs of a cluster may be reading it
    unfinished = cache_file.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"state": state, "stars": rows}))
    unfinished.replace(cache_file)
    return rows


def check_figures(config, stars):
    """Check that the stars named for the figures are in the list.

    Raises
    ------
    ContractError
        Naming the key and the star.
    """
    for key, names in config["figures"].items():
        for name in [names["star"]] if "star" in names else names:
            if name not in stars:
                raise ContractError(f"figures.{key}: {name!r} is not in {config['stars']}")


def track_files(config):
    """Files of stellar tracks that the configuration names, folders opened.

    Raises
    ------
    ContractError
        If there is none, or one is not there.
    """
    if config["tracks"]["source"] != "parsec":
        return []
    files = []
    for name in config["tracks"]["files"]:
        path = Path(name)
        found = sorted(path.rglob("*.dat*")) if path.is_dir() else [path]
        if not found or not found[0].is_file():
            raise ContractError(f"tracks.files: there is no PARSEC file {name!r} (.dat, .dat.gz)")
        files += [str(file) for file in found]
    if not files:
        raise ContractError("tracks.files: empty, expected PARSEC files or folders of them")
    return files


def cluster_files(config):
    """Files of cluster catalogues that the configuration names.

    Raises
    ------
    ContractError
        If one is not there, or one is named twice.
    """
    names = config["clusters"]["catalogue"]
    names = [names] if isinstance(names, str) else names
    files = [name for name in names if name != "openngc"]
    for name in files:
        if not Path(name).is_file():
            raise ContractError(f"clusters.catalogue: there is no file {name!r}")
    if len(set(names)) < len(names):
        raise ContractError("clusters.catalogue: names a catalogue twice")
    return files


def hold(folder):
    """Hold a folder for this process; the hold ends with the process, however it ends.

    Snakemake's own lock outlives a killed process and then refuses the next run.

    Raises
    ------
    ContractError
        If another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = open(folder / ".lock", "w")  # noqa: SIM115 - open as long as the process lives
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ContractError(f"{folder}: another snakemake is at work here") from None
    except OSError as error:
        raise ContractError(f"{folder}: its disk cannot lock files ({error})") from None
    return handle

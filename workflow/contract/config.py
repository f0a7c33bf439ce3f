"""A configuration held against its schema, its defaults filled in."""

import json
import re
from difflib import get_close_matches
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

CONFIG_SCHEMA = Path(__file__).parents[1] / "schemas" / "config.schema.yaml"
ARMS = ("lrs", "mrs")


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

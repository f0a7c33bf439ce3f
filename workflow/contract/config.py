"""A configuration held against its schema, its defaults filled in."""

import json
import re
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

CONFIG_SCHEMA = Path(__file__).parents[1] / "schemas" / "config.schema.yaml"
ARMS = ("lrs", "mrs")
QUANTITY = re.compile(r"([0-9.eE+-]+) (\S+)")
# Snakemake reads {wildcards} and <path variables> in every text of a rule, and quotes neither
RESERVED = re.compile(r"[{}<>\x00-\x1f\x7f]")


class ContractError(Exception):
    """One line that names the file, the key or row, and what was expected."""


@cache
def schema():
    return yaml.safe_load(CONFIG_SCHEMA.read_text())


def part_of_schema(entry, key, value):
    """Schema of a value below a key or index; an empty one where the schema names none."""
    entry = entry.get("properties", {}).get(key) or entry.get("items", {})
    kind = "array" if isinstance(value, list) else "string"
    return next((e for e in entry.get("oneOf", []) if e["type"] == kind), entry)


def is_quantity(entry):
    """Whether a schema asks for a number with a unit: its look alone may be a folder's name."""
    return entry.get("pattern", "").startswith("^[0-9.eE+-]+ ")


def check_config(config, path="config", project=Path()):
    """Check a configuration against its schema and fill in the defaults.

    A file or folder that is not there, seen from the working directory, is taken from the
    project's folder where it is one of its own, such as those of the shipped configuration.

    Raises
    ------
    ContractError
        One line: file, key, value, what was expected.
    """
    _fill_defaults(config, schema())
    _choose_distances(config)
    errors = sorted(Draft202012Validator(schema()).iter_errors(config), key=lambda e: len(e.path))
    if errors:
        raise ContractError(f"{path}: {_config_message(errors[0])}")
    _check_texts(config, schema(), path, project)
    if config["disk"]["consistent_min"] > config["disk"]["confined_min"]:
        raise ContractError(f"{path}: disk.consistent_min is above disk.confined_min")
    if _pc(config["clusters"]["radius"]) > _pc(config["clusters"]["search_radius"]):
        raise ContractError(f"{path}: clusters.radius is above clusters.search_radius")
    _check_spectra(config, path)
    _check_ensemble(config, path)
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


def _check_texts(values, entry, path, project, above=""):
    """Check every text of a configuration; paths among them are put in place where found."""
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        where, part = f"{above}{key}", part_of_schema(entry, key, value)
        if isinstance(value, (dict, list)):
            _check_texts(value, part, path, project, f"{where}.")
        elif isinstance(value, str):
            check_name(value, f"{path}: {where}")
            if is_quantity(part) and (match := QUANTITY.fullmatch(value)):
                _check_number(match[1], f"{path}: {where}: {value!r}")
            if part.get("format") == "path":
                if value.startswith("-"):
                    raise ContractError(f"{path}: {where}: {value!r}, expected ./ before the -")
                if value and not Path(value).exists() and (project / value).exists():
                    values[key] = str(project / value)


def check_name(text, where):
    """Check that a text can stand in a rule.

    Raises
    ------
    ContractError
        Naming what cannot.
    """
    if found := RESERVED.search(text):
        raise ContractError(f"{where}: {text!r}, expected a text without {found[0]!r}")


def _check_number(text, where):
    try:
        float(text)
    except ValueError:
        raise ContractError(f"{where}, expected a number and a unit") from None


def _check_spectra(config, path):
    grid = config["labels"]["grid"]
    if grid != "stand-in" and not Path(grid).exists():
        raise ContractError(f"{path}: labels.grid: there is no file or folder {grid!r}")
    if config["figures"]["figure_2"] and not config["spectra"]["lrs"]:
        raise ContractError(f"{path}: figures.figure_2: spectra.lrs names no spectra")
    if config["labels"]["adopt"] == "measured" and not any(map(config["spectra"].get, ARMS)):
        raise ContractError(f"{path}: labels.adopt: measured, but spectra names no spectra")


def _choose_distances(config):
    """Distances are those of a posterior unless the configuration names another method."""
    distance = config["distance"]
    if isinstance(distance, dict):
        distance.setdefault("method", "bailer_jones" if distance["prior"] else "edsd")


def _check_ensemble(config, path):
    variants = config["ejections"]["ensemble"]
    _check_potential(config, f"{path}: orbits.potential")
    for i, variant in enumerate(variants):
        _check_potential(variant_of(config, variant), f"{path}: ejections.ensemble.{i}")
    names = [variant["name"] for variant in variants]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ContractError(f"{path}: ejections.ensemble: {twice[0]!r} is the name of two variants")


def _check_potential(config, where):
    """Check that a potential is in a frame that it was fitted with, or is to be rescaled."""
    from runaways import frames  # numpy: only here

    orbits, given = config["orbits"], config["frame"]
    if orbits["rescale"]:
        return
    frame = frames.PRESETS[given["preset"]]
    if "r0" in given:
        frame = replace(frame, r0=_pc(given["r0"]) / 1000)
    if "v_circ" in given:
        frame = replace(frame, v_circ=float(given["v_circ"].split()[0]))
    if frames.is_own_frame(orbits["potential"], frame):
        return
    from runaways.orbits import integration  # galpy: only to say what is wrong

    own = [name for name in frames.FITTED_WITH if frames.is_own_frame(name, frame)]
    ways = f"a potential of this frame ({', '.join(own)}), " if own else ""
    try:
        integration.potential(orbits["potential"], frame)
    except integration.ForeignFrame as error:
        expected = f"expected {ways}the potential's own frame, or rescale: true"
        raise ContractError(f"{where}: {error}; {expected}") from None


def variant_of(config, variant):
    """The configuration in one variant of `ejections.ensemble`."""
    frame = config["frame"]
    if "preset" in variant.get("frame", {}):  # no part of the run's own is left
        frame = {"printed": frame["printed"]}
    frame = frame | variant.get("frame", {})
    own = {name: variant[name] for name in ("potential", "rescale") if name in variant}
    return config | {"frame": frame, "orbits": config["orbits"] | own}


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

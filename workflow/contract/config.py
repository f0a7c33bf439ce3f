"""A configuration held against its schema, its defaults filled in."""

import json
import math
import os
import re
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

import caches

CONFIG_SCHEMA = Path(__file__).parents[1] / "schemas" / "config.schema.yaml"
ARMS = ("lrs", "mrs")
QUANTITY = re.compile(r"([0-9.eE+-]+) (\S+)")
# Snakemake reads {wildcards} and <path variables> in every text of a rule, and quotes neither
RESERVED = re.compile(r"[{}<>\x00-\x1f\x7f]")


class ContractError(Exception):
    """One line that names the file, the key or row, and what was expected."""


def keep(path, known):
    """`caches.keep`, or a line that says why not."""
    try:
        caches.keep(path, known)
    except OSError as error:
        raise ContractError(f"{path.parent}: cannot be written to ({error.strerror})") from None


@cache
def schema():
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(CONFIG_SCHEMA.read_text(), Loader=loader)


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

    Returns
    -------
    list of str
        Lines to print: keys that have no effect beside the others.

    Raises
    ------
    ContractError
        One line for each fault: file, key, value, what was expected.
    """
    if not isinstance(config, dict):
        raise ContractError(f"{path}: expected keys and values")
    _fill_defaults(config, schema())
    _choose_distances(config)
    errors = sorted(Draft202012Validator(schema()).iter_errors(config), key=lambda e: len(e.path))
    faults = [_config_message(error) for error in errors]
    known = {tuple(error.absolute_path) for error in errors}
    faults += _faulty_values(config, schema(), project, known)
    if not faults:
        faults += [*_contradictions(config), *_missing_files(config)]
    if faults:
        raise ContractError("\n".join(f"{path}: {fault}" for fault in faults))
    return [f"{path}: {line}" for line in _without_effect(config)]


def _contradictions(config):
    """Values that are possible, and not together."""
    distance, spectra = config["distance"], config["spectra"]
    if config["disk"]["consistent_min"] > config["disk"]["confined_min"]:
        yield "disk.consistent_min is above disk.confined_min"
    if _pc(config["clusters"]["radius"]) > _pc(config["clusters"]["search_radius"]):
        yield "clusters.radius is above clusters.search_radius"
    if config["figures"]["figure_2"] and not spectra["lrs"]:
        yield "figures.figure_2: spectra.lrs names no spectra"
    if config["labels"]["adopt"] == "measured" and not any(map(spectra.get, ARMS)):
        yield "labels.adopt: measured, but spectra names no spectra"
    for low, high in (("teff_min", "teff_max"), ("logg_min", "logg_max"), ("mh_min", "mh_max")):
        limits = [_number(config["tracks"][name]) for name in (low, high)]
        if limits[0] >= limits[1]:
            yield f"tracks.{low} is not below tracks.{high}"
    first, last = (_myr(text) for text in config["origins"]["delay_des"])
    if first >= last:
        yield "origins.delay_des: the first is not below the second"
    slowest, fastest = config["origins"]["spin"]
    if slowest >= fastest:
        yield "origins.spin: the slowest is not below the fastest"
    binaries = config["origins"]["binaries"]
    if binaries["mass_min"] >= binaries["mass_max"]:
        yield "origins.binaries: mass_min is not below mass_max"
    galaxies = {"orbits.potential": config}
    for i, variant in enumerate(config["ejections"]["ensemble"]):
        galaxies[f"ejections.ensemble.{i}"] = variant_of(config, variant)
    for where, galaxy in galaxies.items():
        if fault := _foreign_potential(galaxy):
            yield f"{where}: {fault}"
    names = [variant["name"] for variant in config["ejections"]["ensemble"]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"ejections.ensemble: {twice[0]!r} is the name of two variants"
    if config["ejections"]["calibrate"] and config["ejections"]["pattern"] != "none":
        text = "stars are planted in an axisymmetric Galaxy, expected ejections.pattern: none"
        yield f"ejections.calibrate: {text}"
    if _needs_prior(distance) and not distance["prior"]:
        yield "distance.prior: missing, the distances asked for need it"


def _needs_prior(distance):
    published = distance["method"] == "edsd" and distance["edsd_length"] == "published"
    return distance["method"] == "bailer_jones" or published


def _missing_files(config):
    """Files that are not there, or cannot be read."""
    files = {
        "stars": config["stars"],
        "paper": config["paper"],
        "distance.prior": config["distance"]["prior"],
        "labels.lte_catalogue": config["labels"]["lte_catalogue"],
        "spectra.line_spread": config["spectra"]["line_spread"],
    }
    for i, entry in enumerate(config["bhb"]["catalogues"]):
        files[f"bhb.catalogues.{i}.file"] = entry["file"]
    for key, name in files.items():
        if name and not Path(name).is_file():
            yield f"{key}: there is no file {name!r}"
        elif name and not os.access(name, os.R_OK):
            yield f"{key}: {name!r} may not be read"
    grid = config["labels"]["grid"]
    if grid != "stand-in" and not Path(grid).exists():
        yield f"labels.grid: there is no file or folder {grid!r}"


def _without_effect(config):
    """What is asked for and does nothing beside the rest of the configuration."""
    spectra, labels = config["spectra"], config["labels"]
    seen = any(spectra[arm] for arm in ARMS)
    read = any(spectra[arm] not in ("", "stand-in") for arm in ARMS)
    idle = {
        "tracks.files: tracks.source is not parsec": config["tracks"]["files"]
        and config["tracks"]["source"] != "parsec",
        f"distance.prior: distance.method is {config['distance']['method']}": config["distance"][
            "prior"
        ]
        and not _needs_prior(config["distance"]),
        "labels.grid: spectra names no spectra": labels["grid"] != "stand-in" and not seen,
        "labels.lte_catalogue: spectra names no spectra": labels["lte_catalogue"] and not seen,
        "spectra.medium: spectra names no folder": spectra["medium"] and not read,
        "spectra.resolution: spectra names no folder": spectra["resolution"] and not read,
    }
    return [line.replace(": ", ": no effect, ", 1) for line, ignored in idle.items() if ignored]


def _faulty_values(values, entry, project, known, above=()):
    """Faults of texts and numbers that the schema lets through; paths are put in place.

    A number with a unit is above 0, unless the schema's `limits` let it be `zero` or `any`.
    """
    faults = []
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        part, place = part_of_schema(entry, key, value), (*above, key)
        where = ".".join(map(str, place))
        if isinstance(value, (dict, list)):
            faults += _faulty_values(value, part, project, known, place)
        elif place in known:
            continue
        elif isinstance(value, float) and not math.isfinite(value):
            faults.append(f"{where}: {value}, expected a finite number")
        elif isinstance(value, str):
            try:
                check_name(value, where)
                _check_text(value, part, where)
            except ContractError as error:
                faults.append(str(error))
            if part.get("format") == "path" and value and not Path(value).exists():
                if (project / value).exists():
                    values[key] = str(project / value)
    return faults


def _check_text(value, part, where):
    if is_quantity(part) and (match := QUANTITY.fullmatch(value)):
        _check_number(match[1], part.get("limits"), f"{where}: {value!r}")
    if part.get("format") == "path" and value.startswith("-"):
        raise ContractError(f"{where}: {value!r}, expected ./ before the -")


def check_name(text, where):
    """Check that a text can stand in a rule.

    Raises
    ------
    ContractError
        Naming what cannot.
    """
    if found := RESERVED.search(text):
        raise ContractError(f"{where}: {text!r}, expected a text without {found[0]!r}")


def _check_number(text, limits, where):
    try:
        number = float(text)
    except ValueError:
        raise ContractError(f"{where}, expected a number and a unit") from None
    if not math.isfinite(number):
        raise ContractError(f"{where}, expected a finite number")
    if limits == "zero" and number < 0:
        raise ContractError(f"{where}, expected no negative number")
    if limits is None and number <= 0:
        raise ContractError(f"{where}, expected more than 0")


def _choose_distances(config):
    """Distances are those of a posterior unless the configuration names another method."""
    distance = config["distance"]
    if isinstance(distance, dict):
        distance.setdefault("method", "bailer_jones" if distance["prior"] else "edsd")


def _foreign_potential(config):
    """What is wrong with a potential that is not in a frame it was fitted with, or nothing."""
    from runaways import frames  # numpy: only here

    orbits, given = config["orbits"], config["frame"]
    if orbits["rescale"]:
        return ""
    frame = frames.PRESETS[given["preset"]]
    if "r0" in given:
        frame = replace(frame, r0=_pc(given["r0"]) / 1000)
    if "v_circ" in given:
        frame = replace(frame, v_circ=_number(given["v_circ"]))
    if frames.is_own_frame(orbits["potential"], frame):
        return ""
    from runaways.orbits import potentials  # galpy: only to say what is wrong

    own = [name for name in frames.FITTED_WITH if frames.is_own_frame(name, frame)]
    ways = f"a potential of this frame ({', '.join(own)}), " if own else ""
    try:
        potentials.potential(orbits["potential"], frame)
    except potentials.ForeignFrame as error:
        return f"{error}; expected {ways}the potential's own frame, or rescale: true"
    return ""


def variant_of(config, variant):
    """The configuration in one variant of `ejections.ensemble`."""
    frame = config["frame"]
    if "preset" in variant.get("frame", {}):  # no part of the run's own is left
        frame = {"printed": frame["printed"]}
    frame = frame | variant.get("frame", {})
    own = {name: variant[name] for name in ("potential", "rescale") if name in variant}
    turning = {"pattern": variant.get("pattern", config["ejections"]["pattern"])}
    return config | {
        "frame": frame,
        "orbits": config["orbits"] | own,
        "ejections": config["ejections"] | turning,
    }


def _number(value):
    return float(value.split()[0]) if isinstance(value, str) else value


def _pc(length):
    return _number(length) * {"pc": 1, "kpc": 1000}[length.split()[1]]


def _myr(time):
    return _number(time) * {"Myr": 1, "Gyr": 1000}[time.split()[1]]


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

"""The files that a configuration names: the star list, tracks, catalogues of clusters."""

import hashlib
import os
import re
from pathlib import Path

import caches
import layout
from contract.config import ContractError, check_name, keep
from contract.hashes import WORKFLOW, code
from layout import files_below


def read_stars(config, notes=None, planned=False):
    """Names of the stars and a hash of each star's row, after the list was checked.

    The list is read and checked once for each state of the file; ``star_list.json`` in the
    folder of the run remembers it, so that a cluster's jobs start without reading it.

    Parameters
    ----------
    config : dict
    notes : list of str, optional
        Lines to print are added where the list is new: what its columns were taken for, which are
        not used, which values stand for nothing, what the list cannot give.
    planned : bool
        Take what is remembered, whatever the list is by now: a job on a cluster was planned so.

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
    known = caches.load(cache_file)
    if planned and "stars" in known:
        return known["stars"]
    state = [hashlib.sha256(path.read_bytes()).hexdigest(), code("stars/check_stars")]
    state += [config["bad_rows"], config["distance"]["method"], config["distance"]["zero_point"]]
    if known.get("state") == state:
        return known["stars"]
    from runaways.inputs.files import InputError
    from runaways.stars import astrometry, star_list  # astropy: only for a new list

    try:
        stars, problems = star_list.read(path, distance_method=config["distance"]["method"])
        if config["bad_rows"] == "stop":
            star_list.refuse(problems, path)
    except InputError as error:
        raise ContractError(str(error)) from None
    if notes is not None:
        notes += stars.meta["notes"] + _lacking(config, stars)
    rows = star_list.row_hashes(stars)
    wanted = config["distance"]["method"] != "given" and config["distance"]["zero_point"] != "none"
    note = astrometry.without_zero_point(stars) if wanted else ""
    keep(cache_file, {"state": state, "stars": rows, "note": note})
    return rows


def list_note(config):
    """What to say of the star list at the start of a run, after `read_stars`; may be empty."""
    note = caches.load(Path("results") / config["run"] / "star_list.json").get("note")
    return f"{config['stars']}: {note}" if note else ""


def _lacking(config, stars):
    """Lines on what a list cannot give, and what follows."""

    def without(*names):
        return not any(name in stars.colnames and any(stars[name] == stars[name]) for name in names)

    lines = []
    if without("rv", "u_published"):
        lines.append("no star has a radial velocity: no space velocity and no orbit")
    predicted = config["orbits"]["age"] != "published" and (
        config["labels"]["adopt"] == "measured" or not without("teff")
    )
    if without("age") and not predicted:
        lines.append("no star has an age: no birthplace and no class of its disk origin")
    if config["labels"]["adopt"] == "published" and without("teff"):
        lines.append("no star has labels (teff, logg, mh): no mass and no age from the tracks")
    if all(stars["status"] == "failed"):
        lines.append("every star lacks what it needs: nothing will come out")
    return [f"{config['stars']}: {line}" for line in lines]


def check_figures(config, stars):
    """Check that the stars named for the figures are in the list.

    Raises
    ------
    ContractError
        Naming the key and the star.
    """
    for key, names in config["figures"].items():
        if key == "figure_1":  # a table, and no star
            continue
        for name in [names["star"]] if "star" in names else names:
            if name not in stars:
                raise ContractError(f"figures.{key}: {name!r} is not in {config['stars']}")


def check_pairs(config, stars):
    """Check that named hypotheses are of stars of the list, and that none stands twice.

    Whether the catalogues have their clusters is found by `clusters.check_clusters`.

    Raises
    ------
    ContractError
        Naming the hypothesis, counted from 0, and what is wrong with it.
    """
    known = {}
    for i, pair in enumerate(config["pairs"]):
        bodies = layout.bodies(pair)
        for key in ("star", "with_star", "pulsar"):
            if key in pair and pair[key] not in stars:
                raise ContractError(f"pairs.{i}.{key}: {pair[key]!r} is not in {config['stars']}")
        if len(set(bodies)) < len(bodies):
            raise ContractError(
                f"pairs.{i}.with_star: {pair['with_star']!r}, expected another star"
            )
        if "pulsar" in pair and (len(bodies) < 2 or pair["pulsar"] not in bodies):
            raise ContractError(f"pairs.{i}.pulsar: {pair['pulsar']!r}, expected one of two stars")
        # any order of the stars and any spelling of the cluster is the same hypothesis
        cluster = layout.bodies_folder(pair | {"star": ""}).partition("@")[2]
        cluster = re.sub(r"(?<=[A-Z])0+(?=\d)", "", cluster.replace("_", "").upper())
        same = frozenset(bodies), cluster
        if same in known:
            raise ContractError(f"pairs.{i}: the same as pairs.{known[same]}")
        known[same] = i


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
        found = [file for file in files_below(path) if ".dat" in Path(file).name]
        found = found if path.is_dir() else [str(path)]
        if not found or not Path(found[0]).is_file():
            raise ContractError(f"tracks.files: there is no PARSEC file {name!r} (.dat, .dat.gz)")
        for file in found:
            check_name(file, "tracks.files")
            files.append(file)
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


def literature_hosts(config):
    """The table of hosts from the literature, relative to the working folder; none if it is off."""
    if not config["clusters"]["literature_hosts"]:
        return []
    return [os.path.relpath(WORKFLOW.parent / "resources" / "literature_hosts.ecsv")]

"""Whether cluster catalogues can be read and hold the figures' clusters, before any job."""

import hashlib
import json
from pathlib import Path

import numpy as np

import caches
from contract.config import ContractError, keep
from contract.files import literature_hosts
from contract.hashes import canonical, code

CUTS = ("cst_min", "cmd_class_min", "kinds")


def check_clusters(config, files, notes=None):
    """Read the cluster catalogues once for each state of them.

    Parameters
    ----------
    config : dict
    files : list of str
        As from `files.cluster_files`.
    notes : list of str, optional
        Lines to print are added where a catalogue is new.

    Raises
    ------
    ContractError
        One line: a catalogue that cannot be used, or a figure's cluster that none of them lists or
        that has no orbit, and why; of a named hypothesis it need not have a radial velocity.
    """
    pairs = {f"figures.{key}": config["figures"][key] for key in ("figure_6", "figure_7")}
    hypotheses = enumerate(config["pairs"])
    named = {f"pairs.{i}.cluster": pair["cluster"] for i, pair in hypotheses if "cluster" in pair}
    asked = canonical(config, "clusters.catalogue", *(f"clusters.{name}" for name in CUTS))
    state = [asked, pairs, named, code("clusters/fetch_clusters"), code("ejections/trace_sources")]
    hosts = literature_hosts(config)
    state += [hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in [*files, *hosts]]
    state = hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
    cache_file = Path("results") / config["run"] / "cluster_check.json"
    if caches.load(cache_file).get("state") == state:
        return
    from runaways.clusters import catalogues, cluster_list, literature

    names = config["clusters"]["catalogue"]
    names = [names] if isinstance(names, str) else names
    cuts = {name: config["clusters"][name] for name in CUTS}
    asked_for = "clusters.catalogue"
    try:
        known = literature.read_hosts(hosts[0]) if hosts else None
        read = [catalogues.read_clusters(name) for name in names]
        merged = literature.merge(read, known)
        listed = cluster_list.assess(merged, **cuts)
        from runaways.ejections import sources

        traced = sources.usable(listed)  # these need no radial velocity
        if not any(traced | np.asarray(listed["usable"], bool)):
            raise ValueError(_none_usable(listed))
        for asked_for in filter(pairs.get, pairs):
            cluster_list.cluster_named(pairs[asked_for]["cluster"], listed)
        listed["usable"] = traced
        for asked_for in named:
            cluster_list.cluster_named(named[asked_for], listed)
    except (ValueError, OSError) as error:
        said = str(error).splitlines() or [type(error).__name__]
        raise ContractError(f"{asked_for}: {said[0]}") from None
    keep(cache_file, {"state": state})
    for table in read if notes is not None else ():
        notes += table.meta.get("notes", [])


def _none_usable(listed):
    reasons = ", ".join(f"{n} {reason}" for reason, n in listed.meta["excluded"].items())
    return f"none of the {len(listed)} clusters has an orbit: {reasons}"

"""Whether cluster catalogues can be read and hold the figures' clusters, before any job."""

import hashlib
import json
import os
from pathlib import Path

from contract.config import ContractError
from contract.files import literature_hosts
from contract.hashes import canonical, code

CUTS = ("cst_min", "cmd_class_min", "kinds")


def check_clusters(config, files):
    """Read the cluster catalogues once for each state of them.

    Parameters
    ----------
    config : dict
    files : list of str
        As from `files.cluster_files`.

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
    cache_file = Path("results") / config["run"] / "cluster_check"
    if cache_file.is_file() and cache_file.read_text() == state:
        return
    from runaways.clusters import catalogues, cluster_list, literature

    names = config["clusters"]["catalogue"]
    names = [names] if isinstance(names, str) else names
    cuts = {name: config["clusters"][name] for name in CUTS}
    asked_for = "clusters.catalogue"
    try:
        known = literature.read_hosts(hosts[0]) if hosts else None
        merged = literature.merge([catalogues.read_clusters(name) for name in names], known)
        listed = cluster_list.assess(merged, **cuts)
        for asked_for in filter(pairs.get, pairs):
            cluster_list.cluster_named(pairs[asked_for]["cluster"], listed)
        if named:
            from runaways.ejections import sources

            listed["usable"] = sources.usable(listed)
        for asked_for in named:
            cluster_list.cluster_named(named[asked_for], listed)
    except (ValueError, OSError) as error:
        said = str(error).splitlines() or [type(error).__name__]
        raise ContractError(f"{asked_for}: {said[0]}") from None
    cache_file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = cache_file.with_suffix(f".{os.getpid()}")  # jobs of a cluster may be reading it
    unfinished.write_text(state)
    unfinished.replace(cache_file)

"""Which stars share a job, and which draws; where files lie. No result depends on it."""

import hashlib
import os
import re
from pathlib import Path

SUFFIXES = (".fits", ".fits.gz", ".fit", ".txt", ".dat", ".csv", ".ascii")


def batches(stars, stars_per_job):
    """Stars that share a folder and their jobs: each its own, or batches in list order."""
    names = list(stars)
    if stars_per_job == 1:
        return {name: [name] for name in names}
    return {
        f"batch_{i // stars_per_job:06d}": names[i : i + stars_per_job]
        for i in range(0, len(names), stars_per_job)
    }


def rows_hash(rows):
    """One hash of a whole list, from those of its rows by star."""
    return hashlib.sha256(" ".join(rows.values()).encode()).hexdigest()[:12]


def chunks(draws, draws_per_chunk):
    """Names of the chunks of draws, ``first_end``: more draws leave the full ones as they are."""
    return [
        f"{first:07d}-{min(first + draws_per_chunk, draws):07d}"
        for first in range(0, draws, draws_per_chunk)
    ]


def pair_folder(pair):
    """Folder of a star and a cluster, below ``stars``: without the name's blanks and slashes."""
    return f"{pair['star']}/pairs/{pair['cluster'].replace(' ', '_').replace('/', '_')}"


def bodies(pair):
    """Names of the one or two stars of a named hypothesis."""
    return [pair[name] for name in ("star", "with_star") if name in pair]


def bodies_folder(pair):
    """Folder of a named hypothesis, below ``pairs``: ``star,with_star@cluster``.

    No star has a comma or @ in its name; of the cluster's what a rule could mistake is ``_``.
    """
    cluster = re.sub(r"[^\w+.@-]", "_", pair.get("cluster", ""))
    return ",".join(bodies(pair)) + (f"@{cluster}" if cluster else "")


def list_folder(folder):
    """Files below a folder that may be spectra, sorted; LAMOST delivers ``YYYYMMDD/planid/``."""
    return [path for path in files_below(folder) if path.lower().endswith(SUFFIXES)]


def files_below(folder):
    """All files below a folder, sorted; links to folders, usual at data centres, are followed."""
    found, seen = [], set()
    for place, below, names in os.walk(folder, followlinks=True):
        seen.add(os.path.realpath(place))
        # a link to a folder above would go round for ever
        below[:] = [name for name in below if os.path.realpath(Path(place, name)) not in seen]
        found += [str(Path(place, name)) for name in names]
    return sorted(path for path in found if os.path.isfile(path))

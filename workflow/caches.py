"""What was found before a job and need not be found again, in the folder of a run."""

import hashlib
import json
import os


def load(path):
    """What a cache remembers; nothing where it is not there, or is not what was kept."""
    try:
        kept = json.loads(path.read_text())
        return kept["known"] if kept["hash"] == _digest(kept["known"]) else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def keep(path, known):
    """Write a cache in one piece: jobs of a cluster may be reading it.

    Raises
    ------
    OSError
        If nothing can be written there.
    """
    unfinished = path.with_suffix(f".{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_text(json.dumps({"known": known, "hash": _digest(known)}))
    unfinished.replace(path)


def _digest(known):
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()

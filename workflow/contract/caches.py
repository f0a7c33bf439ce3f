"""What was found before a job and need not be found again, in the folder of a run."""

import json
import os


def load(path):
    """What a cache remembers; nothing where it is not there or cannot be read."""
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def keep(path, known):
    """Write a cache in one piece: jobs of a cluster may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(known))
    unfinished.replace(path)

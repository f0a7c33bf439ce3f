"""Asking an archive: patiently, with pauses, and with a record of what came from where."""

import hashlib
import json
import os
import time
from pathlib import Path

import requests

AGENT = "runaway-origins (one request at a time, pauses between them)"
PATIENCE, TRIES, PAUSE = 120.0, 3, 5.0  # s; tries; s between requests, longer after each failure


class FetchError(Exception):
    """What went wrong, in a line, and what to do."""


class Session(requests.Session):
    """A session that says who asks, and whose every request ends after some time [s]."""

    def __init__(self, patience):
        super().__init__()
        self.patience = patience
        self.headers["User-Agent"] = AGENT

    def request(self, *args, **kwargs):
        return super().request(*args, **{"timeout": self.patience, **kwargs})


def patiently(url, ask, pause):
    """What an archive answers; asked again where the fault may be of the moment.

    Parameters
    ----------
    url : str
        For the message.
    ask : callable
        Without arguments. A `FetchError` of it is final, any other is tried again.
    pause : float
        Before the second try [s], twice that before the third.

    Raises
    ------
    FetchError
        Its own, or after `TRIES` tries.
    """
    for left in reversed(range(TRIES)):
        try:
            return ask()
        except FetchError:
            raise
        except Exception as error:  # of the network, of the service, of what it sent
            if not left:
                raise FetchError(
                    f"{url}: nothing that can be used came in {TRIES} tries ({in_line(error)}); "
                    "give the same command again to go on"
                ) from None
            time.sleep(pause * (TRIES - left))


def in_line(error):
    """An error in one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def is_there(path, query):
    """Whether a file is the answer to a query, unchanged since it came."""
    record = _record(path)
    if not (Path(path).exists() and record.exists()):
        return False
    said = json.loads(record.read_text())
    return said["query"] == query and said["sha256"] == sha256(path)


def keep(unfinished, path, url, query, rows):
    """Put a file that came to its place, with ``<path>.json``: what was asked, where and when."""
    path = Path(path)
    said = {"url": url, "query": query, "date": now(), "rows": rows, "sha256": sha256(unfinished)}
    os.replace(unfinished, path)
    _record(path).write_text(json.dumps(said, indent=1) + "\n")


def now():
    """The date and time, UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def sha256(path):
    """Checksum of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record(path):
    return Path(f"{path}.json")

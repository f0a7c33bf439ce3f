"""What the scripts share: arguments, the log, a watchdog, settings with units."""

import argparse
import atexit
import faulthandler
import json
import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time

from astropy.units import Quantity

# how long a job may take [s]; rules/project.smk sets it, so that another limit re-runs nothing
TIME_LIMIT = "RUNAWAYS_TIME_LIMIT"
RUN = "RUNAWAYS_RUN"  # process of the Snakemake that a job is of


def arguments(doc, *required, lists=(), many=(), optional=()):
    """Arguments of a script: ``--cfg`` (JSON), ``--code``, and one option for each name.

    Parameters
    ----------
    doc : str
        The script's docstring, shown by ``--help``.
    required, lists, many, optional : names of options
        With one value, with one or more, with any number, with one or none.
    """
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--cfg", type=json.loads, default={}, help="settings of the rule, JSON")
    parser.add_argument("--code", default="", help="hash of the code, stamped into the product")
    for name in required:
        parser.add_argument(f"--{name}", required=True)
    for name in lists:
        parser.add_argument(f"--{name}", required=True, nargs="+")
    for name in many:
        parser.add_argument(f"--{name}", nargs="*", default=[])
    for name in optional:
        parser.add_argument(f"--{name}", nargs="?", default="")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    if TIME_LIMIT in os.environ:
        # galpy's C code can run for ever without a sign; the log then ends with where it stood
        faulthandler.dump_traceback_later(float(os.environ[TIME_LIMIT]), exit=True)
    if RUN in os.environ:
        threading.Thread(target=_end_with, args=[int(os.environ[RUN])], daemon=True).start()
    atexit.register(_say_cost)
    return parser.parse_args()


def _end_with(run):
    """End with a run that was killed: the next one would write the same file beside this job."""
    while True:
        try:
            os.kill(run, 0)
        except ProcessLookupError:
            break
        time.sleep(0.5)
    for process in multiprocessing.active_children():
        process.kill()
    os.kill(os.getpid(), signal.SIGKILL)


def _say_cost():
    """The last line of the log: time on processors, of what it started too, and largest memory."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(part.ru_utime + part.ru_stime for part in used)
    logging.info("cost: %.2f CPU s, %.0f MB", seconds, max(p.ru_maxrss for p in used) / 1024)


def stamp(args):
    """Provenance of a product: its run, its settings, its code."""
    return {
        "run": args.cfg["run"],
        "config": json.dumps(args.cfg, sort_keys=True),
        "code": args.code,
    }


def joined(*metas):
    """The stand-ins of what a product was made from, as one stamp."""
    found = [str(meta["stand_in"]) for meta in metas if meta.get("stand_in")]
    return {"stand_in": "; ".join(dict.fromkeys(found))} if found else {}


def in_unit(text, unit):
    """A setting such as "8.5 kpc" as a number in the given unit."""
    return float(Quantity(text).to_value(unit))


# keys of section `errors` that are no errors
OF_BINARIES = ("binary_fraction", "orbital_motion")


def assumed_errors(settings):
    """Errors in section `errors` of the configuration."""
    return {name: Quantity(text) for name, text in settings.items() if name not in OF_BINARIES}

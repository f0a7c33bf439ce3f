"""What the scripts share: arguments, the log, a watchdog, settings with units."""

import argparse
import faulthandler
import json
import logging
import sys

from astropy.units import Quantity

from runaways.frames import Frame

# galpy's C code can run for ever without a sign; the log then ends with where it stood
LIMIT = 6 * 3600  # s


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
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    return parser.parse_args()


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
    return Quantity(text).to_value(unit)


def frame(settings):
    """Section `frame` of the configuration."""
    return Frame(
        r0=in_unit(settings["r0"], "kpc"),
        v_circ=in_unit(settings["v_circ"], "km / s"),
        v_sun=tuple(in_unit(value, "km / s") for value in settings["v_sun"]),
        z_sun=in_unit(settings["z_sun"], "kpc"),
    )


def assumed_errors(settings):
    """Section `errors` of the configuration."""
    return {name: Quantity(text) for name, text in settings.items()}


def track_box(settings):
    """Limits of the training grid in section `tracks`, as numbers."""
    box = {"mass_max": in_unit(settings["mass_max"], "solMass")}
    box |= {f"teff_{end}": in_unit(settings[f"teff_{end}"], "K") for end in ("min", "max")}
    return box | {
        f"{n}_{end}": settings[f"{n}_{end}"] for n in ("logg", "mh") for end in ("min", "max")
    }


def stand_in_of_ages(catalogue, cfg):
    """The stand-in behind a traceback: that of the tracks, where it uses predicted ages."""
    return catalogue.meta.get("stand_in", "") if cfg["orbits.age"] == "predicted" else ""

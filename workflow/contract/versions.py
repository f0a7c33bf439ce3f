"""Versions of the packages that a run's products are made with, from its start on.

The versions at the start of a run are kept in ``versions.json`` in its folder. A package that has
changed since is named at start-up and in ``run.yaml``; by ``rerun_on_new_versions`` it also enters
the hash of the scripts that import it, and of no other.
"""

import ast
import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import yaml

import caches
from contract import hashes
from contract.config import keep

# what numbers, catalogues and figures depend on: name in an import, name of the package
PACKAGES = {
    "astropy": "astropy",
    "astropy_healpix": "astropy-healpix",
    "cosmic": "cosmic-popsynth",
    "galpy": "galpy",
    "matplotlib": "matplotlib",
    "numba": "numba",
    "numpy": "numpy",
    "pandas": "pandas",
    "pyongc": "pyongc",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "zero_point": "gaiadr3-zeropoint",
}


def installed():
    """Versions of the packages of this Python, by name."""
    found = {}
    for package in PACKAGES.values():
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # the job that needs it says so
    return found


def changed(folder, now):
    """Packages of another version than a run began with.

    Parameters
    ----------
    folder : Path
        Of the run.
    now : dict
        As from `installed`.

    Returns
    -------
    dict
        Package to [version at the start, version now].
    """
    then = _recorded(folder)
    return {name: [then[name], now[name]] for name in now if then.get(name, now[name]) != now[name]}


def _recorded(folder):
    """Versions that a run began with; runs without a record have those of their run.yaml."""
    if known := caches.load(folder / "versions.json"):
        return known
    try:
        return dict(yaml.safe_load((folder / "run.yaml").read_text())["packages"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return {}


def record(folder, now):
    """Keep the versions that a run begins with, and those of packages that are new to it."""
    keep(folder / "versions.json", now | _recorded(folder))


def note(changes, rerun):
    """One line on packages that have changed; empty without any.

    Parameters
    ----------
    changes : dict
        As from `changed`.
    rerun : bool
        Whether that re-runs what depends on them.
    """
    if not changes:
        return ""
    listed = ", ".join(f"{name} {then}, now {now}" for name, (then, now) in changes.items())
    what = "what uses them runs again" if rerun else "what was made with them is kept"
    return f"the run began with {listed}: {what} (rerun_on_new_versions: {str(rerun).lower()})"


def code(script, changes):
    """`hashes.code`, and the versions now of the changed packages that a script imports."""
    if not changes:
        return hashes.code(script)
    used = {name: changes[name][1] for name in sorted(packages_of(script) & set(changes))}
    if not used:
        return hashes.code(script)
    text = hashes.code(script) + json.dumps(used)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def packages_of(script):
    """Packages of `PACKAGES` that a script imports, itself or in a module of this project."""
    return set().union(*map(_packages_in, hashes.modules_of(script)))


@cache
def _packages_in(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    return {PACKAGES[name] for name in names & set(PACKAGES)}

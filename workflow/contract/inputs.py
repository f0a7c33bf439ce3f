"""Files that a configuration names beside the star list and the clusters, read before any job."""

import os
from pathlib import Path

import yaml

import caches
from contract.config import ContractError, keep
from contract.hashes import code

# the script whose code decides what can be read
READERS = {
    "bhb": "selection/match_bhb",
    "magnitudes": "figures/plot_figure_1",
    "prior": "stars/measure_velocities",
    "labels": "labels/match_lte_catalogue",
    "tracks": "masses_ages/fetch_tracks",
    "grid": "emulators/fetch_grid",
    "paper": "products/compare_paper",
}


def check_inputs(config, tracks, grid, notes):
    """Read every file once for each state of it; a faulty one stops the run before it begins.

    Parameters
    ----------
    config : dict
    tracks, grid : list of str
        As from `files.track_files` and `spectra.grid_files`.
    notes : list of str
        Lines to print are added: what columns of a new file were taken for.

    Raises
    ------
    ContractError
        A line for each file that cannot be used.
    """
    named = [("bhb", f"bhb.catalogues.{i}.file", entry["file"]) for i, entry in _listed(config)]
    named += [("prior", "distance.prior", config["distance"]["prior"])]
    named += [("labels", "labels.lte_catalogue", config["labels"]["lte_catalogue"])]
    named += [("magnitudes", "figures.figure_1", config["figures"]["figure_1"])]
    named += [("paper", "paper", config["paper"])]
    named += [("tracks", "tracks.files", name) for name in tracks]
    named += [("grid", "labels.grid", config["labels"]["grid"])] if grid else []
    cache_file = Path("results") / config["run"] / "input_check.json"
    before, now, faults = caches.load(cache_file), {}, []
    for kind, key, name in named:
        if not name:
            continue
        files = grid if kind == "grid" else [name]
        state = [[s.st_size, s.st_mtime_ns] for s in map(os.stat, files)] + [code(READERS[kind])]
        state += [config["labels"]["microturbulence"]] if kind == "grid" else []
        if before.get(name) != state:
            try:
                notes += _read(kind, name, config) or []
            except (ValueError, OSError) as error:
                said = (str(error).splitlines() or [type(error).__name__])[0]
                said = said if name in said else f"{name}: {said}"
                faults.append(f"{key}: {said}")
                continue
        now[name] = state
    if now != before:
        keep(cache_file, now)
    if faults:
        raise ContractError("\n".join(faults))


def _listed(config):
    return enumerate(config["bhb"]["catalogues"])


def _read(kind, name, config):
    """Read a file by its own reader; lines to print."""
    if kind == "bhb":
        from runaways.selection.bhb import read_contaminants

        return read_contaminants(name).meta["notes"]
    if kind == "magnitudes":
        from runaways.selection.magnitudes import read_magnitudes

        return read_magnitudes(name).meta["notes"]
    if kind == "prior":
        from runaways.stars.distance_prior import read_prior

        read_prior(name)
    elif kind == "labels":
        from runaways.labels.lte_catalogue import read_catalogue

        return read_catalogue(name).meta["notes"]
    elif kind == "tracks":
        from runaways.masses_ages.parsec import read_parsec_file

        read_parsec_file(name)
    elif kind == "grid":
        from astropy.units import Quantity

        from runaways.emulators.training_grid import check_head

        check_head(name, Quantity(config["labels"]["microturbulence"]).to_value("km / s"))
    elif not isinstance(yaml.safe_load(Path(name).read_bytes() or b"{}"), dict):
        raise ValueError("expected names and numbers, as in resources/guo2025_numbers.yaml")
    return None

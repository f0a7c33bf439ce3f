"""Which files of spectra each star's jobs read, found before any job."""

import hashlib
import json
import os
from pathlib import Path

import caches
from contract.config import ContractError, check_name, keep
from contract.hashes import code
from layout import list_folder

STAND_IN = "stand-in"


def spectrum_files(config, arm):
    """Files of each star in the folder of one instrument.

    Headers are read once for each state of a file: ``spectra_<arm>.json`` in the folder of the run
    remembers them, so that a cluster's jobs start without opening the files.

    Parameters
    ----------
    config : dict
    arm : str
        ``lrs`` or ``mrs``.

    Returns
    -------
    files : dict
        Star name to paths; a star without a file is not in it.
    state : str
        Hash of what the folder holds and whose it is.

    Raises
    ------
    ContractError
        If there is no such folder, or no file in it is of a star of the list.
    """
    folder = config["spectra"][arm]
    if folder in ("", STAND_IN):
        return {}, ""
    cache_file = Path("results") / config["run"] / f"spectra_{arm}.json"
    known = caches.load(cache_file)
    if not Path(folder).is_dir():
        raise ContractError(f"spectra.{arm}: there is no folder {folder!r}")
    paths = list_folder(folder)
    stats = [os.stat(path) for path in paths]
    found = [[path, s.st_size, s.st_mtime_ns] for path, s in zip(paths, stats, strict=True)]
    state = [found, hashlib.sha256(Path(config["stars"]).read_bytes()).hexdigest()]
    state += [config["spectra"]["radius"], code("spectra/check_spectra")]
    state = hashlib.sha256(json.dumps(state).encode()).hexdigest()
    if known.get("state") == state:
        return known["files"], state
    headers, files = _match(config, arm, paths, known.get("headers") or {})
    if not files:
        raise ContractError(
            f"spectra.{arm}: none of the {len(found)} files of spectra below {folder!r} is of a "
            "star of the list, by LAMOST OBSID, by position or by the star's name"
        )
    keep(cache_file, {"state": state, "files": files, "headers": headers})
    return files, state


def _match(config, arm, paths, headers):
    """Headers of the files found, read where they are new, and the files of each star."""
    from astropy.units import Quantity

    from runaways.spectra import file_index
    from runaways.stars import star_list

    stars, _ = star_list.read(config["stars"], config["distance"]["method"])
    index, headers = file_index.index_changed(paths, headers)
    radius = Quantity(config["spectra"]["radius"]).to_value("arcsec")
    files = {}
    for row in file_index.match_files(index, stars, radius):
        if row["star"] and row["survey"] in ("", arm.upper()):
            check_name(str(row["path"]), f"spectra.{arm}")
            files.setdefault(str(row["star"]), []).append(str(row["path"]))
    return headers, files


def grid_files(config):
    """Files of the training grid: one, or those of a folder of TLUSTY spectra."""
    grid = config["labels"]["grid"]
    if grid == STAND_IN:
        return []
    if not Path(grid).is_dir():
        return [grid]
    files = sorted(str(path) for path in Path(grid).rglob("*.vis.*"))
    if not files:
        raise ContractError(f"labels.grid: no TLUSTY file *.vis.7 below {grid!r}")
    for file in files:
        check_name(file, "labels.grid")
    return files

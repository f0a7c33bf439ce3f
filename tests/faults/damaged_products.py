"""Damage the files of a finished run, and see that none is read with other content.

Run as ``PYTHONPATH=workflow:tests python tests/faults/damaged_products.py RESULTS [N] [SEED]``,
with the folder of a run. A fault is a file read with other content than before, or an error that
does not name the file.
"""

import sys
import tempfile
import time
import warnings
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np

from faults.mutations import damaged_bytes
from runaways import tables
from runaways.clusters.cluster_orbits import read_orbits
from runaways.ejections.sources import read_sources
from runaways.emulators.emulator import read_emulator
from runaways.masses_ages.forests import load_model
from runaways.spectra.spectral_grid import read_grid

READERS = {
    "cluster_orbits.npy": read_orbits,
    "ejection_sources.npz": read_sources,
    "emulator_": read_emulator,
    "masses_ages.npz": load_model,
    ".h5": read_grid,
    ".parquet": tables.read,
}
LARGEST = 2**24  # bytes of a file that is damaged many times


def reader_of(path):
    kinds = (".npy", ".npz", ".h5", ".parquet")
    known = (read for mark, read in READERS.items() if mark in path.name)
    return next(known, None) if path.suffix in kinds else None


def content(value):
    """What was read, in a form that can be compared."""
    if isinstance(value, (tuple, list)):
        return [content(part) for part in value]
    if isinstance(value, dict):
        return sorted((str(key), content(part)) for key, part in value.items())
    if hasattr(value, "colnames"):
        columns = [content(np.asarray(value[name])) for name in value.colnames]
        return [value.colnames, columns, content(dict(value.meta))]
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            value = np.where(np.isnan(value), np.nan, value)  # one NaN is as good as another
        return (
            value.dtype.kind,
            value.shape,
            value.tobytes() if value.dtype != object else list(value),
        )
    return content(vars(value)) if hasattr(value, "__dict__") else repr(value)


def run(results, number, seed):
    """Damage files of a run, in turn; counts by kind and how it ended, and faults."""
    paths = [p for p in sorted(Path(results).rglob("*")) if p.is_file() and reader_of(p)]
    paths = [p for p in paths if p.stat().st_size < LARGEST]
    one_of_each = {(p.name, p.parent.name in ("models",)): p for p in paths}
    paths = list(one_of_each.values())
    counts, faults = Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(number):
            path, rng = paths[i % len(paths)], np.random.default_rng([seed, i])
            read, sound = reader_of(path), path.read_bytes()
            if path.suffix == ".parquet":  # every script says which table it reads
                read = partial(tables.read, name=tables.read(path).meta["table"])
            for beside in path.parent.glob(f"{path.stem}.np?"):
                (Path(folder) / beside.name).write_bytes(beside.read_bytes())
            copy = Path(folder) / path.name
            copy.write_bytes(sound)
            before = content(read(copy))
            copy.write_bytes(damaged_bytes(rng, sound))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    same = content(read(copy)) == before
            except ValueError as error:
                end = "named" if copy.name in str(error) else "not named"
                if end == "not named":
                    faults.append(f"{i} {path}: {error}")
            except Exception as error:  # a fault whatever it is
                end = "traceback"
                faults.append(f"{i} {path}: {type(error).__name__}: {error}")
            else:
                end = "same content" if same else "OTHER CONTENT"
                if not same:
                    faults.append(f"{i} {path}: other content")
            counts[path.suffix, end] += 1
    return counts, faults


def main():
    results, number, seed = [*sys.argv[1:], *["", "700", "0"][len(sys.argv) - 1 :]]
    began = time.monotonic()
    counts, faults = run(results, int(number), int(seed))
    for (kind, end), n in sorted(counts.items()):
        print(f"{kind:10} {end:14} {n}")
    print(f"{number} files in {time.monotonic() - began:.0f} s, {len(faults)} faults")
    print(*faults[:30], sep="\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())

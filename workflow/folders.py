"""What lies below a folder of spectra, without reading any of it."""

from pathlib import Path

SUFFIXES = (".fits", ".fits.gz", ".fit", ".txt", ".dat", ".csv", ".ascii")


def list_folder(folder):
    """Files below a folder that may be spectra, sorted; LAMOST delivers ``YYYYMMDD/planid/``."""
    paths = (path for path in Path(folder).rglob("*") if path.name.endswith(SUFFIXES))
    return sorted(str(path) for path in paths if path.is_file())

"""What the scripts of spectra share: the files of a job."""

from pathlib import Path

from layout import list_folder


def files_of(paths):
    """Files, and those of folders among them."""
    return [f for path in paths for f in (list_folder(path) if Path(path).is_dir() else [path])]

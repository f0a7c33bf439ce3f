"""What the scripts of spectra share: the stars and files of a job."""

from pathlib import Path

import numpy as np

from layout import list_folder
from runaways.stars import star_list


def stars_of(args):
    """The stars ``--names`` of ``--list``, in its order."""
    stars, _ = star_list.read(args.list, args.cfg["distance.method"])
    return stars[np.isin(stars["star"], args.names)]


def files_of(paths):
    """Files, and those of folders among them."""
    return [f for path in paths for f in (list_folder(path) if Path(path).is_dir() else [path])]

"""Where training spectra come from: TLUSTY archives, MSG and plain HDF5, or the stand-in.

Every source is taken in parts, each a share of the models, so that parts are jobs; each part is
brought to the instruments' resolution at once, and nothing finer is kept.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from runaways.emulators.tlusty import (
    check_heads,
    list_tlusty_models,
    read_msg_grid,
    read_tlusty_models,
)
from runaways.spectra.instruments import Instrument
from runaways.spectra.normalisation import fit_continuum
from runaways.spectra.spectral_grid import (
    SpectralGrid,
    convolve_grid,
    read_grid,
    renormalise_grid,
    segments,
)
from runaways.spectra.wavelengths import velocity_grid
from runaways.synthesis.stand_ins import stand_in_labels, synthesise_grid

STAND_IN = "stand-in"
# Vacuum range [A] and pixel [km/s] in which TLUSTY's irregular wavelengths are read
TLUSTY_RANGE, TLUSTY_STEP = (3860.0, 6790.0), 2.0
NARROWEST = 20.0  # A, of a window worth having


def read_part(source, part: int, n_parts: int, n_stand_in: int, microturbulence: float):
    """Every `n_parts`-th model of a source, from number `part` on, unbroadened.

    Parameters
    ----------
    source : str or Path
        ``stand-in``; a folder of OSTAR2002/BSTAR2006 text files; an MSG specgrid; or plain HDF5.
    part, n_parts : int
    n_stand_in : int
        Models of the stand-in.
    microturbulence : float
        Of the TLUSTY models wanted [km/s].

    Returns
    -------
    SpectralGrid

    Raises
    ------
    ValueError
        If the source is no grid or lacks what it needs; the message names the file.
    """
    share = np.s_[part::n_parts]
    if source == STAND_IN:
        return synthesise_grid(stand_in_labels(n_stand_in)[share])
    if Path(source).is_dir():
        models = list_tlusty_models(source, microturbulence)[share]
        wave = velocity_grid(*TLUSTY_RANGE, TLUSTY_STEP)
        return read_tlusty_models(models, wave)
    grid = read_msg_grid(source) if _is_msg(source) else read_grid(source)
    rows = np.arange(len(grid.labels))[share]
    meta = {"source": f"HDF5 {Path(source).name}"} | grid.meta
    return SpectralGrid(grid.wave, grid.flux[rows], grid.labels[rows], meta)


def check_head(path, microturbulence=2.0):
    """Check that a file or a folder can be a grid, without reading its spectra.

    Raises
    ------
    ValueError
        If it is no HDF5, or of none of the layouts that `read_part` reads; of a folder of TLUSTY's
        text files with this microturbulence [km/s] see `tlusty.check_heads`.
    """
    if Path(path).is_dir():
        check_heads(path, microturbulence)
        return
    if _is_msg(path):
        return
    import h5py

    with h5py.File(path, "r") as handle:
        missing = [name for name in ("wave", "flux", "labels") if name not in handle]
    if missing:
        raise ValueError(f"{path}: no dataset {missing[0]!r}; expected wave, flux, labels")


def _is_msg(path) -> bool:
    import h5py

    try:
        with h5py.File(path, "r") as handle:
            return "vgrid" in handle
    except OSError as error:
        raise ValueError(f"{path}: not an HDF5 file ({error})") from None


def at_instrument(grid: SpectralGrid, instrument: Instrument) -> SpectralGrid:
    """A grid for an instrument's emulator, in those of its windows that the grid covers.

    Sharper than the instrument: the fit brings it to the line-spread function of the spectrum.

    Parameters
    ----------
    grid : SpectralGrid
    instrument : Instrument

    Returns
    -------
    SpectralGrid
        Without a pixel where the grid covers no window, or has no model.
    """
    windows = []
    for first, last in instrument.windows:
        for piece in segments(grid.wave):
            low, high = max(first, grid.wave[piece][0]), min(last, grid.wave[piece][-1])
            if high - low > NARROWEST:
                windows.append((low, high))
    if not windows or not len(grid.labels):
        return SpectralGrid(np.empty(0), np.empty((len(grid.labels), 0)), grid.labels, grid.meta)
    own = float(grid.meta.get("resolution") or np.inf)
    sharpest = max(min(instrument.emulator_resolution, own), instrument.resolution)
    coarse = convolve_grid(grid, sharpest, windows, instrument.step)
    return replace(coarse, meta=coarse.meta | {"survey": instrument.survey})


def treated(grid: SpectralGrid, continuum: str) -> SpectralGrid:
    """The models treated as the data will be: ``spline`` divides them by their spline continuum."""
    if continuum == "joint":
        return grid
    return renormalise_grid(grid, lambda wave, flux: flux / fit_continuum(wave, flux))

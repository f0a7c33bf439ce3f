"""Training grids of normalised model spectra: one in-memory form, one plain HDF5, several sources.

Everything is in vacuum. The plain HDF5 is what the workflow caches and what anybody can make:
datasets ``wave`` (n_wave,), ``flux`` (n_model, n_wave) and ``labels`` (n_model, 3), attributes
``label_names`` and ``label_units`` on ``labels``, ``medium`` on ``wave``, and metadata on the root.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from runaways.spectra.broadening import broaden, instrument_sigma
from runaways.spectra.wavelengths import (
    C_KMS,
    air_to_vacuum,
    velocity_grid,
    velocity_step,
)
from runaways.tables import intact

LABEL_NAMES = ("teff", "logg", "mh")
LABEL_UNITS = ("K", "log10(cm/s2)", "dex")


@dataclass(frozen=True)
class SpectralGrid:
    """Normalised model spectra on common vacuum wavelengths.

    Attributes
    ----------
    wave : numpy.ndarray, shape (n_wave,)
        Vacuum wavelengths [A]; pieces uniform in ln(lambda), possibly with gaps between them.
    flux : numpy.ndarray, shape (n_model, n_wave)
        Flux over continuum.
    labels : numpy.ndarray, shape (n_model, 3)
        teff [K], logg [dex], mh [dex].
    meta : dict
        ``resolution`` (inf for unbroadened), ``stand_in`` where it is one, and the source.
    """

    wave: np.ndarray
    flux: np.ndarray
    labels: np.ndarray
    meta: dict = field(default_factory=dict)

    def __post_init__(self):
        shape = (len(self.labels), len(self.wave))
        if self.flux.shape != shape:
            raise ValueError(f"grid flux has shape {self.flux.shape}, labels and wave say {shape}")


def segments(wave: np.ndarray) -> list[slice]:
    """Pieces of a wavelength array that are uniform in ln(lambda), split at its gaps.

    Parameters
    ----------
    wave : array_like, shape (n,)
        Increasing wavelengths [A].

    Returns
    -------
    list of slice
    """
    if not len(wave):
        return []
    steps = np.diff(np.log(wave))
    if np.any(steps <= 0):
        raise ValueError("wavelengths must increase")
    cuts = np.flatnonzero(steps > 3.0 * np.median(steps)) + 1
    edges = [0, *cuts.tolist(), len(wave)]
    return [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def write_grid(path: str | Path, grid: SpectralGrid) -> None:
    """Write a grid as plain HDF5 (flux in float32, compressed).

    Parameters
    ----------
    path : path-like
        File to write.
    grid : SpectralGrid
    """
    import h5py

    with h5py.File(path, "w") as handle:
        meta = {k: v for k, v in grid.meta.items() if v is not None}
        handle.attrs.update(meta | {"content": _digest(grid.wave, grid.flux, grid.labels, meta)})
        handle.create_dataset("wave", data=grid.wave).attrs.update(medium="vacuum", unit="Angstrom")
        handle.create_dataset("flux", data=grid.flux.astype("f4"), compression="gzip",
                              shuffle=True, track_times=False)  # fmt: skip
        labels = handle.create_dataset("labels", data=grid.labels)
        labels.attrs["label_names"] = LABEL_NAMES
        labels.attrs["label_units"] = LABEL_UNITS


def _digest(wave, flux, labels, meta) -> str:
    """Hash of what a grid holds, as its file keeps it; a grid of others has none."""
    digest = hashlib.blake2b(digest_size=8)
    for values, kind in ((wave, "f8"), (flux, "f4"), (labels, "f8")):
        digest.update(np.ascontiguousarray(values, kind).tobytes())
    digest.update(json.dumps({k: str(v) for k, v in meta.items()}, sort_keys=True).encode())
    return digest.hexdigest()


def read_grid(path: str | Path) -> SpectralGrid:
    """Read a grid from plain HDF5; an air wavelength scale is converted once, here.

    Parameters
    ----------
    path : path-like
        File with ``wave``, ``flux`` and ``labels``; the order of the labels is read from
        ``label_names``.

    Returns
    -------
    SpectralGrid

    Raises
    ------
    ValueError
        If a dataset, a label or the medium is missing or does not fit.
    """
    import h5py

    with intact(path), h5py.File(path, "r") as handle:
        missing = [name for name in ("wave", "flux", "labels") if name not in handle]
        if missing:
            raise ValueError(f"{path}: no dataset {missing[0]!r}; expected wave, flux, labels")
        names = [str(n) for n in handle["labels"].attrs.get("label_names", ())]
        if not set(LABEL_NAMES) <= set(names):
            raise ValueError(f"{path}: label_names {names} must include teff, logg and mh")
        medium = handle["wave"].attrs.get("medium", "")
        if medium not in ("vacuum", "air"):
            raise ValueError(f"{path}: wave has medium {medium!r}, expected 'vacuum' or 'air'")
        wave = np.asarray(handle["wave"], dtype=float)
        flux = np.asarray(handle["flux"], dtype=float)
        labels = np.asarray(handle["labels"], dtype=float)[:, [names.index(n) for n in LABEL_NAMES]]
        meta = {k: v.item() if hasattr(v, "item") else v for k, v in handle.attrs.items()}
        if meta.pop("content", None) not in (None, _digest(wave, flux, labels, meta)):
            raise OSError("its content is not what was written")
    return SpectralGrid(air_to_vacuum(wave) if medium == "air" else wave, flux, labels, meta)


def join_grids(grids: list[SpectralGrid]) -> SpectralGrid:
    """Stack grids made of different models on the same wavelengths, in the order given.

    Grids without a model are left out.

    Parameters
    ----------
    grids : list of SpectralGrid

    Returns
    -------
    SpectralGrid

    Raises
    ------
    ValueError
        If the wavelengths differ.
    """
    grids = [grid for grid in grids if len(grid.labels)]
    first = grids[0]
    if any(not np.array_equal(g.wave, first.wave) for g in grids):
        raise ValueError("grids to be joined are not on the same wavelengths")
    return SpectralGrid(first.wave, np.concatenate([g.flux for g in grids]),
                        np.concatenate([g.labels for g in grids]), dict(first.meta))  # fmt: skip


def renormalise_grid(grid: SpectralGrid, normalise) -> SpectralGrid:
    """Treat the models as the data are treated: for the label fit's ``spline`` mode.

    Parameters
    ----------
    grid : SpectralGrid
        At the instrument's resolution and sampling.
    normalise : callable
        ``normalise(wave, flux)`` returns the normalised flux of one spectrum in one segment, all
        arrays of shape (n,).

    Returns
    -------
    SpectralGrid
    """
    flux = np.empty_like(grid.flux)
    for part in segments(grid.wave):
        for i, spectrum in enumerate(grid.flux[:, part]):
            flux[i, part] = normalise(grid.wave[part], spectrum)
    return SpectralGrid(grid.wave, flux, grid.labels, dict(grid.meta))


def _uniform(wave: np.ndarray, flux: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spectra on a grid uniform in ln(lambda) that is no coarser than the given one.

    A coarser one would step over narrow lines: broadening must see every point.
    """
    try:
        velocity_step(wave)
        return wave, flux
    except ValueError:
        step = C_KMS * float(np.median(np.diff(np.log(wave))))
        fine = velocity_grid(wave[0], wave[-1], step)
        fine = fine[fine <= wave[-1]]
        return fine, np.array([np.interp(fine, wave, spectrum) for spectrum in flux])


def convolve_grid(
    grid: SpectralGrid, resolution: float, windows: list[tuple[float, float]], step: float
) -> SpectralGrid:
    """Bring a grid to an instrument: its resolving power, its windows, a coarser velocity grid.

    Parameters
    ----------
    grid : SpectralGrid
        Unbroadened, or of higher resolution; sampled at least twice as finely as `step`.
    resolution : float
        lambda / FWHM, e.g. 1800 for LAMOST LRS and 7500 for MRS.
    windows : list of (float, float)
        Vacuum intervals wanted [A].
    step : float
        Pixel of the result [km/s]; under FWHM / 2.4 so that nothing is lost.

    Returns
    -------
    SpectralGrid

    Raises
    ------
    ValueError
        If a window is not covered, or the step does not sample the resolution.
    """
    if step > C_KMS / resolution / 2.4:  # assumed: 2.4 pixels for each FWHM
        raise ValueError(f"a pixel of {step:g} km/s does not sample R = {resolution:g}")
    sigma = instrument_sigma(resolution, float(grid.meta.get("resolution") or np.inf))
    waves, fluxes = [], []
    for first, last in windows:
        target = velocity_grid(first, last, step)
        inside = [s for s in segments(grid.wave)
                  if grid.wave[s][0] <= first and grid.wave[s][-1] >= last]  # fmt: skip
        if not inside:
            raise ValueError(f"grid does not cover the window {first:g}..{last:g} A")
        fine, flux = _uniform(grid.wave[inside[0]], grid.flux[:, inside[0]])
        target = target[target <= fine[-1]]
        smooth = broaden(fine, flux, sigma=sigma)
        for_window = np.array([np.interp(target, fine, spectrum) for spectrum in smooth])
        waves.append(target)
        fluxes.append(for_window)
    meta = dict(grid.meta, resolution=float(resolution))
    return SpectralGrid(np.concatenate(waves), np.concatenate(fluxes, axis=1), grid.labels, meta)

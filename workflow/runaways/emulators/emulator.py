"""Emulators: model spectra and their label derivatives from dual coefficients, and their files.

Whatever engine trained it (`slam`), an emulator is kernels at the training labels times a matrix of
dual coefficients, so a spectrum with all its label derivatives is one matrix product.

The labels enter as (log10 teff, logg, mh), standardised; the flux is standardised per pixel.
v sin i is no training label: rotation is applied afterwards (`rotation`).
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from runaways.spectra.spectral_grid import LABEL_NAMES
from runaways.tables import intact


@dataclass(frozen=True)
class KernelGroup:
    """Pixels that share one kernel width: their numbers (p,) and dual coefficients (n_model, p)."""

    gamma: float
    pixels: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Emulator:
    """Spectra from labels: flux and Jacobian.

    Attributes
    ----------
    wave : numpy.ndarray, shape (n_wave,)
        Vacuum wavelengths [A].
    nodes : numpy.ndarray, shape (n_model, 3)
        Training labels in kernel coordinates.
    centre, scale : numpy.ndarray, shape (3,)
        Kernel coordinates are ((log10 teff, logg, mh) - centre) / scale.
    groups : tuple of KernelGroup
        Together they hold every pixel once.
    offset : numpy.ndarray, shape (n_wave,)
        Flux far from all nodes.
    variance : numpy.ndarray, shape (n_wave,)
        Mean square error of the flux on models that were not trained on.
    meta : dict
        engine, settings, resolution, ``stand_in`` where the grid was one.
    residuals : numpy.ndarray, shape (n_held_out, n_wave), optional
        The errors behind `variance`, model by model: how they go together between pixels.
    """

    wave: np.ndarray
    nodes: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    groups: tuple[KernelGroup, ...]
    offset: np.ndarray
    variance: np.ndarray
    meta: dict = field(default_factory=dict)
    residuals: np.ndarray | None = None

    @property
    def labels(self) -> np.ndarray:
        """Training labels, shape (n_model, 3): teff [K], logg, mh."""
        labels = self.nodes * self.scale + self.centre
        return np.column_stack([10.0 ** labels[:, 0], labels[:, 1:]])

    @property
    def bounds(self) -> np.ndarray:
        """Lowest and highest training label, shape (2, 3)."""
        return np.array([self.labels.min(axis=0), self.labels.max(axis=0)])

    def coordinates(self, labels: np.ndarray) -> np.ndarray:
        """Kernel coordinates of labels, shape (n, 3)."""
        labels = np.atleast_2d(np.asarray(labels, dtype=float))
        raw = np.column_stack([np.log10(labels[:, 0]), labels[:, 1:]])
        return (raw - self.centre) / self.scale

    def flux(self, labels: np.ndarray) -> np.ndarray:
        """Model spectra.

        Parameters
        ----------
        labels : array_like, shape (n, 3) or (3,)
            teff [K], logg, mh.

        Returns
        -------
        numpy.ndarray, shape (n, n_wave) or (n_wave,)
        """
        x = self.coordinates(labels)
        distance = ((x[:, None, :] - self.nodes[None]) ** 2).sum(axis=-1)
        result = np.tile(self.offset, (len(x), 1))
        for group in self.groups:
            result[:, group.pixels] += np.exp(-group.gamma * distance) @ group.weights
        return result if np.ndim(labels) == 2 else result[0]

    def flux_and_jacobian(self, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One model spectrum and its derivatives with respect to the labels.

        Parameters
        ----------
        labels : array_like, shape (3,)
            teff [K], logg, mh.

        Returns
        -------
        flux : numpy.ndarray, shape (n_wave,)
        jacobian : numpy.ndarray, shape (3, n_wave)
            Per K, per dex, per dex.
        """
        x = self.coordinates(labels)[0]
        offset = x - self.nodes
        distance = (offset**2).sum(axis=1)
        # d x / d label; log10 teff for the first
        chain = np.array([1.0 / (np.log(10.0) * labels[0]), 1.0, 1.0]) / self.scale
        result = np.empty((4, len(self.wave)))
        for group in self.groups:
            kernel = np.exp(-group.gamma * distance)
            stack = np.empty((4, len(kernel)))
            stack[0] = kernel
            stack[1:] = -2.0 * group.gamma * chain[:, None] * offset.T * kernel
            if len(self.groups) == 1:  # every pixel, in order
                np.matmul(stack, group.weights, out=result)
            else:
                result[:, group.pixels] = stack @ group.weights
        result[0] += self.offset
        return result[0], result[1:]

    @cached_property
    def training_flux(self) -> np.ndarray:
        """The emulator's flux at its own training labels, shape (n_model, n_wave)."""
        return self.flux(self.labels)

    @cached_property
    def _hull(self):
        """Half-spaces that bound the training labels, for those labels that vary."""
        from scipy.spatial import ConvexHull

        free = np.ptp(self.nodes, axis=0) > 1e-9
        if free.sum() < 2:
            return free, None
        return free, ConvexHull(self.nodes[:, free]).equations

    def extrapolated(self, labels: np.ndarray, tolerance: float = 0.02) -> np.ndarray:
        """Whether labels lie outside the convex hull of the training labels.

        Parameters
        ----------
        labels : array_like, shape (n, 3) or (3,)
            teff [K], logg, mh. Labels that are constant over the grid are not looked at.
        tolerance : float
            In units of the standardised labels.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
        """
        x = self.coordinates(labels)
        free, equations = self._hull
        if equations is None:
            low, high = self.nodes.min(axis=0) - tolerance, self.nodes.max(axis=0) + tolerance
            return ((x < low) | (x > high)).any(axis=1)
        return (x[:, free] @ equations[:, :-1].T + equations[:, -1] > tolerance).any(axis=1)


def join_emulators(chunks: list[Emulator]) -> Emulator:
    """Join emulators of consecutive chunks of pixels, trained on the same models.

    Parameters
    ----------
    chunks : list of Emulator
        In order of wavelength.

    Returns
    -------
    Emulator

    Raises
    ------
    ValueError
        If the chunks were not trained on the same labels.
    """
    first = chunks[0]
    for chunk in chunks[1:]:
        if chunk.nodes.shape != first.nodes.shape or not np.array_equal(chunk.nodes, first.nodes):
            raise ValueError("chunks of pixels were trained on different models")
    starts = np.cumsum([0] + [len(chunk.wave) for chunk in chunks[:-1]])
    groups = []
    for gamma in sorted({group.gamma for chunk in chunks for group in chunk.groups}):
        parts = [(start, group) for start, chunk in zip(starts, chunks, strict=True)
                 for group in chunk.groups if group.gamma == gamma]  # fmt: skip
        pixels = np.concatenate([start + group.pixels for start, group in parts])
        weights = np.concatenate([group.weights for _, group in parts], axis=1)
        groups.append(KernelGroup(gamma, pixels, weights))
    wave, offset, variance = (np.concatenate([getattr(chunk, name) for chunk in chunks])
                              for name in ("wave", "offset", "variance"))  # fmt: skip
    residuals = [chunk.residuals for chunk in chunks]
    residuals = None if any(r is None for r in residuals) else np.concatenate(residuals, axis=1)
    return Emulator(wave, first.nodes, first.centre, first.scale, tuple(groups), offset, variance,
                    dict(first.meta), residuals)  # fmt: skip


def describe(emulator: Emulator) -> dict:
    """How an emulator was made and how good it is: a row of table ``emulators`` without ``arm``."""
    meta = emulator.meta
    return {
        "engine": meta["engine"],
        "settings": str(meta["settings"]),
        "n": len(emulator.nodes),
        "n_pixels": len(emulator.wave),
        "resolution": float(meta.get("resolution", np.nan)),
        "flux_error": float(np.sqrt(emulator.variance.mean())) if len(emulator.wave) else np.nan,
        "source": str(meta.get("source", meta.get("stand_in", ""))),
    }


def write_emulator(path: str | Path, emulator: Emulator) -> None:
    """Write an emulator as one npz file, which compressed would be 4 % smaller and slow to read.

    Parameters
    ----------
    path : path-like
        File to write; numpy appends ``.npz`` when it has no such suffix.
    emulator : Emulator
    """
    arrays = {name: getattr(emulator, name)
              for name in ("wave", "nodes", "centre", "scale", "offset", "variance")}  # fmt: skip
    for i, group in enumerate(emulator.groups):
        arrays |= {f"pixels_{i}": group.pixels, f"weights_{i}": group.weights}
    if emulator.residuals is not None:
        arrays["residuals"] = emulator.residuals.astype("f4")
    gammas = np.array([group.gamma for group in emulator.groups])
    meta = {k: v if isinstance(v, str) else float(v) for k, v in emulator.meta.items()}
    np.savez(path, gammas=gammas, meta=json.dumps(meta), names=LABEL_NAMES, **arrays)


def read_emulator(path: str | Path) -> Emulator:
    """Read an emulator from npz.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Emulator

    Raises
    ------
    ValueError
        If the file is not one, or damaged.
    """
    with intact(path), np.load(path, allow_pickle=False) as data:
        if "gammas" not in data or tuple(data["names"]) != LABEL_NAMES:
            raise ValueError(f"{path}: not an emulator of {', '.join(LABEL_NAMES)}")
        groups = tuple(KernelGroup(float(gamma), data[f"pixels_{i}"], data[f"weights_{i}"])
                       for i, gamma in enumerate(data["gammas"]))  # fmt: skip
        arrays = [data[n] for n in ("nodes", "centre", "scale", "offset", "variance")]
        wave, meta = data["wave"], json.loads(str(data["meta"]))
        residuals = data["residuals"] if "residuals" in data else None
    nodes, centre, scale, offset, variance = arrays
    return Emulator(wave, nodes, centre, scale, groups, offset, variance, meta, residuals)

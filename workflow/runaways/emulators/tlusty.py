"""TLUSTY grids: the text archives of OSTAR2002 / BSTAR2006 and cut-outs in MSG's HDF5."""

import re
from pathlib import Path

import numpy as np

from runaways.spectra.spectral_grid import SpectralGrid
from runaways.spectra.wavelengths import air_to_vacuum, vacuum_to_air

# Metallicity letters of the archives, Z over solar (Lanz & Hubeny 2003ApJS..146..417L,
# 2007ApJS..169...83L)
TLUSTY_METALS = {"C": 2.0, "G": 1.0, "L": 0.5, "S": 0.2, "T": 0.1, "V": 1 / 30, "W": 0.02,
                 "X": 0.01, "Y": 0.001}  # fmt: skip
TLUSTY_NAME = re.compile(r"^(B?)([A-Z])(\d{5})g(\d{3})v(\d+)(CN)?\.(vis|uv)\.(7|17)$")
TLUSTY_GAMMA_AIR = 4340.463  # A: H gamma core, for the check of the medium


def parse_tlusty_name(name: str) -> dict:
    """Labels of an archive file from its name, e.g. ``BG15000g400v2.vis.7``.

    Parameters
    ----------
    name : str
        File name without folder.

    Returns
    -------
    dict
        ``grid`` (BSTAR2006 or OSTAR2002), ``teff`` [K], ``logg``, ``mh``, ``microturbulence``
        [km/s], ``cn`` (CNO-processed), ``band`` (vis or uv), ``kind`` (7 spectrum, 17 continuum).

    Raises
    ------
    ValueError
        If the name is not of that form, or the metallicity is zero (letter Z: no [M/H]).
    """
    match = TLUSTY_NAME.match(name)
    if not match or match[2] not in TLUSTY_METALS:
        raise ValueError(f"{name}: not an archive name like BG15000g400v2.vis.7")
    return {
        "grid": "BSTAR2006" if match[1] else "OSTAR2002",
        "teff": float(match[3]),
        "logg": int(match[4]) / 100.0,
        "mh": round(float(np.log10(TLUSTY_METALS[match[2]])), 2),
        "microturbulence": float(match[5]),
        "cn": match[6] is not None,
        "band": match[7],
        "kind": match[8],
    }


def read_fortran_columns(path: str | Path) -> np.ndarray:
    """Two columns of Fortran numbers: ``1.0D-3`` and the bare ``1.234-101`` included.

    Parameters
    ----------
    path : path-like
        Text file without header.

    Returns
    -------
    numpy.ndarray, shape (n, 2)

    Raises
    ------
    ValueError
        Naming the file and line that does not hold two numbers.
    """
    try:
        text = Path(path).read_text()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a text of numbers ({error.reason})") from None
    text = _with_exponents(text)
    try:
        values = np.array(text.split(), dtype=float).reshape(-1, 2)
    except ValueError:
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                fine = len([float(v) for v in line.split()]) in (0, 2)
            except ValueError:
                fine = False
            if not fine:
                raise ValueError(f"{path}: line {number} is not two numbers: {line!r}") from None
        raise ValueError(f"{path}: not two columns of numbers") from None
    if len(values) < 2:
        raise ValueError(f"{path}: empty, expected wavelength and flux")
    return values[np.argsort(values[:, 0], kind="stable")]


def _with_exponents(text):
    """Numbers as Fortran writes them, ``1.0D-3`` or ``1.0-103``, as all others do."""
    text = re.sub(r"(\d)[dD]([+-]?\d)", r"\1E\2", text)
    return re.sub(r"(\d)([+-]\d{2,3})\b", r"\1E\2", text)


def check_heads(folder: str | Path, microturbulence: float) -> None:
    """Check that a folder of text files can be a grid: its names, and how every file begins.

    Raises
    ------
    ValueError
        Naming the file that has no continuum beside it or does not begin with two numbers.
    """
    for spectrum in list_tlusty_models(folder, microturbulence):
        for path in (spectrum, spectrum.with_suffix(".17")):
            if not path.exists():
                raise ValueError(f"{spectrum}: no continuum {path.name} beside it")
            with open(path, "rb") as file:
                line = _with_exponents(file.readline(80).decode("latin-1"))
            try:
                fine = len([float(word) for word in line.split()]) == 2
            except ValueError:
                fine = False
            if not fine:
                raise ValueError(f"{path}: line 1 is not two numbers: {line.strip()[:40]!r}")


def line_core(wave: np.ndarray, flux: np.ndarray, expected: float, reach: float = 1.2) -> float:
    """Centre of an absorption core: the flux-weighted mean of its deepest part.

    Parameters
    ----------
    wave, flux : array_like, shape (n,)
        Wavelengths [A] and normalised flux.
    expected, reach : float
        Where to look, and how far [A].

    Returns
    -------
    float
        Wavelength of the core [A]; nan without one.
    """
    near = np.abs(wave - expected) < 3.0 * reach
    # assumed: fewer pixels have no shape, and a Balmer line is deeper than 3 %
    if near.sum() < 5 or flux[near].min() > 0.97:
        return float("nan")
    depth = 1.0 - flux[near]
    weight = np.clip(depth - 0.9 * depth.max(), 0.0, None) * np.gradient(wave[near])
    return float((wave[near] * weight).sum() / weight.sum())


def verify_medium(wave: np.ndarray, flux: np.ndarray, line_air: float = TLUSTY_GAMMA_AIR) -> str:
    """Tell air from vacuum wavelengths by the core of a Balmer line.

    Parameters
    ----------
    wave, flux : array_like, shape (n,)
        Wavelengths [A] and normalised flux of one model at rest.
    line_air : float
        Air wavelength of the line [A]; H gamma by default.

    Returns
    -------
    str
        "air" or "vacuum".

    Raises
    ------
    ValueError
        If the line is not there or its core is at neither wavelength within 0.3 A.
    """
    vacuum = float(air_to_vacuum(line_air))
    core = line_core(wave, flux, 0.5 * (line_air + vacuum))
    for medium, expected in (("air", line_air), ("vacuum", vacuum)):
        if abs(core - expected) < 0.3:  # a quarter of what air and vacuum differ by at H gamma
            return medium
    raise ValueError(
        f"core found at {core:.2f} A, expected {line_air:.2f} (air) or {vacuum:.2f} (vacuum)"
    )


def read_tlusty_model(spectrum: str | Path, wave: np.ndarray, medium: str | None = None):
    """One archive model, normalised by its own continuum, on vacuum wavelengths.

    Parameters
    ----------
    spectrum : path-like
        The ``.7`` file; its continuum ``.17`` lies beside it.
    wave : array_like, shape (n_wave,)
        Vacuum wavelengths wanted [A].
    medium : {"air", "vacuum"}, optional
        Of the file. By default it is read off H gamma; without H gamma, this must be given.

    Returns
    -------
    flux : numpy.ndarray, shape (n_wave,)
    medium : str

    Raises
    ------
    ValueError
        If the continuum is missing or the file does not cover `wave`.

    References
    ----------
    Formats: Lanz & Hubeny (2007ApJS..169...83L); SYNSPEC writes air wavelengths above 2000 A.
    """
    spectrum = Path(spectrum)
    continuum = spectrum.with_suffix(".17")
    if not continuum.exists():
        raise ValueError(f"{spectrum.name}: no continuum {continuum.name} beside it")
    lines, base = read_fortran_columns(spectrum), read_fortran_columns(continuum)
    ratio = lines[:, 1] / np.interp(lines[:, 0], base[:, 0], base[:, 1])
    if medium is None:
        medium = verify_medium(lines[:, 0], ratio)
    wanted = vacuum_to_air(wave) if medium == "air" else np.asarray(wave, dtype=float)
    low, high = max(lines[0, 0], base[0, 0]), min(lines[-1, 0], base[-1, 0])
    if wanted[0] < low or wanted[-1] > high:
        raise ValueError(
            f"{spectrum.name}: covers {low:.0f}..{high:.0f} A, "
            f"not {wanted[0]:.0f}..{wanted[-1]:.0f} A"
        )
    return np.interp(wanted, lines[:, 0], ratio), medium


def list_tlusty_models(folder: str | Path, microturbulence: float = 2.0) -> list[Path]:
    """The visual models of a folder of OSTAR2002 / BSTAR2006 text files, sorted.

    Parameters
    ----------
    folder : path-like
        Searched recursively for ``*.vis.7``.
    microturbulence : float
        Only models with this value [km/s]; the grids' 2 and 10 km/s must not be mixed.
        CNO-processed models are left out.

    Returns
    -------
    list of Path

    Raises
    ------
    ValueError
        If there is none, or a name is not of the archive's form.
    """
    models = []
    for path in sorted(Path(folder).rglob("*.vis.7")):
        name = parse_tlusty_name(path.name)
        if not name["cn"] and name["microturbulence"] == microturbulence:
            models.append(path)
    if not models:
        raise ValueError(f"{folder}: no *.vis.7 model with v_turb = {microturbulence:g} km/s")
    return models


def read_tlusty_models(
    models: list[Path], wave: np.ndarray, medium: str | None = None
) -> SpectralGrid:
    """Models of `list_tlusty_models` as a grid.

    Parameters
    ----------
    models : list of path-like
    wave : array_like, shape (n_wave,)
        Vacuum wavelengths wanted [A], fine enough to be broadened afterwards.
    medium : {"air", "vacuum"}, optional
        See `read_tlusty_model`.

    Returns
    -------
    SpectralGrid
        ``meta["medium_found"]`` says what the files were in.

    Raises
    ------
    ValueError
        If a model is not usable, or the files disagree about the medium.
    """
    flux, labels, media = [], [], set()
    for path in models:
        name = parse_tlusty_name(Path(path).name)
        spectrum, found = read_tlusty_model(path, wave, medium)
        flux.append(spectrum)
        labels.append([name["teff"], name["logg"], name["mh"]])
        media.add(found)
    if len(media) > 1:
        raise ValueError(f"{Path(models[0]).parent}: some models are in air and some in vacuum")
    meta = {"source": "TLUSTY OSTAR2002/BSTAR2006", "medium_found": "".join(media),
            "resolution": np.inf}  # fmt: skip
    n = len(models)
    return SpectralGrid(np.asarray(wave, dtype=float), np.reshape(flux, (n, len(wave))),
                        np.reshape(labels, (n, 3)), meta)  # fmt: skip


def read_msg_grid(path: str | Path, mh: float = 0.0, continuum_edge: float = 0.08) -> SpectralGrid:
    """Normalised spectra of an MSG specgrid file with Claret limb-darkening coefficients.

    Parameters
    ----------
    path : path-like
        HDF5 file with axes Teff and log(g), e.g. a cut-out of BSTAR2006.
    mh : float
        [M/H] of the whole file, where it has no such axis.
    continuum_edge : float
        Fraction of the wavelength range at either end through which the continuum is drawn: a
        straight line through the 90th percentiles there.

    Returns
    -------
    SpectralGrid
        On the file's own vacuum wavelengths, unbroadened.

    Raises
    ------
    ValueError
        If the file is not such a grid.

    References
    ----------
    Townsend & Lopez (2023JOSS....8.4602T): I(mu) = sum c_k (mu^(k/2) - 1), c_0 the intensity at
    mu = 1; F = 2 pi integral I mu dmu. Wavelengths in the file are edges, ln(lambda), vacuum.
    """
    import h5py

    try:
        with h5py.File(path, "r") as handle:
            axes = [handle[f"vgrid/axes[{i}]/x"][:] for i in (1, 2)]
            linear = handle["vgrid/v_lin_seq"][:] - 1
            flux, edges = [], None
            for index in range(len(linear)):
                group = handle[f"specsource/specints[{index + 1}]"]
                span = group["range"].attrs
                edges = np.exp(span["logx_0"] + span["dlogx"] * np.arange(span["n"]))
                power = np.arange(group["c"].shape[1])
                # integral of (mu^(k/2) - 1) mu dmu from 0 to 1; c_0 stands alone
                weight = np.where(power == 0, 0.5, 1.0 / (2.0 + power / 2.0) - 0.5)
                flux.append(group["c"][:] @ weight)
    except KeyError as error:
        raise ValueError(f"{path}: not an MSG grid over Teff and log(g): {error}") from None
    flux, wave = np.array(flux), np.sqrt(edges[1:] * edges[:-1])
    edge = max(2, int(continuum_edge * len(wave)))
    left, right = (np.quantile(flux[:, s], 0.9, axis=1) for s in (np.s_[:edge], np.s_[-edge:]))
    fraction = (wave - wave[:edge].mean()) / (wave[-edge:].mean() - wave[:edge].mean())
    continuum = left[:, None] + (right - left)[:, None] * fraction
    labels = np.column_stack([axes[0][linear % len(axes[0])], axes[1][linear // len(axes[0])],
                              np.full(len(linear), mh)])  # fmt: skip
    resolution = 1.0 / float(np.log(wave[1] / wave[0]))
    meta = {"source": f"MSG specgrid {Path(path).name}", "resolution": resolution}
    return SpectralGrid(wave, flux / continuum, labels, meta)

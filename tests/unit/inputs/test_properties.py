"""Whatever is done to a file: the reader's own error, a named problem, or the same values.

``READER_EXAMPLES=5000 pytest tests/unit/inputs/test_properties.py``; the suite has few, the same
each time, in a process of its own (`test_mutations.py`).
"""

import os
import warnings
from functools import cache

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faults import mutations
from runaways.emulators.tlusty import read_fortran_columns
from runaways.spectra.fits_files import SpectrumRefused
from runaways.spectra.lamost import read_header, read_lamost
from runaways.spectra.rectified import read_rectified
from runaways.spectra.spectral_grid import SpectralGrid, read_grid, write_grid

pytestmark = pytest.mark.asked_for("READER_EXAMPLES")
EXAMPLES = int(os.environ.get("READER_EXAMPLES", "0"))
few = settings(
    max_examples=max(EXAMPLES, 1),
    deadline=None,
    derandomize=EXAMPLES <= 50,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MARKS = {".csv": ",", ".tsv": "\t", ".dat": ";", ".txt": "|", ".ecsv": " "}
# where in a file, as a share of it; what is put there; how much it takes the place of
edits = st.lists(
    st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 40)), min_size=1, max_size=3
)
cells = st.tuples(st.floats(0, 1), st.text(max_size=12))


def edited(content, changes):
    for share, new, taken in changes:
        at = int(share * len(content))
        content = content[:at] + new + content[at + taken :]
    return content


@cache
def sound(kind, suffix):
    """Content of a sound file."""
    if kind in mutations.EXTRA:
        return mutations.EXTRA[kind][0]()
    return mutations.written(mutations.KINDS[kind][0](), suffix)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("kind", mutations.KINDS)
@few
@given(suffix=st.sampled_from([".csv", ".ecsv", ".vot", ".fits", ".parquet"]), changes=edits)
def test_tables_with_other_bytes(here, kind, suffix, changes):
    content = sound(kind, suffix)
    plain = suffix if suffix in mutations.TEXTS else ""
    damaged = edited(content, changes)
    fault, _ = mutations.fault_of(kind, f"a{suffix}", damaged, content, plain, None)
    assert not fault


@pytest.mark.parametrize("kind", mutations.KINDS)
@few
@given(suffix=st.sampled_from(sorted(MARKS)), change=cells)
def test_tables_with_another_value(here, kind, suffix, change):
    content = sound(kind, suffix)
    lines = content.decode().split("\n")
    first = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    values = [(i, j) for i in range(first, len(lines) - 1) for j in range(3)]
    row, at = values[int(change[0] * (len(values) - 1))]
    words = lines[row].split(MARKS[suffix])
    words[at] = change[1]
    lines[row] = MARKS[suffix].join(words)
    damaged = "\n".join(lines).encode("utf-8", "replace")
    fault, _ = mutations.fault_of(kind, f"a{suffix}", damaged, content, suffix, None)
    assert not fault


@few
@given(changes=edits)
def test_isochrones(here, changes):
    content = sound("PARSEC", ".dat")
    fault, _ = mutations.fault_of("PARSEC", "a.dat", edited(content, changes), content, "", None)
    assert not fault


def lamost(path):
    wave = 10 ** (3.5682 + 1e-4 * np.arange(3909))
    rows = [np.full(3909, 100.0), np.full(3909, 0.25), wave, np.zeros(3909), np.zeros(3909)]
    hdu = fits.PrimaryHDU(np.array(rows, np.float32))
    hdu.header.update(OBSID=1, RA=100.0, DEC=40.0, Z=1e-4, CLASS="STAR", SNRG=50.0, VACUUM=True)
    hdu.writeto(path)


def text(path):
    wave = np.arange(4000.0, 4100.0, 0.5)
    path.write_text("".join(f"{w} {1 - 0.3 * np.exp(-((w - 4050) ** 2))}\n" for w in wave))


def grid(path):
    labels = np.array([[12000.0, 4, 0], [15000, 4, 0], [12000, 3, 0], [15000, 3, 0]])
    wave, flux = np.linspace(4000, 4020, 20), 1 - np.arange(80).reshape(4, 20) / 800
    write_grid(path, SpectralGrid(wave, flux, labels, {"resolution": 1800.0}))


def read_twice(path):
    read_header(path)
    return read_lamost(path)


SPECTRA = {
    "a.fits": (lamost, read_twice, SpectrumRefused),
    "a.txt": (text, lambda path: read_rectified(path, "air"), SpectrumRefused),
    "a.vis.7": (text, read_fortran_columns, ValueError),
    "a.h5": (grid, read_grid, ValueError),
}


@pytest.mark.parametrize("name", SPECTRA)
@few
@given(changes=edits)
def test_spectra(here, name, changes):
    make, read, error = SPECTRA[name]
    path = here / name
    if not (here / "sound").exists():
        make(path)
        path.rename(here / "sound")
    path.write_bytes(edited((here / "sound").read_bytes(), changes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read(path)
        except error as refused:
            assert name in str(refused)

"""Opening spectrum files so that every way of being broken gives one clear reason."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits

from runaways.inputs.files import FITS_BLOCK, InputError, check_cards, unpacked

#: Reason codes of a refusal, as they appear in tables.
REASONS = (
    "empty-folder",
    "no-match",
    "missing-file",
    "not-fits",
    "truncated",
    "damaged",
    "missing-hdu",
    "wrong-layout",
    "wavelength-range",
    "nan-flux",
    "all-masked",
    "galaxy",
    "no-signal",
    "duplicate",
)
LARGEST = 2**28  # bytes, unpacked; assumed: LAMOST's largest are a hundredth of it


class SpectrumRefused(ValueError):
    """A spectrum that cannot be used.

    Attributes
    ----------
    code : str
        One of `REASONS`.
    path : str
        The file or folder.
    text : str
        One line naming the HDU, row or column and what was expected.
    """

    def __init__(self, code: str, path, text: str):
        if code not in REASONS:
            raise ValueError(f"unknown reason code {code!r}")
        super().__init__(f"{path}: {text}")
        self.code, self.path, self.text = code, str(path), text

    def __reduce__(self):  # so that it survives a process pool
        return type(self), (self.code, self.path, self.text)


@contextmanager
def open_fits(path) -> Iterator[fits.HDUList]:
    """Open a FITS file, gzipped or not, with every header read.

    Raises
    ------
    SpectrumRefused
        "missing-file", "not-fits", "truncated" or "damaged"; also when the damage shows only as
        the data are read inside the ``with`` block, which should do nothing else.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # astropy only warns of a file shorter than its headers promise
        warnings.filterwarnings("error", message=".*truncated.*")
        try:
            # Whole and first: astropy takes a gzip stream cut in its middle for a shorter file.
            content = read_content(path)
            if not content.startswith(b"SIMPLE"):
                code = "not-fits" if content else "truncated"
                raise SpectrumRefused(code, path, "not a FITS file" if content else "empty file")
            if len(content) % FITS_BLOCK:  # cut inside a header astropy would stop without a word
                raise SpectrumRefused(
                    "truncated",
                    path,
                    f"truncated FITS: {len(content)} bytes "
                    f"are no whole number of {FITS_BLOCK}-byte blocks",
                )
            check_cards(content, path)
            with fits.open(io.BytesIO(content)) as hdus:
                len(hdus)
                yield hdus
        except SpectrumRefused:
            raise
        except InputError as error:
            said = str(error).removeprefix(f"{path}: ")
            raise SpectrumRefused("damaged", path, said) from None
        except UserWarning as error:
            raise SpectrumRefused("truncated", path, f"truncated FITS ({_first(error)})") from error
        except Exception as error:  # a damaged header raises anything, from anywhere in astropy
            raise SpectrumRefused(
                "damaged", path, f"damaged FITS ({type(error).__name__}: {_first(error)})"
            ) from error


def read_content(path) -> bytes:
    """Content of a file, unpacked where gzip packed it.

    Raises
    ------
    SpectrumRefused
        "missing-file", "truncated" in its packing, or "damaged" where it holds more than `LARGEST`.
    """
    try:
        return unpacked(path, LARGEST)
    except InputError as error:
        said = str(error).removeprefix(f"{path}: ")
        code = "damaged" if "holds more" in said else "truncated"
        code = "missing-file" if not Path(path).exists() else code
        raise SpectrumRefused(code, path, said) from None


def _first(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:80]

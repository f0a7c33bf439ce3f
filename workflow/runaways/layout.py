"""Where the library's data files are: in the source tree, or in the installed package."""

from pathlib import Path

PACKAGE = Path(__file__).parent
# where a data file may be; what pyproject.toml puts into the wheel lies in the first
FOLDERS = (
    PACKAGE / "data",
    PACKAGE.parent / "schemas",
    PACKAGE.parents[1] / "resources",
)


def data_file(name):
    """Path of a data file of the library.

    Parameters
    ----------
    name : str
        ``tables.yaml`` or ``mk_standards_equivalent_widths.ecsv``.

    Raises
    ------
    FileNotFoundError
        If the library was installed without it.
    """
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} is in none of {', '.join(map(str, FOLDERS))}")

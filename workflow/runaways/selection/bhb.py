"""Catalogues of stars that only look like runaways of the main sequence, such as BHB stars."""

from astropy.table import Table

from runaways.inputs.values import read_columns, refuse, schema_of
from runaways.selection import matches

COLUMNS = ("ra", "dec", "pmra", "pmdec", "source_id")


def read_contaminants(path):
    """Read a catalogue.

    Parameters
    ----------
    path : str or Path
        Any format of `inputs.files`, by our names or those of `inputs.names`.

    Returns
    -------
    Table
        ``ra dec``, and where there are any ``pmra pmdec source_id`` (as text); what is missing is
        NaN or empty. ``meta["notes"]``: lines on what columns were taken for.

    Raises
    ------
    InputError
        If it cannot be read, has no positions, or an impossible value.
    """
    columns, faults, notes = read_columns(path, schema_of(COLUMNS), ("ra", "dec"))
    notes = [note for note in notes if "not used" not in note]
    return Table(columns, meta={"notes": notes + refuse(faults, path)})


def match_contaminants(stars, catalogues, radius):
    """Which stars of a list are in a catalogue of contaminants.

    Parameters
    ----------
    stars : Table
        Table ``stars``: positions at the epoch of Gaia DR3.
    catalogues : list of (str, Table, float)
        Name, entries as from `read_contaminants`, epoch of their positions [Julian year].
    radius : float
        [arcsec].

    Returns
    -------
    Table
        Table ``bhb``. An entry of the same id beyond the radius is kept with its separation and a
        note, and makes no contaminant: ids are data, and some published ones are wrong.
    """
    found = matches.match_catalogues(stars, catalogues, radius)
    table = Table({"star": stars["star"]})
    table["is_bhb"] = found["is_match"]
    for name in ("catalogue", "matched_by", "separation", "n_within", "note"):
        table[f"bhb_{name}"] = found[name]
    return table

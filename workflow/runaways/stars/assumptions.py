"""What measurements rest on that nobody measured: assumed errors, inferred radial velocities."""

import numpy as np
from astropy.table import Table

from runaways.tables import column


def assumptions(stars, measured, errors):
    """What a catalogue rests on that no list or spectrum has said.

    Parameters
    ----------
    stars : Table
        Table ``stars``, with what the spectra and tracks brought.
    measured : Table
        The same stars with the quantities that are used, which all have an error, and
        ``rv_source``; table ``catalogue`` is one.
    errors : dict
        Section ``errors`` of the configuration: quantity to the error where the list has none.

    Returns
    -------
    dict
        ``assumed_errors`` and ``radial_velocities`` in words, each with its number of stars; the
        one or the other is left out where it is of no star.
    """
    found = {}
    for name, error in errors.items():
        used = column(measured, name)
        n = int(np.sum(np.isfinite(used) & ~np.isfinite(column(stars, f"{name}_error"))))
        if n and name != "distance":  # its error follows from the parallax, or stands in the list
            found[name] = f"{name} {error} ({n} star{'s' * (n > 1)})"
    inferred = np.char.startswith(np.asarray(measured["rv_source"], "U"), "printed")
    n = int(np.sum(inferred))
    said = {
        "assumed_errors": ", ".join(found.values()),
        "radial_velocities": f"{n} inferred from printed velocities" if n else "",
    }
    return {key: text for key, text in said.items() if text}


def assumptions_of_orbits(stars, velocities, errors):
    """`assumptions` behind the orbits of some stars.

    Parameters
    ----------
    stars : Table
        Table ``stars``.
    velocities : Table
        Table ``velocities`` of the same stars.
    errors : dict
        As for `assumptions`.
    """
    known = {name: column(velocities if name == "rv" else stars, name) for name in errors}
    used = Table(known | {"rv_source": velocities["rv_source"]})
    return assumptions(stars, used, errors)

"""Main-sequence stars as stellar tracks have them: how many there are of each kind."""

import numpy as np

from runaways.tables import column

# Salpeter 1955 (1955ApJ...121..161S): dN/dm ~ m^-2.35
IMF_SLOPE = -2.35
# More model stars than this are thinned evenly: a star of a list is held against each of them
MOST_MODELS = 60_000


def model_stars(tracks):
    """Model stars on the main sequence and after, with how many stars each stands for.

    Parameters
    ----------
    tracks : Table, n rows
        As from `masses_ages.tracks.track_table`: rows of one ``track`` follow one another and
        share either their ``mass_initial`` or their ``age``.

    Returns
    -------
    dict of ndarray
        ``log_teff``, ``logg``, ``mh``, ``log_luminosity`` (solar) and ``weight``: initial mass
        function times constant star formation, each metallicity alike, adding up to 1.
    """
    track, mh = np.asarray(tracks["track"]), column(tracks, "mh")
    mass, age = column(tracks, "mass_initial"), column(tracks, "age")
    starts = np.flatnonzero(np.append(True, track[1:] != track[:-1]))
    by_mass = np.ptp(np.split(mass, starts[1:])[0]) == 0
    along, across = (age, mass) if by_mass else (mass, age)
    weight = np.concatenate([_widths(part) for part in np.split(along, starts[1:])])
    for one in np.unique(mh):
        here = mh == one
        values, which = np.unique(across[here], return_inverse=True)
        weight[here] *= _widths(values)[which]
    weight *= mass**IMF_SLOPE
    born = np.flatnonzero(column(tracks, "evolutionary_phase") > 0)
    kept = born[:: -(-len(born) // MOST_MODELS)]
    return {
        "log_teff": np.log10(column(tracks, "teff"))[kept],
        "logg": column(tracks, "logg")[kept],
        "mh": mh[kept],
        "log_luminosity": np.log10(column(tracks, "luminosity"))[kept],
        "weight": weight[kept] / weight[kept].sum(),
    }


def _widths(values):
    """How much of an axis each of its values stands for; the ends have half a step."""
    if len(values) < 2:
        return np.ones(len(values))
    return np.abs(np.gradient(values))

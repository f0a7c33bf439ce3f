"""Measured labels beside the list's, for the scoreboard."""

import re

import numpy as np

# Rms differences within which the labels of a closed loop count as recovered, at S/N 80
RECOVERED = {"teff": 0.03, "logg": 0.1, "mh": 0.1, "vsini": 15.0, "rv": 10.0}
NAMES = {"teff": "Teff", "logg": "log g", "mh": "[M/H]", "vsini": "v sin i", "rv": "RV"}
UNITS = {"teff": "%", "logg": "dex", "mh": "dex", "vsini": "km/s", "rv": "km/s"}
SUBTYPE = re.compile(r"B(\d(?:\.5)?)")


def compare_labels(labels, stars, planted=None):
    """Rms and mean differences of the measured labels from the list's.

    Parameters
    ----------
    labels : Table
        Table ``labels``.
    stars : Table
        Table ``stars``, the same stars in the same order.
    planted : array_like, shape (n_stars,), optional
        Radial velocities of stand-in spectra [km/s]; given, the comparison is a closed loop.

    Returns
    -------
    list of tuple
        Rows of table ``scoreboard``.
    """
    closed = planted is not None
    how = "closed loop: spectra synthesised from the printed labels" if closed else "spectra"
    rows = []
    for name, tolerance in RECOVERED.items():
        known = planted if name == "rv" else stars[name] if name in stars.colnames else None
        if known is None:
            continue
        known, found = np.asarray(known, float), np.asarray(labels[name], float)
        difference = (found - known) / (known if name == "teff" else 1.0)
        difference = difference[np.isfinite(difference)]
        if not difference.size:
            continue
        scale = 100.0 if name == "teff" else 1.0
        rms, mean = scale * np.sqrt((difference**2).mean()), scale * difference.mean()
        ours = f"{rms:.3g} {UNITS[name]} rms, {mean:+.2g} mean"
        quantity = f"{NAMES[name]} measured minus {'planted' if closed else 'printed'}"
        agrees = bool(rms <= scale * tolerance)
        limit = f"{scale * tolerance:g} {UNITS[name]} rms"
        reason = f"{how}; {difference.size} stars"
        rows.append((quantity, "0", ours, limit, agrees, reason))
    return rows + _subtypes(labels, stars, how)


def _subtypes(labels, stars, how):
    """How many subtypes lie within one of the printed; a printed range counts as its ends."""
    if "subtype" not in stars.colnames:
        return []
    near, printed_at = [], {}
    for found, printed, teff in zip(labels["subtype"], stars["subtype"], stars["teff"]):
        ours = SUBTYPE.match(str(found))
        ends = [float(end) for end in re.findall(r"\d(?:\.5)?", str(printed))]
        if ends:
            inside = ours and min(ends) - 1 <= float(ours[1]) <= max(ends) + 1
            near.append(bool(inside))
            printed_at.setdefault(float(teff), []).append(sum(ends) / len(ends))
    if not near:
        return []
    quantity = "subtypes within one of the printed (Sect. 3.1)"
    agrees = sum(near) >= 0.9 * len(near)  # assumed: nine of ten
    spread = {teff: max(types) - min(types) for teff, types in printed_at.items()}
    worst = max(spread, key=spread.get)
    if spread[worst] > 1:
        low, high = min(printed_at[worst]), max(printed_at[worst])
        how += (
            f"; but stars of one printed Teff, {worst:.0f} K, are printed as B{low:g} to B{high:g}"
        )
    return [(quantity, f"{len(near)}", f"{sum(near)}", "90 %", agrees, how)]

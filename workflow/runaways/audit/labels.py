"""Stellar labels of a published table: values that collapse, and flags against the stated grid."""

import numpy as np

from runaways.audit.numbers import TABLE, Finding, decimals, half_unit, values

LABELS = ("teff", "logg", "mh")
UNIT = {"teff": "K", "logg": "dex", "mh": "dex", "mass": "Msun", "age": "Myr"}
# Chance coincidences are counted from pairs whose Teff differs by up to this much.
NEARBY = 0.03


def check_labels(stars, reading):
    """Stars that share Teff, log g and [M/H] to the last digit."""
    labels = np.array([values(stars, name) for name in LABELS])
    digits = [decimals(label) for label in labels]
    groups = {}
    for i in np.flatnonzero(np.isfinite(labels).all(axis=0)):
        key = tuple(round(float(x), d) for x, d in zip(labels[:, i], digits, strict=True))
        groups.setdefault(key, []).append(i)
    shared = {i: same for same in groups.values() if len(same) > 1 for i in same}
    if not shared:
        return []
    pairs = sum(len(same) * (len(same) - 1) // 2 for same in groups.values())
    collapsed = sum(len(same) > 1 for same in groups.values())
    expected = _by_chance(groups, decimals(labels[0], fewest=-3))
    note = (
        f"{pairs} pairs; {expected:.2g} expected from stars of the same "
        f"log g and [M/H] whose Teff is within {NEARBY:.0%}"
    )
    computed = f"{len(shared)} stars share {collapsed} sets of labels"
    rows = [Finding(TABLE, "labels", "note", "", computed, note)]
    for i in sorted(shared):
        printed = " / ".join(
            f"{labels[k, i]:.{digits[k]}f} {UNIT[name]}" for k, name in enumerate(LABELS)
        )
        star, note = str(stars["star"][i]), f"one of {len(shared[i])} stars with {printed}"
        rows.append(Finding(star, "labels", "note", printed, "", note))
    return rows


def _by_chance(groups, digits):
    """Expected number of equal pairs, from the pairs that are nearly so.

    Where Teff varies smoothly, a pair falls on the same last digit as often as on any other
    difference near it.
    """
    by_rest = {}
    for teff, *rest in groups:
        by_rest.setdefault(tuple(rest), []).append(teff)
    step = 10.0**-digits
    expected = 0.0
    for temperatures in by_rest.values():
        temperatures = np.sort(temperatures)
        for k, teff in enumerate(temperatures):
            window = max(NEARBY * teff, 5 * step)
            near = np.searchsorted(temperatures, teff + window, side="right") - k - 1
            # differences on one side: those on the other are the same pairs
            expected += near * step / (2 * window)
    return expected


def check_vsini(stars, reading):
    """Projected rotation velocities of exactly zero, which no spectrum can measure."""
    vsini = values(stars, "vsini")
    zero = np.flatnonzero(vsini == 0)
    if not len(zero):
        return []
    computed = f"{len(zero)} of {np.isfinite(vsini).sum()} stars have v sin i = 0"
    if "inside_grid_published" in stars.colnames:
        inside = _inside(stars)
        computed += f"; {np.sum(vsini[inside] == 0)} of the {inside.sum()} flagged inside the grid"
    rows = [Finding(TABLE, "vsini", "note", "", computed, "an upper limit rather than a value")]
    for i in zero:
        note = "no spectrum measures zero rotation"
        rows.append(Finding(str(stars["star"][i]), "vsini", "note", "0 km/s", "", note))
    return rows


def _inside(stars):
    flags = stars["inside_grid_published"]
    if flags.dtype.kind != "b":
        raise ValueError("column inside_grid_published: expected true or false")
    return np.ma.filled(np.ma.asarray(flags), False).astype(bool)


def check_grid_flag(stars, reading):
    """Flags that say inside, of stars outside the stated limits of the grid.

    The other way round is no contradiction, since a grid need not fill the box of its limits,
    and is only noted.
    """
    if reading.box is None:
        return []
    outside = [[] for _ in stars]
    known = np.ones(len(stars), bool)
    for name, (low, high) in reading.box.items():
        label = values(stars, name)
        digits, half = decimals(label), half_unit(label)
        known &= np.isfinite(label)
        # a printed value on the limit may have been inside before it was rounded; 0.1 % of a half
        # unit is for the binary form of decimals
        for i in np.flatnonzero(label < low - 1.001 * half):
            outside[i].append(f"{name} {label[i]:.{digits}f} < {low:g}")
        for i in np.flatnonzero(label > high + 1.001 * half):
            outside[i].append(f"{name} {label[i]:.{digits}f} > {high:g}")
    inside, rows = _inside(stars), []
    masked = np.ma.getmaskarray(np.ma.asarray(stars["inside_grid_published"]))
    for i in np.flatnonzero(~masked):
        star = str(stars["star"][i])
        if inside[i] and outside[i]:
            what = "; ".join(outside[i])
            note = "flagged inside, but not within the stated limits"
            rows.append(Finding(star, "grid_flag", "fault", "inside", what, note))
        elif not inside[i] and not outside[i] and known[i]:
            note = "flagged outside, though every label is within the stated limits"
            rows.append(Finding(star, "grid_flag", "note", "outside", "within the box", note))
    return rows

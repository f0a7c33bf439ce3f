"""What a figure rests on that nobody measured, in words for the strip below it."""

import re

NO_BREAK = "\N{NO-BREAK SPACE}"
ASSUMED = re.compile(r"(\w+) (.*?) \((\d+) stars?\)(?:, |$)")
# quantities whose errors scatter a star's motion, its orbit, and the masses and ages from labels
MOTION = ("parallax", "pmra", "pmdec", "rv")
ORBIT = (*MOTION, "age")
LABELS = ("teff", "logg", "mh")
WORDS = {"teff": "Teff", "logg": "log g", "mh": "[M/H]", "vsini": "v sin i", "rv": "RV"}


def notes(said, quantities=(), stand_ins=()):
    """Notes for a figure.

    Parameters
    ----------
    said : mapping
        ``assumed_errors`` and ``radial_velocities`` as from `stars.assumptions`, and
        as in the metadata of table ``catalogue``.
    quantities : sequence of str
        Those whose errors are in the figure. With ``rv`` among them it is told where radial
        velocities are inferred.
    stand_ins : sequence of str
        What was used in place of the real thing; empty ones do not count.

    Returns
    -------
    list of str
    """
    found = ASSUMED.findall(said.get("assumed_errors", ""))
    found = [one for name in quantities for one in found if one[0] == name]
    out = []
    for n in dict.fromkeys(n for _, _, n in found):
        errors = [f"{WORDS.get(name, name)} {error}" for name, error, m in found if m == n]
        # no line ends between a number and its unit
        errors = ", ".join(text.replace(".0 ", " ").replace(" ", NO_BREAK) for text in errors)
        out.append(f"errors assumed ({n} star{'s' * (n != '1')}): {errors}")
    if "rv" in quantities and said.get("radial_velocities"):
        out.append(f"radial velocities: {said['radial_velocities']}")
    return out + [f"made with a stand-in: {text}" for text in dict.fromkeys(stand_ins) if text]

"""What figures rest on that nobody measured: as the catalogue says it, or a star of the list."""

from runaways import tables
from runaways.figures.notes import ORBIT, notes
from runaways.masses_ages.ages import PREDICTED, PUBLISHED
from runaways.stars.assumptions import assumptions_of_orbits


def of_catalogue(catalogue, quantities, *stand_ins):
    """Notes of a figure of the catalogue; `stand_ins` are keys of its metadata."""
    return notes(catalogue.meta, quantities, [catalogue.meta.get(key, "") for key in stand_ins])


def of_ages(catalogue):
    """Key of the stand-in behind a traceback: that of the tracks, if it used a predicted age."""
    return ["stand_in"] if PREDICTED in catalogue["age_source"] else []


def of_stars(args, names, *parts):
    """Where the stars `names` are, how they move, and notes of a figure of their orbits.

    ``--stars`` and ``--velocities`` are those of the run, `parts` tables that know of their
    stand-ins. Where predicted ages may count, an age without an error has that of the prediction,
    and nothing is said of it.
    """
    stars, velocities = tables.read(args.stars, "stars"), tables.read(args.velocities, "velocities")
    rows = [stars["star"].tolist().index(name) for name in names]
    stars, velocities = stars[rows], velocities[rows]
    left_out = {"parallax"} if args.cfg["distance.method"] == "given" else set()
    left_out |= {"age"} if args.cfg["orbits.age"] != PUBLISHED else set()
    errors = {name: args.cfg["errors"][name] for name in ORBIT if name not in left_out}
    said = assumptions_of_orbits(stars, velocities, errors)
    known = stars["star", "ra", "dec"]
    known["rv"], known["rv_alternative"] = velocities["rv"], velocities["rv_alternative"]
    return known, notes(said, ORBIT, [part.meta.get("stand_in", "") for part in parts])

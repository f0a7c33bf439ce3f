"""Closest approaches of stars' draws to all clusters, and what chance would give."""

import logging

from astropy.table import vstack

from runaways import tables
from runaways.clusters import cluster_orbits
from runaways.encounters import approaches
from runaways.orbits import knots
from scripts.job import arguments, in_unit, joined, stamp
from scripts.orbits import drawn

OUTPUTS = {
    "hits": "closest_approaches",
    "chance": "chance_encounters",
    "search": "encounter_search",
}


def main():
    args = arguments(__doc__, "list", "orbits", *OUTPUTS, **drawn.ARGUMENTS)
    cfg = args.cfg
    orbits, made = cluster_orbits.read_orbits(args.orbits)
    parts = {name: [] for name in OUTPUTS}
    for star, _, path in drawn.traced(args, 0, int(cfg["orbits.draws"])):
        found = approaches.match_star(
            star["star"],
            knots.side_by_side(*path),
            orbits,
            search_radius=in_unit(cfg["clusters.search_radius"], "pc"),
            azimuth_window=in_unit(cfg["clusters.azimuth_window"], "deg"),
            rotations=int(cfg["clusters.null_rotations"]),
            seed=int(cfg["seed"]),
        )
        for output, part in zip(OUTPUTS, found):
            parts[output].append(part)
        logging.info("%s: %d close approaches of draws", star["star"], len(found[0]))
    stand_in = joined(made)
    for output, table in OUTPUTS.items():
        tables.write(vstack(parts[output]), getattr(args, output), table, **stand_in, **stamp(args))


main()

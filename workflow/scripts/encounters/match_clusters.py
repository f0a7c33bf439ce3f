"""Closest approaches of stars' draws to all clusters, and what chance would give."""

import logging

from astropy.table import vstack

from runaways import tables
from runaways.clusters import cluster_orbits
from runaways.encounters import approaches, slices
from scripts.job import arguments, in_unit, joined, stamp

OUTPUTS = {
    "hits": "closest_approaches",
    "chance": "chance_encounters",
    "search": "encounter_search",
}


def main():
    names = ("orbits", "drawn-with", "drawn-by", *OUTPUTS)
    args = arguments(__doc__, *names, lists=["paths", "names"])
    cfg = args.cfg
    paths = tables.gather(args.paths, "paths", config=args.drawn_with, code=args.drawn_by)
    orbits, made = cluster_orbits.read_orbits(args.orbits)
    parts = {name: [] for name in OUTPUTS}
    for name in args.names:
        found = approaches.match_star(
            name,
            slices.from_table(paths[paths["star"] == name], int(cfg["orbits.draws"])),
            orbits,
            search_radius=in_unit(cfg["clusters.search_radius"], "pc"),
            azimuth_window=in_unit(cfg["clusters.azimuth_window"], "deg"),
            rotations=int(cfg["clusters.null_rotations"]),
            seed=int(cfg["seed"]),
        )
        for output, part in zip(OUTPUTS, found):
            parts[output].append(part)
        logging.info("%s: %d close approaches of draws", name, len(found[0]))
    stand_in = joined(made)
    for output, table in OUTPUTS.items():
        tables.write(vstack(parts[output]), getattr(args, output), table, **stand_in, **stamp(args))


main()

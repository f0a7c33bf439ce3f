"""Mass, age and luminosity of stars from their labels, with the labels' errors drawn."""

import logging

import numpy as np
from astropy.table import Table, hstack

from runaways import tables
from runaways.masses_ages import coverage, forests, masses, tracks
from runaways.stars import draws
from scripts.job import arguments, joined, stamp
from scripts.labels.adopted import measured_labels, with_labels
from scripts.masses_ages.box import track_box
from scripts.stars.measured import complete, stars_of


def main():
    optional = ("label-fits", "lte")
    args = arguments(__doc__, "list", "tracks", "model", "out", lists=["names"], optional=optional)
    cfg = args.cfg
    adopted, stand_in = measured_labels(args)
    stars = complete(args, with_labels(args, stars_of(args), adopted))
    labels = tracks.matrix(stars, tracks.LABELS)
    seed, n = int(cfg["seed"]), int(cfg["orbits.draws"])
    cubes = [draws.unit_cube(seed, name, 0, n, cfg["orbits.sampler"]) for name in stars["star"]]
    drawn = np.array([masses.draw_labels(star, cube) for star, cube in zip(stars, cubes)])
    model, meta = forests.load_model(args.model)
    summary, _ = masses.masses_and_ages(model, labels, drawn)
    table = tables.read(args.tracks, "tracks")
    box = track_box(cfg["tracks"])
    near = coverage.GridDistance(tracks.select_grid(table, **box))
    flags = coverage.grid_flags(
        labels,
        near,
        box=box,
        flag=cfg["tracks"]["inside_by"],
        pre_main_sequence=coverage.before_main_sequence(table),
    )
    flags["p_inside_grid"] = coverage.fraction_inside(drawn, near)
    out = hstack([Table({"star": stars["star"]}), masses.as_columns(summary), flags])
    stand_in = joined(meta, stand_in)
    tables.write(out, args.out, "masses_ages", **stand_in, **stamp(args))
    for row in out:
        mass, age = row["mass_predicted"], row["age_predicted"]
        logging.info("%s: %.2f solar masses, %.1f Myr", row["star"], mass, age)


main()

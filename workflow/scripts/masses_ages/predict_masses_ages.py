"""Mass, age and luminosity of stars from their labels: the posterior, and the forests if asked."""

import logging

import numpy as np
from astropy.table import Table, hstack

from runaways import tables
from runaways.masses_ages import coverage, forests, masses, model_stars, posterior, tracks
from runaways.stars import draws
from scripts.job import arguments, joined, stamp
from scripts.masses_ages.box import track_box
from scripts.masses_ages.labelled import labelled_stars, priors


def main():
    optional = ("model", "label-fits", "lte")
    required = ("list", "tracks", "models", "out")
    args = arguments(__doc__, *required, lists=["names", "rows"], optional=optional)
    cfg = args.cfg
    stars, stand_in = labelled_stars(args)
    labels = tracks.matrix(stars, tracks.LABELS)
    seed, which = int(cfg["seed"]), (0, masses.N_DRAWS, cfg["orbits.sampler"])
    cubes = [draws.unit_cube(seed, name, *which) for name in stars["star"]]
    drawn = np.array([masses.draw_labels(star, cube) for star, cube in zip(stars, cubes)])
    models = model_stars.load(args.models)
    found = posterior.summarise(models, priors(cfg["population"]).weights(models), stars)
    summary = None
    if args.model:
        summary, _ = masses.masses_and_ages(forests.load_model(args.model)[0], labels, drawn)
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
    out = hstack([Table({"star": stars["star"]}), masses.as_columns(found, summary), flags])
    stand_in = joined(table.meta, stand_in)
    tables.write(out, args.out, "masses_ages", **stand_in, **stamp(args))
    for row in out:
        mass, age = row["mass_predicted"], row["age_predicted"]
        logging.info("%s: %.2f solar masses, %.1f Myr", row["star"], mass, age)


main()

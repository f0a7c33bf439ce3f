"""Train the model of mass and age, and score it and its alternatives on tracks held out."""

import logging

from astropy.table import Table

from runaways import tables
from runaways.masses_ages import forests, tracks
from scripts.job import arguments, joined, stamp
from scripts.masses_ages.box import track_box


def main():
    args = arguments(__doc__, "tracks", "threads", "model", "hold-out")
    cfg = args.cfg["tracks"]
    grid = tables.read(args.tracks, "tracks")
    stand_in = joined(grid.meta)
    grid = tracks.select_grid(grid, **track_box(cfg))
    settings = {
        "n_estimators": int(cfg["trees"]),
        "log_targets": cfg["log_targets"],
        "seed": int(args.cfg["seed"]),
        "n_jobs": int(args.threads),
    }
    unseen = tracks.hold_out(grid, seed=int(args.cfg["seed"]))
    scores = []
    for kind in ("forest", "extra_trees", "interpolation"):
        model = forests.make_model(kind, **settings).fit(grid[~unseen])
        scores.append({"model": kind} | forests.hold_out_scores(model, grid[unseen]))
        logging.info("%s", scores[-1])
    tables.write(Table(rows=scores), args.hold_out, "hold_out", **stand_in, **stamp(args))
    model = forests.make_model(cfg["model"], **settings).fit(grid)
    forests.save_model(model, args.model, stand_in | stamp(args))
    logging.info("%s of %d model stars", cfg["model"], len(grid))


main()

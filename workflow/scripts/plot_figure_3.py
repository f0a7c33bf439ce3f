"""Fig. 3: the training grid of stellar tracks, coloured by mass, with the stars on it."""

import logging

from runaways import mass_plots, plots, tables, tracks
from scripts.job import arguments, stamp, track_box


def main():
    args = arguments(__doc__, "catalogue", "tracks", "style", lists=["out"])
    grid = tables.read(args.tracks, "tracks")
    plots.use_style(args.style)
    figure = mass_plots.draw_grid(
        tracks.select_grid(grid, **track_box(args.cfg["tracks"])),
        tables.read(args.catalogue, "catalogue"),
        stand_in=grid.meta.get("stand_in", ""),
    )
    plots.save(figure, args.out, **stamp(args))
    logging.info("%s: %d model stars", " ".join(args.out), len(grid))


main()

"""Fig. 3: the training grid of stellar tracks, coloured by mass, with the stars on it."""

import logging

from runaways import tables
from runaways.figures import masses_ages, style
from runaways.figures.notes import LABELS
from runaways.masses_ages import tracks
from scripts.figures.notes import of_catalogue
from scripts.job import arguments, stamp
from scripts.masses_ages.box import track_box


def main():
    args = arguments(__doc__, "catalogue", "tracks", "style", lists=["out"])
    grid = tables.read(args.tracks, "tracks")
    catalogue = tables.read(args.catalogue, "catalogue")
    notes = of_catalogue(catalogue, LABELS, "stand_in")
    style.use_style(args.style)
    figure = masses_ages.draw_grid(
        tracks.select_grid(grid, **track_box(args.cfg["tracks"])),
        catalogue,
        notes,
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d model stars", " ".join(args.out), len(grid))


main()

"""Labels measured from the spectra against those of the list."""

import logging

from runaways import tables
from runaways.figures import spectra, style
from runaways.figures.notes import notes
from scripts.job import arguments, joined, stamp


def main():
    args = arguments(__doc__, "labels", "stars", "style", lists=["out"])
    labels, stars = tables.read(args.labels, "labels"), tables.read(args.stars, "stars")
    style.use_style(args.style)
    known_as = "planted" if args.cfg["spectra.lrs"] == "stand-in" else "in the list"
    said = notes({}, stand_ins=[joined(labels.meta).get("stand_in", "")])
    figure = spectra.draw_recovered(labels, stars, known_as, said)
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d stars", " ".join(args.out), len(labels))


main()

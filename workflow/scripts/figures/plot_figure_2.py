"""Fig. 2: low-resolution spectra along the subtypes, with the lines that order them."""

import logging

from runaways import tables
from runaways.figures import style
from runaways.figures.notes import notes
from runaways.figures.spectra import draw_types
from scripts.job import arguments, joined, stamp


def main():
    lists = ["spectra", "subtypes", "names", "out"]
    args = arguments(__doc__, "stars", "style", "measured-by", lists=lists)
    spectra = tables.gather(args.spectra, "spectra", code=args.measured_by)
    subtypes = tables.gather(args.subtypes, "subtypes")
    types = {
        str(row["star"]): f"{row['subtype'] or '?'} {row['luminosity_class']}" for row in subtypes
    }
    style.use_style(args.style)
    stars = tables.read(args.stars, "stars")
    stars = stars[[stars["star"].tolist().index(name) for name in args.names]]
    stand_in = joined(spectra.meta).get("stand_in", "")
    figure = draw_types(spectra, types, stars, notes({}, stand_ins=[stand_in]))
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %s", " ".join(args.out), " ".join(args.names))


main()

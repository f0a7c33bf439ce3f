"""The spectra of one star with the best fit over them, residuals and masked pixels."""

import logging

from runaways import tables
from runaways.figures import spectra, style
from runaways.figures.notes import notes
from scripts.job import arguments, joined, stamp


def main():
    args = arguments(__doc__, "star", "fits", "pixels", "observations", "style", lists=["out"])
    star = args.star
    fits, pixels, seen = (
        tables.read(path, name)
        for path, name in (
            (args.fits, "label_fits"),
            (args.pixels, "best_fits"),
            (args.observations, "observations"),
        )
    )
    rv = {row["arm"]: row["rv_measured"] for row in seen[seen["star"] == star]}
    style.use_style(args.style)
    said = notes({}, stand_ins=[joined(fits.meta).get("stand_in", "")])
    mine = (table[table["star"] == star] for table in (pixels, fits))
    figure = spectra.draw_fit(star, *mine, rv, said)
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %s", " ".join(args.out), star)


main()

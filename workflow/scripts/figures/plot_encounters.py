"""Probability of an encounter against that by chance, of all pairs of stars and clusters."""

import logging

from runaways import tables
from runaways.figures import encounters, style
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "encounters", "best", "style", lists=["out"])
    pairs, best = (
        tables.read(args.encounters, "encounters"),
        tables.read(args.best, "best_clusters"),
    )
    style.use_style(args.style)
    searched = int(sum(best["verdict"] != ""))
    figure = encounters.draw_encounters(pairs, searched, pairs.meta.get("stand_in", ""))
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d pairs", " ".join(args.out), len(pairs))


main()

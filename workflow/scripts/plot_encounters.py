"""Probability of an encounter against that by chance, of all pairs of stars and clusters."""

import logging

from runaways import cluster_plots, plots, tables
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "encounters", "best", "style", lists=["out"])
    pairs, best = (
        tables.read(args.encounters, "encounters"),
        tables.read(args.best, "best_clusters"),
    )
    plots.use_style(args.style)
    searched = int(sum(best["verdict"] != ""))
    figure = cluster_plots.draw_encounters(pairs, searched, pairs.meta.get("stand_in", ""))
    plots.save(figure, args.out, **stamp(args))
    logging.info("%s: %d pairs", " ".join(args.out), len(pairs))


main()

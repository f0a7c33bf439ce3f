"""Probability of an encounter and the evidence that it is none of chance, of all pairs."""

import logging

from runaways import tables
from runaways.figures import encounters, style
from runaways.figures.notes import ORBIT
from scripts.figures.notes import of_ages, of_catalogue
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "encounters", "best", "catalogue", "style", lists=["out"])
    cfg, pairs = args.cfg, tables.read(args.encounters, "encounters")
    best = tables.read(args.best, "best_clusters")
    catalogue = tables.read(args.catalogue, "catalogue")
    asked = [cfg["figures.figure_6"], cfg["figures.figure_7"]]
    style.use_style(args.style)
    figure = encounters.draw_encounters(
        pairs,
        int(sum(best["verdict"] != "")),
        [(pair["star"], pair["cluster"]) for pair in asked if pair],
        cfg["clusters.fdr"],
        cfg["clusters.p_encounter_min"],
        of_catalogue(catalogue, ORBIT, "stand_in_clusters", *of_ages(catalogue)),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d pairs", " ".join(args.out), len(pairs))


main()

"""The scoreboard: every number the paper states beside ours."""

import logging
from pathlib import Path

import yaml

from runaways import tables
from runaways.products import scoreboard
from runaways.synthesis.stand_ins import planted_velocity
from scripts.frame import frame
from scripts.job import arguments, stamp


def main():
    names = ("catalogue", "stars", "audit", "encounters", "ejections", "fractions")
    names += ("scoreboard", "page")
    args = arguments(__doc__, *names, optional=["paper", "labels", "hold-out"])
    stated = yaml.safe_load(Path(args.paper).read_text()) if args.paper else {}
    stars = tables.read(args.stars, "stars")
    labels = tables.read(args.labels, "labels") if args.labels else None
    planted = None
    if args.cfg["spectra.lrs"] == "stand-in":
        planted = [planted_velocity(int(args.cfg["seed"]), star) for star in stars["star"]]
    board = scoreboard.compare(
        tables.read(args.catalogue, "catalogue"),
        stars,
        tables.read(args.audit, "audit"),
        tables.read(args.hold_out, "hold_out") if args.hold_out else None,
        tables.read(args.encounters, "encounters"),
        stated,
        frame(args.cfg["frame"]),
        labels,
        planted,
        tables.read(args.ejections, "ejection_sources"),
        tables.read(args.fractions, "origin_fractions"),
    )
    tables.write(board, args.scoreboard, "scoreboard", **stamp(args))
    Path(args.page).write_text(scoreboard.page(board))
    logging.info("%d of %d numbers agree", sum(board["agrees"]), len(board))


main()

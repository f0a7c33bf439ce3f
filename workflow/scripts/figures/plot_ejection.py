"""Where and when a star was ejected: the posterior of place and look-back time."""

import logging

from runaways import tables
from runaways.figures import ejections, style
from scripts.figures.notes import of_stars
from scripts.frame import frame
from scripts.job import arguments, stamp


def main():
    names = ("star", "stars", "velocities", "orbit", "ejections", "sites", "style")
    args = arguments(__doc__, *names, lists=["out"])
    table = tables.read(args.ejections, "ejections")
    orbit, sites = tables.read(args.orbit, "orbit"), tables.read(args.sites, "ejection_sites")
    style.use_style(args.style)
    figure = ejections.draw_ejection(
        table[table["star"] == args.star][0],
        orbit[orbit["star"] == args.star],
        sites[sites["star"] == args.star],
        frame(args.cfg["frame"]),
        of_stars(args, [args.star], orbit, table)[1],
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %s", " ".join(args.out), args.star)


main()

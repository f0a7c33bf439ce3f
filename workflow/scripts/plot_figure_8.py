"""Fig. 8: peculiar space velocity against projected rotation."""

import logging

from runaways import origin_plots, plots, tables
from scripts.job import arguments, in_unit, stamp, stand_in_of_ages


def main():
    args = arguments(__doc__, "catalogue", "style", lists=["out"])
    lines = args.cfg["origins"]
    catalogue = tables.read(args.catalogue, "catalogue")
    plots.use_style(args.style)
    figure = origin_plots.draw_rotation(
        catalogue,
        in_unit(lines["v_sp"], "km / s"),
        in_unit(lines["vsini"], "km / s"),
        stand_in=stand_in_of_ages(catalogue, args.cfg),
    )
    plots.save(figure, args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()

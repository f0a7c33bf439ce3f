"""Whether the probabilities of ejection are what they say, for this list and these clusters."""

import logging

from runaways import tables
from runaways.figures import calibration, style
from runaways.figures.notes import notes
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "reliability", "rates", "null", "style", lists=["out"])
    reliability = tables.read(args.reliability, "calibration_reliability")
    style.use_style(args.style)
    figure = calibration.draw_calibration(
        reliability,
        tables.read(args.rates, "calibration_rates"),
        tables.read(args.null, "calibration_null"),
        survey=reliability.meta["survey"],
        notes=notes({}, stand_ins=[reliability.meta.get("stand_in", "")]),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s", " ".join(args.out))


main()

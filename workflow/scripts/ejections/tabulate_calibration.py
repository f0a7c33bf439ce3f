"""Whether probabilities of ejection are what they say: planted stars, catalogues turned."""

import logging

from runaways import tables
from runaways.ejections import calibration
from scripts.job import arguments, joined, stamp


def main():
    out = ("calibration", "reliability", "rates", "null")
    many = ["posteriors", "listed", "turned"]
    args = arguments(__doc__, "planted", "ejections", *out, many=many)
    planted = tables.read(args.planted, "planted")
    posteriors = tables.gather(args.posteriors, "ejections")
    listed = tables.gather(args.listed, "ejection_sources")
    beside = calibration.beside_truth(planted, posteriors, listed)
    as_it_is = tables.read(args.ejections, "ejections")
    null = tables.stack(
        [
            *(tables.read(path, "calibration_null") for path in args.turned),
            calibration.null_rows(as_it_is, calibration.AS_IT_IS),
        ],
        "calibration_null",
    )
    found = {
        "calibration": beside,
        "calibration_reliability": calibration.reliabilities(beside, listed),
        "calibration_rates": calibration.rates(beside, null),
        "calibration_null": null,
    }
    provenance = joined(planted.meta) | stamp(args) | {"survey": planted.meta["survey"]}
    for path, (name, table) in zip((vars(args)[q] for q in out), found.items()):
        tables.write(table, path, name, **provenance)
    for row in found["calibration_rates"]:
        logging.info("%s: %.3f of %d", row["rate_of"], row["share"], row["n_posteriors"])


main()

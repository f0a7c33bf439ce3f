"""Planted stars: as the list would have them, with known origins in these clusters."""

import logging

from runaways import tables
from runaways.ejections import mocks, sources, surveys
from runaways.ejections.calibration import SHARES
from scripts.ejections.galaxy import galaxy
from scripts.job import arguments, joined, stamp
from scripts.stars.measured import complete, with_ages


def main():
    optional = {"many": ["predicted"], "optional": ["potential"]}
    args = arguments(__doc__, "stars", "sources", "out", **optional)
    stars = tables.read(args.stars, "stars")
    clusters, made = sources.read_sources(args.sources)
    where, n = galaxy(args), int(args.cfg["ejections.calibration_stars"])
    survey = surveys.survey_of(complete(args, with_ages(args, stars)), where)
    planted = mocks.plant(where, clusters, n, int(args.cfg["seed"]), survey, SHARES)
    provenance = joined(made) | stamp(args) | {"survey": survey.said()}
    tables.write(planted, args.out, "planted", **provenance)
    logging.info("%d planted stars of a survey of %s", len(planted), survey.said())


main()

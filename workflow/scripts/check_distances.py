"""Spectroscopic distances against parallaxes: stars that are not what their spectrum says."""

import logging

from runaways import luminosities, tables
from scripts.job import arguments, stamp
from scripts.orbit_job import complete


def main():
    args = arguments(__doc__, "stars", "masses", "out")
    stars, masses = tables.read(args.stars, "stars"), tables.read(args.masses, "masses_ages")
    sample = luminosities.with_luminosities(stars, complete(args, stars), masses)
    out = luminosities.check_distance(sample, args.cfg["bhb.max_tension"])
    stand_in = {key: masses.meta[key] for key in ("stand_in",) if key in masses.meta}
    tables.write(out, args.out, "distance_checks", **stand_in, **stamp(args))
    logging.info("%d underluminous", sum(out["distance_check"] == luminosities.UNDERLUMINOUS))


main()

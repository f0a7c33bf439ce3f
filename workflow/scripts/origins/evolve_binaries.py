"""Binaries whose primaries explode, and what becomes of their companions; once a run."""

import logging
from dataclasses import replace

from astropy.table import vstack

from runaways import tables
from runaways.origins import binaries
from runaways.origins.channels import OWN
from scripts.job import arguments, stamp

BESIDE = 4  # times fewer binaries for the priors that are tried beside the run's own


def main():
    args = arguments(__doc__, "out")
    cfg = dict(args.cfg["origins.binaries"])
    own = binaries.BinaryPopulation(binaries=int(cfg.pop("number")), **cfg)
    kicks = next(name for name in binaries.KICKS if name != own.kicks)
    beside = replace(own, binaries=own.binaries // BESIDE)
    sets = {
        OWN: own,
        f"kicks_{kicks}": replace(beside, kicks=kicks),
        "common_envelope_fifth": replace(beside, common_envelope=own.common_envelope / 5),
    }
    made = []
    for name, population in sets.items():
        companions = binaries.evolve_binaries(population, int(args.cfg["seed"]))
        companions["population"] = name
        made.append(companions)
        logging.info("%s: %d companions of %d binaries", name, len(companions), population.binaries)
    tables.write(vstack(made), args.out, "binary_companions", **stamp(args))


main()

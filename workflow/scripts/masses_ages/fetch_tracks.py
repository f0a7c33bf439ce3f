"""Stellar tracks from PARSEC files, or the stand-in that SSE evolves, as one table."""

import logging

from runaways import tables
from runaways.masses_ages import tracks
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "out", many=["files"])
    cfg = args.cfg
    if cfg["tracks.source"] == "parsec":
        from runaways.masses_ages.parsec import read_parsec

        out = tracks.with_finer_metallicity(read_parsec(args.files), cfg["tracks.mh_step"])
    else:
        from runaways.masses_ages.sse import evolve_sse

        out = evolve_sse(mh_min=cfg["tracks.mh_min"], mh_max=cfg["tracks.mh_max"])
    tables.write(out, args.out, "tracks", **stamp(args))
    logging.info("%d model stars, %s", len(out), out.meta.get("stand_in") or out.meta["tracks"])


main()

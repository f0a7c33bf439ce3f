"""Stellar tracks from PARSEC files, or the stand-in that SSE evolves; and a fine grid of them."""

import logging

from runaways import tables
from runaways.masses_ages import model_stars, tracks
from runaways.masses_ages.phases import EVOLVED
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "out", "models", many=["files"])
    cfg = args.cfg
    if cfg["tracks.source"] == "parsec":
        from runaways.masses_ages.parsec import read_parsec

        read = read_parsec(args.files)
        out = tracks.with_finer_metallicity(read, cfg["tracks.mh_step"])
    else:
        from runaways.masses_ages.sse import evolve_sse

        read = evolve_sse(mh_min=cfg["tracks.mh_min"], mh_max=cfg["tracks.mh_max"])
        out = read[read["evolutionary_phase"] < EVOLVED]
    tables.write(out, args.out, "tracks", **stamp(args))
    models = model_stars.model_stars(read)
    model_stars.save(models, args.models)
    made = out.meta.get("stand_in") or out.meta["tracks"]
    logging.info("%d rows, %d model stars, %s", len(out), len(models), made)


main()

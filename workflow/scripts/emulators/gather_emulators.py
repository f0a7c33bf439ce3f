"""Join the chunks of pixels of each instrument's emulator, and say how good it is."""

import logging
from pathlib import Path

from astropy.table import Table

from runaways import tables
from runaways.emulators.emulator import describe, join_emulators, read_emulator, write_emulator
from scripts.job import arguments, joined, stamp


def main():
    args = arguments(__doc__, "table", lists=["arms", "chunks", "emulators"])
    rows, metas = [], []
    for arm, path in zip(args.arms, args.emulators):
        mine = [chunk for chunk in args.chunks if Path(chunk).parent.name == f"emulator_{arm}"]
        emulator = join_emulators([read_emulator(chunk) for chunk in mine])
        write_emulator(path, emulator)
        rows.append({"arm": arm} | describe(emulator))
        metas.append(emulator.meta)
        logging.info("%s", rows[-1])
    tables.write(Table(rows=rows), args.table, "emulators", **joined(*metas), **stamp(args))


main()

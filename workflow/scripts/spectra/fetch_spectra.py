"""Stand-in spectra of stars, from the labels of the list and with a velocity nobody is told."""

import logging
from pathlib import Path

from runaways.synthesis import stand_ins as stand_in
from scripts.job import arguments
from scripts.stars.listed import listed_stars


def main():
    args = arguments(__doc__, "list", "out", lists=["names", "rows"])
    folder, seed = Path(args.out), int(args.cfg["seed"])
    folder.mkdir(parents=True, exist_ok=True)
    for star in listed_stars(args, args.cfg["distance.method"]):
        name = str(star["star"])
        try:
            pair = stand_in.stand_in_pair(
                [star[label] for label in ("teff", "logg", "mh", "vsini")],
                stand_in.planted_velocity(seed, name),
                args.cfg["spectra.stand_in_snr"],
                stand_in.address(seed, name),
            )
        except (KeyError, ValueError) as error:
            logging.info("%s: no stand-in spectrum: %s", name, error)
            continue
        for table in pair:
            path = folder / f"{table.meta['instrument']}-{name}.fits"
            stand_in.write_lamost(path, table, name, star["ra"], star["dec"])
        logging.info("%s: made", name)


main()

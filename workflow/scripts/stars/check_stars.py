"""Read the star list, check every value, write the checked list and what was found."""

import logging

from runaways import tables
from runaways.stars import star_list
from scripts.job import arguments, stamp


def main():
    args = arguments(__doc__, "list", "stars", "problems")
    stars, problems = star_list.read(args.list, args.cfg["distance"]["method"])
    notes = stars.meta.pop("notes")
    for note in notes:
        logging.warning(note)
    tables.write(stars, args.stars, "stars", source=args.list, **stamp(args))
    mapped = {"columns": "; ".join(n for n in notes if ": columns taken: " in n)}
    mapped = mapped if mapped["columns"] else {}
    tables.write(
        problems, args.problems, "list_problems", source=args.list, **mapped, **stamp(args)
    )
    failed = sum(stars["status"] == "failed")
    logging.info(
        "%s: %d stars, %d failed, %d findings", args.list, len(stars), failed, len(problems)
    )


main()

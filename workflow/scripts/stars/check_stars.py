"""Read the star list, check every value, write the checked list and what was found."""

import logging

from runaways import tables
from scripts.job import arguments, stamp
from scripts.stars.listed import whole_list


def main():
    args = arguments(__doc__, "list", "rows", "stars", "problems")
    stars, problems = whole_list(args, args.cfg["distance"]["method"])
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

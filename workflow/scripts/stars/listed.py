"""Rows of the star list, as they were when the run was planned."""

import sys

import numpy as np

from layout import rows_hash
from runaways.stars import star_list


def listed_stars(args, distance_method):
    """The stars ``--names`` of ``--list``, in its order.

    Ends the job where a row is not that of ``--rows``: beside products of the row as it was, the
    run would have some of another, and not know it once the row is as before.
    """
    stars, _ = star_list.read(args.list, distance_method)
    mine = stars[np.isin(stars["star"], args.names)]
    planned = dict(zip(args.names, " ".join(args.rows).split(), strict=True))
    found = star_list.row_hashes(mine)
    changed = [star for star in planned if found.get(star) != planned[star]]
    if changed:
        sys.exit(f"{args.list}: the row of {changed[0]} was changed during the run: run again")
    return mine


def whole_list(args, distance_method):
    """`star_list.read` of ``--list``; ends the job where it is not that of ``--rows``."""
    stars, problems = star_list.read(args.list, distance_method)
    if rows_hash(star_list.row_hashes(stars)) != args.rows:
        sys.exit(f"{args.list}: it was changed during the run: run again")
    return stars, problems

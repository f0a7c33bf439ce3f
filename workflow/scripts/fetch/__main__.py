"""``python -m scripts.fetch KIND ...``; the Makefile has a target for each kind."""

import argparse
import sys

from scripts.fetch.asking import FetchError
from scripts.fetch.catalogues import fetch_clusters, fetch_labels, fetch_stars
from scripts.fetch.grid import GRIDS, fetch_grid
from scripts.fetch.tracks import fetch_tracks


def main():
    parser = argparse.ArgumentParser(description=sys.modules["scripts.fetch"].__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    stars = kinds.add_parser("stars", help="Gaia DR3 and Bailer-Jones et al. 2021")
    stars.add_argument("ids", help="a source_id or a position in each line")
    stars.add_argument("out", help="CSV")
    stars.set_defaults(fetch=lambda args: fetch_stars(args.ids, args.out))
    clusters = kinds.add_parser("clusters", help="Hunt & Reffert 2023")
    clusters.add_argument("out", help="CSV")
    clusters.set_defaults(fetch=lambda args: fetch_clusters(args.out))
    labels = kinds.add_parser("labels", help="Xiang et al. 2022")
    labels.add_argument("out", help="CSV")
    labels.set_defaults(fetch=lambda args: fetch_labels(args.out))
    tracks = kinds.add_parser("tracks", help="PARSEC isochrones of the CMD web form")
    tracks.add_argument("folder")
    tracks.set_defaults(fetch=lambda args: fetch_tracks(args.folder))
    grid = kinds.add_parser("grid", help="spectra of TLUSTY")
    grid.add_argument("folder")
    grid.add_argument("grid", choices=list(GRIDS))
    grid.set_defaults(fetch=lambda args: fetch_grid(args.folder, args.grid))
    args = parser.parse_args()
    try:
        print("\n".join(args.fetch(args)))
    except (FetchError, OSError) as error:
        sys.exit(f"fetch: {error}")


main()

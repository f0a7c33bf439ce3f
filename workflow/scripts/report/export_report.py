"""The report: the answer, all stars, a page for each, figures; one file that needs nothing else."""

import logging
from functools import lru_cache
from pathlib import Path

from layout import batches
from runaways import tables
from runaways.figures import style
from runaways.report import drawing, page
from scripts.frame import frame
from scripts.job import arguments, in_unit


def main():
    names = ("template", "catalogue", "sources", "encounters", "tracks", "style", "folder")
    names += ("stars-per-job", "chunk", "out")
    many = ("figures", "captions")
    args = arguments(__doc__, *names, many=many, optional=["board", "audit"])
    catalogue = tables.read(args.catalogue, "catalogue")
    folders = batches(catalogue["star"].tolist(), int(args.stars_per_job))
    folder_of = {star: folder for folder, stars in folders.items() for star in stars}
    tracks = tables.read(args.tracks, "tracks")
    galaxy = frame(args.cfg["frame"]), in_unit(args.cfg["disk"]["half_height"], "kpc")
    style.use_style(args.style)

    def drawings(star):
        found = [
            mine(Path(args.folder, folder_of[str(star["star"])], f"{path}.parquet"), name, star)
            for path, name in (
                ("best_fits", "best_fits"),
                ("orbit", "orbit"),
                (f"birthplaces/{args.chunk}", "birthplaces"),
                ("ejection_sites", "ejection_sites"),
            )
        ]
        return drawing.draw_star(star, tracks, *galaxy, *found)

    parts = {
        "figures": [drawn(args, *files) for files in zip(args.figures, args.captions)],
        "drawings": drawings,
        "sources": tables.read(args.sources, "ejection_sources"),
        "encounters": tables.read(args.encounters, "encounters"),
        "board": tables.read(args.board, "scoreboard") if args.board else None,
        "audit": tables.read(args.audit, "audit") if args.audit else None,
    }
    template = Path(args.template).read_text()
    text = page.write(template, args.cfg["run"], args.cfg, catalogue, parts)
    Path(args.out).write_text(text)
    logging.info("%s: %d stars, %.1f MB", args.out, len(catalogue), len(text) / 1e6)


read = lru_cache(maxsize=4)(tables.read)  # the tables of a folder, once for all of its stars


def mine(path, name, star):
    """A star's rows of a table of its folder; None where the run has no such table."""
    if not path.exists():
        return None
    table = read(path, name)
    return table[table["star"] == star["star"]]


def drawn(args, figure, caption):
    """A figure of the run with its caption in Snakemake's report."""
    name, text = Path(figure).stem, Path(caption).read_text()
    said = page.caption_of(text, config=args.cfg, wildcards={"figure": name})
    return name, Path(figure).read_bytes(), said


main()
